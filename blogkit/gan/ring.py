"""A ring of Gaussians, the standard test of mode collapse, and the quality of its samples. NumPy only."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from blogkit.checks import check_count, check_positive


class RingQuality(NamedTuple):
    """Number of modes with more than 1 % of the samples near them, and share of samples near a mode."""

    modes: int
    share: float


def ring_centres(modes: int = 8, radius: float = 2.0) -> np.ndarray:
    """The means of the Gaussians, `(modes, 2)`, evenly spaced on a circle."""
    check_count("modes", modes)
    check_positive("radius", radius)
    angle = 2 * math.pi * np.arange(modes) / modes
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def ring_samples(
    count: int, seed: int, modes: int = 8, radius: float = 2.0, standard_deviation: float = 0.05
) -> np.ndarray:
    """Samples of the mixture of Gaussians around `ring_centres`, in equal parts.

    Args:
        count: Number of samples.
        seed: Seed of a NumPy generator.
        modes, radius: As for `ring_centres`.
        standard_deviation: Standard deviation of each Gaussian, in both directions.

    Returns:
        float32 array `(count, 2)`.

    Example: real samples are near a mode except for those beyond 3 standard deviations, exp(-9/2).

    >>> from blogkit.gan import ring_quality, ring_samples
    >>> quality = ring_quality(ring_samples(50_000, seed=0))
    >>> quality.modes, round(quality.share, 2)
    (8, 0.99)
    """
    check_count("count", count)
    check_positive("standard_deviation", standard_deviation)
    rng = np.random.default_rng(seed)
    centres = ring_centres(modes, radius)[rng.integers(modes, size=count)]
    return (centres + standard_deviation * rng.normal(size=(count, 2))).astype("float32")


def ring_quality(
    samples: ArrayLike, modes: int = 8, radius: float = 2.0, standard_deviation: float = 0.05
) -> RingQuality:
    """Number of modes that the samples cover, and share of samples near a mode.

    A sample is near a mode within 3 standard deviations; a mode is covered if more than 1 % of
    all samples are near it.

    Args:
        samples: Array `(count, 2)`.
        modes, radius, standard_deviation: As for `ring_samples`.

    Returns:
        A `RingQuality`.

    Raises:
        ValueError: If samples are not finite points of the plane.
    """
    samples = np.asarray(samples, "float64")
    if samples.ndim != 2 or samples.shape[1] != 2 or not len(samples) or not np.isfinite(samples).all():
        raise ValueError(
            "`samples` must be finite points of the plane, (count, 2). "
            f"Received: shape {samples.shape}{', NaN or inf' if samples.ndim == 2 else ''}."
        )
    away = np.linalg.norm(samples[:, None] - ring_centres(modes, radius), axis=-1)
    near = away <= 3 * standard_deviation
    return RingQuality(int((near.mean(0) > 0.01).sum()), float(near.any(1).mean()))
