import pytest

from blogkit.runner.project import Project, UsageError, unknown


@pytest.fixture
def project(clone):
    for name in ("01_one", "02_two", "02_too", "10_ten"):
        clone.add(name)
    (clone.root / "notebooks/scratch.ipynb").touch()  # no number: not part of the series
    return clone.project


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ["01_one", "02_too", "02_two", "10_ten"]),
        (["10", "01"], ["10_ten", "01_one"]),
        (["01_one", "01", "01_one.ipynb"], ["01_one"]),
        (["02"], ["02_too", "02_two"]),
        (["02_two"], ["02_two"]),
    ],
)
def test_select(project, names, expected):
    assert [path.stem for path in project.select(names)] == expected


def test_select_takes_a_path_of_this_clone_only(project, monkeypatch):
    monkeypatch.chdir(project.notebooks)
    (path,) = project.select([str(project.notebooks / "01_one.ipynb")])
    assert project.select(["./01_one.ipynb"]) == [path]
    with pytest.raises(UsageError, match="01_one"):
        project.select(["../01_one.ipynb"])


@pytest.mark.parametrize("name", ["scratch", "1", "0", "one", "01_", "notebooks/"])
def test_select_names_what_it_does_not_know(project, name):
    with pytest.raises(UsageError, match="01_one, 02_too, 02_two, 10_ten"):
        project.select([name])


def test_default_is_a_profile_and_has_no_file(clone):
    clone.profile("smoke", "")
    assert list(clone.project.profiles()) == ["default", "smoke"]
    assert clone.project.profiles()["default"] is None


def test_unknown_lists_what_there_is():
    assert str(unknown("thing", "x", [])) == "unknown thing 'x'. Valid: none."
    assert str(unknown("thing", 3, ["one", "two"])) == "unknown thing '3'. Valid: one, two."


def test_a_project_needs_notebooks(tmp_path):
    with pytest.raises(UsageError, match="--root CLONE"):
        Project(tmp_path)
