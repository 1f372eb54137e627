import gzip
import json
import zipfile

import pytest
from official_files import excel_97

from blogkit.datasets import MissingDataset, Review, sentiment

NEGATIVE = ["太差", "太差", "不好,真的", 5.0, None, " "]
POSITIVE = ["很好", "长" * 400, "好\n极了"]


def write_sheets(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "neg.xls").write_bytes(excel_97(NEGATIVE))
    (folder / "pos.xls").write_bytes(excel_97(POSITIVE))
    return folder


def test_sheets_of_excel_97(tmp_path):
    pytest.importorskip("xlrd")
    found = sentiment(write_sheets(tmp_path / "mine"))
    expected = [Review(text, 0) for text in ("太差", "太差", "不好,真的", "5")] + [
        Review(text, 1) for text in POSITIVE
    ]
    assert sorted(found.train + found.valid) == sorted(expected)
    assert len({review.text for review in found.valid}) == 1 and found.stand_in


def test_the_official_sheets_are_known_by_their_hashes(data, publish):
    pytest.importorskip("xlrd")
    with pytest.raises(MissingDataset, match="neg.xls, pos.xls by hand"):
        sentiment()
    folder = write_sheets(data / "sentiment")
    with pytest.raises(ValueError, match="not the official neg.xls"):
        sentiment()
    publish("sentiment", *folder.iterdir())
    assert sentiment().name == sentiment(folder).name == "review sheets" and not sentiment().stand_in


def test_a_sheet_that_is_none_is_named(tmp_path):
    pytest.importorskip("xlrd")
    folder = write_sheets(tmp_path)
    whole = (folder / "pos.xls").read_bytes()
    for content in (b"", b"<html>", whole[:700]):
        (folder / "pos.xls").write_bytes(content)
        with pytest.raises(ValueError, match="pos.xls is not an Excel 97 sheet"):
            sentiment(folder)


def test_a_newer_sheet_under_the_old_name_comes_with_a_remedy(tmp_path):
    pytest.importorskip("xlrd")
    folder = write_sheets(tmp_path)
    with zipfile.ZipFile(folder / "neg.xls", "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ValueError, match=r"neg.xls is not .* \(.xlsx\). Save it as Excel 97-2003 \(.xls\)"):
        sentiment(folder)


def test_rows_of_json(tmp_path):
    rows = [{"text": f"评论 {number % 10}", "label": number % 2} for number in range(40)]
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    found = sentiment(path)
    assert len(found.train) == 32 and len(found.valid) == 8
    assert not {review.text for review in found.train} & {review.text for review in found.valid}
    assert sentiment(tmp_path).train == found.train
    path.write_bytes(gzip.compress(b'{"text": "a", "label": 2}'))
    with pytest.raises(ValueError, match="line 1: a label must be 0 or 1. Received: 2"):
        sentiment(path)
    path.write_bytes(gzip.compress(b'{"text": ["a"], "label": 1}'))
    with pytest.raises(ValueError, match=r"line 1: text must be a string. Received: \['a'\]"):
        sentiment(path)
