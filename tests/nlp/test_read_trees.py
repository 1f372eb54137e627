"""Penn and Sinica files: parsed trees, dropped words, errors with their line."""

import gzip

import pytest

from blogkit.nlp import brackets, parse_penn, parse_sinica, read_trees, words_of_penn

PENN = """
( (S
    (NP-SBJ (NNP Mr.) (NNP Smith) )
    (VP (VBD paid)
      (NP (QP ($ $) (CD 1.50) (-NONE- *U*) ))
      (PP (IN for)
        (NP (DT the) (NNS cats) )))
    (. .) ))
( (FRAG (. .) ))
((INTJ (UH Yes)(. !)))
"""
SINICA = """\
#5:5.[39031] VP(evaluation:Dbb:也|Head:V_11:是|range:NP(property:Nv3:同班|Head:Nab:同學))#。(PERIODCATEGORY)
#8:8.[1211] NP(Head:DM:有一天)#，(COMMACATEGORY)

#9:9.[1] S(agent:NP(apposition:Nba:小明|Head:Nab:哥哥)|Head:VA4:笑|particle:Tc:了)
"""


def test_penn_with_labels():
    first, second, third = parse_penn(PENN)
    assert first[0] == "" and first[1][0][0] == "S"
    assert first[1][0][1][0] == ("NP-SBJ", [("NNP", ["Mr."]), ("NNP", ["Smith"])])
    assert second == ("", [("FRAG", [(".", ["."])])])
    assert third == ("", [("INTJ", [("UH", ["Yes"]), (".", ["!"])])])


def test_penn_keeps_the_words_of_the_paper():
    first, second, third = map(words_of_penn, parse_penn(PENN))
    # No currency sign, trace or full stop; the phrases around one word are gone.
    assert first == [["mr.", "smith"], ["paid", "N.N", ["for", ["the", "cats"]]]]
    assert brackets(first) == {(0, 2), (2, 7), (4, 7), (5, 7)}
    assert (second, third) == (None, "yes")


def test_sinica():
    assert parse_sinica(SINICA) == [["也", "是", ["同班", "同學"]], "有一天", [["小明", "哥哥"], "笑", "了"]]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_files(suffix, tmp_path):
    for form, text, count in (("penn", PENN, 2), ("sinica", SINICA, 3)):
        path = tmp_path / f"{form}.txt{suffix}"
        path.write_bytes(gzip.compress(text.encode()) if suffix else text.encode())
        assert len(read_trees(path, form)) == count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("( (S (NN a) ))\n( (S (NN b) )\n", r"Line 2: `\(` is never closed. Received: \( \(S"),
        ("( (S (NN a) ))\n( (S (NN b)\n(NN c\n", r"Line 2: `\(` is never closed. Received: \( \(S"),
        ("( (S (NN a) ))\n\n(NN b) )\n", r"Line 3: `\)` without its `\(`"),
        ("( (S (NN a) )) b\n", "Line 1: 'b' is outside of parentheses"),
    ],
)
def test_penn_with_unbalanced_parentheses(text, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        parse_penn(text)
    path = tmp_path / "bad.mrg"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"bad\.mrg is not a treebank in the format 'penn'. {message}"):
        read_trees(path, "penn")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("#2:2.[1] NP(Head:Nab:貓", r"Line 2: `\(` is never closed. Received: #2:2"),
        ("#2:2.[1] NP(Head:Nab:貓))", r"Line 2: `\)` without its `\(`"),
        ("#2:2.[1] NP()", "Line 2: no word"),
        ("貓", "Line 2: no word"),
    ],
)
def test_sinica_with_bad_lines(line, message):
    with pytest.raises(ValueError, match=message):
        parse_sinica(f"{SINICA.splitlines()[0]}\n{line}\n")


@pytest.mark.parametrize("damage", ["cut", "block", "depth"])
def test_whatever_the_parser_raises_names_the_file(tmp_path, damage):
    data = gzip.compress(b"( (S (NN a) ))\n" * 9)
    data = {
        "cut": data[:-9],
        "block": data[:12] + b"\xff" * 9 + data[21:],
        "depth": gzip.compress(b"(" * 9999 + b"NN a" + b")" * 9999),
    }[damage]
    (tmp_path / "x.gz").write_bytes(data)
    with pytest.raises(ValueError, match=r"x\.gz is not a treebank in the format 'penn'"):
        read_trees(tmp_path / "x.gz", "penn")


def test_a_byte_order_mark_is_skipped(tmp_path):
    (tmp_path / "x").write_text("\ufeff( (S (NN a) ))", encoding="utf-8")
    assert read_trees(tmp_path / "x", "penn") == ["a"]


def test_other_bad_files(tmp_path):
    with pytest.raises(ValueError, match="'penn', 'sinica'.*'conll'"):
        read_trees(tmp_path / "x", "conll")
    with pytest.raises(FileNotFoundError):
        read_trees(tmp_path / "x", "penn")
    (tmp_path / "x.gz").write_text("not compressed")
    with pytest.raises(ValueError, match=r"x\.gz is not a treebank"):
        read_trees(tmp_path / "x.gz", "penn")
    (tmp_path / "y").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="y is not a treebank"):
        read_trees(tmp_path / "y", "sinica")
