"""What can be compared: files, folders, records, notebooks, `committed`; and what is refused in one line."""

import pytest
from two_runs import NAME, claims, on_jax, recorded, result, show_claims, write

from blogkit.runner.compare.comparison import compare
from blogkit.runner.compare.sides import pair_sides, read_side

OTHER = "08_gradient_accumulation"


@pytest.fixture
def folder(clone, tmp_path):
    """A folder with results of two notebooks; the clone has both."""
    clone.add(NAME)
    clone.add(OTHER)
    write(tmp_path / "runs", result())
    write(tmp_path / "runs", result(notebook=OTHER), f"{OTHER}.json")
    return tmp_path / "runs"


def test_a_record_is_read_like_a_result_file(clone, folder):
    path = write(folder, recorded(), f"{NAME}.evening.cpu.json")
    ((run,),) = read_side(str(path), clone.project).values()
    assert run.notebook == NAME and run.executed is None
    assert run.environment == result()["environment"]
    found = compare(path, folder / f"{NAME}.json", clone.project)
    assert set(found.counts) == {"equal"}
    assert [(cause.name, cause.a, cause.b) for cause in found.pairs[0].causes] == [("seed", "0, 1, 2", "0")]


def test_a_record_edited_by_hand_is_refused(blogkit, folder):
    path = write(folder, recorded() | {"seconds": 1.0}, f"{NAME}.evening.cpu.json")
    code, _, err = blogkit("compare", path, folder)
    assert code == 2 and "edited by hand" in err and str(path) in err and err.count("\n") == 1


def test_the_executed_notebook_stands_beside_its_result_file(clone, folder):
    (folder / f"{NAME}.ipynb").write_text("{}")
    ((run,),) = read_side(str(folder / f"{NAME}.json"), clone.project).values()
    assert run.executed == folder / f"{NAME}.ipynb"


def test_an_executed_notebook_tells_its_claims_and_parameters(clone, tmp_path):
    path = clone.add(NAME).rename(tmp_path / f"{NAME}.ipynb")
    start = "2026-01-02T03:04:05.678"
    show_claims(path, claims(), papermill={"parameters": {"seed": 3}, "start_time": start, "duration": 7.5})
    ((run,),) = read_side(str(path), clone.project).values()
    assert [claim.id for claim in run.claims] == ["C1", "C2", "C3", "C4"]
    values = {"seed": 3, "rate": 0.1, "dataset": "embedded", "sizes": [1, 2], "fast": False}
    assert run.result["parameters"] == values
    assert (run.result["started"], run.result["seconds"]) == (start, 7.5)
    assert run.environment == {} and run.error == ""


def test_the_committed_notebooks_ran_with_their_own_values_on_tensorflow(clone):
    show_claims(clone.add(NAME), claims())
    clone.add(OTHER)  # shows no claims
    ((name, (run,)),) = read_side("committed", clone.project).items()
    assert name == NAME and run.environment == {"backend": "tensorflow"}
    assert run.result["parameters"]["rate"] == 0.1


def test_committed_notebooks_that_have_no_partner_are_not_read(clone, folder):
    show_claims(clone.add(NAME), claims())
    (clone.root / "notebooks/08_gradient_accumulation.ipynb").write_text("cut")
    pairs, lacking = pair_sides(str(folder / f"{NAME}.json"), "committed", clone.project, [])
    assert [run.notebook for run in pairs[0]] == [NAME, NAME]
    assert lacking == {"a": [], "b": []}


def test_folders_are_compared_notebook_by_notebook(clone, folder, tmp_path):
    write(tmp_path / "jax", on_jax())
    pairs, lacking = pair_sides(str(folder), str(tmp_path / "jax"), clone.project, [])
    assert [[run.notebook for run in pair] for pair in pairs] == [[NAME, NAME]]
    assert lacking == {"a": [], "b": [OTHER]}
    assert len(pair_sides(str(folder), str(folder), clone.project, [])[0]) == 2
    assert len(pair_sides(str(folder), str(folder), clone.project, ["08"])[0]) == 1


def test_a_failed_run_is_part_of_its_folder(clone, tmp_path):
    (tmp_path / "runs").mkdir()
    path = clone.add(NAME).rename(tmp_path / "runs" / f"{NAME}.failed.ipynb")
    show_claims(path, claims(), error="Identities\nfail")
    for side in (tmp_path / "runs", path):
        ((run,),) = read_side(str(side), clone.project).values()
        assert (run.notebook, len(run.claims), run.error) == (NAME, 4, "AssertionError: Identities fail")


def test_a_failed_run_that_saved_its_result_names_commit_and_device(clone, tmp_path):
    (tmp_path / "runs").mkdir()
    path = clone.add(NAME).rename(tmp_path / "runs" / f"{NAME}.failed.ipynb")
    show_claims(path, claims(), error="Identities fail")
    write(tmp_path / "runs", result(environment={"commit": "feedbeef-dirty"}), f"{NAME}.failed.json")
    ((run,),) = read_side(str(tmp_path / "runs"), clone.project).values()
    assert (run.environment["commit"], run.error) == ("feedbeef-dirty", "AssertionError: Identities fail")


@pytest.fixture
def bad(clone, folder, tmp_path):
    """Sides that cannot be compared, by name."""
    (tmp_path / "broken.json").write_text('{"claims": [')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "latin.json").write_bytes("é".encode("latin-1"))
    (tmp_path / "empty").mkdir()
    write(tmp_path, result() | {"environment": "mine"}, "odd.json")
    (tmp_path / "cut.ipynb").write_text("{")
    write(tmp_path, result(claims=[{"id": "C1", "sentence": "old", "value": 1, "at_most": 2}]), "old.json")
    write(tmp_path, result(claims=["C1"]), "text.json")
    write(tmp_path / "twice", result())
    write(tmp_path / "twice", result(), f"{NAME}.evening.cpu.json")
    write(tmp_path / "mixed", result(), "01.json")
    (tmp_path / "mixed/02.json").write_text("{")
    return tmp_path


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("nowhere.json", "runs", ["nowhere.json", "a folder"]),
        ("broken.json", "runs", ["broken.json is not a result file", "line 1"]),
        ("list.json", "runs", ["list.json is not a result file", "`notebook` is not text"]),
        ("odd.json", "runs", ["odd.json", "`environment` is not an object"]),
        ("latin.json", "runs", ["latin.json is not a result file"]),
        ("runs", "empty", ["empty", "holds no claims", "blogkit run"]),
        ("runs", "cut.ipynb", ["cut.ipynb is not a notebook"]),
        ("runs", "old.json", ["old.json", "cannot read", "kind"]),
        ("runs", "text.json", ["text.json", "cannot read"]),
        ("runs", "mixed", ["02.json is not a result file"]),
        ("runs", "twice", ["2 results of 03_on_lstm", "03_on_lstm.evening.cpu.json", "Name one"]),
        (f"runs/{NAME}.json", f"runs/{OTHER}.json", ["same notebook", NAME, OTHER]),
    ],
)
def test_what_cannot_be_compared_takes_one_line_and_writes_nothing(bad, blogkit, a, b, words):
    before = sorted(bad.rglob("*"))
    files = ["--json", bad / "new.json", "--html", bad / "new.html", "--crate", bad / "new"]
    code, out, err = blogkit("compare", bad / a, bad / b, *files)
    assert (code, out) == (2, "")
    assert err.startswith("blogkit: ") and err.count("\n") == 1, err
    for word in words:
        assert word in err
    assert sorted(bad.rglob("*")) == before


def test_a_name_that_neither_side_holds_is_refused(blogkit, folder):
    code, _, err = blogkit("compare", folder, folder, "04")
    assert code == 2 and "unknown notebook '04'" in err and OTHER in err
