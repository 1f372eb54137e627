"""The arguments of a learned codebook, checked."""

import dataclasses

from blogkit.checks import check_choice, check_count, check_positive, check_rate


@dataclasses.dataclass(frozen=True, kw_only=True)
class CodebookSettings:
    """Those arguments of `VectorQuantizer` that concern its codebook; see there.

    Raises:
        ValueError: If one is out of its range.
    """

    num_codes: int
    heads: int
    update: str
    decay: float
    epsilon: float
    restart_threshold: float
    init: str
    normalize: bool
    chunk_size: int | None

    def __post_init__(self):
        check_count("num_codes", self.num_codes, low=2)
        check_count("heads", self.heads)
        check_choice("update", self.update, choices=("loss", "ema"))
        check_rate("decay", self.decay)
        check_positive("epsilon", self.epsilon)
        check_positive("restart_threshold", self.restart_threshold, or_zero=True)
        check_choice("init", self.init, choices=("uniform", "first_batch", "kmeans"))
        if self.chunk_size is not None:
            check_count("chunk_size", self.chunk_size)
