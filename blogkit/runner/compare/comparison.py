"""The comparison of two sides: rows, causes, exit code, summary and JSON."""

import collections
import dataclasses
import math

from blogkit.runner.compare.causes import Cause, causes
from blogkit.runner.compare.rows import FAULTS, OUTCOMES, Row, judge, match
from blogkit.runner.compare.sides import Run, pair_sides
from blogkit.runner.project import Project

FACTS = ("backend", "device", "commit")


@dataclasses.dataclass(frozen=True)
class Pair:
    """The two runs of one notebook, their claims side by side, and what else differs."""

    a: Run
    b: Run
    rows: tuple[Row, ...]
    causes: tuple[Cause, ...]

    @property
    def notebook(self) -> str:
        return self.a.notebook

    @property
    def failed_alone(self) -> bool:
        """Whether one of the two runs failed and the other did not."""
        return bool(self.a.error) != bool(self.b.error)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Everything that `python -m blogkit compare A B` found.

    Args:
        a: The side A as it was named.
        b: The side B as it was named.
        pairs: One for each notebook that both sides hold.
        lacking: Under "a" and "b", the notebooks that only the other side holds.
    """

    a: str
    b: str
    pairs: tuple[Pair, ...]
    lacking: dict[str, list[str]]

    @property
    def rows(self) -> list[Row]:
        return [row for pair in self.pairs for row in pair.rows]

    @property
    def exit_code(self) -> int:
        """1 if a claim differs without cause or an identity is broken, or one run alone failed; else 0."""
        faults = any(row.outcome in FAULTS for row in self.rows)
        return int(faults or any(pair.failed_alone for pair in self.pairs))

    @property
    def counts(self) -> dict[str, int]:
        """Number of claims by outcome, in the order of `OUTCOMES`, without those that do not occur."""
        found = collections.Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    @property
    def summary(self) -> str:
        """One sentence with the numbers of claims, and one that says what they amount to."""
        found = ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items())
        claims, verdicts = len(self.rows), sum(row.same_verdict for row in self.rows)
        failed = [pair.notebook for pair in self.pairs if pair.failed_alone]
        faults = {
            "An identity holds on one side alone.": "broken" in self.counts,
            "A difference has no cause.": "unexplained" in self.counts,
            f"Failed on one side alone: {', '.join(failed)}.": bool(failed),
            "No difference is without a cause.": not self.exit_code,
        }
        end = " ".join(sentence for sentence, said in faults.items() if said)
        return f"{claims} claims: {found or 'none'}; the verdict is the same in {verdicts}. {end}"

    def to_dict(self) -> dict:
        """The comparison as JSON types. These names stay stable:

        - `a`, `b`: the sides as they were named; `exit_code`, `summary`; `counts`, by outcome;
        - `only_a`, `only_b`: notebooks that one side alone holds;
        - `notebooks`: for each, `notebook`, `a` and `b` with `source` (a file name), `started`,
          `seconds`, `backend`, `device`, `commit`, `error`; then `causes` and `claims`;
        - a cause: `group`, `name`, `a`, `b`, `explains`, `note`;
        - a claim: `id`, `kind`, `sentence`, `unit`, `a` and `b` with `id`, `value`, `interval`,
          `seeds`, `verdict` (or null), `difference` (B minus A), `tolerance`, `within`, `outcome`,
          `causes`, `note`.
        """
        return {
            "a": self.a,
            "b": self.b,
            "exit_code": self.exit_code,
            "summary": self.summary,
            "counts": self.counts,
            "only_a": self.lacking["b"],
            "only_b": self.lacking["a"],
            "notebooks": [_pair(pair) for pair in self.pairs],
        }


def compare(a: str, b: str, project: Project, names: list[str] = ()) -> Comparison:
    """Compare the sides `a` and `b`, or only their notebooks `names`.

    Args:
        a: A result file, a record, an executed notebook, a folder of result files, or `committed`.
        b: The same.
        project: The clone; its committed notebooks are what `committed` means.
        names: Names or numbers of notebooks; all that both sides hold if empty.

    Raises:
        UsageError: If a side cannot be read or nothing is left to compare.
    """
    pairs, lacking = pair_sides(str(a), str(b), project, list(names))
    return Comparison(str(a), str(b), tuple(_compared(*pair) for pair in pairs), lacking)


def _compared(a, b):
    found = causes(a, b)
    rows = tuple(judge(one, other, found) for one, other in match(a.claims, b.claims))
    return Pair(a, b, rows, tuple(found))


def _pair(pair):
    return {
        "notebook": pair.notebook,
        "a": _run(pair.a),
        "b": _run(pair.b),
        "causes": [dataclasses.asdict(cause) for cause in pair.causes],
        "claims": [_row(row) for row in pair.rows],
    }


def _run(run):
    return {
        "source": run.source.name,
        "started": run.result.get("started"),
        "seconds": run.result.get("seconds"),
        **{name: run.environment.get(name) for name in FACTS},
        "error": run.error or None,
    }


def _row(row):
    return {
        "id": row.claim.id,
        "kind": row.claim.kind,
        "sentence": row.claim.sentence,
        "unit": row.claim.unit,
        "a": _claim(row.a),
        "b": _claim(row.b),
        "difference": _json(row.difference),
        "tolerance": _json(row.tolerance),
        "within": row.within,
        "outcome": row.outcome,
        "causes": list(row.causes),
        "note": row.note,
    }


def _claim(claim):
    if claim is None:
        return None
    interval = claim.interval and [_json(end) for end in claim.interval]
    return {
        "id": claim.id,
        "value": _json(claim.value),
        "interval": interval,
        "seeds": claim.seeds,
        "verdict": claim.verdict,
    }


def _json(number):
    """NaN and infinities as text, as in result files."""
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number
