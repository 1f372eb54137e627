"""Batches of arrays in an order that depends on the seed and the epoch only."""

import math
from collections.abc import Callable

import keras
import numpy as np

from blogkit.checks import check_count

STRETCH = 32  # batches whose rows are sorted together, where rows of about equal length share a batch


class EpochOrder(keras.utils.PyDataset):
    """Base of data sets whose batches depend on a seed, the epoch and the batch number only.

    Epoch e reads its rows in the order `default_rng([seed, e]).permutation(count)`. Keras' own
    shuffling depends on all that was drawn before, so it cannot be resumed in the middle of a training.

    With `lengths`, rows of about equal length share a batch: the shuffled rows are sorted within stretches
    of 32 batches, and the batches are shuffled.

    Attributes:
        epoch: Epoch of the next batches; counts up, and `resumable_fit` sets it.
    """

    def __init__(self, count: int, batch_size: int, seed: int, lengths: np.ndarray | None = None):
        check_count("batch_size", batch_size, 1)
        check_count("seed", seed, 0)
        if lengths is not None and np.shape(lengths) != (count,):
            raise ValueError(
                f"`lengths` must be one number for each of the {count} rows. "
                f"Received: an array of shape {np.shape(lengths)}."
            )
        super().__init__()
        self.count, self.batch_size, self.seed, self.epoch = count, batch_size, seed, 0
        self.lengths = None if lengths is None else np.asarray(lengths)
        self._last_order = None, None

    def __len__(self) -> int:
        return math.ceil(self.count / self.batch_size)

    def rows(self, number: int, epoch: int | None = None) -> np.ndarray:
        """Indices of the rows of batch `number`, in this epoch or `epoch`."""
        epoch = self.epoch if epoch is None else epoch
        of, order = self._last_order  # read and written as a pair, because backends prefetch in threads
        if of != epoch:
            order = self.order(epoch)
            self._last_order = epoch, order
        return order[number * self.batch_size : (number + 1) * self.batch_size]

    def order(self, epoch: int) -> np.ndarray:
        """Indices of all rows, in the order of an epoch.

        By length, the batches of the longest and of the shortest rows come first, and the shorter last
        batch is of middle ones: from the first two Keras concludes on TensorFlow which sizes vary, and a
        lack of memory shows at once.
        """
        order = np.random.default_rng([self.seed, epoch]).permutation(self.count)
        if self.lengths is None or self.count < self.batch_size:
            return order
        over, stretch = self.count % self.batch_size, STRETCH * self.batch_size
        stretches = [
            rows[np.argsort(self.lengths[rows], kind="stable")]
            for rows in np.split(order, range(over + stretch, self.count, stretch))
        ]
        middle = len(stretches[0]) // self.batch_size // 2 * self.batch_size
        last = stretches[0][middle : middle + over]
        stretches[0] = np.delete(stretches[0], np.arange(middle, middle + over))
        batches = np.concatenate(stretches).reshape(-1, self.batch_size)
        batches = np.random.default_rng([self.seed, epoch, 1]).permutation(batches)
        longest = self.lengths[batches].max(axis=1)
        ends = list(dict.fromkeys((longest.argmax(), longest.argmin())))
        batches = np.concatenate([batches[ends], np.delete(batches, ends, axis=0)])
        return np.concatenate([batches.reshape(-1), last])

    def on_epoch_end(self):
        self.epoch += 1


class ShuffledBatches(EpochOrder):
    """Shuffled batches of arrays for `fit`, the same in a resumed training as in an uninterrupted one.

    Args:
        arrays: What a batch consists of, `(x,)`, `(x, y)` or `(x, y, sample_weight)`: arrays of equal
            length, or dicts, lists or tuples of them. Memory-mapped ones are read batch by batch.
        batch_size: Rows per batch; the last one of a pass may be shorter.
        seed: Non-negative integer.
        drop_last: Whether to leave out a shorter last batch. Its rows differ from pass to pass.
        parts: Number of epochs that make one pass over the rows. A long pass in several epochs is
            saved and logged more often. Batches that do not divide evenly are left out, others in
            each pass.
        prepare: Function from a batch to what `fit` receives, for work that needs memory, such as
            scaling of pictures.
        lengths: Number of tokens of each row, `(rows,)`, for batches of rows of about equal length: with
            `prepare=blogkit.models.cut_padding` little of what is computed is padding.

    Raises:
        ValueError: If lengths differ, if a part would be empty, or for a size or seed out of range.

    Example:

    >>> import numpy as np
    >>> from blogkit.models import ShuffledBatches
    >>> batches = ShuffledBatches((np.arange(5), 10 * np.arange(5)), batch_size=2, seed=0)
    >>> len(batches)
    3
    >>> x, y = batches[0]
    >>> bool((y == 10 * x).all())
    True
    """

    def __init__(
        self,
        arrays: tuple,
        batch_size: int = 32,
        seed: int = 0,
        drop_last: bool = False,
        parts: int = 1,
        prepare: Callable | None = None,
        lengths: np.ndarray | None = None,
    ):
        check_count("parts", parts, 1)
        counts = {len(array) for array in keras.tree.flatten(arrays)}
        if not isinstance(arrays, tuple) or len(counts) != 1 or 0 in counts:
            raise ValueError(
                "`arrays` must be a tuple of arrays with the same number of rows, at least one. "
                f"Received: {type(arrays).__name__} with {sorted(counts)} rows."
            )
        super().__init__(counts.pop(), batch_size, seed, lengths)
        self.arrays, self.drop_last, self.parts, self.prepare = arrays, drop_last, parts, prepare
        if len(self) < 1:
            raise ValueError(
                "`arrays` must have a batch for every part. "
                f"Received: {self.count} rows, batch_size={batch_size}, drop_last={drop_last}, parts={parts}."
            )

    def __len__(self) -> int:
        whole = self.count // self.batch_size if self.drop_last else super().__len__()
        return whole // self.parts

    def __getitem__(self, number: int):
        """Batch `number` of this epoch, its rows in ascending order, as files are read fastest."""
        whole, part = divmod(self.epoch, self.parts)
        rows = np.sort(self.rows(part * len(self) + number, whole))
        batch = keras.tree.map_structure(lambda array: array[rows], self.arrays)
        return self.prepare(*batch) if self.prepare else batch

    def content(self) -> list:
        """What the batches are made of, by which `resumable_fit` recognizes the data."""
        lengths = [] if self.lengths is None else [self.lengths]
        return [*self.arrays, self.drop_last, self.parts, *lengths]
