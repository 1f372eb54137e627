"""One claim: a statement of an article, the value measured here and the verdict."""

import dataclasses
import math

import numpy as np

from blogkit.report.readable import number_text

VERDICTS = ("true", "false", "not tested")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement that is true if a measured value lies within bounds.

    The verdict is computed: "true" when `value` lies within the bounds,
    "false" when it does not (NaN never does), "not tested" when this run
    cannot decide the claim and `untested` says why.

    Args:
        id: `"C1"`, `"C2"`, ... in the order of the notebook's first cell.
        sentence: The claim in words.
        value: The number (or truth value) measured here, None when untested.
        unit: Unit of `value`; empty for a ratio.
        article: The article's value as printed there, kept as text, or None.
        dataset: The data on which `value` was measured.
        stand_in: True when `dataset` replaces the article's data; tables mark
            such a row, whose value is not comparable with the article's.
        at_least: Lower bound of `value`, inclusive.
        at_most: Upper bound of `value`, inclusive.
        interval: (low, high) around `value` over `seeds` runs, or None.
        seeds: Number of runs over which `value` was computed.
        differs: Why the claim is false here, when the reason is known.
        untested: Why this run cannot decide the claim.

    Raises:
        ValueError: If the claim cannot fail for lack of a bound, if a bound is not
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
                "`at_least` or `at_most` must be a bound that can be missed. "
                f"Received: at_least={low}, at_most={high} for {self.id}: {self.sentence!r}."
            )
        for name, bound in (("at_least", low), ("at_most", high)):
            if bound is not None and not math.isfinite(bound):
                raise ValueError(f"`{name}` must be finite. Received: {name}={bound} for {self.id}.")
        if (self.value is None) != bool(self.untested):
            raise ValueError(
                "Exactly one of `value` and `untested` must be given. "
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
        """The value for a reader: rounded, with unit, interval and number of seeds."""
        if self.value is None:
            return "–"
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        text = f"{number_text(self.value)} {self.unit}".strip()
        return f"{text} ({self.spread})" if self.interval else text

    @property
    def spread(self) -> str:
        """The interval over seeds for a reader; empty without one."""
        if not self.interval:
            return ""
        low, high = map(number_text, self.interval)
        return f"{low} to {high}, {self.seeds} seeds"

    @property
    def data(self) -> str:
        """The data set, marked when it replaces the article's."""
        return f"{self.dataset} (stand-in)" if self.stand_in else self.dataset

    @property
    def remark(self) -> str:
        """The reason for a verdict other than "true"; empty for "true"."""
        reason = {"false": self.differs, "not tested": self.untested}.get(self.verdict)
        return reason or ""

    def to_dict(self) -> dict:
        """All fields as JSON types, with the computed `bound` and `verdict`."""
        fields = dataclasses.asdict(self)
        fields["value"] = _json(self.value)
        fields["interval"] = self.interval and [_json(end) for end in self.interval]
        return {**fields, "bound": self.bound, "verdict": self.verdict}

    @classmethod
    def from_dict(cls, fields: dict) -> "Claim":
        """The claim whose `to_dict` is in a result file or a notebook's output."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in fields.items() if name in names})


def _scalar(number):
    """`number` as float or bool, also from NumPy or a backend; None stays None."""
    if number is None:
        return None
    return bool(number) if isinstance(number, (bool, np.bool_)) else float(number)


def _json(number):
    """`number` as JSON can hold it: NaN and infinities as text that `float` reads."""
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number
