"""The command that installs and runs a bundle, and the README inside."""

import shlex

from blogkit.runner.bundle.data import Chosen
from blogkit.runner.bundle.steps import megabytes
from blogkit.runner.bundle.target import GLIBC, Target

TOP = "blogkit-bundle"

README = """\
blogkit, to install and run without internet

For {target}, glibc {major}.{minor} or newer, {whose}.
In this folder, one command installs and runs:

    {command}

It creates .venv and writes results to runs/{profile}. It may be repeated: what is installed or
has run is not done again. Once installed,

    {run} --list

names the notebooks, their parameters and the profiles. `--profile`, names of notebooks and
`-p NAME VALUE` choose what runs. A page of all claims, runs/report.html, is written by

    .venv/bin/python -m blogkit report --profile {profile}

install.py   creates .venv and installs, with Python's standard library alone
wheels/      {wheels} wheels: blogkit, what it needs, and pip, which installs them
notebooks/   all eight notebooks and the profiles
data/        {data}
SHA256SUMS   checksums of all files: sha256sum -c SHA256SUMS
"""


def unpack_command(file: str) -> str:
    """The start of the command that a user needs: unpack a tar file and enter its folder.

    Example:

    >>> unpack_command("my bundle.tar")
    "tar -xf 'my bundle.tar' && cd blogkit-bundle"
    """
    return f"tar -xf {shlex.quote(file)} && cd {TOP}"


def install_command(target: Target, backend: str, profile: str, notebooks: list[str], data: bool) -> str:
    """One line of shell that installs and runs a bundle, in its folder.

    Args:
        target: The machine's Python.
        backend: Backend of the notebooks.
        profile: Profile that runs.
        notebooks: Names of notebooks; empty for all.
        data: Whether the bundle holds data sets.

    Example:

    >>> install_command(Target("3.12", "linux-x86_64"), "jax", "gpu", ["03"], data=False)
    'python3.12 install.py && KERAS_BACKEND=jax .venv/bin/python -m blogkit run --profile gpu 03'
    """
    run = run_command(backend, data)
    chosen = "".join(f" {shlex.quote(name)}" for name in notebooks)
    return f"python{target.python} install.py && {run} --profile {shlex.quote(profile)}{chosen}"


def run_command(backend: str, data: bool) -> str:
    """The command `run` inside an installed bundle, without options.

    Example:

    >>> run_command("jax", data=True)
    'KERAS_BACKEND=jax BLOGKIT_DATA="$PWD/data" .venv/bin/python -m blogkit run'
    """
    # Absolute, because a kernel runs in the folder of its notebook.
    folder = ' BLOGKIT_DATA="$PWD/data"' if data else ""
    return f"KERAS_BACKEND={backend}{folder} .venv/bin/python -m blogkit run"


def readme(
    command: str, target: Target, backend: str, own: bool, profile: str, wheels: int, data: list[Chosen]
) -> str:
    """The text of README.txt."""
    major, minor = GLIBC
    return README.format(
        target=target,
        major=major,
        minor=minor,
        whose=whose_backend(backend, own),
        command=command,
        run=run_command(backend, bool(data)),
        profile=profile,
        wheels=wheels,
        data="".join(f"\n             {line}" for line in data_lines(data)).strip() or "none",
    )


def whose_backend(backend: str, own: bool) -> str:
    """Where the backend comes from, in words."""
    return f"with the machine's own {backend}" if own else f"with {backend} from the bundle"


def data_lines(data: list[Chosen]) -> list[str]:
    """Name, size and terms of each data set."""
    return [f"{chosen.entry.name}, {megabytes(chosen.size)}: {chosen.entry.licence}" for chosen in data]
