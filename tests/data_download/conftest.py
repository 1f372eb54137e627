"""Fixtures of the download tests: a faulty server, a data folder and small data sets."""

import hashlib

import numpy as np
import pytest
from fault_server import fault_server

from blogkit.datasets import catalogue as module
from blogkit.datasets.catalogue import DataSet, File
from data_download.fetch import Transfer


@pytest.fixture
def server():
    with fault_server() as served:
        yield served


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """The data folder; no test touches the user's."""
    folder = tmp_path / "data"
    monkeypatch.setenv("BLOGKIT_DATA", str(folder))
    return folder


@pytest.fixture
def place(tmp_path):
    return tmp_path / "file.bin"


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def said():
    return []


@pytest.fixture
def transfer(pauses, said):
    """No pauses, no progress bar, small pieces."""
    return Transfer(sleep=pauses.append, say=said.append, chunk_size=1000)


@pytest.fixture
def body():
    return np.random.default_rng(0).bytes(50_000)


@pytest.fixture
def digits(tmp_path, rng):
    """A file in the format of MNIST, in a folder with a blank and Chinese letters."""
    path = tmp_path / "my 数据" / "数 字.npz"
    path.parent.mkdir()
    np.savez(path, x=rng.integers(0, 256, (100, 28, 28)).astype("uint8"), y=np.arange(100) % 10)
    return path


@pytest.fixture
def add_set(monkeypatch):
    """Function that puts a data set of these files into the catalogue."""

    def add_set(*files, name="toys", **changes):
        fields = {
            "title": "Toys",
            "rows": "3 rows",
            "format": "text",
            "purpose": "tests",
            "notebooks": ("02",),
            "licence": "free",
            "home": "http://example.org/toys",
        }
        entry = DataSet(name=name, files=files, **fields | changes)
        sets = module.catalogue() | {name: entry}
        monkeypatch.setattr(module, "catalogue", lambda: sets)
        monkeypatch.setattr("data_download.cli.catalogue", lambda: sets)
        return entry

    return add_set


@pytest.fixture
def toys(server, body, add_set):
    """A set of two files that the server has: /a.bin and /b.bin."""
    from fault_server import Behaviour

    files = []
    for name, content in {"a.bin": body, "b.bin": body[:9_000]}.items():
        server.paths[f"/{name}"] = Behaviour(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(
            File(name, (f"{server.url}/{name}",), size=len(content), sha256=digest, confirmed="this test")
        )
    return add_set(*files)
