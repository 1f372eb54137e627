"""Does blogkit.gan_theory agree with theory? Every number beside a closed form or an oracle.

    python benchmarks/gan_oracles.py                     # worst error per column
    python benchmarks/gan_oracles.py --stage 3 --rows    # every single comparison

Stage 2: eight f-divergences of Gaussians by definition, dual and closed form, conjugates by
search, Wasserstein-1. Stage 3: the Dirac-GAN and the two-dimensional model of
https://kexue.fm/archives/6583: eigenvalues, moduli of discrete updates at h = 0.2, radii from
(1, 1), conserved quantities, limits, largest stable steps and verdicts. A column's figure is the
largest error over tolerance among its rows; the exit code is the number of columns above 1.
"""

import argparse
import sys

import gan_oracle_divergences
import gan_oracle_dynamics
import gan_oracle_plane


def dynamics_checks():
    yield from gan_oracle_dynamics.checks()
    yield from gan_oracle_plane.checks()


STAGES = {2: gan_oracle_divergences.checks, 3: dynamics_checks}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--stage", type=int, action="append", choices=STAGES, help="only this one; repeatable"
    )
    parser.add_argument("--rows", action="store_true", help="print every comparison")
    options = parser.parse_args(arguments)
    failed = 0
    print(f"{'stage and column':44}{'rows':>5}{'worst error':>13}{'tolerance':>11}{'ratio':>8}  row")
    for stage in options.stage or STAGES:
        for column, cells in by_column(STAGES[stage]()).items():
            row, error, tolerance = max(cells, key=lambda cell: ratio(*cell[1:]))
            failed += not ratio(error, tolerance) <= 1
            show(f"{stage} {column}", f"{len(cells):5}", row, error, tolerance)
            if options.rows:
                for row, error, tolerance in cells:
                    show("", " " * 5, row, error, tolerance)
    print(f"{failed} columns above their tolerance")
    return failed


def show(column, rows, row, error, tolerance):
    print(f"{column:44}{rows}{error:13.1e}{tolerance:11.1e}{ratio(error, tolerance):8.2g}  {row}")


def ratio(error, tolerance):
    return float("inf") if error != error else error / tolerance


def by_column(checks):
    """`(row, error, tolerance)` lists by column, in the order in which columns appear."""
    columns = {}
    for column, row, error, tolerance in checks:
        columns.setdefault(column, []).append((row, float(error), tolerance))
    return columns


if __name__ == "__main__":
    sys.exit(main())
