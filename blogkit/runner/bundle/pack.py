"""Pack wheels, notebooks and data for a machine without internet."""

import dataclasses
import json
import os
import shutil
import tempfile
from importlib import resources
from pathlib import Path

from blogkit.runner.bundle.archive import write_archive
from blogkit.runner.bundle.data import Chosen, choose
from blogkit.runner.bundle.download import build, download
from blogkit.runner.bundle.requirements import BACKEND_WHEELS, NONE, Needs, Source
from blogkit.runner.bundle.resolve import Package, find_tools, resolve
from blogkit.runner.bundle.steps import Steps, megabytes
from blogkit.runner.bundle.target import GLIBC, Target
from blogkit.runner.bundle.words import (
    TOP,
    data_lines,
    install_command,
    readme,
    unpack_command,
    whose_backend,
)
from blogkit.runner.parameters import resolve as check_parameters
from blogkit.runner.project import Project, UsageError, unknown

MARGIN = 100_000_000  # bytes of disk for what is built and written besides the wheels and the data


@dataclasses.dataclass(frozen=True)
class Order:
    """What a bundle is for and what goes into it.

    Args:
        target: Python and platform of the machine.
        backend: "jax", "tensorflow" or "torch".
        wheels: "none" for the machine's own backend, or which wheels of the backend to pack.
        profile: Profile that the printed command runs.
        notebooks: Names of the notebooks that it runs; empty for all.
        data: Names of data sets.
        accept_terms: Whether terms that may not permit passing a set on are accepted.
        output: The tar file to write.
        force: Whether an existing file is replaced.
    """

    target: Target
    backend: str
    wheels: str
    profile: str
    notebooks: tuple[str, ...]
    data: tuple[str, ...]
    accept_terms: bool
    output: Path
    force: bool

    @property
    def own_backend(self) -> bool:
        """Whether the backend is the machine's own."""
        return self.wheels == NONE


def pack(project: Project, order: Order, steps: Steps) -> str:
    """Write the bundle, and return the text that says what it is and how to install it.

    Everything is collected in a temporary folder beside the output; the tar file
    appears when it is complete.

    Raises:
        UsageError: If the order is invalid, a package has no wheel for the target, a download
            fails, the disk has too little room, or pip or uv is missing.
    """
    _check_output(order)
    if order.backend not in BACKEND_WHEELS:
        raise unknown("backend", order.backend, BACKEND_WHEELS)
    selected = project.select(list(order.notebooks))
    check_parameters(selected, project, order.profile, [])
    # As the other machine knows them: a name may have been given as a path of this one.
    order = dataclasses.replace(order, notebooks=tuple(p.stem for p in selected) if order.notebooks else ())
    source = Source(project.root)
    order.target.check_python(source.metadata["requires-python"])
    needs = source.needs(order.backend, order.wheels)
    data = choose(list(order.data), order.accept_terms)
    find_tools()
    return _pack(project, order, steps, source, needs, data)


def _check_output(order):
    if order.output.suffix != ".tar":
        raise UsageError(f"-o must end in .tar. Received: {order.output}.")
    if not order.output.parent.is_dir():
        raise UsageError(f"no folder {order.output.parent} for the bundle.")
    if order.output.is_dir():
        raise UsageError(f"{order.output} is a folder. Name a file with -o.")
    if order.output.exists() and not order.force:
        raise UsageError(f"{order.output} exists. Name another file with -o, or add --force.")


def _pack(project, order, steps, source, needs, data):
    packages, alone = _resolve(source, order.target, needs)
    total = sum(package.size for package in packages)
    _check_room(order.output, 2 * total + sum(chosen.size for chosen in data))
    steps.say(f"{len(packages)} packages for {order.target}, {megabytes(total)} to download")
    parent, name = order.output.parent, order.output.name
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as folder:
        wheels = Path(folder, "wheels")
        wheels.mkdir()
        download(packages, order.target, wheels, steps)
        sources = [package.requirement for package in packages if package.built]
        own = _blogkit(build([*sources, str(project.root)], order.target, wheels, steps))
        settings = _settings(order, needs, packages, [*alone, own])
        command = install_command(
            order.target, order.backend, order.profile, list(order.notebooks), data=bool(data)
        )
        files = sorted(wheels.iterdir())
        settings["README.txt"] = readme(
            command, order.target, order.backend, order.own_backend, order.profile, len(files), data
        )
        members = settings | _clone(project) | {f"wheels/{path.name}": path for path in files}
        members |= {f"data/{place}": path for chosen in data for place, path in chosen.members()}
        finished = Path(folder, name)
        write_archive(finished, TOP, members, steps)
        os.replace(finished, order.output)
    return _summary(order, len(files), data, command)


def _resolve(source: Source, target: Target, needs: Needs) -> tuple[list[Package], list[str]]:
    """All packages, and the pins of those that are installed without what they require."""
    lines = [*needs.lines, *needs.alone]
    packages = resolve(lines, target, source.constraints, needs.excluded)
    direct = resolve(list(needs.alone), target, source.constraints, dependencies=False)
    return packages, [package.pin for package in direct]


def _check_room(output, needed):
    free = shutil.disk_usage(output.parent).free
    if free < needed + MARGIN:
        raise UsageError(
            f"the bundle needs {megabytes(needed + MARGIN)} of disk in {output.parent}, "
            f"and {megabytes(free)} are free."
        )


def _blogkit(built: list[Path]) -> str:
    """The pin of the wheel of blogkit itself."""
    (wheel,) = (path for path in built if path.name.startswith("blogkit-"))
    return f"blogkit=={wheel.name.split('-')[1]}"


def _settings(order: Order, needs: Needs, packages: list[Package], alone: list[str]) -> dict[str, str]:
    """The files that install.py reads, and itself."""
    pins = sorted({package.pin for package in packages} | set(alone))
    settings = {
        "python": order.target.python,
        "platform": order.target.platform,
        "glibc": list(GLIBC),
        "backend": order.backend,
        "own_backend": order.own_backend,
    }
    return {
        "bundle.json": json.dumps(settings, indent=1) + "\n",
        # The machine's own packages may stay, where they satisfy what blogkit needs.
        "requirements.txt": "".join(f"{line}\n" for line in (needs.lines if order.own_backend else pins)),
        "alone.txt": "".join(f"{line}\n" for line in alone),
        "install.py": resources.files("blogkit.runner.bundle").joinpath("install.py").read_text("utf-8"),
    }


def _clone(project: Project) -> dict[str, Path]:
    """What a clone holds besides the library: notebooks, profiles, records, versions, `data_download`."""
    patterns = ["constraints.txt", "notebooks/**/*", "data_download/**/*.py"]
    paths = [path for pattern in patterns for path in project.root.glob(pattern) if path.is_file()]
    inside = {path.relative_to(project.root): path for path in paths}
    return {
        name.as_posix(): path
        for name, path in inside.items()
        if not any(part.startswith((".", "__pycache__")) for part in name.parts)
    }


def _summary(order: Order, wheels: int, data: list[Chosen], command: str) -> str:
    size = megabytes(order.output.stat().st_size)
    lines = [f"{order.output}: {size}, {wheels} wheels", *(f"  data: {line}" for line in data_lines(data))]
    whose = whose_backend(order.backend, order.own_backend)
    whole = f"{unpack_command(order.output.name)} && {command}"
    lines.append(f"For {order.target}, glibc {GLIBC[0]}.{GLIBC[1]} or newer, {whose}.")
    return "\n".join([*lines, "There, without internet, this installs and runs:", "", whole])
