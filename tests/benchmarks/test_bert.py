"""Benchmark of the BERT encoder: sides, comparison, numbers and texts, but no durations."""

import json
import types

import keras
import numpy as np
import pytest
from numpy_bert import numpy_bert

BACKEND = keras.backend.backend()
SIZES = {"layers": 1, "width": 12, "heads": 3, "vocabulary": 9, "batch": 3, "length": 6}
SMALL = " ".join(f"--{name} {number}" for name, number in SIZES.items())
OURS = ["bert_encoder"] + ["bert_encoder, XLA"] * (BACKEND == "tensorflow")
PEER = "transformers.BertModel"


@pytest.fixture(autouse=True)
def folder(root, monkeypatch):
    """The scripts import each other from their folder."""
    monkeypatch.syspath_prepend(root / "benchmarks")


@pytest.fixture
def sides():
    import bert_sides

    return bert_sides


class Recorded:
    """A side that only repeats its vectors and losses."""

    def __init__(self, vectors, losses):
        self.vectors, self.losses = vectors, list(losses)

    def infer(self):
        return self.vectors

    def train(self):
        self.losses.append(self.losses.pop(0))
        return self.losses[-1]

    def run(self, mode):
        return {"inference": self.infer, "training": self.train}[mode]


ZERO = np.zeros((3, 6, 12), "float32")


def formula(sides, exact_gelu=True):
    batch = sides.data(**SIZES)
    segments = np.zeros_like(batch["ids"])
    return numpy_bert(sides.random_weights(SIZES), batch["ids"], segments, SIZES["heads"], exact_gelu)[0]


def printed(capsys, names):
    """The first line, the lines of `names` in each table (comparison, inference, training), the rest."""
    first, _, *lines = capsys.readouterr().out.splitlines()
    count = len(names)
    tables = lines[:count], lines[count + 1 : 2 * count + 1], lines[2 * count + 1 : 3 * count + 1]
    assert [line[:36].rstrip() for line in tables[0]] == names
    for mode, table in zip(("inference", "training"), tables[1:], strict=True):
        assert [line[:36].rstrip() for line in table] == [f"{mode}, {name}" for name in names]
    return first, tables, lines[3 * count + 1 :]


def test_without_the_peer_a_line_says_how_to_get_it(sides, monkeypatch, capsys, tmp_path):
    import bert

    monkeypatch.setattr(sides, "transformers", None)
    monkeypatch.setattr(
        sides, "make_sides", lambda sizes: {name: Recorded(ZERO, [3.0, 2.0, 1.5]) for name in OURS}
    )
    path = tmp_path / "result.json"
    bert.main(f"{SMALL} --rounds 2 --json {path}".split())
    first, tables, rest = printed(capsys, OURS)
    tokens = int(sides.data(**SIZES)["mask"].sum())
    assert first.startswith(
        f"{BACKEND}, layers 1, width 12, heads 3, vocabulary 9, batch 3, length 6, tokens {tokens}, 2 rounds"
    )
    assert tables[0][0].endswith("0.0e+00   3.00000 2.00000 1.50000")
    assert rest == ["No peer here. For one: pip install transformers torch"]
    result = json.loads(path.read_text())
    assert result["environment"]["versions"]["transformers"] is None
    for row in result["sides"]:
        assert len(row["seconds"]) == 2 and row["ratio"] == ""
        assert row["tokens_per_second"] == pytest.approx(tokens / (sum(row["seconds"]) / 2))


def test_ratios_are_over_the_peer(sides, monkeypatch, capsys, tmp_path):
    import bert

    monkeypatch.setattr(sides, "transformers", types.SimpleNamespace(__version__="0.0"))
    names = [PEER, *OURS]
    monkeypatch.setattr(
        sides, "make_sides", lambda sizes: {name: Recorded(ZERO, [3.0, 2.0, 1.5]) for name in names}
    )
    path = tmp_path / "result.json"
    bert.main(f"{SMALL} --rounds 3 --json {path}".split())
    _, (_, *tables), rest = printed(capsys, names)
    assert rest == []  # no hint to install what is there
    result = json.loads(path.read_text())
    assert result["environment"]["versions"]["transformers"] == "0.0"
    for mode, table in zip(bert.MODES, tables, strict=True):
        rows = [row for row in result["sides"] if row["mode"] == mode]
        assert [row["side"] for row in rows] == names
        assert rows[0]["ratio"] == "1.00 (1.00 to 1.00)"
        for line, row in zip(table, rows, strict=True):
            ratio = np.median(np.divide(row["seconds"], rows[0]["seconds"]))
            assert row["ratio"].startswith(f"{ratio:.2f} (") and row["ratio"] in line


def test_our_sides_have_the_vectors_of_the_formula_and_learn_alike(sides, monkeypatch):
    import bert

    monkeypatch.setattr(sides, "transformers", None)
    made = sides.make_sides(SIZES)
    assert list(made) == OURS
    expected, target = formula(sides), sides.data(**SIZES)["target"]
    for side in made.values():
        np.testing.assert_allclose(side.infer(), expected, atol=2e-5)  # float32, sums of 48 numbers
    for row in bert.compare(made):
        assert row["losses"][0] == pytest.approx(np.mean((expected - target) ** 2), rel=1e-5)
        assert row["losses"][0] > row["losses"][1] > row["losses"][2]


def test_sides_that_compute_something_else_are_refused(sides):
    import bert

    def compare(vectors, losses):
        return bert.compare(
            {PEER: Recorded(exact, [3.0, 2.9, 2.8]), "bert_encoder": Recorded(vectors, losses)}
        )

    exact = formula(sides)
    found = compare(exact + 5e-5, [3.0001, 2.9, 2.81])
    assert [row["side"] for row in found] == [PEER, "bert_encoder"]
    assert [row["vectors"] for row in found] == pytest.approx([0, 5e-5], rel=1e-6)
    others = [
        (formula(sides, exact_gelu=False), [3.0, 2.9, 2.8]),
        (exact, [3.001, 2.901, 2.801]),  # another loss
        (exact, [3.0, 3.0, 3.0]),  # does not learn
        (exact, [3.0, 2.8, 2.6]),  # twice as fast
        (np.nan * exact, [3.0, 2.9, 2.8]),
    ]
    for vectors, losses in others:
        with pytest.raises(SystemExit, match="bert_encoder must compute the same as transformers.BertModel"):
            compare(vectors, losses)


def test_a_frequent_token_moves_no_further_than_others(sides):
    embedding = keras.layers.Embedding(3, 2, embeddings_initializer="zeros")
    model = keras.Sequential([keras.Input((None,), dtype="int32"), embedding])
    model.compile(sides.AdamW(0.1, weight_decay=0.0, epsilon=1e-8), "mse")
    model.train_on_batch(np.array([[0, 0, 0, 0, 1, 2]], "int32"), np.ones((1, 6, 2), "float32"))
    # The first step of Adam is the learning rate, whatever the gradient.
    moved = keras.ops.convert_to_numpy(embedding.embeddings)
    np.testing.assert_allclose(moved, np.full((3, 2), 0.1), rtol=1e-4)


def test_padding_follows_the_tokens_and_is_not_counted(sides):
    batch = sides.data(vocabulary=50, batch=200, length=8, width=2)
    lengths = batch["mask"].sum(axis=1)
    assert set(lengths) == {4, 5, 6, 7, 8}
    assert (batch["mask"] == (np.arange(8) < lengths[:, None])).all()
    assert ((batch["ids"] > 0) == batch["mask"]).all()
    assert batch["ids"].max() == 49


def test_transformers_has_the_same_vectors_and_losses(sides):
    import bert

    if sides.transformers is None:
        pytest.skip("needs transformers and torch")
    made = sides.make_sides(SIZES)
    assert list(made) == [PEER, *OURS] and isinstance(made[PEER], sides.Peer)
    for row in bert.compare(made):
        assert row["vectors"] < 2e-5


@pytest.mark.parametrize(
    "words, message",
    [
        ("--heads 5", "--heads must divide --width. Received: --heads 5 --width 384"),
        ("--rounds 0", "--rounds"),
    ],
)
def test_other_arguments_are_refused(words, message, capsys):
    import bert

    with pytest.raises(SystemExit):
        bert.parse(words.split())
    assert message in capsys.readouterr().err
