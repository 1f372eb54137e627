"""The report of a notebook: its claims, figures, measurements and result file."""

import base64
import datetime
import json
import math
import os
import time
from pathlib import Path

from blogkit.extras import import_extra
from blogkit.files_read import files_read
from blogkit.report.checkpoints import add_to_run, begin_run
from blogkit.report.claim import Claim
from blogkit.report.data import described
from blogkit.report.environment import backend, environment
from blogkit.report.images import animation_gif, figure_png
from blogkit.report.readable import bound_text
from blogkit.report.record_display import show_records
from blogkit.report.records_table import ThisRun
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
    >>> claim = report.claim("C1", "two and two make four", 4, kind="identity", at_least=4,
    ...                      at_most=4, dataset="arithmetic")
    >>> print(report.verdicts())
    C1 holds           4 (bound 4)
    >>> report.check()
    """

    def __init__(self, notebook: str, *, article: str, parameters: dict):
        self.notebook, self.article = notebook, article
        self.parameters = {name: _json(name, value) for name, value in parameters.items()}
        self.claims: list[Claim] = []
        self.trainable_parameters: int | None = None
        self.measured: list[dict] = []
        self.data_sets: list[dict] = []
        self._started = datetime.datetime.now(datetime.UTC)
        self._clock = time.perf_counter()
        self._folder = folder if (folder := _results_folder()).is_dir() else None
        begin_run(notebook, {"backend": backend(), **self.parameters})

    def claim(self, id: str, sentence: str, value: float | bool | None = None, **fields) -> Claim:
        """Record one claim; see `Claim` for fields and errors.

        A claim with the same id is replaced, so that a cell may be run twice.
        """
        claim = Claim(id=id, sentence=sentence, value=value, **fields)
        self.claims = [old for old in self.claims if old.id != id] + [claim]
        self.claims.sort(key=lambda c: (len(c.id), c.id))
        return claim

    def data(self, name: str, **parts) -> None:
        """Record which data this run has read: rows and a checksum of each part, for the result file.

        A data set of the same name is replaced.

        Args:
            name: The data set, as the claims' `dataset` calls it.
            **parts: The rows of each part, such as `train=` and `test=`: arrays, or lists that JSON
                can hold.

        Raises:
            ValueError: If there is no part, or a part is not rows of data, or the folder of checkpoints
                belongs to a run with other data of that name.
        """
        if not parts:
            raise ValueError(f"At least one part must be given, such as train=rows. Received: {name!r}.")
        self.data_sets = [old for old in self.data_sets if old["name"] != name]
        self.data_sets.append({"name": name, "parts": (found := described(parts))})
        add_to_run(f"data of {name}", {part: entry["sha256"] for part, entry in found.items()})

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

    def figure(self, figure, alt: str, caption: str = "") -> None:
        """Show a matplotlib figure as a sharp PNG that carries `alt` as alternative text.

        Size, colours and ground are those of `blogkit.report.images.figure_png`.

        Args:
            figure: Of matplotlib.
            alt: What the figure shows, for readers who do not see it.
            caption: Stored with the image; a recorded run shows it below the figure.

        Raises:
            ValueError: If `alt` is empty.
        """
        display = import_extra("IPython.display", needed_by="Report.figure").display
        if not alt.strip():
            raise ValueError(f"`alt` must describe the figure in words. Received: alt={alt!r}.")
        png, shown = figure_png(figure)
        bundle = {"image/png": png, "text/plain": f"Figure: {alt}"}
        shown |= {"caption": caption} if caption else {}
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

    def records(self, folder: str | os.PathLike | None = None, figures: bool = True) -> None:
        """Show the recorded runs of this notebook: article, this run and each record in one table.

        The recorded figures follow, each with its caption. Call it after the claims.

        Args:
            folder: With the records; by default `records/` beside the notebook.
            figures: False for the table alone, where the figures would make the notebook too large.

        Raises:
            ValueError: If `folder` does not exist, or a record was edited by hand or lacks a figure.
        """
        run = ThisRun(self.claims, self.data_sets, self.parameters)
        show_records(self.notebook, run, folder, figures)

    def verdicts(self) -> str:
        """One line per claim: id, verdict, rounded value and bound."""
        return "\n".join(f"{c.id:<2} {c.verdict:<15} {c.here} (bound {bound_text(c)})" for c in self.claims)

    def check(self) -> None:
        """Check that no identity fails unexplained: a fault of the code, while other verdicts are results.

        Raises:
            AssertionError: If an identity fails without a reason in `differs`; names all such claims.
        """
        broken = [c for c in self.claims if c.kind == "identity" and c.passes is False and not c.differs]
        if broken:
            lines = "; ".join(f"{c.id} ({c.sentence}): {c.here}, bound {bound_text(c)}" for c in broken)
            raise AssertionError(f"Identities fail, and `differs` does not say why: {lines}")

    def save(self) -> Path:
        """Write the result file and return its path.

        Its folder is the one that the runner sets, else `runs/` in the working directory.

        Raises:
            FileNotFoundError: If the folder is gone since the report began, as that of a killed run is.
        """
        folder = _results_folder()
        if folder == self._folder and not folder.is_dir():
            raise FileNotFoundError(f"The run that this notebook belonged to has ended: {folder} is gone.")
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        return write_atomically(folder / f"{self.notebook}.json", text + "\n")

    def to_dict(self) -> dict:
        """The content of the result file, as JSON types."""
        return {
            "notebook": self.notebook,
            "article": self.article,
            "parameters": self.parameters,
            "claims": [claim.to_dict() for claim in self.claims],
            "data": self.data_sets,
            "files": files_read(),
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


def _results_folder():
    # Absolute, because a notebook may change the working directory.
    return Path(os.environ.get(RESULTS_VARIABLE) or DEFAULT_RESULTS).absolute()


def _json(name, value):
    """The parameter `value` as JSON types; NumPy scalars become Python numbers."""
    try:
        return json.loads(json.dumps(value, default=lambda number: number.item(), allow_nan=False))
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"Parameter {name!r} must be a finite number, a bool, text or a list of these. "
            f"Received: {name}={value!r}."
        ) from error
