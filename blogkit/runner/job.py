"""A notebook to run, where its files are, and how the run ended."""

import contextlib
import dataclasses
from pathlib import Path

from blogkit.runner.project import read_result
from blogkit.runner.reasons import reasons
from blogkit.runner.result_files import finish

CHECKPOINTS_FOLDER = ".checkpoints"


@dataclasses.dataclass(frozen=True)
class Job:
    """A notebook, its parameters and backend, and the folder of its result; can be pickled.

    With `resumes` the notebook saves its trainings in `checkpoints`, so that the same command
    continues after a failure or a kill. `inputs` is what `blogkit.runner.fingerprint` says of today;
    `submission` is set for a cluster, which may start a job twice.
    """

    notebook: Path
    folder: Path
    parameters: dict
    backend: str
    fingerprint: str
    resumes: bool = False
    seed: int | None = None  # set by `run --seeds`, where a notebook has several jobs
    cell_timeout: int | None = None  # seconds that one cell may take
    inputs: dict = dataclasses.field(default_factory=dict)
    submission: str = ""

    @property
    def name(self) -> str:
        return self.notebook.stem

    @property
    def label(self) -> str:
        """Name for a reader, different for each job of a command."""
        return self.name if self.seed is None else f"{self.name}, seed {self.seed}"

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return (self.folder if self.seed is None else self.folder.parent).name

    @property
    def executed(self) -> Path:
        """The executed notebook of a run that succeeded."""
        return self.folder / f"{self.name}.ipynb"

    @property
    def failed(self) -> Path:
        """The partial notebook of a run that failed."""
        return self.folder / f"{self.name}.failed.ipynb"

    @property
    def failed_result(self) -> Path:
        """The result file of a run that failed after its notebook had saved one."""
        return self.folder / f"{self.name}.failed.json"

    @property
    def result(self) -> Path:
        """The result file: claims, environment, inputs."""
        return self.folder / f"{self.name}.json"

    @property
    def checkpoints(self) -> Path | None:
        """Folder of this job's checkpoints, or None.

        It is named by the fingerprint: other parameters, another backend and changed code start
        anew. It is removed once the job has succeeded.
        """
        return (
            self.folder / CHECKPOINTS_FOLDER / f"{self.name}-{self.fingerprint[:12]}"
            if self.resumes
            else None
        )

    @property
    def work_prefix(self) -> str:
        """Prefix of the names of this job's temporary folders."""
        return f".{self.executed.name}-"

    @property
    def lock(self) -> Path:
        """The file that is locked while the job runs."""
        return self.folder / f".{self.name}.lock"

    def read_result(self) -> dict | None:
        """The content of the result file; None if it is missing or incomplete."""
        with contextlib.suppress(OSError):  # a disk that is read only
            finish(self.folder, self.name)
        return read_result(self.result)

    def reasons(self) -> list[str] | None:
        """Why the result that is there is not this job's; empty if it is, None if there is none."""
        found = self.read_result()
        if not found or not self.executed.exists():
            return None
        if self.inputs:
            return reasons(found, self.inputs, self.notebook)
        return [] if found.get("fingerprint") == self.fingerprint else ["its fingerprint differs"]

    def is_done(self) -> bool:
        """Whether this job has succeeded before, with all inputs as they are now."""
        return self.reasons() == []


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a job ended: `name` is its label, `status` is "ran", "skipped" or "failed", `error` the reason.

    `note` is a line about a job that has ended well.
    """

    name: str
    status: str
    seconds: float
    error: str = ""
    note: str = ""
