"""ReplayBuffer: size, distribution of draws, rounding and resumption."""

import io

import numpy as np
import pytest

from blogkit.sampling import ReplayBuffer

MANY = 4


def numbers(start, count):
    return np.arange(start, start + count, dtype="float32")[:, None]


def fresh(count, rng):
    return -1 - rng.uniform(size=(count, 1))


@pytest.mark.parametrize("batch", [1, 7, 16, 50])
def test_keeps_the_last_samples_and_never_more_than_its_capacity(batch):
    buffer = ReplayBuffer(50)
    for k in range(40):
        buffer.add(numbers(k * batch, batch))
        assert len(buffer) == len(buffer.samples) == min((k + 1) * batch, 50)
        end = (k + 1) * batch
        assert sorted(buffer.samples[:, 0]) == list(range(max(end - 50, 0), end))


def test_empty_buffer_gives_fresh_starts_only():
    assert (ReplayBuffer(50, fresh_fraction=0.0).draw(8, fresh) < 0).all()
    with pytest.raises(ValueError, match="empty"):
        _ = ReplayBuffer(50).samples


def test_missing_samples_are_fresh():
    buffer = ReplayBuffer(50, fresh_fraction=0.0)
    buffer.add(numbers(0, 3))
    x = buffer.draw(8, fresh)
    assert sorted(x[:3, 0]) == [0, 1, 2] and (x[3:] < 0).all()


def test_share_of_fresh_starts_and_even_choice():
    buffer = ReplayBuffer(50, fresh_fraction=0.2, seed=3)
    buffer.add(numbers(0, 50))
    draws = np.concatenate([buffer.draw(20, fresh) for _ in range(2000)])
    share = (draws < 0).mean()
    assert abs(share - 0.2) / np.sqrt(0.2 * 0.8 / len(draws)) < MANY
    counts = np.bincount(draws[draws >= 0].astype(int), minlength=50)
    # Multinomial, but without replacement within a batch, which only makes it more even.
    assert np.abs(counts / counts.mean() - 1).max() < MANY * np.sqrt(1 / counts.mean())


def test_a_batch_has_no_sample_twice():
    buffer = ReplayBuffer(50, fresh_fraction=0.0)
    buffer.add(numbers(0, 50))
    assert sorted(buffer.draw(50, fresh)[:, 0]) == list(range(50))


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 3.0)])
def test_bytes_round_to_the_nearest_of_256(rng, low, high):
    buffer = ReplayBuffer(100, fresh_fraction=0.0, dtype="uint8", value_range=(low, high))
    x = rng.uniform(low, high, size=(100, 5)).astype("float32")
    x[0], x[1] = low, high
    buffer.add(x)
    assert buffer.samples.dtype == "float32" and buffer.state["samples"].dtype == "uint8"
    assert np.abs(buffer.samples - x).max() <= (high - low) / 510 * (1 + 1e-5)
    again = ReplayBuffer(100, dtype="uint8", value_range=(low, high))
    again.add(buffer.samples)
    np.testing.assert_array_equal(again.samples, buffer.samples)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("used", [0, 3, 30])
def test_resumes_as_if_never_interrupted(used, dtype):
    def use(buffer, times):
        for _ in range(times):
            x = buffer.draw(8, lambda count, rng: rng.uniform(size=(count, 2)))
            buffer.add(1 - x)
        return x if times else None

    straight = ReplayBuffer(40, fresh_fraction=0.3, dtype=dtype, seed=5)
    use(straight, used)
    file = io.BytesIO()
    np.savez(file, **straight.state)
    expected = use(straight, 9)
    resumed = ReplayBuffer(40, fresh_fraction=0.3, dtype=dtype, seed=5)
    file.seek(0)
    resumed.state = np.load(file)
    np.testing.assert_array_equal(use(resumed, 9), expected)
    np.testing.assert_array_equal(resumed.samples, straight.samples)


def test_keeps_copies():
    buffer = ReplayBuffer(4, fresh_fraction=0.0)
    x = numbers(0, 4)
    buffer.add(x)
    x[:] = 9
    buffer.draw(4, fresh)[:] = 9
    buffer.samples[:] = 9
    buffer.state["samples"][:] = 9
    assert sorted(buffer.samples[:, 0]) == [0, 1, 2, 3]


def test_seeds_differ():
    buffers = [ReplayBuffer(50, seed=seed) for seed in (0, 1)]
    a, b = (buffer.draw(8, lambda count, rng: rng.uniform(size=(count, 1))) for buffer in buffers)
    assert (a != b).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"capacity": 0}, "positive integer.*capacity=0"),
        ({"capacity": 2.5}, "capacity=2.5"),
        ({"fresh_fraction": 1.5}, r"probability in \[0, 1\].*fresh_fraction=1.5"),
        ({"dtype": "int8"}, "'float32' or 'uint8'.*dtype='int8'"),
        ({"value_range": (1, 0)}, r"low < high.*value_range=\(1, 0\)"),
        ({"seed": -1}, "non-negative integer.*seed=-1"),
    ],
)
def test_settings(options, message):
    with pytest.raises(ValueError, match=message):
        ReplayBuffer(**{"capacity": 10, **options})


def test_calls():
    buffer = ReplayBuffer(10, dtype="uint8")
    with pytest.raises(ValueError, match="`count` must be at most `capacity`.*count=11, capacity=10"):
        buffer.draw(11, fresh)
    with pytest.raises(ValueError, match="`count` must be at most `capacity`.*count=11, capacity=10"):
        buffer.add(np.zeros((11, 2)))
    with pytest.raises(ValueError, match=r"in \[0.0, 1.0\].*values from 0 to 2"):
        buffer.add(np.array([[0.0, 2.0]]))
    with pytest.raises(ValueError, match="finite"):
        buffer.add(np.array([[0.0, np.nan]]))
    buffer.add(np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"the shape of those in the buffer.*\(3,\), expected \(2,\)"):
        buffer.add(np.zeros((1, 3)))
    for made in (ReplayBuffer(10), buffer):
        with pytest.raises(ValueError, match=r"`count` states.*\(1, 2\), expected \([74], 2\)"):
            made.draw(7, lambda count, rng: np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"shape \(4, 3\), expected \(4, 2\)"):
        buffer.draw(7, lambda count, rng: np.zeros((count, 3)))


@pytest.mark.parametrize("other", [{"capacity": 11}, {"dtype": "float32"}, {"value_range": (0.0, 2.0)}])
def test_state_of_another_buffer(other):
    settings = {"capacity": 10, "dtype": "uint8", "value_range": (0.0, 1.0)}
    buffer, another = ReplayBuffer(**settings), ReplayBuffer(**settings | other)
    buffer.add(np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"capacity=10, dtype='uint8', value_range=\(0.0, 1.0\)"):
        another.state = buffer.state
    assert len(another) == 0


def test_refused_samples_leave_no_trace():
    buffer = ReplayBuffer(10)
    with pytest.raises(ValueError, match="finite"):
        buffer.add(np.array([[np.nan, 0.0]]))
    buffer.add(np.zeros((2, 3)))
    assert buffer.samples.shape == (2, 3)
