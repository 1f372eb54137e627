"""What a bundle must install, read from pyproject.toml."""

import dataclasses
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from blogkit.runner.project import UsageError

# Of the extra `notebooks`; a bundle runs headless.
FOR_A_SCREEN = {"jupyterlab", "nbval"}
# keras-hub requires both, and needs neither on another backend.
TENSORFLOW = {"tensorflow", "tensorflow-text"}
NONE = "none"  # the machine has the backend
BACKEND_WHEELS = {
    "jax": (NONE, "cpu", "cuda12", "cuda13"),
    "tensorflow": (NONE, "cpu", "cuda12"),
    "torch": (NONE,),
}


@dataclasses.dataclass(frozen=True)
class Needs:
    """Requirements of a bundle.

    Args:
        lines: Requirements as pyproject.toml writes them, without extras of blogkit.
        alone: Requirements that are installed without what they require.
        excluded: Packages that must not come along.
    """

    lines: tuple[str, ...]
    alone: tuple[str, ...]
    excluded: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Source:
    """The files of a clone that say what to install.

    Raises:
        UsageError: If pyproject.toml or constraints.txt is missing, or is not blogkit's.
    """

    root: Path

    def __post_init__(self):
        for path in (self.pyproject, self.constraints):
            if not path.is_file():
                raise UsageError(f"no file {path}: a bundle is made from a clone. Pass --root CLONE.")
        if self.metadata.get("name") != "blogkit":
            raise UsageError(f"{self.pyproject} is not blogkit's. Pass --root CLONE.")

    @property
    def pyproject(self) -> Path:
        return self.root / "pyproject.toml"

    @property
    def constraints(self) -> Path:
        return self.root / "constraints.txt"

    @property
    def metadata(self) -> dict:
        """The table `project` of pyproject.toml."""
        return tomllib.loads(self.pyproject.read_text(encoding="utf-8")).get("project", {})

    def needs(self, backend: str, wheels: str) -> Needs:
        """What the notebooks need on `backend`, with or without wheels of the backend itself.

        Args:
            backend: A key of `BACKEND_WHEELS`.
            wheels: One of its values: "none" leaves the backend out.

        Raises:
            UsageError: If there are no such wheels for the backend.
        """
        if wheels not in BACKEND_WHEELS[backend]:
            reason = " (the wheels of torch depend on the machine)" if backend == "torch" else ""
            valid = " or ".join(BACKEND_WHEELS[backend])
            raise UsageError(f"--backend-wheels of {backend} must be {valid}{reason}. Received: {wheels}.")
        extras = self.metadata["optional-dependencies"]
        tensorflow = backend == "tensorflow" and wheels != NONE
        return Needs(
            lines=tuple(
                dict.fromkeys(
                    [
                        *self.metadata["dependencies"],
                        *_expanded(extras, ["notebooks", "bert-parts"]),
                        *_backend_lines(extras, backend, wheels),
                        *_pip(extras),
                    ]
                )
            ),
            alone=tuple(extras["bert"]),
            excluded=frozenset() if tensorflow else frozenset(TENSORFLOW),
        )


def _expanded(extras, names):
    """The lines of extras; a line `blogkit[other]` stands for those of `other`."""
    for name in names:
        for line in extras[name]:
            requirement = Requirement(line)
            if requirement.name == "blogkit":
                yield from _expanded(extras, sorted(requirement.extras))
            elif requirement.name not in FOR_A_SCREEN:
                yield line


def _backend_lines(extras, backend, wheels):
    if wheels == NONE:
        return []
    if backend == "tensorflow":
        return extras["tensorflow" if wheels == "cpu" else "gpu"]
    (line,) = extras["jax"]
    return [line] if wheels == "cpu" else [line.replace("jax", f"jax[{wheels}]", 1)]


def _pip(extras):
    """The installer: a Python without `ensurepip` can then install, too, and always with the same pip."""
    return [line for line in extras["bundle"] if Requirement(line).name == "pip"]
