"""One statement of an article, the value measured here, and the verdict that follows."""

import dataclasses
import math

import numpy as np

from blogkit.report.readable import number_text

VERDICTS = ("true", "false", "not tested")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence that a number decides.

    The verdict is computed, never given: "true" when `value` lies within the
    bounds, "false" when it does not (NaN never does), "not tested" when the
    run cannot decide it and `untested` says why.

    Args:
        id: `"C1"`, `"C2"`, ... in the order of the notebook's first cell.
        sentence: What is claimed, in words.
        value: The number (or truth value) measured here, None when untested.
        unit: Unit of `value`; empty for a ratio.
        article: The article's own value as it stands there, or None; kept as text.
        dataset: What `value` was measured on.
        stand_in: True when `dataset` replaces the article's data; such a row
            says so and cannot carry the article's number as its own.
        at_least: Lower bound of `value`, inclusive.
        at_most: Upper bound of `value`, inclusive.
        interval: (low, high) around `value` over `seeds` runs, or None.
        seeds: Number of runs behind `value`.
        differs: Why the claim does not hold here, when that is understood.
        untested: Why this run cannot decide the claim.

    Raises:
        ValueError: If the claim could not fail (no bound), if a bound is not
            finite, or if `untested` and `value` are both given or both missing.

    Example:

    >>> claim = Claim(id="C1", sentence="small equals large", value=3e-7,
    ...               dataset="digits", at_most=1e-5)
    >>> claim.bound, claim.verdict
    ('<= 1e-05', 'true')
    """

    id: str
    sentence: str
    value: float | bool | None
    unit: str = ""
    article: str | None = None
    dataset: str
    stand_in: bool = False
    at_least: float | None = None
    at_most: float | None = None
    interval: tuple[float, float] | None = None
    seeds: int = 1
    differs: str | None = None
    untested: str | None = None

    def __post_init__(self):
        plain = {name: _scalar(getattr(self, name)) for name in ("value", "at_least", "at_most")}
        if self.interval is not None:
            plain["interval"] = tuple(float(end) for end in self.interval)
        if self.article is not None:
            plain["article"] = str(self.article)
        plain["seeds"] = int(self.seeds)
        for name, value in plain.items():
            object.__setattr__(self, name, value)
        low, high = self.at_least, self.at_most
        if (low is None or low is False) and (high is None or high is True):
            raise ValueError(
                "A claim needs `at_least` or `at_most`, else it could not fail. "
                f"Received: at_least={low}, at_most={high} for {self.id}: {self.sentence!r}."
            )
        for bound in (low, high):
            if bound is not None and not math.isfinite(bound):
                raise ValueError(f"The bounds of a claim are finite. Received: {bound} for {self.id}.")
        if (self.value is None) != bool(self.untested):
            raise ValueError(
                "A claim needs either `value` or the reason why it is `untested`. "
                f"Received: value={self.value}, untested={self.untested!r} for {self.id}."
            )

    @property
    def bound(self) -> str:
        """The bound as JSON keeps it: `"<= 1e-05"`, `"0.9 to 1"`, `">= 2"`, `"yes"`, `"no"`."""
        low, high = self.at_least, self.at_most
        if low is True or high is False:
            return "yes" if low else "no"
        if low is None:
            return f"<= {high:.4g}"
        if high is None:
            return f">= {low:.4g}"
        return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if self.value is None:
            return "not tested"
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return "true" if low <= self.value <= high else "false"

    @property
    def here(self) -> str:
        """The value as a reader sees it: rounded, with unit, interval and seeds."""
        if self.value is None:
            return "–"
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        text = f"{number_text(self.value)} {self.unit}".strip()
        return f"{text} ({self.spread})" if self.interval else text

    @property
    def spread(self) -> str:
        """The interval over seeds as a reader sees it; empty without one."""
        if not self.interval:
            return ""
        low, high = map(number_text, self.interval)
        return f"{low} to {high}, {self.seeds} seeds"

    @property
    def data(self) -> str:
        """The data set, marked when it stands in for the article's."""
        return f"{self.dataset} (stand-in)" if self.stand_in else self.dataset

    @property
    def remark(self) -> str:
        """Why the verdict is not a plain "true"; empty when it is."""
        reason = {"false": self.differs, "not tested": self.untested}.get(self.verdict)
        return reason or ""

    def to_dict(self) -> dict:
        """Plain JSON types, with the derived `bound` and `verdict`."""
        fields = dataclasses.asdict(self)
        fields["value"] = _json(self.value)
        fields["interval"] = self.interval and [_json(end) for end in self.interval]
        return {**fields, "bound": self.bound, "verdict": self.verdict}

    @classmethod
    def from_dict(cls, fields: dict) -> "Claim":
        """The claim that `to_dict` wrote, from a result file or a notebook's output."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in fields.items() if name in names})


def _scalar(number):
    """`number`, NumPy's and the backends' too, as a float or bool; None stays None."""
    if number is None:
        return None
    return bool(number) if isinstance(number, (bool, np.bool_)) else float(number)


def _json(number):
    """`number` as JSON can hold it: NaN and the infinities as text, which `float` reads."""
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number
