"""Stage 3 of the oracle, first part: the Dirac-GAN beside closed forms and known radii."""

import cmath
import math

import numpy as np

from blogkit.gan_theory import (
    dirac_gan,
    discretise,
    eigenvalues,
    flow,
    largest_stable_step,
    update_eigenvalues,
    verdict,
)

SLOPE, BEND, H = 0.5, -0.25, 0.2  # f'(0), f''(0), step size
C, O, D = "converges", "circles", "diverges"


def pair(half_trace, determinant):
    """Roots of x^2 - 2 half_trace x + determinant."""
    root = cmath.sqrt(half_trace**2 - determinant)
    return half_trace - root, half_trace + root


def r1(gamma):
    return pair(-gamma / 2, SLOPE**2)


def noise(s):
    return pair(BEND * s**2, SLOPE**2)


def consensus(weight):
    return pair(-weight * SLOPE**2, SLOPE**2 * (1 + weight**2 * SLOPE**2))


def gradient_penalty(weight):
    return pair(-weight / 2, 1)


# name, settings, eigenvalues, max |eig F| (sim, alt) and radii after t = 100, 500 sim, 500 alt
# steps from (1, 1), as printed in the oracle; verdicts of flow, sim and alt. None: not given.
# "<" marks where the oracle printed its solver's floor: the exact values are 3e-20, 1e-15 and 1.9e-12.
DIRAC_ROWS = [
    ("gan", {}, pair(0, SLOPE**2), ("1.004988", "1.000000"), ("1.41421", "3.097", "1.421"), (O, D, O)),
    ("nsgan", {}, pair(0, SLOPE**2), ("1.004988", "1.000000"), ("0.2783", "0.6402", "0.2839"), (C, O, C)),
    ("rsgan", {}, pair(0, SLOPE**2), ("1.004988", "1.000000"), ("0.2783", "0.6402", "0.2839"), (C, O, C)),
    ("wgan", {}, pair(0, 1), ("1.019804", "1.000000"), ("1.414", "2.6e4", "1.398"), (O, D, O)),
    ("wgan", {"clip": 1.0}, None, None, None, (None, O, O)),
    ("gan_r1", {"gamma": 0.3}, r1(0.3), (".974679", ".969536"), ("4e-7", "3e-6", "2e-7"), (C, C, C)),
    ("gan_r1", {"gamma": 1.0}, r1(1.0), (".900000", ".927016"), ("<9e-12", "1e-21", "7e-17"), (C, C, C)),
    ("gan_r1", {"gamma": 2.0}, r1(2.0), (".973205", ".973955"), ("2e-6", "1e-6", "2e-6"), (C, C, C)),
    ("nsgan_r1", {"gamma": 0.3}, r1(0.3), (".974679", ".969536"), ("3e-7", "2e-6", "1e-7"), (C, C, C)),
    (
        "instance_noise",
        {"standard_deviation": 0.7},
        noise(0.7),
        (".980306", ".975192"),
        ("6e-6", "6e-5", "4e-6"),
        (C, C, C),
    ),
    ("instance_noise", {"standard_deviation": 1.0}, noise(1.0), None, None, (C, C, C)),
    ("instance_noise", {"standard_deviation": 2.0}, noise(2.0), None, None, (C, C, C)),
    (
        "consensus",
        {"weight": 1.0},
        consensus(1.0),
        (".955249", ".950000"),
        ("3e-11", "3e-10", "2e-11"),
        (C, C, C),
    ),
    ("consensus", {"weight": 0.3}, consensus(0.3), (".990063", ".985000"), None, (C, C, C)),
    (
        "wgan_gp",
        {"weight": 0.7},
        gradient_penalty(0.7),
        (".948683", ".927362"),
        ("<5e-12", "4e-12", "6e-17"),
        (C, C, C),
    ),
    (
        "wgan_gp",
        {"weight": 0.2},
        gradient_penalty(0.2),
        ("1.000000", ".979796"),
        ("6e-5", "1.398", "5e-5"),
        (C, O, C),
    ),
    ("wgan_gp", {"weight": 0.2, "target": 1.0}, None, None, None, (O, D, O)),
    ("wgan_gp", {"weight": 0.7, "target": 1.0}, None, None, None, (O, O, O)),
    ("wgan_gp", {"weight": 1.0, "target": 1.0}, None, None, None, (O, O, O)),
    ("wgan_div", {"power": 6.0}, pair(0, 1), ("1.0198", "1.0"), (".1603", None, None), (C, D, D)),
    (
        "wgan_div",
        {"power": 2.0},
        pair(-2, 1),
        (".946410", ".949324"),
        ("<7e-12", "9e-13", "4e-12"),
        (C, C, C),
    ),
]


def half_a_digit(printed):
    """Half a unit of the last digit printed, and a little for what was rounded before."""
    digits, _, exponent = printed.partition("e")
    return 0.51 * 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def dirac_checks():
    """`(column, row, error, tolerance)` of every cell of the table."""
    for name, settings, roots, moduli, radii, verdicts in DIRAC_ROWS:
        system = dirac_gan(name, **settings)
        if roots is not None:
            error = np.abs(eigenvalues(system) - np.sort_complex(roots)).max()
            double = abs(roots[0] - roots[1]) < 1e-6
            yield "eigenvalues" + ", double root" * double, system.name, error, 1e-4 if double else 1e-8
        for updates, printed in zip(("simultaneous", "alternating"), moduli or ()):
            error = abs(abs(update_eigenvalues(system, H, updates)).max() - float(printed))
            yield f"max |eig F|, {updates}", system.name, error, max(1e-6, half_a_digit(printed))
        if radii is not None:
            yield from _radii_checks(system, radii)
        runs = ((None, "simultaneous"), (H, "simultaneous"), (H, "alternating"))
        for (step, updates), expected in zip(runs, verdicts):
            if expected:
                found = verdict(system, step, updates).kind
                yield (
                    f"verdict, {'flow' if step is None else updates}",
                    system.name,
                    float(found != expected),
                    0.5,
                )


def _radii_checks(system, radii):
    found = [system.radius(flow(system, [100.0], tolerance=1e-12))[-1]]
    found += [system.radius(discretise(system, 500, H, u))[-1] for u in ("simultaneous", "alternating")]
    for column, value, printed in zip(("flow, t = 100", "500 simultaneous", "500 alternating"), found, radii):
        if printed is not None and printed[0] == "<":
            yield f"radius, {column}", system.name, value, float(printed[1:])
        elif printed is not None:
            relative = half_a_digit(printed) / float(printed)
            yield f"radius, {column}", system.name, abs(value / float(printed) - 1), relative


def identity_checks():
    """What the table says beside its columns: conserved quantities, limits, thresholds."""
    gan, nsgan, wgan = dirac_gan("gan"), dirac_gan("nsgan"), dirac_gan("wgan")
    drift = np.abs(gan.radius(flow(gan, np.linspace(0, 100, 201))) - math.sqrt(2)).max()
    yield "conserved", "GAN: radius of the flow", drift, 1e-6
    grown = gan.radius(discretise(gan, 500, H))
    yield "conserved", "GAN: shortest step outwards, simultaneous", max(0.0, -np.diff(grown).min()), 1e-12
    alternating = gan.radius(discretise(gan, 500, H, "alternating"))
    for found, printed in ((alternating.min(), 1.3435), (alternating.max(), 1.4221)):
        yield "limit radii", "GAN, alternating: bounds of 500 steps", abs(found - printed), 1e-3
    for t, ratio in ((1e3, 0.9979), (2e4, 0.99989)):
        found = nsgan.radius(flow(nsgan, [t]))[-1] * math.sqrt(t / 8)
        yield "limit radii", f"NSGAN: r sqrt(t/8) at t = {t:g}", abs(found - ratio), 1e-3
    for h, low, high in ((0.2, 0.624, 0.640), (0.05, 0.315, 0.316)):
        last = nsgan.radius(discretise(nsgan, 20_000, h))[-1000:]
        outside = max(low - last.min(), last.max() - high, 0.0)
        yield "limit radii", f"NSGAN, simultaneous: cycle near sqrt(2 h), h = {h}", outside, 5e-3
    states = discretise(wgan, 500, H)
    factor = wgan.radius(states[1:]) / wgan.radius(states[:-1])
    yield (
        "conserved",
        "WGAN: factor sqrt(1 + h^2) of a step",
        np.abs(factor - math.sqrt(1 + H**2)).max(),
        1e-13,
    )
    theta, psi = discretise(wgan, 500, H, "alternating").T
    kept = theta**2 + psi**2 - H * theta * psi
    yield "conserved", "WGAN, alternating: theta^2 + psi^2 - h theta psi", np.abs(kept - kept[0]).max(), 1e-12
    clipped = dirac_gan("wgan", clip=1.0)
    for updates, low, high in (("simultaneous", 1.0, 1.272), ("alternating", 0.949, 1.049)):
        last = clipped.radius(discretise(clipped, 2000, H, updates))[-500:]
        error = max(abs(last.min() - low), abs(last.max() - high))
        yield "limit radii", f"WGAN, clip 1, {updates}: bounds of the last 500 of 2000", error, 1e-3
    for weight, amplitude in ((0.2, 1.2774), (0.7, 1.327), (1.0, 1.390)):
        system = dirac_gan("wgan_gp", weight=weight, target=1.0)
        found = np.abs(flow(system, np.linspace(200, 260, 20_001))[:, 0]).max()
        yield "limit radii", f"{system.name}: amplitude of theta", abs(found - amplitude), 1e-3
    small = dirac_gan("wgan_gp", weight=0.02, target=1.0)
    found = np.abs(flow(small, np.linspace(900, 920, 5001))[:, 0]).max()
    yield "limit radii", "WGAN-GP, target 1, weight -> 0: amplitude 4/pi", abs(found - 4 / math.pi), 1e-3
    div = dirac_gan("wgan_div")
    for t, tolerance in ((100.0, 2.5e-3), (1e4, 5e-5)):
        found = div.radius(flow(div, [t]))[-1] * (4 * 12 * 5 / 16 * t) ** 0.25
        yield "limit radii", f"WGAN-div: r (15 t)^(1/4) at t = {t:g}", abs(found - 1), tolerance
    yield from _threshold_checks()
    yield from _consensus_check()


def _threshold_checks():
    for gamma in (0.1, 0.3, 0.8):
        system = dirac_gan("gan_r1", gamma=gamma)
        found = largest_stable_step(system) - gamma / SLOPE**2
        yield "stable steps", f"{system.name}, simultaneous: gamma / f'^2", abs(found), 1e-6
        root = (-gamma + math.sqrt(gamma**2 + 4 * SLOPE**2)) / SLOPE**2  # of h^2 f'^2 + 2 h gamma = 4
        found = largest_stable_step(system, "alternating") - root
        yield "stable steps", f"{system.name}, alternating: Jury", abs(found), 1e-6
    gan = dirac_gan("gan")
    for h, expected in ((3.99, 1.0), (4.01, 1.15)):
        modulus = abs(update_eigenvalues(gan, h, "alternating")).max()
        error = abs(modulus - 1) if h < 4 else max(0.0, expected - modulus)
        yield (
            "stable steps",
            f"GAN, alternating: |eig| at h f' = {h * SLOPE:g}",
            error,
            1e-6 if h < 4 else 0.1,
        )


def _consensus_check():
    """-grad |v|^2/2 by central differences: 1 in both terms, not the 0.5 of one source."""
    gan, with_penalty = dirac_gan("gan"), dirac_gan("consensus", weight=1.0)
    z, e = np.random.default_rng(0).normal(size=(20, 2)), 1e-4
    numeric = np.stack(
        [((gan(z + e * d) ** 2).sum(-1) - (gan(z - e * d) ** 2).sum(-1)) / (4 * e) for d in np.eye(2)], -1
    )
    yield (
        "conserved",
        "consensus: gradient of |v|^2/2",
        np.abs(gan(z) - with_penalty(z) - numeric).max(),
        1e-7,
    )


def checks():
    yield from dirac_checks()
    yield from identity_checks()
