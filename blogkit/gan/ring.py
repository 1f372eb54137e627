"""The ring of Gaussians, on which GANs lose modes, and how good samples of it are. NumPy only."""

import math
from typing import NamedTuple

import numpy as np

from blogkit.checks import check_count, check_positive


class RingQuality(NamedTuple):
    """Modes that have more than 1 % of the samples near them, and the share of samples near one."""

    modes: int
    share: float


def ring_centres(modes=8, radius=2.0):
    """The means, `(modes, 2)`, evenly on a circle."""
    check_count("modes", modes)
    check_positive("radius", radius)
    angle = 2 * math.pi * np.arange(modes) / modes
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def ring_samples(count, seed, modes=8, radius=2.0, standard_deviation=0.05):
    """Samples of the mixture of Gaussians around `ring_centres`, in equal parts.

    Args:
        count: Number of samples.
        seed: Of a NumPy generator.
        modes, radius: As for `ring_centres`.
        standard_deviation: Of each Gaussian, in both directions.

    Returns:
        float32 array `(count, 2)`.

    Example: real samples are good, but for those beyond 3 standard deviations, exp(-9/2).

    >>> from blogkit.gan.ring import ring_quality, ring_samples
    >>> quality = ring_quality(ring_samples(50_000, seed=0))
    >>> quality.modes, round(quality.share, 2)
    (8, 0.99)
    """
    check_count("count", count)
    check_positive("standard_deviation", standard_deviation)
    rng = np.random.default_rng(seed)
    centres = ring_centres(modes, radius)[rng.integers(modes, size=count)]
    return (centres + standard_deviation * rng.normal(size=(count, 2))).astype("float32")


def ring_quality(samples, modes=8, radius=2.0, standard_deviation=0.05):
    """How many modes the samples found, and how many samples found a mode.

    A sample is near a mode within 3 standard deviations; a mode is found if more than 1 % of
    all samples are near it.

    Args:
        samples: Array `(count, 2)`.
        modes, radius, standard_deviation: Of the ring.

    Returns:
        A `RingQuality`.

    Raises:
        ValueError: For samples that are no finite points of the plane.
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
