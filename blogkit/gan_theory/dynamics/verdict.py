"""Computed verdicts on a trajectory: converges, circles or diverges, with the reason."""

import dataclasses

from numpy.typing import ArrayLike

from blogkit.checks import check_positive
from blogkit.gan_theory import arguments
from blogkit.gan_theory.dynamics.evidence import Evidence
from blogkit.gan_theory.dynamics.system import System
from blogkit.gan_theory.dynamics.trend import BLOWN, FALLING, FLAT, GROWING, REACHED

CONVERGES, CIRCLES, DIVERGES, UNDECIDED = "converges", "circles", "diverges", "undecided"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The long-term behaviour from one start.

    Args:
        kind: `"converges"` to the target; `"circles"`: never reaches it and stays bounded (around
            a centre: at most doubles its radius in the longest simulation, 131,072 steps,
            and the reason states any drift); `"diverges"`; or `"undecided"` if the longest
            simulation shows no trend.
        speed: `"linear"` (by a constant factor per time) or `"sublinear"` if it converges.
        reason: The argument, with its numbers.
        eigenvalues: Eigenvalues of the Jacobian, or of an update's linear part; None without one.
        radii: Smallest and largest distance to the target in the last window simulated.
    """

    kind: str
    speed: str | None
    reason: str
    eigenvalues: tuple | None
    radii: tuple

    def __str__(self):
        return f"{self.kind}{f' ({self.speed})' if self.speed else ''}: {self.reason}"


def verdict(
    system: System,
    step: float | None = None,
    updates: str = "simultaneous",
    start: ArrayLike | None = None,
    critic_steps: int = 1,
) -> Verdict:
    """Whether a system converges to its target, circles around it or diverges.

    Three kinds of evidence, in the order of their weight. Identities: a conserved quantity
    that differs at the target, a field that is always at right angles to the radius, a linear
    field, whose eigenvalues decide. Eigenvalues at the equilibrium: where they all attract, a
    trajectory that comes close converges linearly; where they all repel, it never gets there.
    Simulated radii, in windows that double in length until they show a trend: these decide the
    rest, and an identity counts only if the simulation confirms it.

    Args:
        system: A `System`.
        step: None for the flow, or the step size of gradient steps.
        updates, critic_steps: As for `discretise`.
        start: First state; None for the system's own. Nearer than 0.3 to a centre, where a
            drift would be too slow to see, a start is moved out to 0.3.

    Returns:
        A `Verdict`.

    Raises:
        ValueError: For a step that is not positive, a start where the field is 0, and the flow of
            a system with clipping.
        ImportError: Without SciPy, for flows.

    Example: the same GAN as a flow and with both kinds of updates.

    >>> from blogkit.gan_theory import dirac_gan, verdict
    >>> gan = dirac_gan("gan")
    >>> [verdict(gan).kind, verdict(gan, 0.2).kind, verdict(gan, 0.2, "alternating").kind]
    ['circles', 'diverges', 'circles']
    """
    if step is not None:
        check_positive("step", step)
    arguments.check_updates(updates=updates, critic_steps=critic_steps)
    if step is None and system.clip is not None:
        raise ValueError(f"'{system.name}' has no flow: clipping follows a step. Give `step`.")
    evidence = Evidence(system, step, updates, critic_steps, system.check_start(start))
    found = None
    while not found and not evidence.at_end:
        evidence.simulate_window()
        found = judge(evidence)
    if not found:
        found = UNDECIDED, None, f"{evidence.eigenvalues_text}, and the radii show no trend"
    kind, speed, reason = found
    return Verdict(kind, speed, f"{reason}; {evidence.radii_text}", evidence.eigenvalues, evidence.radii)


def judge(evidence: Evidence) -> tuple[str, str | None, str] | None:
    """`(kind, speed, reason)`, or None to simulate on."""
    trend = evidence.trend
    if trend == BLOWN:
        return DIVERGES, None, "the radius grows without bound"
    for rule in (_by_right_angles, _by_linearity, _by_conserved_quantity):
        found = rule(evidence, trend)
        if found:
            return found
    return _by_eigenvalues(evidence, trend)


def _by_right_angles(evidence, trend):
    if not evidence.at_right_angles:
        return None
    if evidence.step is None:
        return CIRCLES, None, "the field is at right angles to the radius, which the flow conserves"
    if evidence.updates == "simultaneous" and evidence.system.clip is None:
        return DIVERGES, None, "the field is at right angles to the radius, so that every step lengthens it"
    return None


def _by_linearity(evidence, trend):
    if not evidence.linear or evidence.system.clip is not None:
        return None
    where = {"attracting": CONVERGES, "centre": CIRCLES}.get(evidence.local, DIVERGES)
    if where == CIRCLES and not evidence.diagonalizable:
        return None
    speed = "linear" if where == CONVERGES else None
    return where, speed, f"the field is linear and {evidence.eigenvalues_text}"


def _by_conserved_quantity(evidence, trend):
    kept = evidence.kept_from_target
    if kept is None or trend in (None, GROWING):
        return None
    return CIRCLES, None, f"{kept} is conserved, and the target has another value of it"


def _by_eigenvalues(evidence, trend):
    local, text = evidence.local, evidence.eigenvalues_text
    shrinks = trend in (REACHED, FALLING)
    nears_limit = (
        evidence.at_end and len(evidence.highest) > 1 and evidence.highest[-1] < evidence.highest[-2]
    )
    if local == "attracting" and shrinks:
        return CONVERGES, "linear", text
    if local in ("centre", "rest") and shrinks:
        return CONVERGES, "sublinear", f"{text}, and the radius falls like a power of time"
    if local in ("repelling", "never rests") and (shrinks or nears_limit):
        return CIRCLES, None, f"{text}, so that it never arrives, and the radius is bounded"
    if trend == FLAT:
        return CIRCLES, None, f"{text}, and the radius keeps its bounds"
    if local == "centre" and evidence.at_end and 1 < evidence.growth <= 2:
        drift = f"a slow drift outwards, by the factor {evidence.growth:.4g}"
        return CIRCLES, None, f"{text}, and the radius keeps its bounds but for {drift}"
    if trend == GROWING and (evidence.at_end or evidence.growth > 100 or evidence.far_from_start):
        if evidence.falls_from_outside():
            if local == "attracting":
                return None
            return CIRCLES, None, f"{text}, and the radius grows here, but falls from far outside"
        return DIVERGES, None, f"{text}, and the radius goes on growing"
    if evidence.at_end and local in ("repelling", "never rests") and evidence.falls_from_outside():
        return CIRCLES, None, f"{text}, and the radius falls from far outside"
    if local == "centre" and evidence.at_end and evidence.growth > 2:
        return DIVERGES, None, f"{text}, and the radius has grown by the factor {evidence.growth:.4g}"
    return None
