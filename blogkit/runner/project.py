"""Paths and names of a project's notebooks, profiles and results."""

import contextlib
import dataclasses
import difflib
import json
from collections.abc import Iterable
from pathlib import Path

import blogkit
from blogkit.report.record import FOLDER
from blogkit.runner.result_files import finish

COMMITTED = "committed"  # names the outputs of the committed notebooks as one side of a comparison


class UsageError(Exception):
    """An invalid command or argument; the message is one line and names the valid choices."""


@dataclasses.dataclass(frozen=True)
class Project:
    """A clone: the folder that holds `notebooks/`.

    Raises:
        UsageError: If the folder holds no `notebooks/`.
    """

    root: Path

    def __post_init__(self):
        if not self.notebooks.is_dir():
            raise UsageError(
                f"no folder {self.notebooks}: the notebooks come with a clone of the "
                "repository, not with the installed package. Pass --root CLONE."
            )

    @classmethod
    def default(cls) -> "Project":
        """The working directory if it holds notebooks, else the clone that blogkit is imported from."""
        here = Path.cwd()
        return cls(here if (here / "notebooks").is_dir() else Path(blogkit.__file__).parents[1])

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def records(self) -> Path:
        """Folder of the recorded runs of all notebooks."""
        return self.notebooks / FOLDER

    def runs(self, profile: str) -> Path:
        """Folder of the results of `profile`."""
        return self.root / "runs" / profile

    def all_notebooks(self) -> list[Path]:
        return sorted(self.notebooks.glob("[0-9][0-9]_*.ipynb"))

    def select(self, names: list[str]) -> list[Path]:
        """The notebooks that `names` mean: `08`, `08_gradient_accumulation` or a path; all if empty.

        Raises:
            UsageError: If there is no such notebook; names those that exist.
        """
        present = {path.stem: path for path in self.all_notebooks()}
        if not present:
            raise UsageError(f"no notebook in {self.notebooks}")
        chosen = {}
        for name in names or present:
            stem = Path(name).name.removesuffix(".ipynb")
            found = [s for s in present if s == stem or s.partition("_")[0] == stem]
            elsewhere = Path(name).name != name and Path(name).resolve().parent != self.notebooks
            if not found or elsewhere:
                raise unknown("notebook", name, present)
            chosen |= {stem: present[stem] for stem in found}
        return list(chosen.values())

    def profiles(self) -> dict[str, Path | None]:
        """Dictionary from profile name to file; None for `default`, the notebooks' own values."""
        files = sorted((self.notebooks / "profiles").glob("*.yaml"))
        return {"default": None} | {path.stem: path for path in files}

    def check_profile(self, profile: str) -> None:
        """Raise `UsageError` if there is no such profile."""
        if profile not in self.profiles():
            raise unknown("profile", profile, self.profiles())

    def latest(self, notebook: Path, profile: str) -> tuple[Path, dict | None]:
        """The executed notebook and result file of the last run, else the committed notebook."""
        executed = self.runs(profile) / notebook.name
        with contextlib.suppress(OSError):  # a disk that is read only
            finish(executed.parent, notebook.stem)
        result = read_result(executed.with_suffix(".json"))
        return (executed, result) if result and executed.exists() else (notebook, None)


def read_result(path: Path) -> dict | None:
    """The content of the result file at `path`; None if it is missing or incomplete."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not JSON, or truncated within a character
        return None
    return result if isinstance(result, dict) else None


def check_side(name: str) -> None:
    """Raise `UsageError` if there is nothing to compare at `name`, one side of a comparison."""
    if name != COMMITTED and not (Path(name).is_file() or Path(name).is_dir()):
        raise UsageError(f"A and B must be a result file, a folder or `{COMMITTED}`. There is no {name!r}.")


def unknown(kind: str, name: str, valid: Iterable[str]) -> UsageError:
    """The error for a name that is not in `valid`; suggests the most similar one."""
    valid = list(valid)
    near = difflib.get_close_matches(str(name), valid, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UsageError(f"unknown {kind} {str(name)!r}.{hint} Valid: {', '.join(valid) or 'none'}.")
