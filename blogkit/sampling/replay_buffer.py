"""Replay buffer of past samples, from which persistent chains start."""

from collections.abc import Callable

import numpy as np

from blogkit.checks import check_count


class ReplayBuffer:
    """Keeps recent samples and returns them as initial states of the next chains.

    Short chains that start from noise do not reach the minima of the energy; starting most of
    them where earlier chains ended turns many short chains into one long chain
    (Tieleman 2008; Du and Mordatch 2019, arXiv:1903.08689, section 3.2, whose
    code lets the buffer exceed its size; this one does not). The oldest samples are replaced first.

    The samples are NumPy arrays on the host. `draw` depends on the seed and on earlier calls;
    `state` holds both, so that a resumed run equals an uninterrupted one.

    Args:
        capacity: Largest number of samples kept, a positive integer.
        fresh_fraction: Probability that an initial state is new and not from the buffer.
        dtype: `"float32"`, or `"uint8"`, which takes a quarter of the memory and rounds to
            256 equidistant values in `value_range`.
        value_range: `(low, high)`: the values that `"uint8"` can hold.
        seed: Non-negative integer.

    Raises:
        ValueError: For a value out of range, and for a batch larger than `capacity`.

    Example:

    >>> import numpy as np
    >>> from blogkit.sampling import ReplayBuffer
    >>> buffer = ReplayBuffer(capacity=100, fresh_fraction=0.05)
    >>> x0 = buffer.draw(8, fresh=lambda count, rng: rng.uniform(size=(count, 28, 28)))
    >>> buffer.add(x0)  # usually after a sampler has moved it
    >>> len(buffer)
    8
    """

    def __init__(
        self,
        capacity: int,
        fresh_fraction: float = 0.05,
        dtype: str = "float32",
        value_range: tuple[float, float] = (0.0, 1.0),
        seed: int = 0,
    ):
        check_count("capacity", capacity)
        if not 0 <= fresh_fraction <= 1:
            raise ValueError(
                "`fresh_fraction` must be a probability in [0, 1]. "
                f"Received: fresh_fraction={fresh_fraction!r}."
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

    def __len__(self) -> int:
        return self._size

    def draw(self, count: int, fresh: Callable[[int, np.random.Generator], np.ndarray]) -> np.ndarray:
        """Initial states of `count` chains.

        Args:
            count: At most `capacity`.
            fresh: `fresh(count, rng) -> (count, ...)`: new states, from a NumPy generator.

        Returns:
            float32 array `(count, ...)`: distinct samples of the buffer, then new states. Each
            state is new with probability `fresh_fraction`; new ones also fill up a short buffer.
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
                    "`fresh(count, rng)` must return `count` states of the shape of the samples. "
                    f"Received: shape {new.shape}, expected {(count - kept, *shape)}."
                )
            parts.append(new)
        return np.concatenate(parts)

    def add(self, samples: np.ndarray) -> None:
        """Stores `samples`, an array `(count, ...)`, replacing the oldest ones of a full buffer."""
        samples = np.asarray(samples)
        self._check_batch(len(samples))
        if self._samples is not None and samples.shape[1:] != self._samples.shape[1:]:
            raise ValueError(
                "`samples` must have the shape of those in the buffer. "
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
    def draws(self) -> int:
        """Number of calls of `draw`, which is the number of the next update."""
        return self._draws

    @property
    def samples(self) -> np.ndarray:
        """All samples in the buffer, float32 `(len, ...)`, in no particular order."""
        if self._samples is None:
            raise ValueError("The buffer is empty. Add samples first.")
        return self._decoded(self._samples[: self._size])

    @property
    def state(self) -> dict[str, np.ndarray]:
        """A dict of arrays to save (`np.savez(path, **buffer.state)`).

        A buffer with the same arguments to which it is assigned continues from there.
        """
        samples = self._samples[: self._size] if self._size else np.zeros((0,), self.dtype)
        counters = np.array([self.capacity, self._size, self._next, self._draws])
        return {
            "samples": samples.copy(),
            "counters": counters,
            "value_range": np.array(self.value_range, "float64"),
        }

    @state.setter
    def state(self, state: dict) -> None:
        samples, (capacity, size, place, draws) = state["samples"], map(int, state["counters"])
        theirs = _settings(capacity, samples.dtype, state["value_range"])
        ours = _settings(self.capacity, self.dtype, self.value_range)
        if theirs != ours:
            raise ValueError(f"`state` must be of a buffer with {ours}. Received: a state of {theirs}.")
        self._samples = None
        if size:
            self._samples = np.zeros((capacity, *samples.shape[1:]), self.dtype)
            self._samples[:size] = samples
        self._size, self._next, self._draws = size, place, draws

    def _check_batch(self, count):
        check_count("count", count)
        if count > self.capacity:
            raise ValueError(
                f"`count` must be at most `capacity`. Received: count={count}, capacity={self.capacity}."
            )

    def _encoded(self, samples):
        if not np.isfinite(samples).all():
            raise ValueError("`samples` must be finite. Received: NaN or inf. The chains diverged.")
        if self.dtype == "float32":
            return samples
        low, high = self.value_range
        if samples.min() < low or samples.max() > high:
            raise ValueError(
                f"`samples` must be in [{low}, {high}] for a uint8 buffer. Received: values from "
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
