import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from blogkit.datasets import MissingDataset, data_folder


def test_the_chosen_folder_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path / "data" / ".." / "数据"))
    assert data_folder() == tmp_path / "数据"
    monkeypatch.setenv("BLOGKIT_DATA", "~/data")
    assert data_folder() == Path.home().resolve() / "data"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BLOGKIT_DATA", "data")
    assert data_folder() == tmp_path.resolve() / "data"


@pytest.mark.parametrize("value", [None, ""])
def test_else_the_platform_decides(monkeypatch, value):
    monkeypatch.delenv("BLOGKIT_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("BLOGKIT_DATA", value)
    folder = data_folder()
    assert folder.is_absolute() and "blogkit" in folder.parts


def test_without_platformdirs_the_variable_decides(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("BLOGKIT_DATA")
    remedy = r"pip install 'blogkit\[data\]' .* Or set BLOGKIT_DATA to a folder\."
    with pytest.raises(ModuleNotFoundError, match=f"`data_folder` needs platformdirs.*{remedy}"):
        data_folder()


def test_missing_dataset_is_a_file_error_that_survives_a_process():
    error = MissingDataset("MNIST", Path("/data/mnist.npz"), "Fetch it.")
    back = pickle.loads(pickle.dumps(error))
    assert isinstance(back, FileNotFoundError)
    assert str(back) == str(error) == f"MNIST is not at {Path('/data/mnist.npz')}. Fetch it."
    assert (back.name, back.path, back.remedy) == (error.name, error.path, error.remedy)


def test_readers_import_neither_keras_nor_notebook_tools():
    code = (
        "import sys, blogkit.datasets\nblogkit.datasets.data_folder()\n"
        "print({'keras', 'tensorflow', 'matplotlib', 'platformdirs', 'mlxtend', 'papermill'} & "
        "set(sys.modules))"
    )
    env = os.environ | {"BLOGKIT_DATA": "data"}
    answer = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert answer.stdout == "set()\n", answer.stderr
