"""Are the codes those that float64 finds, whatever the data look like?

    python benchmarks/quantizer_exactness.py                         # with KERAS_BACKEND
    KERAS_BACKEND=jax python benchmarks/quantizer_exactness.py --only clusters --rows 2000

Encodes 10,000 vectors with 256 codes (of length 64, where a row says nothing else) and compares
with the argmin over all |x - e|^2 in NumPy's float64. A code is wrong if its distance exceeds the
least one by more than float64's own rounding: less is a tie, where either code is right. For
the wrong ones the last column tells the largest excess, as a share of the distance.

Half precision rounds the vectors before they arrive; "-" where they are beyond float16. Ties are
those of float32. The exit code is 1 if a code is wrong by more than 1e-6 of its distance.
"""

import argparse
import contextlib
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import ops

from blogkit.layers import VectorQuantizer

BACKEND = keras.backend.backend()
POLICIES = {
    "float32": "float32",
    "mixed_float16": "float16",
    "mixed_bfloat16": "bfloat16",
    "float64": "float64",
}
DIGITS = 1e-6  # two float32 distances that agree to these cannot be told apart


def main(arguments=None):
    options = parse(arguments)
    print(f"{BACKEND}, {options.rows} vectors, {options.codes} codes")
    print(f"{'':28}{'wrong with x in':^40}{'ties':>8}{'excess':>10}")
    print(f"{'data':28}" + "".join(f"{dtype:>10}" for dtype in POLICIES.values()), flush=True)
    worst = 0.0
    for name, make in DATA.items():
        if options.only and options.only not in name:
            continue
        vectors, codebook = make(np.random.default_rng(options.seed), options.rows, options.codes)
        found = []
        for policy, dtype in POLICIES.items():
            with float64_allowed(dtype):
                found.append(count(vectors, codebook, policy, dtype))
        excess = max(each[2] for each in found if each)
        worst = max(worst, excess)
        wrong = "".join(f"{each[1] if each else '-':>10}" for each in found)
        print(f"{name:28}{wrong}{found[0][0]:8d}{excess:10.1e}", flush=True)
    return int(worst > DIGITS)


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--codes", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", metavar="WORD", help="data sets whose name has this word")
    return parser.parse_args(arguments)


def float64_allowed(dtype):
    """JAX has float64 only where it is asked for."""
    if BACKEND != "jax" or dtype != "float64":
        return contextlib.nullcontext()
    import jax

    return jax.enable_x64(True)


def count(vectors, codebook, policy, dtype):
    """Ties and wrong codes among those that a layer finds, and the largest relative excess."""
    layer = VectorQuantizer(len(codebook), dtype=policy)
    layer.build(vectors.shape)
    layer.assign_codebook(codebook)
    x = ops.cast(ops.convert_to_tensor(vectors.astype("float64" if dtype == "float64" else "float32")), dtype)
    if not bool(ops.all(ops.isfinite(x))):
        return None  # beyond float16
    codes = ops.convert_to_numpy(layer.encode(x))
    # What the layer has seen, in float64.
    own = layer.codebook.dtype
    x, codebook = (ops.convert_to_numpy(ops.cast(t, own)).astype("float64") for t in (x, layer.codebook))
    ties, wrong, excess = 0, 0, 0.0
    for start in range(0, len(x), 500):
        distances = np.stack([np.square(x[start : start + 500] - code).sum(1) for code in codebook], 1)
        least = np.partition(distances, 1)[:, :2]
        rounding = 4 * x.shape[1] ** 0.5 * np.finfo("float64").eps * least[:, 1]
        ties += int((least[:, 1] - least[:, 0] <= rounding).sum())
        chosen = distances[np.arange(len(distances)), codes[start : start + 500]]
        beyond = chosen - least[:, 0] > rounding
        wrong += int(beyond.sum())
        if beyond.any():
            excess = max(excess, float((chosen[beyond] / np.maximum(least[beyond, 0], 1e-300) - 1).max()))
    return ties, wrong, excess


def gaussian(rng, rows, codes, dim=64, mean=0.0, scale=1.0):
    return tuple(mean + scale * rng.normal(size=(n, dim)) for n in (rows, codes))


def clusters(rng, rows, codes, apart, spread, dim=64, number=8):
    centres = apart * rng.normal(size=(number, dim))
    return tuple(
        centres[rng.integers(number, size=n)] + spread * rng.normal(size=(n, dim)) for n in (rows, codes)
    )


def copies(rng, rows, codes, times):
    x, codebook = gaussian(rng, rows, codes)
    return x, rng.permutation(np.repeat(codebook[: max(codes // times, 1)], times, axis=0)[:codes])


def near_ties(rng, rows, codes):
    """Each vector is equally far from two codes, to seven digits."""
    _, codebook = gaussian(rng, rows, codes)
    one, other = codebook[rng.integers(codes, size=(2, rows))]
    apart, aside = one - other, 0.3 * rng.normal(size=one.shape)
    squares = np.maximum(np.square(apart).sum(1, keepdims=True), 1e-300)
    aside -= (aside * apart).sum(1, keepdims=True) / squares * apart
    return (one + other) / 2 + 1e-7 * rng.normal(size=(rows, 1)) * apart + aside, codebook


def far_away(rng, rows, codes):
    x, codebook = gaussian(rng, rows, codes)
    return 1e4 * x, codebook


def one_giant_code(rng, rows, codes, size):
    x, codebook = gaussian(rng, rows, codes)
    codebook[0] = size
    return x, codebook


DATA = {
    "random": gaussian,
    "2 codes": lambda rng, rows, codes: gaussian(rng, rows, 2),
    "length 1": lambda rng, rows, codes: gaussian(rng, rows, codes, dim=1),
    "length 1024": lambda rng, rows, codes: gaussian(rng, rows, codes, dim=1024),
    "mean 5": lambda rng, rows, codes: gaussian(rng, rows, codes, mean=5),
    "mean 1000": lambda rng, rows, codes: gaussian(rng, rows, codes, mean=1000),
    "mean 1e6": lambda rng, rows, codes: gaussian(rng, rows, codes, mean=1e6),
    "scale 1e-20": lambda rng, rows, codes: gaussian(rng, rows, codes, scale=1e-20),
    "scale 1e-19": lambda rng, rows, codes: gaussian(rng, rows, codes, scale=1e-19),
    "scale 1e-30": lambda rng, rows, codes: gaussian(rng, rows, codes, scale=1e-30),
    "scale 1e15": lambda rng, rows, codes: gaussian(rng, rows, codes, scale=1e15),
    "scale 1e30": lambda rng, rows, codes: gaussian(rng, rows, codes, scale=1e30),
    "clusters 10 / 0.1": lambda rng, rows, codes: clusters(rng, rows, codes, 10, 0.1),
    "clusters 100 / 0.1": lambda rng, rows, codes: clusters(rng, rows, codes, 100, 0.1),
    "clusters 1e4 / 0.1": lambda rng, rows, codes: clusters(rng, rows, codes, 1e4, 0.1),
    "clusters 1e6 / 1, length 4": lambda rng, rows, codes: clusters(rng, rows, codes, 1e6, 1, dim=4),
    "5 copies of each code": lambda rng, rows, codes: copies(rng, rows, codes, 5),
    "64 copies of each code": lambda rng, rows, codes: copies(rng, rows, codes, 64),
    "equally far from two codes": near_ties,
    "vectors far away": far_away,
    "one code at 1e12": lambda rng, rows, codes: one_giant_code(rng, rows, codes, 1e12),
    "one code at 1e30": lambda rng, rows, codes: one_giant_code(rng, rows, codes, 1e30),
}

if __name__ == "__main__":
    sys.exit(main())
