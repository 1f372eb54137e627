"""NL2SQL: heads and losses against NumPy, padding, batches without labels, saving, fit."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from blogkit.datasets import generated_questions
from blogkit.models import NL2SQL, bert_encoder
from blogkit.nlp import CharTokenizer, label_arrays, question_arrays
from blogkit.nlp.questions.question_arrays import IGNORED

LENGTH, COLUMNS, UNITS, DIM = 80, 6, 5, 8


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture(scope="module")
def found():
    return generated_questions(train=24, valid=5, unseen=0, seed=0)


@pytest.fixture(scope="module")
def arrays(found, made):
    return (
        question_arrays(made.tokenizer, found.train, found.tables, LENGTH, COLUMNS),
        label_arrays(found.train, found.tables, LENGTH, COLUMNS),
    )


@pytest.fixture(scope="module")
def made(found):
    keras.utils.set_random_seed(1)
    tokenizer = CharTokenizer.from_texts([question.question for question in found.train], min_count=2)
    encoder = bert_encoder(
        vocabulary_size=len(tokenizer), hidden_dim=DIM, num_layers=1, max_length=LENGTH, dropout=0
    )
    model = NL2SQL(encoder, tokenizer, units=UNITS)
    model.compile(keras.optimizers.Adam(1e-2))
    model.build()
    return model


@pytest.fixture
def model(made):
    """The one compiled model, with the weights it was made with."""
    weights = made.get_weights()
    yield made
    made.set_weights(weights)


def batch_of(tree, rows=slice(0, 8)):
    return {name: part[rows] for name, part in tree.items()}


def numpy_logits(model, inputs):
    """The four heads on the encoder's vectors, written from the article."""
    ids, places = inputs["token_ids"], inputs["header_positions"]
    x = array(
        model.encoder({"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": (ids > 0).astype("int32")})[
            "sequence_output"
        ]
    )
    h = np.stack([row[place] for row, place in zip(x, places)])

    def dense(layer, z):
        return z @ array(layer.kernel) + array(layer.bias)

    mixed = np.tanh(dense(model.of_characters, x)[:, :, None] + dense(model.of_headers, h)[:, None])
    return {
        "select": dense(model.select_head, h),
        "connective": dense(model.connective_head, x[:, 0]),
        "operator": dense(model.operator_head, x),
        "column": np.where(places[:, None] > 0, (mixed @ array(model.match.kernel))[..., 0], -1e9),
    }


def cross_entropy(logits, labels):
    """Mean over the labels that are not -1, 0 where there are none."""
    logits = logits - logits.max(-1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    there = labels != IGNORED
    return -np.take_along_axis(logs, np.maximum(labels, 0)[..., None], -1)[..., 0][there].sum() / max(
        there.sum(), 1
    )


def test_heads_and_losses_are_the_articles(model, arrays):
    inputs, labels = map(batch_of, arrays)
    wanted = numpy_logits(model, inputs)
    got = {name: array(logits) for name, logits in model(inputs).items()}
    assert got["column"].shape == (8, LENGTH, COLUMNS)
    for name in wanted:
        np.testing.assert_allclose(got[name], wanted[name], atol=2e-5)  # float32
    losses = model.evaluate(inputs, labels, batch_size=8, verbose=0, return_dict=True)
    parts = {name: cross_entropy(wanted[name], labels[name]) for name in wanted}
    for name, value in parts.items():
        np.testing.assert_allclose(losses[f"{name}_loss"], value, rtol=1e-4)
    np.testing.assert_allclose(losses["loss"], sum(parts.values()), rtol=1e-4)


def test_a_batch_without_labels_gives_no_nan(model, arrays):
    inputs, labels = map(batch_of, arrays)
    nothing = labels | {name: np.full_like(labels[name], IGNORED) for name in ("operator", "column")}
    losses = model.train_on_batch(inputs, nothing, return_dict=True)
    assert losses["column_loss"] == losses["operator_loss"] == 0 and np.isfinite(losses["loss"])
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_what_is_masked_changes_nothing(model, arrays):
    """Neither more padding nor labels outside the masks."""
    inputs, _ = map(batch_of, arrays)
    wider = {
        "token_ids": inputs["token_ids"][:, : LENGTH - 8],
        "header_positions": np.pad(inputs["header_positions"], ((0, 0), (0, 2))),
        "question_lengths": inputs["question_lengths"],
    }
    assert (inputs["token_ids"][:, LENGTH - 8 :] == 0).all()
    got, other = ({name: array(logits) for name, logits in model(one).items()} for one in (inputs, wider))
    np.testing.assert_allclose(other["column"][..., :COLUMNS], got["column"][:, : LENGTH - 8], atol=2e-5)
    assert (other["column"][..., COLUMNS:] == -1e9).all()
    np.testing.assert_allclose(other["select"][:, :COLUMNS], got["select"], atol=2e-5)
    np.testing.assert_allclose(other["connective"], got["connective"], atol=2e-5)


def test_every_head_learns(model, arrays):
    inputs, labels = map(batch_of, arrays)
    before = model.evaluate(inputs, labels, batch_size=8, verbose=0, return_dict=True)
    weights = [array(weight) for weight in model.trainable_variables]
    model.fit(inputs, labels, batch_size=8, epochs=30, verbose=0)
    after = model.evaluate(inputs, labels, batch_size=8, verbose=0, return_dict=True)
    for name in ("select_loss", "connective_loss", "operator_loss", "column_loss"):
        assert after[name] < before[name] - 0.01, name
    moved = [
        weight.path
        for weight, old in zip(model.trainable_variables, weights)
        if np.array_equal(array(weight), old)
    ]
    # A key's bias adds the same to all scores of a softmax; the others must have a gradient.
    assert [path for path in moved if not path.endswith("key/bias")] == []


def test_scores_of_a_question_do_not_depend_on_its_batch(model, found):
    scores = model.predict_scores(found.valid, found.tables, batch_size=4, length=LENGTH, columns=COLUMNS)
    turned = model.predict_scores(
        found.valid[::-1], found.tables, batch_size=4, length=LENGTH, columns=COLUMNS
    )[::-1]
    for question, one, other in zip(found.valid, scores, turned):
        width = len(found.tables[question.table_id].header)
        assert [part.shape for part in one] == [
            (width, 7),
            (3,),
            (len(question.question), 5),
            (len(question.question), width),
        ]
        np.testing.assert_allclose(one.columns.sum(-1), 1, rtol=1e-5)
        for a, b in zip(one, other):
            np.testing.assert_allclose(a, b, atol=2e-5)
    logits = model(question_arrays(model.tokenizer, found.valid, found.tables, LENGTH, COLUMNS))
    for row, (question, one) in enumerate(zip(found.valid, scores)):  # position 1 is the first character
        wanted = array(logits["operator"])[row, 1 : 1 + len(question.question)]
        np.testing.assert_allclose(one.operators, wanted, atol=2e-5)
    assert model.predict_scores([], found.tables) == []


def test_a_saved_model_predicts_and_evaluates_the_same(model, found, arrays, tmp_path):
    sizes = dict(batch_size=4, length=LENGTH, columns=COLUMNS)
    inputs, labels = map(batch_of, arrays)
    model.train_on_batch(inputs, labels)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(*(it.predict_scores(found.valid, found.tables, **sizes) for it in (model, loaded))):
        for a, b in zip(one, other):
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) > 0
    losses = [it.evaluate(inputs, labels, batch_size=8, verbose=0) for it in (model, loaded)]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    forms = model.predict_forms(found.valid, found.tables, **sizes)
    assert forms == loaded.predict_forms(found.valid, found.tables, **sizes)
    assert all(set(form) == {"sel", "agg", "cond_conn_op", "conds"} for form in forms)


def test_any_encoder_of_these_inputs_will_do(found, arrays):
    class Embedding(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.table = keras.layers.Embedding(1000, DIM)

        def call(self, inputs, training=False):
            return (
                self.table(inputs["token_ids"]) * keras.ops.cast(inputs["padding_mask"], "float32")[..., None]
            )

    model = NL2SQL(Embedding(), CharTokenizer.from_texts(["甲"]), units=2)
    logits = model(batch_of(arrays[0], slice(0, 2)))
    assert {name: tuple(part.shape) for name, part in logits.items()} == {
        "select": (2, COLUMNS, 7),
        "connective": (2, 3),
        "operator": (2, LENGTH, 5),
        "column": (2, LENGTH, COLUMNS),
    }


def test_half_precision_keeps_logits_in_float32(found, arrays):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        encoder = bert_encoder(vocabulary_size=1000, hidden_dim=DIM, num_layers=1, max_length=LENGTH)
        model = NL2SQL(encoder, CharTokenizer.from_texts(["甲"]), units=2)
        logits = model(batch_of(arrays[0], slice(0, 2)))
    finally:
        keras.config.set_dtype_policy("float32")
    assert {
        part.dtype if isinstance(part.dtype, str) else keras.backend.standardize_dtype(part.dtype)
        for part in logits.values()
    } == {"float32"}
    assert all(np.isfinite(array(part)).all() for part in logits.values())


def test_the_encoder_given_keeps_its_flags_and_its_pooler(found, arrays):
    """The caller's object is trained, and otherwise left as it is: other models may use its pooler."""
    encoder = bert_encoder(vocabulary_size=1000, hidden_dim=DIM, num_layers=1, max_length=LENGTH)

    def flags():
        return [(part.path, part.trainable) for part in (*encoder._flatten_layers(), *encoder.weights)]

    before, weights = flags(), [array(weight) for weight in encoder.weights]
    model = NL2SQL(encoder, CharTokenizer.from_texts(["甲"]), units=2)
    model.compile(keras.optimizers.SGD(0.1))
    model.fit(*(batch_of(part, slice(0, 8)) for part in arrays), batch_size=8, verbose=0)
    assert flags() == before
    pooler = {weight.path for weight in encoder.pooled_dense.weights}
    changed = {w.path for w, old in zip(encoder.weights, weights) if (array(w) != old).any()}
    assert len(pooler) == 2 and changed and not changed & pooler
    for kind in ("variables", "weights"):
        trained, rest, both = (getattr(model, name + kind) for name in ("trainable_", "non_trainable_", ""))
        assert {w.path for w in trained}.isdisjoint(pooler) and pooler <= {w.path for w in rest}
        assert sorted(w.path for w in (*trained, *rest)) == sorted(w.path for w in both)


def test_a_config_can_be_used_twice(made):
    config = made.get_config()
    for _ in range(2):
        assert NL2SQL.from_config(config).get_config() == made.get_config()


def test_bad_arguments(made, found):
    with pytest.raises(ValueError, match="`units` must be a positive integer. Received: units=0"):
        NL2SQL(made.encoder, made.tokenizer, units=0)
    with pytest.raises(ValueError, match="`tokenizer` must be a CharTokenizer. Received: 'abc'"):
        NL2SQL(made.encoder, "abc")
    with pytest.raises(ValueError, match="`length` must be at least .*Received: length=20"):
        made.predict_forms(found.valid, found.tables, length=20)
    long = SimpleNamespace(question=LENGTH * "长", table_id=found.valid[0].table_id)
    with pytest.raises(ValueError, match="must fit the encoder.*tokens, more than the encoder's 80"):
        made.predict_forms([long], found.tables)
    with pytest.raises(ValueError, match="A question must be a string. Received: None"):
        made.predict_forms([SimpleNamespace(question=None, table_id=found.valid[0].table_id)], found.tables)
    with pytest.raises(ValueError, match="Missing: 'nowhere'"):
        made.predict_forms([SimpleNamespace(question="谁", table_id="nowhere")], found.tables)
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        made.predict_forms(found.valid, found.tables, batch_size=0)
