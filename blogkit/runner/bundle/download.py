"""Download the wheels of a resolution with pip, and build those that an index has as source only."""

import collections
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from blogkit.runner.bundle.resolve import Package
from blogkit.runner.bundle.steps import Steps, megabytes
from blogkit.runner.bundle.target import Target
from blogkit.runner.project import UsageError

EPOCH = 1580601600  # 2020-02-02; times in archives, so that equal inputs give equal bytes


def epoch() -> int:
    """`$SOURCE_DATE_EPOCH`, else `EPOCH`: seconds since 1970 for all times in archives."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or EPOCH)


def download(packages: list[Package], target: Target, folder: Path, steps: Steps) -> None:
    """Put the wheels of `packages` that are not built here into `folder`, and compare size and checksum.

    Raises:
        UsageError: If pip fails, or a file is not what the index has announced.
    """
    wheels = [package for package in packages if not package.built]
    requirements = folder.parent / "urls.txt"
    requirements.write_text("".join(f"{package.requirement}\n" for package in wheels), encoding="utf-8")
    command = ["download", "--no-deps", "--progress-bar=off", *target.pip_options]
    total, done, size = sum(package.size for package in wheels), 0, 0
    for line in _pip([*command, "--dest", str(folder), "--requirement", str(requirements)]):
        if line.startswith("Collecting ") and done < len(wheels):
            package = wheels[done]
            steps.count(f"[{done + 1}/{len(wheels)}] {megabytes(size)} of {megabytes(total)}  {package.file}")
            done, size = done + 1, size + package.size
    for package in wheels:
        _verify(package, folder / package.file)


def _verify(package, path):
    if not path.is_file():
        raise UsageError(f"pip downloaded no {path.name}.")
    size = path.stat().st_size
    if package.size and size != package.size:
        raise UsageError(f"{path.name} has {size:,} bytes; the index announces {package.size:,}.")
    if package.sha256 and (found := sha256(path)) != package.sha256:
        raise UsageError(f"{path.name} has the sha256 {found}; the index announces {package.sha256}.")


def build(sources: list[str], target: Target, folder: Path, steps: Steps) -> list[Path]:
    """Build wheels from source folders or requirements, and put them into `folder`.

    Raises:
        UsageError: If a build fails, or gives a wheel with compiled code.
    """
    before = set(folder.iterdir())
    for source in sources:
        name, is_requirement, _ = source.partition(" @ ")
        steps.count(f"building a wheel of {name if is_requirement else 'blogkit'}")
        # No cache: a wheel that was built before may hold other times.
        command = ["wheel", "--no-deps", "--no-cache-dir", "--wheel-dir", str(folder), source]
        for _ in _pip(command, SOURCE_DATE_EPOCH=str(epoch())):
            pass
    built = sorted(set(folder.iterdir()) - before)
    for path in built:
        # What is compiled here needs the C library of this machine.
        if target.rank(path.name) is None or not path.stem.endswith("-any"):
            raise UsageError(f"{path.name} is built for this machine alone: there is no wheel for {target}.")
    return built


def sha256(path: Path) -> str:
    """Checksum of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pip(arguments, **variables):
    """Lines that pip prints.

    Raises:
        UsageError: If it fails; with the error that it prints.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments],
        env=os.environ | {"PYTHONUNBUFFERED": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    last = collections.deque(maxlen=30)
    with process:
        try:
            for line in process.stdout:
                last.append(line.strip())
                yield line
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        _, error, rest = " ".join(last).partition("ERROR: ")  # its lines name the package last
        raise UsageError(f"pip {arguments[0]} failed: {rest if error else ' '.join(last)}")
