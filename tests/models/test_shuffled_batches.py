"""ShuffledBatches: every row once per pass, in an order of the seed and the epoch alone."""

import numpy as np
import pytest

from blogkit.models import ShuffledBatches

ROWS = np.arange(11)


def epoch_of(batches, epoch):
    batches.epoch = epoch
    return [batches[number][0].tolist() for number in range(len(batches))]


def flat(lists):
    return [value for part in lists for value in part]


def test_an_epoch_has_every_row_once_and_depends_on_seed_and_epoch_alone():
    one, other = (ShuffledBatches((ROWS,), 4, seed=3) for _ in range(2))
    first, second = epoch_of(one, 0), epoch_of(one, 1)
    assert [len(batch) for batch in first] == [4, 4, 3]
    assert sorted(flat(first)) == sorted(flat(second)) == ROWS.tolist() and first != second
    assert epoch_of(other, 1) == second  # without an epoch before it
    assert epoch_of(one, 0) == first
    assert epoch_of(ShuffledBatches((ROWS,), 4, seed=4), 0) != first
    assert flat(first) != sorted(flat(first)) and all(batch == sorted(batch) for batch in first)


def test_batches_keep_rows_together():
    x = {"ids": ROWS, "pair": np.stack([ROWS, ROWS + 1], axis=1)}
    batches = ShuffledBatches((x, ROWS * 10, ROWS * 0.5), 4, seed=0)
    inputs, y, weights = batches[1]
    np.testing.assert_array_equal(y, 10 * inputs["ids"])
    np.testing.assert_array_equal(weights, 0.5 * inputs["ids"])
    np.testing.assert_array_equal(inputs["pair"][:, 1], inputs["ids"] + 1)


def test_drops_a_shorter_last_batch():
    batches = ShuffledBatches((ROWS,), 4, seed=0, drop_last=True)
    assert [len(batch) for batch in epoch_of(batches, 0)] == [4, 4]
    assert len({*flat(epoch_of(batches, 0)), *flat(epoch_of(batches, 1)), *flat(epoch_of(batches, 2))}) == 11


def test_a_pass_in_parts():
    whole, parts = ShuffledBatches((ROWS,), 2, seed=0), ShuffledBatches((ROWS,), 2, seed=0, parts=3)
    assert len(whole) == 6 and len(parts) == 2
    for number in range(2):
        passed = [batch for part in range(3) for batch in epoch_of(parts, 3 * number + part)]
        assert passed == epoch_of(whole, number)
    assert len(ShuffledBatches((ROWS,), 2, seed=0, parts=4)) == 1  # two batches are left out


def test_prepares_a_batch():
    batches = ShuffledBatches((ROWS,), 11, seed=0, prepare=lambda rows: (rows / 10, rows))
    x, y = batches[0]
    np.testing.assert_allclose(x, ROWS / 10)
    np.testing.assert_array_equal(y, ROWS)


def test_rows_of_similar_length_share_a_batch():
    lengths = np.random.default_rng(0).integers(1, 100, 203)
    batches = ShuffledBatches((np.arange(203),), 8, seed=0, lengths=lengths)
    first, second = epoch_of(batches, 0), epoch_of(batches, 1)
    assert [len(batch) for batch in first] == [8] * 25 + [3]
    assert sorted(flat(first)) == sorted(flat(second)) == list(range(203)) and first != second
    assert epoch_of(batches, 0) == first
    spread = np.mean([np.ptp(lengths[batch]) for batch in first])
    assert spread < 10 < 60 < np.mean([np.ptp(lengths[batch]) for batch in epoch_of(plain(203), 0)])
    shortest = [lengths[batch].min() for batch in first[:-1]]
    assert shortest != sorted(shortest)  # short and long batches alternate
    longest = [lengths[batch].max() for batch in first]
    assert longest[0] == max(longest) and longest[1] == min(longest)
    sizes = {
        len(epoch_of(ShuffledBatches((np.arange(n),), 8, lengths=np.arange(n)), 0)) for n in (3, 8, 9, 17)
    }
    assert sizes == {1, 2, 3}


def plain(count):
    return ShuffledBatches((np.arange(count),), 8, seed=0)


def test_only_nearby_rows_are_sorted_by_length():
    """Else each epoch would have the same batches."""
    lengths = np.arange(4 * 32 * 4)
    batches = ShuffledBatches((lengths,), 4, seed=0, lengths=lengths)
    both = [set(map(tuple, epoch_of(batches, epoch))) for epoch in range(2)]
    assert len(both[0] & both[1]) < 4
    assert np.mean([np.ptp(batch) for batch in epoch_of(batches, 0)]) > 8


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(arrays=(ROWS, ROWS[:5])), r"Received: tuple with \[5, 11\] rows"),
        (dict(arrays=(ROWS[:0],)), r"Received: tuple with \[0\] rows"),
        (dict(arrays=ROWS), "Received: ndarray with"),
        (dict(batch_size=0), "batch_size=0"),
        (dict(seed=-1), "seed=-1"),
        (dict(parts=0), "parts=0"),
        (dict(lengths=[1, 2]), r"each of the 11 rows. Received: an array of shape \(2,\)"),
        (dict(parts=4, batch_size=4), "`arrays` must have a batch for every part. .* parts=4"),
        (dict(batch_size=12, drop_last=True), "11 rows, batch_size=12, drop_last=True, parts=1"),
    ],
)
def test_says_what_does_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        ShuffledBatches(**{"arrays": (ROWS,), **arguments})
