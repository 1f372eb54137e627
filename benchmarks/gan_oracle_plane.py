"""Stage 3 of the oracle, second part: the article's plane beside conserved quantities and known radii."""

import math

import numpy as np
from gan_oracle_dynamics import C, O, half_a_digit

from blogkit.gan_theory import flow, plane_gan, verdict

# Verdict of the flow from the article's start.
PLANE_ROWS = [
    ("vanilla", {}, O),
    ("wgan", {}, O),
    ("wgan_gp", {}, O),
    ("wgan_gp", {"target": 0.0}, C),
    ("gan_qp", {}, O),
    ("gan_qp", {"distance": "phi"}, O),
    ("gan_qp_l2", {}, C),
]


def checks():
    """The article's own model from its own start, and from one on a line with phi."""
    for name, settings, expected in PLANE_ROWS:
        system = plane_gan(name, **settings)
        yield "verdict, flow", f"plane: {system.name}", float(verdict(system).kind != expected), 0.5
    area = math.sqrt(0.03)
    vanilla, times = plane_gan("vanilla"), np.linspace(0, 100, 4001)
    states = flow(vanilla, times)
    yield "conserved", "plane: vanilla: theta x phi", _drift(vanilla, states, 0), 1e-6
    radii = vanilla.radius(states)
    yield (
        "limit radii",
        "plane: vanilla: swing over T = 100",
        max(abs(radii.min() - 0.1023), abs(radii.max() - 0.2977)),
        1e-3,
    )
    last = vanilla.radius(flow(vanilla, [5000.0]))[-1]
    yield "limit radii", "plane: vanilla: sqrt(L0) at t = 5000", abs(last - area), 1e-6
    wgan = plane_gan("wgan")
    states = flow(wgan, np.linspace(0, 10, 4001))
    for k in (0, 1):
        yield "conserved", f"plane: WGAN: {wgan.conserved[k].name}", _drift(wgan, states, k), 1e-6
    speed = np.linalg.norm(wgan(states)[:, 2:], axis=1)
    yield "conserved", "plane: WGAN: speed 1 of theta", np.abs(speed - 1).max(), 1e-12
    radii = wgan.radius(flow(wgan, np.linspace(0, 40, 20_001)))
    yield (
        "limit radii",
        "plane: WGAN: annulus",
        max(abs(radii.min() - 0.0879), abs(radii.max() - 0.3986)),
        1e-3,
    )
    penalty = plane_gan("wgan_gp")
    states = flow(penalty, [400.0])[-1]
    ends = np.hypot(states[[0, 2]], states[[1, 3]])
    yield "limit radii", "plane: WGAN-GP: |phi| = |theta| = 1 at t = 400", np.abs(ends - 1).max(), 1e-6
    radii = penalty.radius(flow(penalty, np.linspace(36, 40, 801)))
    yield (
        "limit radii",
        "plane: WGAN-GP: last tenth of T = 40",
        max(0.956 - radii.min(), radii.max() - 1.005, 0.0),
        1e-3,
    )
    line = (0.1, 0.2, 0.05, 0.1)
    found = penalty.radius(flow(penalty, np.linspace(200, 215, 15_001), start=line)).max()
    yield "limit radii", "plane: WGAN-GP on a line: amplitude", abs(found - 1.2773), 1e-3
    free = plane_gan("wgan_gp", target=0.0)
    yield (
        "limit radii",
        "plane: WGAN-GP, target 0: r(40)",
        abs(free.radius(flow(free, [40.0]))[-1] - 0.0024),
        6e-5,
    )
    for distance in ("theta", "phi"):
        qp = plane_gan("gan_qp", distance=distance)
        yield (
            "conserved",
            f"plane: GAN-QP by |{distance}|: theta x phi",
            _drift(qp, flow(qp, np.linspace(0, 40, 401)), 0),
            1e-6,
        )
        yield (
            "limit radii",
            f"plane: GAN-QP by |{distance}|: sqrt(L0) at t = 2000",
            abs(qp.radius(flow(qp, [2000.0]))[-1] - area),
            1e-6,
        )
    qp = plane_gan("gan_qp")
    # On a line r oscillates: its amplitude times t tends to 3 pi lambda / 2.
    turn = np.linspace(5000 - math.pi, 5000 + math.pi, 2001)
    found = qp.radius(flow(qp, turn, start=line)).max() * 5000
    yield "limit radii", "plane: GAN-QP on a line: r t at t = 5000", abs(found - 4.69), 2e-2
    damped = plane_gan("gan_qp_l2")
    times = np.linspace(0, 70, 141)
    areas = qp.conserved[0].value(*flow(damped, times, tolerance=1e-12).T)
    yield (
        "conserved",
        "plane: GAN-QP + L2: theta x phi = L0 exp(-t/10)",
        np.abs(areas / (0.03 * np.exp(-times / 10)) - 1).max(),
        1e-6,
    )
    for t, printed in ((70.0, "0.0058"), (300.0, "6e-8")):
        found = damped.radius(flow(damped, [t], tolerance=1e-12))[-1]
        yield (
            "limit radii",
            f"plane: GAN-QP + L2: r({t:g})",
            abs(found - float(printed)),
            half_a_digit(printed),
        )


def _drift(system, states, k):
    values = system.conserved[k].value(*states.T)
    return float(np.abs(values / values[0] - 1).max())
