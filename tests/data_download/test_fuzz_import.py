"""`import` of damaged files: it takes them, or says why not and leaves nothing behind.

`BLOGKIT_FUZZ` sets the number of files as in `tests/datasets/test_fuzz.py`; here it is a quarter of them.
"""

import os

import numpy as np
import pytest
from damage import damaged
from valid_sources import SOURCES

from blogkit.datasets.catalogue import catalogue
from data_download.cli import main

SETS = {entry.reader: name for name, entry in catalogue().items() if entry.reader}
FORMS = [(SETS[reader], reader, form) for reader in SOURCES if reader in SETS for form in SOURCES[reader]]
COUNT = -(-int(os.environ.get("BLOGKIT_FUZZ", "400")) // 4 // len(FORMS))


@pytest.mark.filterwarnings("ignore:Reading `.npy` or `.npz` file required additional header parsing")
@pytest.mark.parametrize(
    ("name", "reader", "form"), FORMS, ids=(f"{name}, {form}" for name, _, form in FORMS)
)
def test_damaged_files(tmp_path, data, name, reader, form, capsys, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)  # gzip and zip write the clock into their files
    source = tmp_path / "source"
    source.mkdir()
    given = str(SOURCES[reader][form](source))
    files = {path: path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file()}
    for number in range(COUNT):
        rng = np.random.default_rng([99, FORMS.index((name, reader, form)), number])
        path, other = (list(files)[place] for place in rng.integers(0, len(files), 2))
        kind, content = damaged(path.name, files[path], files[other], rng)
        path.write_bytes(content)
        code, shown = main(["import", name, given]), capsys.readouterr()
        left = {path.name for path in (data / name).iterdir()}
        if code == 0:
            assert left >= {".lock", "imported"} and main(["verify", name]) == 0, kind
        else:
            lines = shown.err.splitlines()
            assert code == 1 and 1 <= len(lines) <= 1 + len(files) and "Traceback" not in shown.err, kind
            assert not any(word in left for word in (".imported", ".importing", ".imported-before")), kind
        path.write_bytes(files[path])
        capsys.readouterr()
