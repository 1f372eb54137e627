import dataclasses

import numpy as np
import pytest

from blogkit.report.data import content_hash, described


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    text: str
    triples: tuple


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows + 1e-7,
        lambda rows: rows[::-1],
        lambda rows: rows.reshape(3, 2),
        lambda rows: rows.astype("float32"),
    ],
)
def test_any_change_of_an_array_changes_the_hash(change):
    rows = np.arange(6.0).reshape(2, 3)
    assert content_hash(change(rows)) != content_hash(rows)


def test_content_counts_and_not_memory():
    rows = np.arange(6.0).reshape(2, 3)
    for same in (rows.copy(), np.asfortranarray(rows), rows.astype(">f8")):
        assert content_hash(same) == content_hash(rows)


def test_texts_and_records():
    rows = [Row("句子", (("a", "b"),)), Row("b", ())]
    assert content_hash(rows) == content_hash(list(rows))
    assert content_hash(rows) != content_hash(rows[::-1])
    assert content_hash(rows) != content_hash([dataclasses.replace(rows[0], text="x"), rows[1]])
    assert content_hash({"b": 1, "a": {2, 3}}) == content_hash({"a": {3, 2}, "b": 1})


def test_parts():
    found = described({"train": np.zeros((4, 2)), "test": ["a"]})
    assert {name: part["rows"] for name, part in found.items()} == {"train": 4, "test": 1}
    with pytest.raises(ValueError, match="`train` must be rows of data. Received: train=3"):
        described({"train": 3})
    with pytest.raises(ValueError, match="must be arrays or what JSON can hold"):
        described({"train": [object]})
