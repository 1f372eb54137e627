"""One environment, said four times: pyproject, constraints, environment.yml and the Makefile agree."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import uv
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
NAMED = {"tensorflow", "keras", "numpy", "matplotlib", "jupyterlab", "papermill", "nbval", "pytest"}
PATCH = 9  # a release that all of them have: some markers tell 3.11.4 from 3.11.5
EVERY_PYTHON = pytest.mark.parametrize("python", PYTHONS)
NO_NETWORK = re.compile(r"client error \(Connect\)|dns error|operation timed out|network was disabled", re.I)


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def pins(lines, python):
    """Name -> version of the lines `name==version [; marker]` that hold on this platform's `python`."""
    found = {}
    for requirement in map(Requirement, lines):
        version = {"python_version": python, "python_full_version": f"{python}.{PATCH}"}
        if requirement.marker is None or requirement.marker.evaluate(version):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"two versions of {name} on Python {python}"
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[name] = specifier.version
    return found


def constraints():
    return text("constraints.txt").splitlines()


@pytest.fixture(scope="module")
def project():
    return tomllib.loads(text("pyproject.toml"))["project"]


@pytest.fixture(scope="module")
def conda():
    return yaml.safe_load(text("environment.yml"))


@pytest.fixture(scope="module")
def pip_lines(conda):
    (section,) = (entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict))
    return section


def resolve(lines, command, *options):
    """What uv says about a requirements file of `lines`; skips when no index can be reached."""
    done = subprocess.run(
        # This Python resolves for the others; without `--python` uv would fetch one of them.
        [uv.find_uv_bin(), "pip", command, "--python", sys.executable, *options, "-"],
        cwd=ROOT,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def compiled(lines, python):
    """Name -> version that `lines` resolve to on `python`."""
    version = f"{python}.{PATCH}"
    out = resolve(lines, "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", version)
    return pins([line for line in out.splitlines() if "==" in line], python)


def test_constraints_are_versions_and_nothing_else():
    pattern = r"[a-z0-9][a-z0-9._-]*==[\w.!+]+( ; [\w .*<>=!'()-]+)?"
    assert [line for line in constraints() if not re.fullmatch(pattern, line)] == []


@EVERY_PYTHON
def test_every_requirement_has_a_constraint_that_satisfies_it(project, python):
    pinned = pins(constraints(), python)
    extras = project["optional-dependencies"].values()
    for requirement in map(Requirement, sum(extras, project["dependencies"])):
        if requirement.name != project["name"]:
            assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_file_means_the_same_pythons(project, conda):
    allowed = SpecifierSet(project["requires-python"])
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in allowed] == list(PYTHONS)
    spec = next(str(entry) for entry in conda["dependencies"] if str(entry).startswith("python "))
    assert spec.removeprefix("python ") == project["requires-python"]
    assert "3.11, 3.12 or 3.13" in text("README.md")
    assert "3.11、3.12 或 3.13" in text("README.zh-CN.md")
    assert "needs Python 3.11, 3.12 or 3.13" in text("Makefile")
    assert "--python-version 3.11" in text("Makefile")  # `make constraints` starts from the oldest


def test_conda_installs_what_make_installs(conda, pip_lines):
    assert conda["name"] == "blogkit"
    assert conda["channels"][0] == "conda-forge"
    assert "pip" in conda["dependencies"]
    (extras,) = re.findall("^EXTRAS := (.*)", text("Makefile"), re.MULTILINE)
    assert pip_lines[:2] == ["-c constraints.txt", f"-e .[{extras}]"]


@EVERY_PYTHON
def test_conda_names_the_main_packages_with_their_constraints(pip_lines, python):
    named = pins(pip_lines[2:], python)
    assert named.keys() == NAMED
    assert named.items() <= pins(constraints(), python).items()


@EVERY_PYTHON
def test_conda_pip_section_resolves_to_the_constraints(pip_lines, python):
    found = compiled(pip_lines, python)
    assert NAMED < found.keys()
    assert found.items() <= pins(constraints(), python).items()


def test_conda_pip_section_installs_here(pip_lines):
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    said = resolve(pip_lines, "install", "--dry-run", "-r")
    installs = re.findall(r"^ \+ ([\w.-]+==\S+)$", said, re.MULTILINE)
    assert pins(installs, python).items() <= pins(constraints(), python).items()
    # Where `make` has installed all of it, nothing is left to do.
    assert " + blogkit" in said or "Would make no changes" in said


@pytest.mark.parametrize("command", re.findall(r"^python -m pip install (.*\.\[.*)", text("README.md"), re.M))
def test_pip_command_of_the_readme_resolves(command):
    words = shlex.split(command.replace("-c ", "-c\\ ").replace("-e ", "-e\\ "))
    assert "keras" in compiled(words, PYTHONS[-1])


# The Makefile, in a folder of its own.


@pytest.fixture
def clone(tmp_path):
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text(text(name), encoding="utf-8")
    return tmp_path


def make(*arguments, folder):
    # Inside `make test` these would make it a sub-make that prints more.
    env = {name: v for name, v in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_make_help_lists_every_target():
    (targets,) = re.findall("^.PHONY: (.*)", text("Makefile"), re.MULTILINE)
    shown = make("-C", ROOT, "help", folder="/").stdout
    assert [target for target in targets.split() if f"make {target} " not in shown] == []


PRETENDER = """#!/bin/sh
# A Python that says it is another version, and creates no environment.
case "$1 $2" in
  "--version "*) echo "Python {version}" ;;
  "-c "*) exec "{python}" -c "import sys; sys.version_info = {tuple}; exec(sys.argv[1])" "$2" ;;
  *) echo "asked: $*" >&2; exit 3 ;;
esac
"""


def pretender(folder, version):
    path = folder / "python-that-pretends"
    fields = {"version": version, "python": sys.executable, "tuple": tuple(map(int, version.split(".")))}
    path.write_text(PRETENDER.format(**fields))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("version", ["2.7.18", "3.10.13", "3.14.0"])
def test_make_refuses_another_python_and_says_what_to_do(clone, version):
    done = make("notebooks", f"PYTHON={pretender(clone, version)}", folder=clone)
    assert done.returncode != 0
    assert f"is Python {version}." in done.stderr
    assert "make notebooks PYTHON=python3.12" in done.stderr
    assert "asked:" not in done.stderr


@pytest.mark.parametrize("version", ["3.11.0", "3.13.9"])
def test_make_goes_on_with_a_python_that_fits(clone, version):
    done = make("notebooks", f"PYTHON={pretender(clone, version)}", folder=clone)
    assert "asked: -m venv .venv" in done.stderr


def test_make_installs_once_and_again_when_requirements_change(clone):
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("uv", "python"):
        (programs / name).write_text('#!/bin/sh\necho "$(basename $0) $*"\n')
        (programs / name).chmod(0o755)

    def called():
        out = make("notebooks", folder=clone).stdout.splitlines()
        return [" ".join(line.split()[:3]) for line in out if not line.startswith(".venv")]

    assert called() == ["uv pip install", "python -m blogkit"]
    assert called() == ["python -m blogkit"]
    for name in ("pyproject.toml", "constraints.txt"):
        later = (clone / ".venv" / "installed").stat().st_mtime + 1
        os.utime(clone / name, (later, later))
        assert called() == ["uv pip install", "python -m blogkit"]
        os.utime(clone / name, (0, 0))
        assert called() == ["python -m blogkit"]
