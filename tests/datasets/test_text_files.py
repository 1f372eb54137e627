import gzip
import zipfile

import pytest

from blogkit.datasets.text_files import json_rows, text_lines


def zipped(path, *names, text=b"1\n2"):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return path


def test_lines_end_at_a_line_feed_and_nowhere_else(tmp_path):
    text = "\ufeff一 \u2028二\x85三\x0c\r\n四\r五\n\n六"
    path = tmp_path / "rows.txt"
    path.write_bytes(text.encode())
    (tmp_path / "rows.txt.gz").write_bytes(gzip.compress(text.encode()))
    zipped(tmp_path / "rows.zip", "rows.txt", "__MACOSX/rows.txt", text=text.encode())
    expected = [(1, "一 \u2028二\x85三\x0c"), (2, "四\r五"), (3, ""), (4, "六")]
    for name in ("rows.txt", "rows.txt.gz", "rows.zip"):
        assert list(text_lines(tmp_path / name)) == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param(
            "rows.txt", "中文".encode("gbk"), r"rows.txt, line 1 is not a complete UTF-8", id="other encoding"
        ),
        pytest.param("rows.gz", b"text", r"rows.gz, line 1 is not a complete", id="not gzip"),
        pytest.param(
            "rows.gz",
            gzip.compress(b"text\n" * 9)[:-4],
            r"rows.gz, line \d+ is not a complete",
            id="cut",
        ),
        pytest.param("rows.zip", b"text", r"rows.zip is not a complete", id="not zip"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        list(text_lines(path))


def test_a_zip_needs_one_file(tmp_path):
    with pytest.raises(ValueError, match="needs one file inside. Received: a, b"):
        list(text_lines(zipped(tmp_path / "rows.zip", "a", "b")))
    with pytest.raises(ValueError, match="Received: none"):
        list(text_lines(zipped(tmp_path / "rows.zip")))


def test_rows_of_json(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"text": "甲", "label": 1}\n\n{"text": "乙", "label": 0, "more": []}\n', encoding="utf-8"
    )
    found = json_rows(path, ("text", "label"), lambda row, where: (row["text"], where))
    assert found == [("甲", f"{path}, line 1"), ("乙", f"{path}, line 3")]
    for line, words in (
        ('{"text": "丙"}', "line 2 needs the keys text, label. Received: text."),
        ("[1]", "Received: list."),
        ('{"text"', "line 2 is not JSON"),
        ("[" * 5000, "line 2 is not JSON"),
        ('{"text": "丙", "label": ' + 5000 * "1" + "}", "line 2 is not JSON: Exceeds the limit"),
        (r'{"text": "\ud800", "label": 1}', "line 2 is not text that UTF-8 can hold: .*surrogates"),
        ('{"text": "丙\0", "label": 1}', "line 2 has a character NUL: it must be UTF-8 text, not UTF-16"),
    ):
        path.write_text(f'{{"text": "甲", "label": 1}}\n{line}\n', encoding="utf-8")
        with pytest.raises(ValueError, match=words):
            json_rows(path, ("text", "label"), lambda row, where: row)
    path.write_text(r'{"text": "\ud83d\ude42", "label": 1}', encoding="utf-8")  # both halves of a pair
    assert json_rows(path, ("text", "label"), lambda row, where: row["text"]) == ["🙂"]
    path.write_text("\n \n")
    with pytest.raises(ValueError, match="rows.jsonl contains no rows"):
        json_rows(path, ("text", "label"), lambda row, where: row)
    path.write_text('{"text": "甲"}\n')
    with pytest.raises(ValueError, match="line 1 is not a valid row: KeyError: 'label'"):
        json_rows(path, ("text",), lambda row, where: row["label"])
