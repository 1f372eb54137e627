import pytest

from blogkit.datasets import Event, MissingDataset, event_subjects

ROWS = (
    '\ufeff"1","甲公司,乙""公司""违规","违规","甲公司"\r\n"2","丙","其他","NaN"\r\n"3","丁","违规","丁"\r\n'
)


def test_rows_of_the_official_csv(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(ROWS.encode())
    found = event_subjects(path)
    rows = found.train + found.valid
    assert (
        Event("1", '甲公司,乙"公司"违规', "违规", "甲公司") in rows
        and Event("2", "丙", "其他", "NaN") in rows
    )
    assert len(found.train) == 2 and len(found.valid) == 1
    assert found.stand_in and event_subjects(tmp_path).train == found.train


def test_the_official_file_is_known_by_its_hash(data, publish):
    with pytest.raises(MissingDataset, match="event_type_entity_extract_train.csv by hand"):
        event_subjects()
    path = data / "ccks2019" / "event_type_entity_extract_train.csv"
    path.parent.mkdir()
    path.write_bytes(ROWS.encode())
    with pytest.raises(ValueError, match="not the official"):
        event_subjects()
    publish("ccks2019", path)
    assert event_subjects().name == event_subjects(path).name == "CCKS 2019" and not event_subjects().stand_in


def test_a_text_may_have_several_lines(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(ROWS + '"4","戊\n己","违规","己"\n', encoding="utf-8", newline="")
    found = event_subjects(path)
    assert Event("4", "戊\n己", "违规", "己") in found.train + found.valid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"1","甲","乙"\n', "line 1 needs id, text, type, subject"),
        (ROWS + '"4","戊","乙","丙","丁"\n', "line 4 needs"),
        (ROWS + '"4","戊"x,"乙","丙"\n', "line 4 is not a valid row of csv"),
    ],
)
def test_lines_that_do_not_fit_are_named(tmp_path, text, words):
    path = tmp_path / "train.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        event_subjects(path)
