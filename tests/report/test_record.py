"""Records as files: they come back as they were, and nothing that was changed passes as recorded."""

import json

import pytest
from example_record import PNG, PNGS, record, write

from blogkit.report.record import checksum, figure_bytes, files_of, read_record, read_records, strays


def edited(path, change):
    """Rewrite the JSON at `path` after `change` of its fields, with the checksum it had."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    change(fields)
    path.write_text(json.dumps(fields), encoding="utf-8")


def test_a_record_comes_back_as_it_was_written(tmp_path):
    path = write(tmp_path / "new")
    assert path.name == "01_one.evening.cpu.json"
    assert read_record(path) == record()
    assert [figure_bytes(path.parent, record(), figure) for figure in record().figures] == list(PNGS)
    assert read_record(path).claim("C1").verdict == "same direction" and record().claim("C9") is None


def test_records_of_one_profile_are_told_apart_by_their_labels(tmp_path):
    write(tmp_path)
    path = write(tmp_path, label="events")
    assert path.name == "01_one.evening-events.cpu.json"
    assert read_record(path) == record(label="events") and "--label events" in read_record(path).command
    assert [one.label for one in read_records(tmp_path, "01_one")] == ["events", ""]
    assert not strays(tmp_path, "01_one")
    assert "label" not in record().to_dict()  # files of before are what they were


def test_the_file_is_for_people_too(tmp_path):
    text = write(tmp_path).read_text(encoding="utf-8")
    assert "测试" in text and text.endswith("}\n") and text.count("\n") > 50


def test_other_white_space_is_no_edit(tmp_path):
    path = write(tmp_path)
    edited(path, lambda fields: None)
    assert read_record(path) == record()


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields["claims"][0].update(value=99.9),
        lambda fields: fields.update(date="2026-12-01"),
        lambda fields: fields.update(note="better than it was"),
        lambda fields: fields.pop("commit"),
        lambda fields: fields.update(seeds=[0, 1, 2, 3]),
        lambda fields: fields.pop("sha256"),
        lambda fields: fields["figures"].pop(),
    ],
)
def test_an_edit_by_hand_is_refused_by_name(tmp_path, change):
    path = write(tmp_path)
    edited(path, change)
    with pytest.raises(ValueError, match="^record 01_one.evening.cpu.json: it was edited by hand") as caught:
        read_records(tmp_path, "01_one")
    assert "restore it from git" in str(caught.value) and "\n" not in str(caught.value)


def test_a_name_that_stands_twice_is_an_edit(tmp_path):
    path = write(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"date":', '"date": "2020-01-01", "date":'), encoding="utf-8")
    with pytest.raises(ValueError, match="edited by hand: a name stands twice"):
        read_record(path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', '{"sha256": NaN}', '{"claims": 1}'])
def test_a_file_that_is_no_record_is_named_in_one_line(tmp_path, content):
    path = tmp_path / "01_one.evening.cpu.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="^record 01_one.evening.cpu.json: .*; restore") as caught:
        read_record(path)
    assert "\n" not in str(caught.value)


def test_a_record_of_another_version_says_which_field_it_lacks(tmp_path):
    path = write(tmp_path)
    edited(path, lambda fields: fields.pop("cores") and fields.update(sha256=checksum(fields)))
    with pytest.raises(ValueError, match="it has no field 'cores': another version"):
        read_record(path)


def test_a_record_under_another_name_is_refused(tmp_path):
    path = write(tmp_path)
    path.rename(tmp_path / "01_one.paper.h200.json")
    with pytest.raises(ValueError, match=r"record 01_one.paper.h200.json: .*that of 01_one.evening.cpu.json"):
        read_records(tmp_path, "01_one")


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda path: path.unlink(), "01_one.evening.cpu.1.png is missing"),
        (lambda path: path.write_bytes(PNG + b"."), "01_one.evening.cpu.1.png is not the recorded figure"),
    ],
)
def test_a_figure_that_is_not_the_recorded_one_is_refused(tmp_path, change, said):
    write(tmp_path)
    change(tmp_path / "01_one.evening.cpu.1.png")
    with pytest.raises(ValueError, match=f"^record 01_one.evening.cpu: {said}; .*--seeds 3`$"):
        figure_bytes(tmp_path, record(), record().figures[0])


def test_a_figure_may_have_150_kilobytes_and_not_more(tmp_path):
    largest = (PNG.ljust(150_000, b"\0"), PNG.ljust(150_001, b"\0"))
    write(tmp_path, largest)
    first, second = record(largest).figures
    assert figure_bytes(tmp_path, record(largest), first) == largest[0]
    with pytest.raises(ValueError, match=r"2.png has 150,001 bytes, more than 150,000; draw"):
        figure_bytes(tmp_path, record(largest), second)


def test_the_command_makes_the_record_again():
    given = {"dataset": "a set", "fast": True, "sizes": [1, 2], "rate": 0.5}
    assert record(overrides=given, seeds=[0]).command == (
        "python -m blogkit record 01 --profile evening -p dataset 'a set' -p fast true -p sizes '[1, 2]' "
        "-p rate 0.5"
    )
    assert record().command == "python -m blogkit record 01 --profile evening --seeds 3"


def test_what_a_notebook_no_longer_has(tmp_path):
    assert record().missing({"seed": 0, "rate": 1, "new": 2}, ["C1", "C2", "C3"]) == ""
    assert record().missing(["seed"], ["C1"]) == "parameter rate, claim C2"
    assert record().missing([]) == "parameters seed, rate"


def test_files_belong_to_the_notebook_they_are_named_after(tmp_path):
    write(tmp_path)
    write(tmp_path, pngs=(), notebook="01_one_more", date="2026-11-01")
    (tmp_path / ".hidden").touch()
    names = [path.name for path in files_of(tmp_path, "01_one")]
    assert names == ["01_one.evening.cpu.1.png", "01_one.evening.cpu.2.png", "01_one.evening.cpu.json"]
    assert [path.name for path in strays(tmp_path, ["01_one"])] == ["01_one_more.evening.cpu.json"]


def test_records_are_ordered_by_date_and_then_name(tmp_path):
    assert read_records(tmp_path / "none", "01_one") == []
    write(tmp_path, pngs=(), profile="paper", date="2026-11-02")
    write(tmp_path, pngs=(), profile="evening", date="2026-11-03")
    write(tmp_path, pngs=(), profile="gpu", slug="h200", date="2026-11-02")
    names = [found.name for found in read_records(tmp_path, "01_one")]
    assert names == ["01_one.gpu.h200", "01_one.paper.cpu", "01_one.evening.cpu"]
