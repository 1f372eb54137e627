"""TripleBatches: one shape, labels of drawn subjects, seeds and epochs, swapped names."""

import numpy as np
import pytest
from triple_examples import PREDICATES, SENTENCES, TOKENIZER

from blogkit.models import TripleBatches


def batches(**options):
    return TripleBatches(SENTENCES, TOKENIZER, PREDICATES, 14, **{"batch_size": 2, **options})


def test_batches_hold_every_sentence_once_in_one_shape():
    made = batches()
    assert len(made) == 2  # three sentences have triples
    parts = [made[number] for number in range(2)]
    tokens = np.concatenate([inputs["tokens"] for inputs, _ in parts])
    wanted = [TOKENIZER.encode(text) for text, triples in SENTENCES if triples]
    assert sorted([number for number in row if number] for row in tokens.tolist()) == sorted([[], *wanted])
    assert {part["tokens"].shape for part, _ in parts} == {(2, 14)}
    assert {labels["objects"].shape for _, labels in parts} == {(2, 14, 2, 2)}
    empty = ~(parts[1][0]["tokens"] > 0).any(axis=1)
    assert empty.sum() == 1 and all(part[empty].sum() == 0 for part in parts[1][1].values())


def test_cut_batches_are_as_long_as_their_longest_sentence(monkeypatch):
    monkeypatch.setattr(
        "blogkit.models.triples.triple_batches.length_of_batch",
        lambda longest, at_most: min(longest, at_most),
    )
    whole, cut = batches(batch_size=1, seed=4), batches(batch_size=1, seed=4, cut=True)
    lengths = [cut[number][0]["tokens"].shape[1] for number in range(len(cut))]
    longest = [2 + len(text) for text, triples in SENTENCES if triples]
    assert sorted(lengths) == sorted(longest) and lengths[0] == max(longest) and lengths[1] == min(longest)
    for number in range(len(cut)):
        inputs, labels = cut[number]
        length = inputs["tokens"].shape[1]
        tokens = [row[0]["tokens"][0] for row in map(whole.__getitem__, range(len(whole)))]
        assert any((row[:length] == inputs["tokens"][0]).all() and not row[length:].any() for row in tokens)
        assert labels["subjects"].shape == (1, length, 2) and labels["objects"].shape == (1, length, 2, 2)
        assert labels["subjects"].sum() > 0
    with pytest.raises(ValueError, match="cut=True, swap=0.5"):
        batches(cut=True, swap=0.5)


def test_labels_of_drawn_subjects():
    """Over many epochs each span occurs, also false ones, and labels are those of the span drawn."""
    text, made = SENTENCES[0][0], batches()
    seen = {}
    for made.epoch in range(60):
        for inputs, labels in (made[0], made[1]):
            for row, tokens in enumerate(inputs["tokens"].tolist()):
                if tokens[: len(text) + 2] == TOKENIZER.encode(text):
                    assert np.argwhere(labels["subjects"][row]).tolist() == [[5, 0], [5, 1], [9, 0], [9, 1]]
                    span = tuple(inputs["subject"][row].tolist())
                    seen.setdefault(span, set()).add(
                        tuple(map(tuple, np.argwhere(labels["objects"][row]).tolist()))
                    )
    author = ((1, 0, 0), (1, 1, 0))  # 甲 starts and ends at 1, predicate 0
    assert seen == {(5, 5): {author}, (9, 9): {author}, (5, 9): {()}}


def test_draws_depend_on_seed_and_epoch():
    def drawn(made):
        return [
            np.concatenate([part["tokens"].ravel(), part["subject"].ravel()])
            for part, _ in (made[0], made[1])
        ]

    one, same, other, later = batches(seed=1), batches(seed=1), batches(seed=2), batches(seed=1)
    for later.epoch in range(1, 9):
        if not np.array_equal(drawn(later), drawn(one)):
            break
    assert later.epoch < 8
    np.testing.assert_array_equal(drawn(one), drawn(same))
    assert any((a != b).any() for a, b in zip(drawn(one), drawn(other)))
    one.on_epoch_end()
    assert one.epoch == 1


def test_swapped_names_keep_their_labels():
    made = batches(swap=1.0, batch_size=3)
    texts = set()
    for made.epoch in range(40):
        inputs, labels = made[0]
        for row, tokens in enumerate(inputs["tokens"]):
            text = "".join(TOKENIZER.vocabulary[number] for number in tokens[1:] if number)[: -len("[SEP]")]
            texts.add(text)
            starts, ends = (np.flatnonzero(labels["subjects"][row, :, part]) for part in (0, 1))
            names = [text[start - 1 : end] for start, end in zip(starts, ends)]
            assert names and set(names) <= {"丙", "丁", "丙乙", "甲丁"} or "《" not in text
    assert len(texts) > 6 and {text for text, triples in SENTENCES if triples} < texts
