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
            "rows.txt", "中文".encode("gbk"), r"rows.txt, line 1: not a complete UTF-8", id="other encoding"
        ),
        pytest.param("rows.gz", b"text", r"rows.gz, line 1: not a complete", id="not gzip"),
        pytest.param(
            "rows.gz", gzip.compress(b"text\n" * 9)[:-4], r"rows.gz, line \d+: not a complete", id="cut gzip"
        ),
        pytest.param("rows.zip", b"text", r"rows.zip, line 1: not a complete", id="not zip"),
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
    found = list(json_rows(path, ("text", "label")))
    assert [row["text"] for _, row in found] == ["甲", "乙"] and found[1][0] == f"{path}, line 3"
    for line, words in (
        ('{"text": "丙"}', "line 2 needs the keys text, label. Received: text."),
        ("[1]", "Received: list."),
        ('{"text"', "line 2: not JSON"),
        ("[" * 5000, "line 2: not JSON"),
    ):
        path.write_text(f'{{"text": "甲", "label": 1}}\n{line}\n', encoding="utf-8")
        with pytest.raises(ValueError, match=words):
            list(json_rows(path, ("text", "label")))
