"""A store of past samples to start chains from, as persistent chains need."""

import numpy as np

from blogkit.checks import check_count


class ReplayBuffer:
    """Keeps the last samples of a chain and deals them out as the next starts.

    Short chains that always start from noise never reach the energy's valleys; starting
    most of them where earlier ones ended makes one long chain of many short ones
    (Tieleman 2008; Du and Mordatch 2019, arXiv:1903.08689, section 3.2, whose code lets
    its buffer grow past its size: this one never does). The oldest samples leave first.

    A buffer is a NumPy store on the host. What `draw` gives depends on the seed and on the
    calls before; `state` holds both, so that a run that is resumed goes on as it would have.

    Args:
        capacity: Largest number of samples kept, a positive integer.
        fresh_fraction: Probability that a start is fresh and not from the buffer.
        dtype: `"float32"`, or `"uint8"`, which takes a quarter of the memory and rounds to
            255 steps between the ends of `value_range`.
        value_range: `(low, high)`: the values that `"uint8"` can hold.
        seed: Non-negative integer.

    Raises:
        ValueError: For a value out of range, and for a batch larger than `capacity`.

    Example:

    >>> import numpy as np
    >>> from blogkit.sampling import ReplayBuffer
    >>> buffer = ReplayBuffer(capacity=100, fresh_fraction=0.05)
    >>> x0 = buffer.draw(8, fresh=lambda count, rng: rng.uniform(size=(count, 28, 28)))
    >>> buffer.add(x0)  # usually what a sampler has made of it
    >>> len(buffer)
    8
    """

    def __init__(self, capacity, fresh_fraction=0.05, dtype="float32", value_range=(0.0, 1.0), seed=0):
        check_count("capacity", capacity)
        if not 0 <= fresh_fraction <= 1:
            raise ValueError(
                f"`fresh_fraction` must be between 0 and 1. Received: fresh_fraction={fresh_fraction!r}."
            )
        if dtype not in ("float32", "uint8"):
            raise ValueError(f"`dtype` must be 'float32' or 'uint8'. Received: dtype={dtype!r}.")
        low, high = value_range
        if not low < high:
            raise ValueError(
                f"`value_range` must be (low, high) with low < high. Received: value_range={value_range!r}."
            )
        check_count("seed", seed, 0)
        self.capacity, self.fresh_fraction, self.dtype = int(capacity), fresh_fraction, dtype
        self.value_range, self.seed = (low, high), seed
        self._samples = None  # (capacity, ...), allocated with the first samples
        self._size = self._next = self._draws = 0

    def __len__(self):
        return self._size

    def draw(self, count, fresh):
        """Starts for `count` chains.

        Args:
            count: At most `capacity`.
            fresh: `fresh(count, rng) -> (count, ...)`: new starts, from a NumPy generator.

        Returns:
            float32 array `(count, ...)`: distinct samples of the buffer, and fresh starts at
            the end, each start with probability `fresh_fraction` and as many as are missing.
        """
        self._check_batch(count)
        rng = np.random.default_rng([self.seed, self._draws])
        self._draws += 1
        kept = min(count - rng.binomial(count, self.fresh_fraction), len(self))
        parts = []
        if kept:
            chosen = rng.choice(len(self), kept, replace=False)
            parts.append(self._decoded(self._samples[chosen]))
        if kept < count:
            new = np.asarray(fresh(count - kept, rng), "float32")
            shape = new.shape[1:] if self._samples is None else self._samples.shape[1:]
            if new.shape != (count - kept, *shape):
                raise ValueError(
                    "`fresh(count, rng)` must return `count` starts, of the shape of the samples. "
                    f"Received: shape {new.shape}, expected {(count - kept, *shape)}."
                )
            parts.append(new)
        return np.concatenate(parts)

    def add(self, samples):
        """Stores `samples`, an array `(count, ...)`, in place of the oldest ones."""
        samples = np.asarray(samples)
        self._check_batch(len(samples))
        if self._samples is not None and samples.shape[1:] != self._samples.shape[1:]:
            raise ValueError(
                "All samples of a buffer have one shape. "
                f"Received: {samples.shape[1:]}, expected {self._samples.shape[1:]}."
            )
        encoded = self._encoded(samples)
        if self._samples is None:
            self._samples = np.zeros((self.capacity, *samples.shape[1:]), self.dtype)
        places = (self._next + np.arange(len(samples))) % self.capacity
        self._samples[places] = encoded
        self._next = (self._next + len(samples)) % self.capacity
        self._size = min(self._size + len(samples), self.capacity)

    @property
    def draws(self):
        """How often `draw` was called: the number of the update that comes next."""
        return self._draws

    @property
    def samples(self):
        """All samples kept, float32 `(len, ...)`, in no particular order."""
        if self._samples is None:
            raise ValueError("The buffer is empty. Add samples first.")
        return self._decoded(self._samples[: self._size])

    @property
    def state(self):
        """A dict of arrays to save (`np.savez(path, **buffer.state)`).

        Assign it to a buffer made with the same arguments, and that one goes on from there.
        """
        samples = self._samples[: self._size] if self._size else np.zeros((0,), self.dtype)
        counters = np.array([self.capacity, self._size, self._next, self._draws])
        return {
            "samples": samples.copy(),
            "counters": counters,
            "value_range": np.array(self.value_range, "float64"),
        }

    @state.setter
    def state(self, state):
        samples, (capacity, size, place, draws) = state["samples"], map(int, state["counters"])
        theirs = _settings(capacity, samples.dtype, state["value_range"])
        ours = _settings(self.capacity, self.dtype, self.value_range)
        if theirs != ours:
            raise ValueError(f"The state is of a buffer with {theirs}. This one has {ours}.")
        self._samples = None
        if size:
            self._samples = np.zeros((capacity, *samples.shape[1:]), self.dtype)
            self._samples[:size] = samples
        self._size, self._next, self._draws = size, place, draws

    def _check_batch(self, count):
        check_count("count", count)
        if count > self.capacity:
            raise ValueError(
                "A batch must not be larger than the buffer. "
                f"Received: {count} samples, capacity={self.capacity}."
            )

    def _encoded(self, samples):
        if not np.isfinite(samples).all():
            raise ValueError("Samples must be finite. Received: NaN or inf: the chains diverged.")
        if self.dtype == "float32":
            return samples
        low, high = self.value_range
        if samples.min() < low or samples.max() > high:
            raise ValueError(
                f"A uint8 buffer holds values from {low} to {high}. Received: "
                f"{samples.min():.4g} to {samples.max():.4g}. Set `value_range`, or `bounds` of the sampler."
            )
        return np.rint((samples - low) * (255 / (high - low)))

    def _decoded(self, stored):
        if self.dtype == "float32":
            return stored.copy()
        low, high = self.value_range
        return (low + stored * ((high - low) / 255)).astype("float32")


def _settings(capacity, dtype, value_range):
    low, high = map(float, value_range)
    return f"capacity={capacity}, dtype='{dtype}', value_range=({low}, {high})"
