"""One claim: a statement, its kind, the value measured here, what would refute it, and the verdict."""

import dataclasses
import math

import numpy as np

from blogkit.report.claim_rules import check_bounds, check_kind, check_null, check_outcome
from blogkit.report.readable import number_text
from blogkit.report.seeds import t_interval
from blogkit.report.verdicts import verdict_word


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement that holds if a measured value lies within bounds, and that can fail.

    The kind says what a claim rests on, and so which bounds it may have and what its verdict is called:

    - `"identity"`: mathematics, or a unit of the library; bound by rounding; holds or fails.
    - `"article"`: a statement of the article; bound by the article's own number or by a sign;
      reproduced or not reproduced, on a stand-in for its data same direction or other direction.
    - `"finding"`: ours, beyond the article; bound by no effect, or by what a stated baseline misses;
      holds or fails.

    A sign is 0 for a difference, 1 for a ratio (no unit), True or False, or the null itself. A
    bound that equals the null is strict: the value must be better than the null.

    Args:
        id: `"C1"`, `"C2"`, ... in the order of the notebook's first cell.
        kind: `"identity"`, `"article"` or `"finding"`.
        sentence: The claim in words.
        value: The number (or truth value) measured here; None when `values` or `untested` is given.
        values: One number per seed. `value` becomes their mean and `interval` the 95 % t interval of
            the mean; the verdict looks at the end of the interval that could refute the claim.
        null: What the same measurement gives without the effect: an untrained network, shuffled
            labels, the majority form, a plain baseline. Required for article and finding claims.
        unit: Unit of `value`; empty for a ratio or a count.
        article: What the article states, as printed there; its numbers are the bounds allowed.
        rerun: The article's number as measured again by others, with the source.
        dataset: The data on which `value` was measured.
        stand_in: True when `dataset` replaces the article's data.
        at_least: Lower bound of `value`, inclusive unless it equals `null`.
        at_most: Upper bound of `value`, inclusive unless it equals `null`.
        interval: (low, high) around a single `value`, e.g. over held-out rows; computed from `values`.
        seeds: Number of runs: computed from `values`; 1 for a single random value, which is shown as
            "one seed"; 0 where nothing is random. Default 0 for identities, else 1.
        differs: Why the claim does not hold here, when the reason is known.
        untested: Why this run cannot decide the claim.

    Raises:
        ValueError: If the claim cannot fail: no bound, or the null lies within the bounds; if an
            article or finding claim has no null; if the bound of an article claim is neither a number
            of `article` nor a sign, or on a stand-in not a sign; if not exactly one of `value`,
            `values` and `untested` is given.
        ModuleNotFoundError: If `values` are given and scipy is not installed.

    Example:

    >>> claim = Claim(id="C1", kind="identity", sentence="small equals large", value=3e-7,
    ...               dataset="digits", at_most=1e-5)
    >>> claim.verdict
    'holds'
    >>> claim = Claim(id="C2", kind="article", sentence="accuracy", values=[93.1, 93.5, 92.9], unit="%",
    ...               article="98 %", null=90.9, at_least=90.9, dataset="digits", stand_in=True)
    >>> claim.verdict, claim.here
    ('same direction', '93.2 % (92.4 to 93.9, 3 seeds)')
    """

    id: str
    kind: str
    sentence: str
    value: float | bool | None = None
    values: tuple[float, ...] | None = None
    null: float | bool | None = None
    unit: str = ""
    article: str | None = None
    rerun: str | None = None
    dataset: str
    stand_in: bool = False
    at_least: float | bool | None = None
    at_most: float | bool | None = None
    interval: tuple[float, float] | None = None
    seeds: int | None = None
    differs: str | None = None
    untested: str | None = None

    def __post_init__(self):
        check_kind(self)
        for name, field in self._plain_fields().items():
            object.__setattr__(self, name, field)
        check_outcome(self)
        check_bounds(self)
        check_null(self)

    def _plain_fields(self):
        """The fields as Python numbers and text, with those that follow from `values`."""
        plain = {name: _scalar(getattr(self, name)) for name in ("value", "null", "at_least", "at_most")}
        plain |= {
            name: str(getattr(self, name)) for name in ("article", "rerun") if getattr(self, name) is not None
        }
        if self.interval is not None:
            plain["interval"] = tuple(float(end) for end in self.interval)
        if self.values is not None:
            plain["values"] = values = tuple(float(value) for value in self.values)
            plain |= {"value": float(np.mean(values)) if values else None, "seeds": len(values)}
            plain["interval"] = t_interval(values) if len(values) > 1 else None
        elif self.seeds is None:
            plain["seeds"] = 0 if self.kind == "identity" else 1
        else:
            plain["seeds"] = int(self.seeds)
        return plain

    def within(self, number: float | bool) -> bool:
        """Whether `number` lies within the bounds; a bound that equals the null is strict. NaN never does."""
        low, high = self.at_least, self.at_most
        above = low is None or (number > low if low == self.null else number >= low)
        below = high is None or (number < high if high == self.null else number <= high)
        return bool(above and below and not math.isnan(number))

    @property
    def passes(self) -> bool | None:
        """Whether value and interval lie within the bounds that could refute the claim; None if untested."""
        if self.value is None:
            return None
        low, high = self.interval or (self.value, self.value)
        ends = [self.value]
        ends += [low] if self.at_least is not None else []
        ends += [high] if self.at_most is not None else []
        return all(map(self.within, ends))

    @property
    def verdict(self) -> str:
        """One of `blogkit.report.verdicts.VERDICTS`, by kind."""
        return verdict_word(self.kind, self.passes, self.stand_in)

    @property
    def here(self) -> str:
        """The value for a reader: rounded, with unit, interval and number of seeds."""
        if self.value is None:
            return "–"
        text = value_text(self.value, self.unit)
        return f"{text} ({self.spread})" if self.interval else text

    @property
    def without(self) -> str:
        """The null for a reader."""
        return "–" if self.null is None else value_text(self.null, self.unit)

    @property
    def spread(self) -> str:
        """The interval for a reader, and over how many seeds; empty without one."""
        if not self.interval:
            return ""
        low, high = map(number_text, self.interval)
        return f"{low} to {high}" + (f", {self.seeds} seeds" if self.seeds > 1 else "")

    @property
    def one_seed(self) -> str:
        """`"one seed"` where the verdict rests on a single random value, else empty."""
        return "one seed" if self.seeds == 1 and self.value is not None else ""

    @property
    def printed(self) -> str:
        """What the article states, and what others measured; a dash where it states nothing."""
        rerun = f"run again by others: {self.rerun}" if self.rerun else ""
        return "; ".join(filter(None, [self.article, rerun])) or "–"

    @property
    def data(self) -> str:
        """The data set, marked when it replaces the article's."""
        return f"{self.dataset} (stand-in)" if self.stand_in else self.dataset

    @property
    def remark(self) -> str:
        """The reason for a claim that does not hold or is not tested; empty for one that holds."""
        reason = {False: self.differs, None: self.untested}.get(self.passes)
        return reason or ""

    def to_dict(self) -> dict:
        """All fields as JSON types, with the computed `verdict`."""
        fields = dataclasses.asdict(self)
        for name in ("value", "null"):
            fields[name] = _json(fields[name])
        for name in ("values", "interval"):
            fields[name] = fields[name] and [_json(number) for number in fields[name]]
        return {**fields, "verdict": self.verdict}

    @classmethod
    def from_dict(cls, fields: dict) -> "Claim":
        """The claim whose `to_dict` is in a result file or a notebook's output.

        Raises:
            ValueError: If a field is missing, as in files of versions before kinds; names it.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        known = {name: field for name, field in fields.items() if name in names}
        if known.get("values") is not None:  # from which these follow
            known |= {"value": None, "interval": None, "seeds": None}
        try:
            return cls(**known)
        except TypeError as error:
            raise ValueError(f"These are not the fields of a claim: {error}") from error


def value_text(value: float | bool, unit: str) -> str:
    """A value for a reader.

    >>> value_text(97.96, "%"), value_text(True, "")
    ('98 %', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{number_text(value)} {unit}".strip()


def _scalar(number):
    """`number` as float or bool, also from NumPy, a backend or JSON; None stays None."""
    if number is None:
        return None
    return bool(number) if isinstance(number, (bool, np.bool_)) else float(number)


def _json(number):
    """`number` as JSON can hold it: NaN and infinities as text that `float` reads."""
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number
