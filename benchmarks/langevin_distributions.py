"""Do samples of LangevinSampler have the expected distributions?

    python benchmarks/langevin_distributions.py            # with KERAS_BACKEND

For E = lambda x^2 / 2 and 20,000 chains from 0: the variance after k steps of the unadjusted
sampler, (1 - (1 - e lambda)^(2k)) / (lambda (1 - e lambda / 2)), times (1 - e lambda)^2 where the
noise comes first; and the true 1 / lambda of the adjusted one, from exact draws. z is in standard
errors of the sample variance, p is from a Kolmogorov-Smirnov test; `p true` compares with exp(-E).
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import ops
from scipy import stats

from blogkit.sampling import LangevinSampler

LAMBDAS, STEP_SIZES = (0.5, 1.0, 2.0, 4.0), (0.05, 0.2, 0.4)
SIDES = {"ula": {}, "ula, noise first": {"noise_first": True}, "mala": {"method": "mala"}}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chains", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print(f"{keras.backend.backend()}, {options.chains} chains, {options.steps} steps, seed {options.seed}")
    print(f"{'side':18}{'lambda':>7}{'step':>6}{'variance':>10}{'formula':>10}{'z':>7}{'p':>8}{'p true':>9}")
    rows = [row for side in SIDES for step in STEP_SIZES for row in measure(side, step, options)]
    for side, lam, step, found, formula, z, p, true in rows:
        print(f"{side:18}{lam:7}{step:6}{found:10.4f}{formula:10.4f}{z:7.2f}{p:8.3f}{true:9.2g}")
    print(
        f"largest |z| {max(abs(row[5]) for row in rows):.2f}, smallest p "
        f"{min(row[6] for row in rows):.3f}, {len(rows)} rows"
    )


def measure(side, step_size, options):
    """One run for all lambdas, with one group of chains per lambda."""
    curvature = np.repeat(np.float32(LAMBDAS), options.chains)
    start = np.zeros((len(curvature), 1), "float32")
    if side == "mala":
        draws = np.random.default_rng(options.seed).normal(size=start.shape)
        start = (draws / np.sqrt(curvature)[:, None]).astype("float32")
    sampler = LangevinSampler(
        lambda x: ops.convert_to_tensor(curvature) * x[:, 0] ** 2 / 2, step_size, **SIDES[side]
    )
    x = ops.convert_to_numpy(sampler.sample(start, options.steps, seed=options.seed)).astype("float64")
    for lam, group in zip(LAMBDAS, x.reshape(len(LAMBDAS), options.chains)):
        contraction = (1 - step_size * lam) ** 2
        formula = (1 - contraction**options.steps) / (lam * (1 - step_size * lam / 2))
        formula *= contraction if side == "ula, noise first" else 1
        formula = 1 / lam if side == "mala" else formula
        found = (group**2).mean()
        z = (found / formula - 1) / np.sqrt(2 / len(group))
        p, true = (stats.kstest(group / np.sqrt(v), "norm").pvalue for v in (formula, 1 / lam))
        yield side, lam, step_size, found, formula, z, p, true


if __name__ == "__main__":
    main()
