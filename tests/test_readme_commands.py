"""Every command and example that the READMEs and CONTRIBUTING show does what is said."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from readme import NOTEBOOKS, ROOT, blocks, claims, commands, text

from blogkit.datasets import mnist
from blogkit.runner import main
from blogkit.runner.backends import BACKENDS
from blogkit.runner.job import Outcome
from data_download.cli import main as data_download

# How each command that is shown is checked. Nothing is installed, fetched or trained here.


def recipe(*expected):
    """A make target: its recipe, in a fresh clone, holds what is `expected`."""

    def check(command, tmp_path, monkeypatch, capsys):
        shutil.copy(ROOT / "Makefile", tmp_path)
        for name in ("pyproject.toml", "constraints.txt"):
            (tmp_path / name).touch()
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            monkeypatch.delenv(name, raising=False)
        dry = [*shlex.split(command), "--dry-run"]
        shown = subprocess.run(dry, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for part in expected:
            assert part in shown

    return check


def plans(command, tmp_path, monkeypatch, capsys):
    """`blogkit run` or `refresh`: names, parameters, profile and backend are valid ones."""
    planned = []

    def run(jobs, *rest, **options):
        planned.extend(jobs)
        return [Outcome(getattr(job, "name", ""), "skipped", 0.0) for job in jobs]

    monkeypatch.setattr("blogkit.runner.seeds.run_seeds", run)
    monkeypatch.setattr("blogkit.runner.run.run", run)
    monkeypatch.setattr("blogkit.runner.refresh.refresh", run)
    succeeds(command, tmp_path, monkeypatch, capsys)
    assert planned


def succeeds(command, tmp_path, monkeypatch, capsys):
    """A `blogkit` command that is quick enough to run."""
    words = shlex.split(command)
    while "=" in words[0]:
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    assert words[:3] == ["python", "-m", "blogkit"]
    monkeypatch.chdir(ROOT)
    assert main(words[3:]) == 0
    return capsys.readouterr().out


def records(command, tmp_path, monkeypatch, capsys):
    """`blogkit record`: notebook and profile are valid ones."""
    planned = []

    def record(project, notebooks, profile, *rest):
        planned.append((notebooks, project.profiles()[profile]))
        return 0

    monkeypatch.setattr("blogkit.runner.record.record", record)
    succeeds(command, tmp_path, monkeypatch, capsys)
    ((notebooks, profile),) = planned
    assert notebooks and profile.is_file()


def compares(command, tmp_path, monkeypatch, capsys):
    """`blogkit compare` finds the committed claims equal to a run that found the same."""
    (name, *_) = NOTEBOOKS
    fields = {"notebook": name, "parameters": {}, "claims": [claim.to_dict() for claim in claims(name)]}
    (tmp_path / "runs/default").mkdir(parents=True)
    (tmp_path / f"runs/default/{name}.json").write_text(json.dumps(fields), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["--root", str(ROOT), *shlex.split(command)[3:]]) == 0
    assert f"{len(claims(name))} equal" in capsys.readouterr().out


def packs(command, tmp_path, monkeypatch, capsys):
    """`blogkit bundle`: backend, Python and profile are valid ones."""
    ordered = []
    monkeypatch.setattr(
        "blogkit.runner.bundle.pack.pack", lambda project, order, steps: ordered.append(order)
    )
    succeeds(command, tmp_path, monkeypatch, capsys)
    (order,) = ordered
    assert order.backend in BACKENDS and (ROOT / f"notebooks/profiles/{order.profile}.yaml").is_file()


def lints(command, tmp_path, monkeypatch, capsys):
    """`blogkit check`; notebooks/test_contract.py asserts that it finds nothing."""
    monkeypatch.setattr("blogkit.runner.check.check_notebook", lambda path: [])
    assert "08_gradient_accumulation: ok" in succeeds(command, tmp_path, monkeypatch, capsys)


def lists(command, tmp_path, monkeypatch, capsys):
    shown = succeeds(command, tmp_path, monkeypatch, capsys)
    assert "Profiles: default, evening, gpu, paper, smoke" in shown
    assert all(name in shown for name in NOTEBOOKS)


def prepares(command, tmp_path, monkeypatch, capsys):
    """papermill takes notebook and profile; notebooks/ also executes the result."""
    words = [str(tmp_path / w) if w == "out.ipynb" else w for w in shlex.split(command)]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--prepare-only"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    prepared = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert any("injected-parameters" in cell.metadata.get("tags", ()) for cell in prepared.cells)


def installs(command, tmp_path, monkeypatch, capsys):
    """Extras and files exist; test_environment.py resolves the command."""
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "pip", "install"]
    assert (ROOT / words[words.index("-c") + 1]).is_file()
    clone = next(word for word in words if word.startswith(".["))
    known = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    assert Requirement(clone.replace(".", "blogkit", 1)).extras <= set(known)


def installs_alone(command, tmp_path, monkeypatch, capsys):
    """What is left out stands in an extra of its own, all but TensorFlow."""
    name = shlex.split(command)[-1]
    extras = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    here = {Requirement(line).name for line in extras["bert-parts"]}
    needed = {Requirement(line) for line in metadata.requires(name)}
    needed = {need.name for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})}
    assert here == needed - {"keras", "numpy", "packaging", "tensorflow", "tensorflow-text"}


def activates(command, tmp_path, monkeypatch, capsys):
    if not (ROOT / ".venv").is_dir():
        pytest.skip("this environment was not made by `make`")
    line = f"{command} && python -c 'import sys; print(sys.prefix)'"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).samefile(ROOT / ".venv")


def clones(command, tmp_path, monkeypatch, capsys):
    """With the address of a repository in the place of URL."""
    if (
        not shutil.which("git")
        or subprocess.run(["git", "-C", ROOT, "rev-parse"], capture_output=True).returncode
    ):
        pytest.skip("this folder is not a clone that git may read")
    line = command.replace("URL", shlex.quote(str(ROOT))).replace("clone", "clone --quiet --no-checkout")
    done = subprocess.run(["bash", "-c", f"{line} && pwd"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "blogkit")


def measures(command, tmp_path, monkeypatch, capsys):
    """The benchmark finds ours exact, and Keras' own as far off as the README says."""
    python, *words = shlex.split(command)
    assert python == ".venv/bin/python"
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    (row,) = re.findall(r"^ragged \+ +64 +(\S+) +(\S+) +(\S+)$", done.stdout, re.MULTILINE)
    floor, built_in, ours = map(float, row)
    assert max(floor, ours) < 1e-14
    assert f"and {built_in:.1f} with Keras' built-in accumulation" in text("README.md")


def chooses_the_backend(command, tmp_path, monkeypatch, capsys):
    line = f"{command} && {sys.executable} -c 'import keras; print(keras.backend.backend())'"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == command.partition("=")[2]


def conda(command, tmp_path, monkeypatch, capsys):
    """The file and the environment's name; test_environment.py resolves what is inside."""
    name = yaml.safe_load(text("environment.yml"))["name"]
    assert command in ("conda env create -f environment.yml", f"conda activate {name}")


def shows_data(command, tmp_path, monkeypatch, capsys):
    """A `data_download` command that fetches nothing."""
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "data_download"]
    assert data_download(words[3:]) == 0
    assert capsys.readouterr().out


def fetches(command, tmp_path, monkeypatch, capsys):
    """`get` would put the file where the reader looks for it."""

    def fetch(file, place, transfer):
        place.write_text(file.urls[0])

    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    monkeypatch.setattr("data_download.get.fetch", fetch)
    *start, name = shlex.split(command)
    with pytest.raises(FileNotFoundError, match=re.escape(command)) as error:
        mnist("official")
    assert start == ["python", "-m", "data_download", "get"]
    assert data_download(["get", name]) == 0
    assert error.value.path.read_text().startswith("https://")


def names_the_data_folder(command, tmp_path, monkeypatch, capsys):
    from blogkit.datasets.folder import DATA_VARIABLE

    assert command.startswith(f"export {DATA_VARIABLE}=")


CHECKS = {
    "git clone URL blogkit && cd blogkit": clones,
    ".venv/bin/python benchmarks/accumulation_conformance.py --backend jax --cell ragged": measures,
    "export KERAS_BACKEND=jax": chooses_the_backend,
    'python -m pip install -c constraints.txt ".[jax]"': installs,
    "make install": recipe('-e ".[tensorflow,bert,notebooks,test]"', "-c constraints.txt"),
    "make notebooks": recipe("python -m blogkit run"),
    "make test": recipe("python -m pytest"),
    "make lab": recipe("jupyter lab --notebook-dir notebooks"),
    "make report": recipe("python -m blogkit report"),
    "make refresh": recipe("python -m blogkit refresh"),
    "make constraints": recipe("uv pip compile", "-o constraints.txt"),
    'make notebooks EXTRAS=gpu,bert,notebooks RUN_FLAGS="--profile paper"': recipe(
        '-e ".[gpu,bert,notebooks]"', "python -m blogkit run --profile paper"
    ),
    "python -m blogkit run": plans,
    "python -m blogkit run --list": lists,
    "python -m blogkit run 08 -p epochs 8 -p seed 1": plans,
    "python -m blogkit run 08 -p dataset official": plans,
    "KERAS_BACKEND=jax python -m blogkit run --profile paper": plans,
    "python -m blogkit run 03 --seeds 5": plans,
    "python -m blogkit record 08 --profile evening": records,
    "python -m blogkit compare committed runs/default": compares,
    "python -m blogkit bundle --backend jax --python 3.12 --profile gpu -o bundle.tar": packs,
    "python -m blogkit refresh 08": plans,
    "python -m blogkit check": lints,
    "python -m blogkit check 08": lints,
    "papermill notebooks/08_gradient_accumulation.ipynb out.ipynb -f notebooks/profiles/smoke.yaml": prepares,
    "source .venv/bin/activate": activates,
    "conda env create -f environment.yml": conda,
    "conda activate blogkit": conda,
    'python -m pip install -c constraints.txt ".[tensorflow]"': installs,
    'python -m pip install -c constraints.txt -e ".[jax,notebooks,bert-parts]" "jax[cuda12]"': installs,
    "python -m pip install -c constraints.txt --no-deps keras-hub": installs_alone,
    "export BLOGKIT_DATA=~/blogkit-data": names_the_data_folder,
    "python -m data_download list": shows_data,
    "python -m data_download info celeba": shows_data,
    "python -m data_download verify": shows_data,
    "python -m data_download get mnist": fetches,
}


def test_every_command_shown_is_checked_and_every_check_is_of_a_command_shown():
    assert {*commands("README.md"), *commands("CONTRIBUTING.md")} == set(CHECKS)


@pytest.mark.parametrize("command", CHECKS)
def test_command_does_what_is_said(command, tmp_path, monkeypatch, capsys):
    CHECKS[command](command, tmp_path, monkeypatch, capsys)


def test_examples_print_what_they_say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in blocks("README.md", "python"):  # one goes on where the last ended
        exec(compile(code, "README.md", "exec"), names)
        assert capsys.readouterr().out.splitlines() == re.findall("# prints: (.*)", code)
