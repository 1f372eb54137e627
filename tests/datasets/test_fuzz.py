"""Damaged files: every reader returns valid rows, or raises one readable line that names the file.

`BLOGKIT_FUZZ=2000 pytest -s tests/datasets/test_fuzz.py` damages that many files in all and prints what came
of them; by default it is a share.
"""

import collections
import json
import os

import numpy as np
import pytest
from damage import damaged
from valid_sources import SOURCES

from blogkit import datasets
from blogkit.datasets import MissingDataset
from blogkit.datasets.reading import LONGEST_MESSAGE
from blogkit.nlp import read_trees, run_form

READERS = [name for name in datasets.__all__ if hasattr(getattr(datasets, name), "is_reader")]
FORMS = [(name, form) for name, forms in SOURCES.items() for form in forms]
COUNT = -(-int(os.environ.get("BLOGKIT_FUZZ", "400")) // len(FORMS))  # files of each form
OUTCOMES = collections.defaultdict(collections.Counter)


@pytest.fixture(scope="module", autouse=True)
def table():
    """What came of the files, by reader, for a run by hand."""
    yield
    if "BLOGKIT_FUZZ" in os.environ:
        total = sum(OUTCOMES.values(), collections.Counter())
        print(f"\n{'reader':16} {'refused':>8} {'missing':>8} {'valid':>8}")
        for name, counts in [*OUTCOMES.items(), ("all", total)]:
            print(f"{name:16} {counts['refused']:8} {counts['missing']:8} {counts['valid']:8}")


def test_no_reader_is_forgotten():
    assert set(SOURCES) == set(READERS)


@pytest.mark.filterwarnings("ignore:Reading `.npy` or `.npz` file required additional header parsing")
@pytest.mark.parametrize(("name", "form"), FORMS, ids=map(", ".join, FORMS))
def test_damaged_files(tmp_path, name, form, capfd, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)  # gzip and zip write the clock into their files
    reader, source = getattr(datasets, name), SOURCES[name][form](tmp_path)
    check_rows(reader(source))
    files = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    paths = list(files)
    for number in range(COUNT):
        rng = np.random.default_rng([FORMS.index((name, form)), number])
        path, other = (paths[place] for place in rng.integers(0, len(paths), 2))
        kind, data = damaged(path.name, files[path], files[other], rng)
        path.write_bytes(data)
        try:
            found = reader(source)
        except (ValueError, MissingDataset) as error:
            check_message(error, tmp_path, kind)
            OUTCOMES[name]["missing" if isinstance(error, MissingDataset) else "refused"] += 1
        else:
            check_rows(found)
            OUTCOMES[name]["valid"] += 1
        path.write_bytes(files[path])
    assert capfd.readouterr() == ("", "")
    assert OUTCOMES[name]["refused"], "the damage reaches what is checked"


def check_message(error, folder, kind):
    text = str(error)
    assert type(error) in (ValueError, MissingDataset), kind
    assert str(folder) in text and len(text.splitlines()) == 1 and len(text) <= LONGEST_MESSAGE, kind
    text.encode("utf-8")


def check_rows(found):
    """Rows to train on and to validate with, which the next step can use."""
    if isinstance(found, (list, os.PathLike)):  # tokens, or a folder of weights
        return
    if isinstance(found, datasets.Treebank):
        for path in found.files:
            try:
                assert isinstance(read_trees(path, found.form), list)
            except ValueError as error:
                assert str(path) in str(error)
        return
    if hasattr(found, "x_train"):
        assert len(found.x_train) and len(found.x_valid)
        return
    assert found.train and found.valid
    json.dumps([found.train, found.valid], ensure_ascii=False).encode("utf-8")
    for question in [*found.train, *found.valid] if hasattr(found, "tables") else []:
        if question.sql:
            run_form(question.sql, found.tables[question.table_id])
