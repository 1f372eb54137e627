"""The script that prints the conformance table: its exit code, its width and its files."""

import importlib.util
import json
import subprocess
import sys

import pytest


@pytest.fixture
def script(root):
    path = root / "benchmarks" / "accumulation_conformance.py"
    spec = importlib.util.spec_from_file_location("accumulation_conformance", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(cell="ragged", backend="jax", ours=1e-15, verdict="exact", **more):
    return {
        "cell": cell,
        "backend": backend,
        "dtype": "float64",
        "floor": 2e-15,
        "built_in": 0.6,
        "ours": ours,
        "bound": 1e-10,
        "verdict": verdict,
        "meaning": "A sentence.",
        "extra_line": True,
        "defect": "",
        **more,
    }


def run(script, monkeypatch, rows, *arguments):
    monkeypatch.setattr(script, "measure", lambda backend, options: rows)
    return script.main(["--backend", "jax", *arguments])


def test_exits_with_1_and_names_the_rows_that_are_not_exact(script, monkeypatch, capsys):
    assert run(script, monkeypatch, [row()]) == 0
    assert capsys.readouterr().err == ""
    bad = [row(n, ours=d, verdict="not exact") for n, d in (("EMA", 0.3), ("a", "KeyError"))]
    assert run(script, monkeypatch, [row(), *bad]) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "jax: 'EMA' is not exact: 0.3, bound 1e-10",
        "jax: 'a' is not exact: KeyError, bound 1e-10",
    ]
    assert "3e-01 !" in printed.out


def test_batch_normalization_is_no_failure(script, monkeypatch, capsys):
    expected = row("BatchNormalization", ours=1.0, verdict="not exact, as expected")
    assert run(script, monkeypatch, [expected]) == 0
    assert "1e+00 *" in capsys.readouterr().out


def test_table_has_a_row_per_cell_and_at_most_120_columns(script):
    longest = "c" * 34
    wide = {"built_in": "NotImplementedError", "ours": float("nan"), "verdict": "not exact"}
    rows = [row(longest, backend, **wide) for backend in script.BACKENDS]
    defect = "one word " * 30
    rows.append(row("one", "torch", dtype="float32", extra_line=False, defect=defect))
    lines = script.as_text(rows).splitlines()
    assert max(map(len, lines)) <= 120
    assert lines[0].split() == list(script.BACKENDS)
    assert lines[2].split() == [longest, "+", "64/64/64"] + ["2e-15", "NotImpleme", "nan", "!"] * 3
    assert lines[3].split() == ["one", "-/-/32", "2e-15", "6e-01", "1e-15"]


def test_files_hold_the_table_and_every_number(script, monkeypatch, tmp_path, capsys):
    rows = [row(), *(row(name, defect="wrong in plain Keras") for name in ("a", "b"))]
    paths = tmp_path / "new" / "table.md", tmp_path / "rows.json"
    run(script, monkeypatch, rows, "--markdown", str(paths[0]), "--json", str(paths[1]))
    assert json.loads(paths[1].read_text()) == rows
    markdown = paths[0].read_text()
    assert "| ragged + | 64 | 2e-15 | 6e-01 | 1e-15 |" in markdown
    assert "- floor of 'a' and 'b': wrong in plain Keras." in markdown
    assert "- **ragged**: A sentence." in markdown


def command(root, *arguments):
    return subprocess.run(
        [sys.executable, root / "benchmarks" / "accumulation_conformance.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_installed_backend_gets_its_columns(root):
    done = command(root, "--backend", "all", "--cell", "apply")
    assert done.returncode == 0, done.stderr
    installed = [b for b in ("tensorflow", "jax", "torch") if importlib.util.find_spec(b)]
    lines = done.stdout.splitlines()
    assert lines[0].split() == installed
    name, bits, *numbers = lines[2].split()
    assert (name, len(bits.split("/")), len(numbers)) == (
        "apply",
        len(installed),
        3 * len(installed),
    )
    # A line of progress per cell or that a backend is missing, and nothing of native code's.
    progress = done.stderr.splitlines()
    assert [line.split()[0] for line in progress if " s  apply: " in line] == installed
    assert len(progress) == 3, done.stderr


def test_an_unknown_cell_is_named_with_the_nearest(root):
    done = command(root, "--backend", "jax", "--cell", "raged")
    assert done.returncode == 1 and done.stdout == ""
    assert "accumulation_conformance: No cell is called 'raged'. Nearest: ['ragged'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
