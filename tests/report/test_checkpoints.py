"""A folder of trainings belongs to one run: other parameters, backend or data are refused."""

import json

import pytest

from blogkit.report import Report, checkpoint_folder
from blogkit.report import report as module


def begin(name="01_one", **parameters):
    return Report(
        name, article="https://kexue.fm/archives/6794", parameters={"seed": 0, "rate": 0.1} | parameters
    )


@pytest.fixture(autouse=True)
def no_report(monkeypatch):
    """The last report and folder of other tests do not count."""
    from blogkit.report import checkpoints

    monkeypatch.setattr(checkpoints, "_notebook", "")
    monkeypatch.setattr(checkpoints, "_folders", set())


@pytest.mark.parametrize(
    "change, said",
    [
        ({"rate": 0.2}, "rate=0.2, and rate=0.1 in the folder"),
        ({"seed": 1}, "seed=1, and seed=0 in the folder"),
        ({"seed": 0.0}, None),
    ],
)
def test_other_parameters_are_refused(tmp_path, change, said):
    begin()
    folder = checkpoint_folder(str(tmp_path / "saved"))
    assert [path.name for path in folder.iterdir()] == ["01_one.run.json"]
    begin()
    assert checkpoint_folder(str(folder)) == folder
    begin(**change)
    if said is None:  # equal numbers
        assert checkpoint_folder(str(folder)) == folder
        return
    with pytest.raises(ValueError, match=f"Received: {said}. Choose another folder, or delete '.*saved'"):
        checkpoint_folder(str(folder))


@pytest.mark.parametrize("before", [True, False])
def test_other_data_are_refused_whenever_they_are_recorded(tmp_path, before):
    def run(rows):
        report = begin()
        if before:
            report.data("digits", train=rows)
        checkpoint_folder(str(tmp_path))
        if not before:
            report.data("digits", train=rows)
        report.data("other digits", train=[0])

    run([1, 2])
    run([1, 2])
    with pytest.raises(ValueError, match="Received: data of digits={'train': '.*in the folder. Choose"):
        run([1, 3])
    run([1, 2])


def test_another_backend_is_refused(tmp_path, monkeypatch):
    for name in ("jax", "torch"):
        monkeypatch.setattr(module, "backend", lambda name=name: name)
        begin()
        if name == "jax":
            checkpoint_folder(str(tmp_path))
    with pytest.raises(ValueError, match="backend='torch', and backend='jax' in the folder"):
        checkpoint_folder(str(tmp_path))


def test_the_folder_itself_is_no_setting_and_notebooks_may_share_it(tmp_path):
    begin(checkpoint="here")
    checkpoint_folder(str(tmp_path))
    begin(checkpoint="there")
    checkpoint_folder(str(tmp_path))
    begin("02_two", rate=0.5)
    checkpoint_folder(str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2
    assert "checkpoint" not in json.loads((tmp_path / "01_one.run.json").read_text())


def test_a_damaged_file_names_the_folder_to_delete(tmp_path):
    begin()
    (tmp_path / "01_one.run.json").write_text('{"seed')
    with pytest.raises(ValueError, match="01_one.run.json is damaged: .* Delete '"):
        checkpoint_folder(str(tmp_path))


def test_without_a_report_nothing_is_compared(tmp_path):
    assert checkpoint_folder(str(tmp_path)) == tmp_path and not list(tmp_path.iterdir())
