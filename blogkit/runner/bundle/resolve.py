"""Resolve requirements for another Python and platform with uv; nothing is downloaded."""

import dataclasses
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from blogkit.extras import import_extra, missing_extra
from blogkit.runner.bundle.target import Target
from blogkit.runner.project import UsageError

COMMAND = "python -m blogkit bundle"
NO_WHEEL = re.compile(r"([\w.-]+?)==([\w.!+]+) has no wheels with a matching")


@dataclasses.dataclass(frozen=True)
class Package:
    """One package of a resolution.

    Args:
        name: Normalized name.
        version: Its version.
        url: Address of the wheel, or of the source where an index has no wheel at all.
        sha256: Checksum that the index states; empty if it states none.
        size: Bytes; 0 if the index does not say.
        built: Whether the wheel must be built from source.
    """

    name: str
    version: str
    url: str
    sha256: str = ""
    size: int = 0
    built: bool = False

    @property
    def pin(self) -> str:
        """`name==version`.

        Example:

        >>> Package("jax", "0.10.2", url="https://example.org/jax-0.10.2-py3-none-any.whl").pin
        'jax==0.10.2'
        """
        return f"{self.name}=={self.version}"

    @property
    def file(self) -> str:
        """Name of the file at `url`."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2])

    @property
    def requirement(self) -> str:
        """A requirement that means this file, and makes pip compare its checksum."""
        return f"{self.name} @ {self.url}" + (f"#sha256={self.sha256}" if self.sha256 else "")


def find_tools() -> str:
    """The path of uv, after checking that this Python has pip.

    Raises:
        UsageError: If one of them is missing; the message names the extra.
    """
    if importlib.util.find_spec("pip") is None:
        raise UsageError(str(missing_extra("pip", needed_by=COMMAND)))
    try:
        return import_extra("uv", needed_by=COMMAND).find_uv_bin()
    except (ModuleNotFoundError, FileNotFoundError) as error:  # the package may be there without its program
        if found := shutil.which("uv"):
            return found
        raise UsageError(str(error)) from error


def resolve(
    lines: list[str],
    target: Target,
    constraints: Path,
    excluded: frozenset[str] = frozenset(),
    dependencies: bool = True,
) -> list[Package]:
    """The packages that `lines` need on `target`, each with its best wheel, in order of name.

    Args:
        lines: Requirements.
        target: Python and platform that environment markers and wheels are chosen for.
        constraints: File of versions.
        excluded: Packages that are left out although others require them.
        dependencies: Whether what the packages require is resolved, too.

    Raises:
        UsageError: If nothing satisfies all requirements, a package has no wheel for
            the target, or no index answers.
    """
    options = [*target.uv_options, "--constraints", str(constraints)]
    if not dependencies:
        options.append("--no-deps")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(sorted(excluded)))
        file.flush()
        if excluded:
            options += ["--excludes", file.name]
        entries = _compile(lines, options, target)
    return sorted((_package(entry, target) for entry in entries), key=lambda package: package.name)


def _compile(lines, options, target):
    """The packages of the lock file that uv prints."""
    # Without `--python` uv would look for, or fetch, the Python of the target.
    command = [find_tools(), "pip", "compile", "--quiet", "--no-header", "--python", sys.executable]
    done = subprocess.run(
        [*command, "--format", "pylock.toml", *options, "-"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise UsageError(_reason(done.stderr, target))
    return tomllib.loads(done.stdout).get("packages", [])


def _reason(text, target):
    """uv's error in one line."""
    words = " ".join(text.split())
    if found := NO_WHEEL.search(words):
        return _no_wheel(*found.groups(), target)
    return f"uv finds no packages for {target}: {words.removeprefix('error: ')}"


def _no_wheel(name, version, target):
    return f"{name} {version} has no wheel for {target}."


def _package(entry, target):
    name, version = entry["name"], entry["version"]
    files = [(target.rank(package.file), package) for package in _files(entry, entry.get("wheels", []))]
    fitting = [(rank, package) for rank, package in files if rank is not None]
    if fitting:
        return min(fitting, key=lambda pair: pair[0])[1]
    if "sdist" not in entry or _has_wheels(name, version, target):
        raise UsageError(_no_wheel(name, version, target))
    (source,) = _files(entry, [entry["sdist"]])
    return dataclasses.replace(source, built=True)


def _files(entry, files):
    for file in files:
        sha256, size = file.get("hashes", {}).get("sha256", ""), file.get("size", 0)
        yield Package(entry["name"], entry["version"], _url(file), sha256, size)


def _url(file):
    return file["url"] if "url" in file else Path(file["path"]).resolve().as_uri()


def _has_wheels(name, version, target):
    """Whether an index has a wheel for any platform; then its source is to be compiled, not only packed."""
    entries = _compile([f"{name}=={version}"], ["--universal", "--no-deps"], target)
    return any(entry.get("wheels") for entry in entries)
