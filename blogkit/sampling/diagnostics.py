"""Have the chains mixed, and how much are their draws worth?

Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021, "Rank-normalization, folding, and
localization: an improved R-hat" (Bayesian Analysis 16(2), arXiv:1903.08008). In NumPy;
the same numbers as arviz, for arrays as `LangevinSampler.sample(..., thin=n)` returns them.
"""

import math
from statistics import NormalDist

import keras
import numpy as np


def rhat(draws):
    """Rank-normalised split R-hat: near 1 if the chains agree; above 1.01 go on sampling.

    Each chain is cut in two halves, the draws z become the normal scores of their ranks,
    and R-hat compares the variance between the halves with the one within,

        R^2 = (N - 1) / N + B / (N W)    (eqs. 1-4 of the paper);

    the larger of the values for z and for |z - median| counts (section 4.2).

    Args:
        draws: Array or tensor `(draws, chains, ...)`, at least 4 draws and 2 chains.

    Returns:
        NumPy array of shape `(...)`: one value per coordinate, NaN where all draws agree.

    Raises:
        ValueError: For too few draws or chains, and for draws that are not finite.

    Example: chains that sit at two different places.

    >>> import numpy as np
    >>> from blogkit.sampling import rhat
    >>> draws = np.random.default_rng(0).normal(size=(500, 4))
    >>> bool(rhat(draws) < 1.01), bool(rhat(draws + [0, 0, 5, 5]) > 1.5)
    (True, True)
    """
    draws, shape = _as_columns(draws, min_chains=2)
    halves = _split(draws)
    folded = np.abs(halves - np.median(halves, axis=(0, 1)))
    return np.fmax(_plain_rhat(_scores(halves)), _plain_rhat(_scores(folded))).reshape(shape)


def ess_bulk(draws):
    """Effective sample size of the bulk: independent draws that would know the mean as well.

    Of the rank-normalised split chains; at least 400 are advised before R-hat is trusted
    (section 4). Arguments, result and errors as for `rhat`, but one chain is enough.

    Example: each draw four times in a row tells no more than once.

    >>> import numpy as np
    >>> from blogkit.sampling import ess_bulk
    >>> draws = np.random.default_rng(0).normal(size=(500, 4))
    >>> round(float(ess_bulk(np.repeat(draws, 4, axis=0)) / ess_bulk(draws)), 1)
    1.0
    """
    draws, shape = _as_columns(draws, min_chains=1)
    return _ess(_scores(_split(draws))).reshape(shape)


def ess_tail(draws):
    """Effective sample size of the tails: the smaller of those for the 5 % and 95 % quantiles.

    Of the indicators of draws below the quantile (section 4.3). Arguments, result and
    errors as for `rhat`, but one chain is enough.
    """
    draws, shape = _as_columns(draws, min_chains=1)
    sizes = [_ess(_split(draws <= np.quantile(draws, p, axis=(0, 1)))) for p in (0.05, 0.95)]
    return np.minimum(*sizes).reshape(shape)


def _as_columns(draws, min_chains):
    """`draws` as float64 `(draws, chains, coordinates)`, and the shape of the result."""
    draws = np.asarray(keras.ops.convert_to_numpy(draws), "float64")
    if draws.ndim < 2 or draws.shape[0] < 4 or draws.shape[1] < min_chains:
        raise ValueError(
            f"`draws` must be (draws, chains, ...) with at least 4 draws and {min_chains} "
            f"chain{'s' * (min_chains > 1)}. Received: shape {draws.shape}. "
            "Sample with `thin` to keep the draws."
        )
    if not np.isfinite(draws).all():
        raise ValueError("`draws` must be finite. Received: NaN or inf among them.")
    return draws.reshape(*draws.shape[:2], -1), draws.shape[2:]


def _split(draws):
    """The first and the last half of each chain as chains of their own."""
    half = len(draws) // 2
    return np.concatenate([draws[:half], draws[-half:]], axis=1)


def _scores(draws):
    """Normal scores of the ranks, ties sharing their mean rank (eq. 14, Blom's 3/8)."""
    inverse = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    scores = np.empty_like(draws)
    size = draws[..., 0].size
    for k in range(draws.shape[-1]):
        _, place, count = np.unique(draws[..., k], return_inverse=True, return_counts=True)
        mean_rank = np.cumsum(count) - (count - 1) / 2
        scores[..., k] = inverse((mean_rank - 0.375) / (size + 0.25))[place.reshape(draws.shape[:2])]
    return scores


def _plain_rhat(draws):
    size = len(draws)
    between = draws.mean(0).var(0, ddof=1)  # B / N
    within = draws.var(0, ddof=1).mean(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt((size - 1) / size + between / within)


def _ess(draws):
    """S / tau with tau from the autocorrelations of all chains (eqs. 10-13).

    Geyer's initial monotone sequence: autocorrelations are summed in pairs until a pair is
    negative, and no pair counts more than the one before.
    """
    draws = np.asarray(draws, "float64")
    length, chains, _ = draws.shape
    covariance = _autocovariance(draws).mean(1)  # of lag t, over the chains
    within = covariance[0] * length / (length - 1)
    variance = covariance[0] + draws.mean(0).var(0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = 1 - (within - covariance) / variance
    correlation[0] = 1
    size = length * chains
    return np.array(
        [
            size if np.ptp(column) < 1e-15 else size / max(_geyer(rho), 1 / math.log10(size))
            for rho, column in zip(correlation.T, draws.reshape(size, -1).T)
        ]
    )


def _geyer(correlation):
    """1 + 2 * sum of the autocorrelations up to where noise begins."""
    pairs = max((len(correlation) - 1) // 2, 1)
    even, odd = correlation[0 : 2 * pairs : 2], correlation[1 : 2 * pairs : 2]
    sums = even + odd
    ends = sums <= 0
    ends[-1] = True
    end = ends.argmax()
    # Of the pair that ends the sum the even half counts, once; below zero only in a whole pair.
    last = even[end] if sums[end] >= 0 else max(even[end], 0)
    return 2 * np.minimum.accumulate(sums[:end]).sum() - 1 + last


def _autocovariance(draws):
    """Biased autocovariances along axis 0, by the Fourier transform."""
    centred = draws - draws.mean(0)
    spectrum = np.fft.rfft(centred, 2 * len(draws), axis=0)
    return np.fft.irfft(spectrum * spectrum.conj(), axis=0)[: len(draws)] / len(draws)
