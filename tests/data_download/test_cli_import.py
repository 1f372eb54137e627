"""The command `import`: files of one's own and official files, and files that do not fit."""

import re

import numpy as np

from blogkit.datasets import mnist
from blogkit.datasets.catalogue import data_set
from data_download.cli import main


def test_imported_files_are_known_by_name(capsys, digits):
    assert main(["import", "mnist", str(digits)]) == 0
    expected = (
        'mnist: 80 + 20 rows, MNIST format, 数 字.npz, 100 digits, a stand-in, under the name "imported"\n'
    )
    assert capsys.readouterr().out == expected
    assert len(mnist("imported").x_train) == 80 and mnist("imported").stand_in
    assert main(["verify", "mnist"]) == main(["verify"]) == main(["path", "mnist"]) == 0
    assert "right, as it was imported" in capsys.readouterr().out
    copy = data_set("mnist").folder / "imported" / "数 字.npz"
    copy.write_bytes(copy.read_bytes()[:-1] + b"!")
    assert main(["verify", "mnist"]) == 1
    assert re.search(r"数 字\.npz: sha256 \w{64}, expected \w{64}", capsys.readouterr().out)


def test_a_second_import_replaces_the_first(digits, rng):
    assert main(["import", "mnist", str(digits)]) == 0
    other = digits.with_name("other.npz")
    np.savez(other, x=rng.integers(0, 256, (50, 28, 28)).astype("uint8"), y=np.arange(50) % 10)
    assert main(["import", "mnist", str(other)]) == main(["verify", "mnist"]) == 0
    assert len(mnist("imported").x_train) == 40


def test_files_that_do_not_fit_change_nothing(capsys, digits, tmp_path):
    assert main(["import", "mnist", str(digits)]) == 0
    before = sorted(data_set("mnist").folder.rglob("*"))
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, x=np.zeros((3, 5)))
    for path in (wrong, tmp_path / "none", digits.parent / ".."):
        assert main(["import", "mnist", str(path)]) == 1
    errors = capsys.readouterr().err
    assert "not in the format of MNIST" in errors and "none does not exist" in errors
    assert sorted(data_set("mnist").folder.rglob("*")) == before
    assert len(mnist("imported").x_train) == 80
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["import", "mnist", str(empty)]) == 1
    assert "holds no files" in capsys.readouterr().err
    assert main(["import", "ptb_package", str(digits)]) == 1
    assert "has no reader" in capsys.readouterr().err


def test_an_official_file_goes_to_its_place_even_as_gzip(capsys, toys, tmp_path, body):
    import gzip

    (tmp_path / "copy.gz").write_bytes(gzip.compress(body))
    (tmp_path / "other name").write_bytes(body[:9_000])
    assert main(["import", "toys", str(tmp_path / "copy.gz"), str(tmp_path / "other name")]) == 0
    assert "copy.gz is the official a.bin" in capsys.readouterr().out
    assert main(["verify", "toys"]) == 0
    assert sorted(path.name for path in toys.folder.iterdir()) == [".lock", "a.bin", "b.bin"]
