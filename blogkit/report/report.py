"""The report of a notebook: its claims, figures, measurements and result file."""

import base64
import datetime
import json
import math
import os
import time
from pathlib import Path

from blogkit.extras import import_extra
from blogkit.report.claim import Claim
from blogkit.report.environment import environment
from blogkit.report.images import animation_gif, figure_png
from blogkit.report.readable import bound_text
from blogkit.report.tables import html_table, text_table
from blogkit.report.write import write_atomically

CLAIMS_MIME = "application/vnd.blogkit.claims+json"
RESULTS_VARIABLE = "BLOGKIT_RESULTS"  # set by the runner: folder of the result files
DEFAULT_RESULTS = "runs"


class Report:
    """Collects the claims of a notebook, shows them as a table and writes the result file.

    As the last expression of a cell it is displayed as a table of claims, in HTML
    and plain text, together with the claims as `application/vnd.blogkit.claims+json`.
    Time, memory, versions and device are written only to the result file, so
    that executing a notebook again gives the same outputs.

    Args:
        notebook: File name of the notebook without `.ipynb`.
        article: URL of the article.
        parameters: Names and values of the cell tagged `parameters`.

    Raises:
        ValueError: If a parameter cannot be written as JSON.

    Example:

    >>> report = Report("00_example", article="https://kexue.fm/archives/6794",
    ...                 parameters={"seed": 0})
    >>> claim = report.claim("C1", "two and two make four", 4, at_least=4, at_most=4,
    ...                      dataset="arithmetic")
    >>> print(report.verdicts())
    C1 true       4 (bound 4)
    >>> report.check()
    """

    def __init__(self, notebook: str, *, article: str, parameters: dict):
        self.notebook, self.article = notebook, article
        self.parameters = {name: _json(name, value) for name, value in parameters.items()}
        self.claims: list[Claim] = []
        self.trainable_parameters: int | None = None
        self.measured: list[dict] = []
        self._started = datetime.datetime.now(datetime.UTC)
        self._clock = time.perf_counter()

    def claim(self, id: str, sentence: str, value: float | bool | None = None, **fields) -> Claim:
        """Record one claim; see `Claim` for fields and errors.

        A claim with the same id is replaced, so that a cell may be run twice.
        """
        claim = Claim(id=id, sentence=sentence, value=value, **fields)
        self.claims = [old for old in self.claims if old.id != id] + [claim]
        self.claims.sort(key=lambda c: (len(c.id), c.id))
        return claim

    def measure(self, name: str, value: float, unit: str) -> None:
        """Record a value that depends on the machine, such as a time, for the result file only.

        It is rounded to four significant digits and replaces an earlier value of that name.

        Raises:
            ValueError: If `value` is not finite.
        """
        if not math.isfinite(value):
            raise ValueError(f"`value` must be finite. Received: value={value} for {name!r}.")
        self.measured = [old for old in self.measured if old["name"] != name]
        self.measured.append({"name": name, "value": float(f"{value:.4g}"), "unit": unit})

    def figure(self, figure, alt: str) -> None:
        """Show a matplotlib figure as a sharp PNG that carries `alt` as alternative text.

        Size, colours and ground are those of `blogkit.report.images.figure_png`.

        Raises:
            ValueError: If `alt` is empty.
        """
        display = import_extra("IPython.display", needed_by="Report.figure").display
        if not alt.strip():
            raise ValueError(f"`alt` must describe the figure in words. Received: alt={alt!r}.")
        png, shown = figure_png(figure)
        bundle = {"image/png": png, "text/plain": f"Figure: {alt}"}
        display(bundle, raw=True, metadata={"image/png": {"alt": alt, **shown}})

    def animation(self, animation, alt: str, frames_per_second: int = 12) -> None:
        """Show a matplotlib animation as a sharp GIF that carries `alt` as alternative text.

        Equal data give equal bytes. Pillow, which comes with matplotlib, writes the file.

        Raises:
            ValueError: If `alt` is empty.
        """
        display = import_extra("IPython.display", needed_by="Report.animation").display
        if not alt.strip():
            raise ValueError(f"`alt` must describe the animation in words. Received: alt={alt!r}.")
        data, shown = animation_gif(animation, frames_per_second)
        gif = base64.b64encode(data).decode()  # kernels encode only PNG and JPEG themselves
        bundle = {"image/gif": gif, "text/plain": f"Animation: {alt}"}
        display(bundle, raw=True, metadata={"image/gif": {"alt": alt, **shown}})

    def verdicts(self) -> str:
        """One line per claim: id, verdict, rounded value and bound."""
        return "\n".join(f"{c.id:<2} {c.verdict:<10} {c.here} (bound {bound_text(c)})" for c in self.claims)

    def check(self) -> None:
        """Check that every false claim gives the reason in `differs`.

        Raises:
            AssertionError: If a claim is false without a reason; names all such claims.
        """
        broken = [c for c in self.claims if c.verdict == "false" and not c.differs]
        if broken:
            lines = "; ".join(f"{c.id} ({c.sentence}): {c.here}, bound {bound_text(c)}" for c in broken)
            raise AssertionError(f"Claims are false, and `differs` does not say why: {lines}")

    def save(self) -> Path:
        """Write the result file and return its path.

        Its folder is the one that the runner sets, else `runs/` in the working directory.
        """
        folder = Path(os.environ.get(RESULTS_VARIABLE) or DEFAULT_RESULTS)
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        return write_atomically(folder / f"{self.notebook}.json", text + "\n")

    def to_dict(self) -> dict:
        """The content of the result file, as JSON types."""
        return {
            "notebook": self.notebook,
            "article": self.article,
            "parameters": self.parameters,
            "claims": [claim.to_dict() for claim in self.claims],
            "measured": self.measured,
            "trainable_parameters": self.trainable_parameters and int(self.trainable_parameters),
            "started": self._started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 1),
            "environment": environment(),
        }

    def __str__(self):
        return text_table(self.claims)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            CLAIMS_MIME: {
                "notebook": self.notebook,
                "article": self.article,
                "claims": [claim.to_dict() for claim in self.claims],
            },
            "text/html": html_table(self.claims),
            "text/plain": str(self),
        }


def _json(name, value):
    """The parameter `value` as JSON types; NumPy scalars become Python numbers."""
    try:
        return json.loads(json.dumps(value, default=lambda number: number.item(), allow_nan=False))
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"Parameter {name!r} must be a finite number, a bool, text or a list of these. "
            f"Received: {name}={value!r}."
        ) from error
