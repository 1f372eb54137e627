"""Command-line arguments and their error messages; no test starts a kernel."""

import os
import subprocess
import sys

import pytest

from blogkit.runner import main

FAILS = "raise SystemError('executed')"


@pytest.fixture
def clone(clone):
    """A clone with two notebooks that share few parameters, and some odd profiles."""
    clone.add("01_one", FAILS)
    clone.add("02_two", FAILS, parameters="steps: int = 3  # how many\nnote = 5\npair: tuple = (1, 2)")
    clone.profile("smoke", "seed: 1\nsteps: 2\n")
    clone.profile("broken", "a: [1\nb: {")
    clone.profile("alien", "sede: 1")
    clone.profile("text", "rate: 1e-3")
    clone.profile("list", "- 1")
    clone.profile("zero", "0")
    clone.profile("element", "sizes: [1, two]")
    clone.profile("truth", "seed: true")
    clone.profile("low", "rate: -1")
    clone.profile("empty", "# nothing yet\n")
    (clone.root / "notebooks/profiles/latin.yaml").write_bytes("a: \xe9".encode("latin-1"))
    return clone


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "03"], ["notebook '03'", "01_one, 02_two"]),
        (["run", "01_oen"], ["'01_oen'", "Did you mean '01_one'?"]),
        (["run", ""], ["notebook ''", "01_one"]),
        (["run", "elsewhere/01_one.ipynb"], ["elsewhere/01_one.ipynb"]),
        (["refresh", "03"], ["notebook '03'", "01_one"]),
        (["check", "03"], ["notebook '03'", "01_one"]),
        (["report", "03"], ["notebook '03'", "01_one"]),
        (["report", "--profile", "smok"], ["profile 'smok'", "Did you mean 'smoke'?"]),
        (["run", "--profile", "fast"], ["profile 'fast'", "default", "smoke"]),
        (["run", "--profile", "alien"], ["'sede'", "'alien'", "Did you mean 'seed'?", "steps"]),
        (["run", "--profile", "broken"], ["broken.yaml", "not YAML"]),
        (["run", "--profile", "latin"], ["latin.yaml", "not YAML"]),
        (["run", "--profile", "list"], ["list.yaml", "[1]"]),
        (["run", "--profile", "zero"], ["zero.yaml", "0"]),
        (["run", "--profile", "text"], ["'rate'", "float", "'1e-3'", "write 1.0e-3"]),
        (["run", "--profile", "element"], ["'sizes'", "int", "'two'"]),
        (["run", "--profile", "truth"], ["'seed'", "int", "True"]),
        (["run", "01", "-p", "sede", "1"], ["'sede'", "01_one", "Did you mean 'seed'?", "rate"]),
        (["run", "-p", "steps", "1"], ["'steps'", "01_one", "seed"]),
        (["run", "01", "-p", "seed", "1.5"], ["'seed'", "int", "1.5, which is float"]),
        (["run", "01", "-p", "seed", "one"], ["'seed'", "int", "'one'"]),
        (
            ["run", "01", "-p", "rate", "-inf"],
            ["'rate'", "float", "default 0.1", "-inf, which is not finite"],
        ),
        (["run", "01", "-p", "rate", "nan"], ["'rate'", "float", "default 0.1", "nan, which is not finite"]),
        (["run", "01", "-p", "rate", "-1e-3"], ["'rate'", "float, more than 0", "default 0.1", "-0.001"]),
        (["run", "01", "-p", "seed", "-1"], ["'seed'", "int, at least 0", "default 0", "gives -1"]),
        (["record", "01", "--profile", "smoke", "-p", "seed", "-1"], ["'seed'", "at least 0", "gives -1"]),
        (["run", "01", "--seeds", "2", "-p", "rate", "0"], ["'rate'", "more than 0", "-p gives 0.0"]),
        (["run", "--profile", "low"], ["'rate'", "more than 0", "profile 'low' gives -1.0"]),
        (["report", "--profile", "low"], ["'rate'", "more than 0", "profile 'low' gives -1.0"]),
        (["run", "01", "-p", "rate", "fast"], ["'rate'", "float", "'fast'"]),
        (["run", "01", "-p", "fast", "1"], ["'fast'", "bool", "int"]),
        (["run", "01", "-p", "sizes", "3"], ["'sizes'", "list[int]", "3"]),
        (["run", "01", "-p", "sizes", "[a, ]]"], ["'sizes'", "list[int]"]),
        (["run", "02", "-p", "note", "1"], ["'note'", "declared", "int, float, str, bool, list"]),
        (["run", "02", "-p", "pair", "[1, 2]"], ["'pair'", "'tuple'", "int, float, str, bool, list"]),
        (["run", "--backend", "theano"], ["backend 'theano'", "tensorflow, jax, torch"]),
        (["run", "--jobs", "0"], ["--jobs", "0"]),
        (["run", "--jobs", "-1"], ["--jobs", "-1"]),
        (["run", "--jobs", "x"], ["--jobs", "'x'"]),
        (["run", "01", "--seeds", "0"], ["--seeds", "positive", "0"]),
        (["run", "01", "--seeds", "-3"], ["--seeds", "positive", "-3"]),
        (["run", "01", "--seeds", "two"], ["--seeds", "'two'"]),
        (["run", "01", "--seeds", "1.5"], ["--seeds", "'1.5'"]),
        (["run", "01", "--seeds"], ["--seeds"]),
        (["run", "--seeds", "2"], ["--seeds", "'seed'", "02_two"]),
        (["run", "01", "--seeds", "2", "-p", "seed", "5"], ["--seeds 2", "seeds 0 to 1", "-p seed"]),
        (["run", "01", "--seeds", "2", "-p", "sede", "5"], ["'sede'", "Did you mean 'seed'?"]),
        (["run", "01", "--seeds", "2", "--list"], ["--list", "--seeds"]),
        (["run", "-p", "seed"], ["-p"]),
        (["run", "--profile"], ["--profile"]),
        (["run", "--prifile", "smoke"], ["--prifile"]),
        (["walk"], ["'walk'", "run", "refresh", "check", "report"]),
        ([], ["COMMAND"]),
    ],
    ids=" ".join,
)
def test_bad_requests_take_one_line_and_execute_nothing(clone, blogkit, arguments, words):
    code, out, err = blogkit(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("blogkit: ") and err.count("\n") == 1, err
    for word in words:
        assert word in err
    assert not (clone.root / "runs").exists()


def test_a_backend_that_is_not_installed_is_named_with_those_that_are(clone, blogkit, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "jax" or None)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    code, _, err = blogkit("run")
    assert code == 2
    assert "'torch' is not installed" in err and "Installed: jax;" in err


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"cells": 1, "nbformat": 4}'])
def test_a_file_that_is_no_notebook_is_named(clone, blogkit, content):
    path = clone.root / "notebooks/03_three.ipynb"
    path.write_text(content)
    code, _, err = blogkit("run")
    assert code == 2
    assert err.count("\n") == 1 and f"{path} is not a notebook" in err


def test_a_folder_without_notebooks_is_named(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "check"]) == 2
    assert str(tmp_path / "notebooks") in capsys.readouterr().err
    (tmp_path / "notebooks").mkdir()
    assert main(["--root", str(tmp_path), "check"]) == 2
    assert "no notebook in" in capsys.readouterr().err


def test_root_may_stand_before_or_after_the_command(clone, capsys):
    root = str(clone.root)
    for arguments in (
        ["--root", root, "run", "--list"],
        ["run", "--root", root, "--list"],
        ["run", "--list", "--root", root],
    ):
        assert main(arguments) == 0
        assert "02_two" in capsys.readouterr().out


def test_without_root_the_working_directory_counts_if_it_holds_notebooks(clone, capsys, monkeypatch):
    monkeypatch.chdir(clone.root)
    assert main(["run", "--list"]) == 0
    assert "02_two" in capsys.readouterr().out
    monkeypatch.chdir(clone.root / "notebooks")  # holds no notebooks/: the clone blogkit runs from
    assert main(["run", "--list"]) == 0
    assert "08_gradient_accumulation" in capsys.readouterr().out


def test_list_shows_profiles_and_parameters_with_their_help(clone, blogkit):
    code, out, err = blogkit("run", "--list")
    assert (code, err) == (0, "")
    assert "Profiles: default" in out and "smoke" in out
    assert "rate: float = 0.1" in out and "# learning rate" not in out and "learning rate" in out
    assert "seed: int = 0" not in blogkit("run", "02", "--list")[1]


def test_check_counts_the_notebooks_with_faults(clone, blogkit):
    code, out, _ = blogkit("check")
    assert code == 2
    assert "01_one: " in out and "faults" in out


def test_report_writes_a_page_with_a_corrupt_result_left_out(clone, blogkit):
    runs = clone.root / "runs/default"
    runs.mkdir(parents=True)
    (runs / "01_one.json").write_text('{"claims": [{"id"')
    (runs / "01_one.ipynb").write_text("cut")
    code, out, _ = blogkit("report", "--output", clone.root / "page.html")
    assert (code, out) == (0, f"{clone.root / 'page.html'}\n")
    assert "Title of 01_one" in (clone.root / "page.html").read_text(encoding="utf-8")


MISTAKES = (
    "walk",
    "run 03",
    "run --profile smok",
    "run --backend theano",
    "run 01 -p sede 1",
    "run 01 -p seed 1.5",
    "run 01 -p rate nan",
    "run --jobs 0",
    "run --seeds 0",
    "run 03 --list",
    "record 03",
    "record --profile smok",
    "record --backend theano",
    "record --profile smoke -p sede 1",
    "refresh 03",
    "check 03",
    "report 03",
    "report --profile smok",
    "report --compare elsewhere committed",
    "compare elsewhere committed",
    "compare committed elsewhere",
    "compare committed committed 03",
    "bundle 03",
    "bundle --profile smok",
    "bundle --backend theano",
    "bundle --data mnits",
    "bundle --platform windows",
    "bundle --python 2.7",
    "bundle --backend-wheels cuda9",
)


def test_names_are_checked_before_the_tools_for_notebooks_are_imported(clone):
    """A mistyped name is answered at once, whatever the command."""
    heavy = {"papermill", "nbclient", "nbconvert", "nbformat", "jinja2", "scipy", "matplotlib", "keras"}
    code = (
        "import sys\nfrom blogkit.runner import main\n"
        f"for mistake in {MISTAKES!r}:\n"
        f"    code = main(['--root', {str(clone.root)!r}, *mistake.split()])\n"
        f"    print(mistake, code, sorted({heavy!r} & set(sys.modules)), sep='|')"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.splitlines() == [f"{mistake}|2|[]" for mistake in MISTAKES], answer.stderr
    errors = answer.stderr.splitlines()
    assert len(errors) == len(MISTAKES) and all(line.startswith("blogkit: ") for line in errors)


def test_a_poor_terminal_gets_a_table_too(clone):
    answer = subprocess.run(
        [sys.executable, "-m", "blogkit", "run", "--root", clone.root, "--list", "01"],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
