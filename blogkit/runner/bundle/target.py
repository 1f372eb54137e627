"""The machine that a bundle is for: its Python, its platform, and the wheels that fit them."""

import dataclasses
import functools
import platform
import re
import sys

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from blogkit.runner.project import UsageError, unknown

PLATFORMS = ("linux-aarch64", "linux-x86_64")
GLIBC = (2, 28)  # of 2018; Debian 10, Ubuntu 20.04 and RHEL 8 have it
# Older names of platform tags, which still stand in the names of wheels.
LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


def running_python() -> str:
    """Major and minor version of this Python."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def running_platform() -> str:
    """System and processor of this machine, as `PLATFORMS` writes them."""
    return f"{sys.platform}-{platform.machine()}"


@dataclasses.dataclass(frozen=True)
class Target:
    """The Python and the platform that wheels are chosen for.

    Args:
        python: Major and minor version, such as "3.12".
        platform: One of `PLATFORMS`.

    Raises:
        UsageError: If `python` is not such a version, or `platform` is unknown.

    Example:

    >>> print(Target("3.12", "linux-x86_64"))
    Python 3.12 on linux-x86_64
    """

    python: str
    platform: str

    def __post_init__(self):
        if not re.fullmatch(r"3\.\d+", self.python):
            raise UsageError(f"--python must be a version such as 3.12. Received: {self.python}.")
        if self.platform not in PLATFORMS:
            raise unknown("platform", self.platform, PLATFORMS)

    def __str__(self):
        return f"Python {self.python} on {self.platform}"

    def check_python(self, allowed: str) -> None:
        """Raise `UsageError` if `allowed`, the project's `requires-python`, excludes this Python."""
        if f"{self.python}.0" not in SpecifierSet(allowed):
            raise UsageError(f"--python must satisfy {allowed}. Received: {self.python}.")

    @property
    def machine(self) -> str:
        """The processor: "x86_64" or "aarch64"."""
        return self.platform.partition("-")[2]

    @property
    def uv_options(self) -> list[str]:
        """Options of `uv pip compile` that resolve for this target and not for the running Python.

        uv reads "3.12" as 3.12.0, the first release: what it chooses also installs on later ones.
        """
        major, minor = GLIBC
        platform = f"{self.machine}-manylinux_{major}_{minor}"
        return ["--python-version", self.python, "--python-platform", platform]

    @property
    def pip_options(self) -> list[str]:
        """Options of `pip download` that accept wheels of this target only."""
        platforms = (f"--platform={name}" for name in self._platforms)
        return ["--only-binary=:all:", "--implementation=cp", f"--python-version={self.python}", *platforms]

    def rank(self, wheel: str) -> int | None:
        """Position of a wheel in the order of preference, 0 first; None if it does not fit.

        Example:

        >>> target = Target("3.12", "linux-x86_64")
        >>> target.rank("a-1-cp312-cp312-manylinux_2_28_x86_64.whl")
        0
        >>> target.rank("a-1-cp311-cp311-manylinux_2_28_x86_64.whl")
        """
        try:
            tags = parse_wheel_filename(wheel)[3]
        except InvalidWheelFilename:
            return None
        return min((self._ranks[tag] for tag in tags if tag in self._ranks), default=None)

    @property
    def _platforms(self):
        """Platform tags from the newest glibc to the oldest; aarch64 starts with 2.17."""
        major, newest = GLIBC
        names = []
        for minor in range(newest, 16 if self.machine == "aarch64" else 4, -1):
            names.append(f"manylinux_{major}_{minor}_{self.machine}")
            if minor in LEGACY:
                names.append(f"{LEGACY[minor]}_{self.machine}")
        return [*names, f"linux_{self.machine}"]

    @functools.cached_property
    def _ranks(self) -> dict[Tag, int]:
        version = tuple(map(int, self.python.split(".")))
        interpreter = f"cp{version[0]}{version[1]}"
        tags = [
            *cpython_tags(version, [interpreter], self._platforms),
            *compatible_tags(version, interpreter, self._platforms),
        ]
        return {tag: rank for rank, tag in enumerate(tags)}
