"""Treebank files: found by name, counted, and parsed to as many trees by blogkit.nlp."""

import gzip
import shutil

import pytest

from blogkit.datasets import MissingDataset, sinica_trees, wsj_trees
from blogkit.nlp import read_trees

PENN = (
    "( (S (NP-SBJ (DT The) (NN cat) ) \n   (VP (VBZ sleeps) ) (. .) ))\n"
    "( (S (NP (-LRB- -LRB-) (NN Dog) ) (VP (VBZ barks) )))\n"
)
SINICA = (
    "#7:7.[2869] VP(manner:Dh:一起|Head:VA13:回家)#。(PERIODCATEGORY)\n"
    "#8:8.[1211] NP(Head:DM:有一天)#，(COMMACATEGORY)\n\n"
    "#9:9.[2870] VP(manner:Dh:一起|Head:VA13:走)#\n"
)
SETS = pytest.mark.parametrize(
    ("find", "text", "name", "trees"),
    [
        (wsj_trees, PENN, "wsj_0001.mrg", 2),
        (sinica_trees, SINICA, "parsed", 3),
    ],
)


@SETS
@pytest.mark.parametrize("suffix", ["", ".txt", ".gz"])
def test_a_file_or_a_folder(tmp_path, find, text, name, trees, suffix):
    path = tmp_path / "树 库" / "combined" / f"{name}{suffix}"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(text.encode()) if suffix == ".gz" else text.encode())
    for other in ("README", "wsj_0001.tagged", "wsj_0001.mrgs", "unparsed", "parsed_by"):
        (path.parent / other).write_text(")(", encoding="utf-8")
    for source in (path, tmp_path):
        found = find(source)
        assert (
            found.files == (path,) and found.trees == trees and found.stand_in and source.name in found.name
        )
    assert sum(len(read_trees(file, found.form)) for file in found.files) == trees


@SETS
def test_several_files_come_by_name(tmp_path, find, text, name, trees):
    stem, dot, suffix = name.partition(".")
    paths = [tmp_path / folder / f"{stem}{dot}{suffix}" for folder in ("b", "a", "c")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    found = find(tmp_path)
    assert found.files == tuple(sorted(paths)) and found.trees == 3 * trees


@SETS
def test_the_official_archive_is_unpacked(tmp_path, data, publish, find, text, name, trees):
    key = find.__name__
    archive = {"wsj_trees": "treebank", "sinica_trees": "sinica_treebank"}[key]
    with pytest.raises(MissingDataset, match=f"data_download get {key} --accept-terms"):
        find()
    content = tmp_path / "content"
    (content / archive).mkdir(parents=True)
    (content / archive / name).write_text(text, encoding="utf-8")
    (data / key).mkdir()
    place = data / key / f"{archive}.zip"
    shutil.make_archive(place.with_suffix(""), "zip", content)
    with pytest.raises(ValueError, match=f"is not the official {archive}.zip"):
        find()
    publish(key, place)
    with pytest.raises(ValueError, match=f"is not unpacked .* data_download get {key}"):
        find()
    shutil.copytree(content / archive, data / key / archive)
    found = find("official")
    assert found.trees == trees and not found.stand_in and "NLTK" in found.name
    assert found.files == (data / key / archive / name,)


@pytest.mark.parametrize(
    ("find", "text", "words"),
    [
        (wsj_trees, "( (S (NN cat) )", r"0 complete bracketed trees and 1 unclosed"),
        (wsj_trees, "( (NN cat) )\n)", r"line 2: `\)` without its `\(`"),
        (wsj_trees, "no brackets", "0 complete bracketed trees and 0 unclosed"),
        (wsj_trees, "", "0 complete bracketed trees"),
        (sinica_trees, SINICA + "VP(Head:VA13:回家)", "line 5 needs a tree as `#1:...`. Received: 'VP"),
        (sinica_trees, PENN, "line 1 needs a tree as"),
        (sinica_trees, "\n\n", "contains no trees"),
    ],
)
def test_text_that_is_no_treebank_is_named(tmp_path, find, text, words):
    path = tmp_path / "parsed.mrg"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words) as error:
        find(path)
    assert str(path) in str(error.value)


@SETS
def test_what_is_not_there_is_named(tmp_path, data, find, text, name, trees):
    with pytest.raises(ValueError, match="needs a file .* of .*NLTK's sample"):
        find(tmp_path)
    with pytest.raises(MissingDataset, match='"official" or "imported"'):
        find(tmp_path / "none")
    with pytest.raises(MissingDataset, match=f"data_download import {find.__name__} PATH"):
        find("imported")
    broken = tmp_path / f"{name}.gz"
    broken.write_bytes(gzip.compress(text.encode())[:-6])
    with pytest.raises(ValueError, match="not a complete UTF-8 text file"):
        find(broken)
