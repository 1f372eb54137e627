import json

import pytest

from blogkit.datasets import MissingDataset, Table, TableQuestion, tableqa
from blogkit.datasets.tableqa import question_fault
from blogkit.nlp import check_form

# What the official files are known to hold: two columns of one name, "None" in a real column, values as text.
TABLE = {
    "id": "t0",
    "name": "Table_t0",
    "title": "销售",
    "header": ["城市", "面积", "面积"],
    "types": ["text", "real", "real"],
    "rows": [["北京", 1.5, "None"], ["上海", 2.0, 3.0]],
    "common": "",
}
SQL = {"agg": [0, 5], "cond_conn_op": 1, "sel": [0, 2], "conds": [[1, 0, "1"], [0, 2, "北京"]]}
QUESTION = {"table_id": "t0", "question": "面积大于1的", "sql": SQL}


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_official(folder, train=(QUESTION, QUESTION), val=(QUESTION,)):
    for part, rows in {"train": train, "val": val}.items():
        (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / part / f"{part}.json").write_text(lines(rows), encoding="utf-8")
        (folder / part / f"{part}.tables.json").write_text(
            lines([TABLE | {"id": f"{part}"}, TABLE]), encoding="utf-8"
        )
    return folder


def test_the_official_folders(tmp_path):
    found = tableqa(write_official(tmp_path))
    assert found.train == 2 * [TableQuestion("面积大于1的", "t0", SQL)] and len(found.valid) == 1
    assert set(found.tables) == {"train", "val", "t0"}
    table = found.tables["t0"]
    assert (
        table.header == ["城市", "面积", "面积"]
        and table.rows[0] == ["北京", 1.5, "None"]
        and table.name == "Table_t0"
    )
    assert found.stand_in


def test_the_official_files_are_known_by_their_blob_ids(data, publish):
    with pytest.raises(MissingDataset, match="data_download get tableqa"):
        tableqa()
    folder = write_official(data / "tableqa")
    with pytest.raises(
        ValueError, match=r"not the official train/train.json: git_blob \w{40}, expected 3cc6a49b"
    ):
        tableqa()
    publish("tableqa", **{str(path.relative_to(folder)): path for path in folder.rglob("*.json")})
    assert tableqa().name == "TableQA" and not tableqa().stand_in


def test_one_file_of_questions_is_split_by_table(tmp_path):
    questions = [QUESTION | {"table_id": f"t{number % 10}"} for number in range(50)]
    (tmp_path / "my_questions.jsonl").write_text(lines(questions), encoding="utf-8")
    (tmp_path / "my_tables.jsonl").write_text(
        lines(TABLE | {"id": f"t{number}"} for number in range(10)), encoding="utf-8"
    )
    found = tableqa(tmp_path)
    tables = [{question.table_id for question in part} for part in (found.train, found.valid)]
    assert len(tables[0]) == 8 and len(tables[1]) == 2 and not tables[0] & tables[1]
    assert len(found.train) == 40 and len(found.valid) == 10
    (tmp_path / "my_questions.jsonl").write_text(lines(questions[:2]), encoding="utf-8")
    assert len(tableqa(tmp_path).train) == len(tableqa(tmp_path).valid) == 1  # of two tables one is held out
    (tmp_path / "my_questions.jsonl").write_text(lines(questions[:1]), encoding="utf-8")
    with pytest.raises(
        ValueError, match="my_questions.jsonl: a split needs at least 2 different tables. Received: 1"
    ):
        tableqa(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"table_id": "t9"}, "there is no table t9"),
        ({"sql": SQL | {"sel": [0, 3]}}, "selects column 3 of 3"),
        ({"sql": SQL | {"conds": [[-1, 2, "甲"]]}}, "selects column -1 of 3"),
        ({"sql": SQL | {"sel": [0]}}, "an aggregation for each"),
        ({"sql": SQL | {"conds": []}}, "and a condition"),
        ({"sql": SQL | {"agg": [0, 6]}}, "unknown aggregation"),
        ({"sql": SQL | {"cond_conn_op": 3}}, "unknown aggregation, operator or connective"),
        ({"sql": SQL | {"conds": [[1, 4, "1"]]}}, "unknown aggregation, operator"),
        ({"sql": []}, "it needs integer lists"),
        ({"sql": {"sel": [0], "agg": [0], "conds": []}}, "it needs integer lists"),
        ({"sql": SQL | {"sel": None}}, "it needs integer lists"),
        ({"sql": SQL | {"sel": ["0", 2]}}, "it needs integer lists"),
        ({"sql": SQL | {"agg": [0, [5]]}}, "it needs integer lists"),
        ({"sql": SQL | {"conds": [[1, 0]]}}, "conds of three values"),
        ({"sql": SQL | {"conds": [1]}}, "conds of three values"),
        ({"sql": SQL | {"conds": [[None, 0, "1"]]}}, "conds of three values"),
        ({"sql": SQL | {"cond_conn_op": None}}, "an integer cond_conn_op"),
        ({"sql": SQL | {"cond_conn_op": 0}}, "several conditions need the connective"),
        ({"sql": SQL | {"cond_conn_op": True}}, "an integer cond_conn_op"),
        ({"sql": SQL | {"conds": [[1, 0, None]]}}, "one text or a finite number"),
        ({"sql": SQL | {"conds": [[1, 0, float("inf")]]}}, "one text or a finite number"),
        ({"question": None}, "val.json, line 2: question and table_id must be strings"),
        ({"table_id": ["t0"]}, "val.json, line 2: question and table_id must be strings"),
    ],
)
def test_questions_that_their_table_cannot_answer(tmp_path, change, words):
    with pytest.raises(ValueError, match=f"val.json, line 2: .*{words.removeprefix('val.json, line 2: ')}"):
        tableqa(write_official(tmp_path, val=(QUESTION, QUESTION | change)))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": [["北京", 1.5]]},
        {"types": ["text", "real"]},
        {"types": ["text", "real", "date"]},
        {"rows": None},
        {"rows": [1.5]},
        {"rows": {"a": 1}},
        {"types": "abc"},
        {"types": [["text"], "real", "real"]},
        {"header": None},
        {"header": "abc"},
    ],
)
def test_tables_that_do_not_fit_are_named(tmp_path, change):
    folder = write_official(tmp_path)
    (folder / "val/val.tables.json").write_text(lines([TABLE, TABLE | change]), encoding="utf-8")
    with pytest.raises(
        ValueError, match="val.tables.json, line 2: needs a type, text or real, and a cell for each"
    ):
        tableqa(folder)


def test_an_id_is_text(tmp_path):
    folder = write_official(tmp_path)
    (folder / "val/val.tables.json").write_text(lines([TABLE | {"id": ["t0"]}]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"val.tables.json, line 1: id must be a string. Received: \['t0'\]"):
        tableqa(folder)


def test_a_folder_of_something_else(tmp_path):
    with pytest.raises(ValueError, match="needs train/ and val/.*Received: an empty folder"):
        tableqa(tmp_path)


def test_an_id_names_one_table(tmp_path):
    folder = write_official(tmp_path)
    path = folder / "val/val.tables.json"
    path.write_text(lines([TABLE | {"rows": [["苏州", 1.0, 2.0]]}]), encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"id must name one table. Received: 't0' for two, in .*train.tables.*val.tables"
    ):
        tableqa(folder)
    path.write_text(lines([TABLE, TABLE, TABLE | {"title": "另"}]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"val\.tables\.json, line 3: an id must name one table"):
        tableqa(folder)
    path.write_text(lines([TABLE, TABLE]), encoding="utf-8")
    assert len(tableqa(folder).tables) == 2  # a copy is no other table


@pytest.mark.parametrize("name", ["train/train.json", "val/val.json", "val/val.tables.json"])
def test_a_part_without_rows_is_refused(tmp_path, name):
    folder = write_official(tmp_path)
    (folder / name).write_text("\n")
    with pytest.raises(ValueError, match=f"{name} contains no rows"):
        tableqa(folder)


def test_a_form_fits_exactly_if_check_form_accepts_it(rng):
    """The rule stands in two areas that may not import each other."""
    table = Table("t", "", "", ["a", "b"], ["text", "real"], [["x", 1.0]])
    numbers = [0, 1, 2, 3, 5, 6, -1, True, 1.0, None, "1", [0]]
    values = ["x", "", 1, 2.5, float("nan"), float("inf"), 10**400, None, True, [], {}, ["x"]]

    def draw(options):
        return options[0 if rng.random() < 0.85 else rng.integers(len(options))]

    def few(make):
        return [make() for _ in range(rng.choice([1, 1, 1, 2, 2, 0]))]

    accepted = 0
    for _ in range(5000):
        sql = {
            "agg": few(lambda: draw(numbers)),
            "sel": few(lambda: draw(numbers)),
            "cond_conn_op": draw([0, 1, 2, *numbers]),
            "conds": few(lambda: [draw(numbers), draw(numbers), draw(values)][: rng.choice([3, 3, 3, 3, 2])]),
        }
        if rng.random() < 0.05:
            sql[rng.choice(list(sql))] = draw([None, "x", {}, 3])
        fault = question_fault(TableQuestion("?", "t", sql), {"t": table})
        try:
            check_form(sql, columns=2)
        except ValueError:
            assert fault, sql
        else:
            assert not fault, (sql, fault)
            accepted += 1
    assert 200 < accepted < 4500
