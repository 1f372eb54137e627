"""Arrays written row by row survive an interruption at any byte."""

import numpy as np
import pytest

from data_download.conversions.array_file import ArrayFile, write_array

ROWS = np.random.default_rng(0).integers(0, 256, (300, 4, 3)).astype("uint8")


def test_rows_come_back(tmp_path):
    path = tmp_path / "rows.npy"
    file = ArrayFile(path, (4, 3))
    for first in range(0, 300, 70):
        file.append(ROWS[first : first + 70])
    assert file.rows == 300 and not path.exists()
    file.close(whole=True)
    np.testing.assert_array_equal(np.load(path, mmap_mode="r"), ROWS)
    assert [p.name for p in tmp_path.iterdir()] == ["rows.npy"]


@pytest.mark.parametrize(
    "cut", [0, 1, 60, 127, 128, 129, 128 + 12 * 200 - 1, 128 + 12 * 200, 128 + 12 * 200 + 5]
)
def test_it_goes_on_after_a_cut_at_any_byte(tmp_path, cut):
    path = tmp_path / "rows.npy"
    file = ArrayFile(path, (4, 3))
    file.append(ROWS[:250])
    file.close(whole=False)
    assert not path.exists()
    part = tmp_path / "rows.npy.partial"
    part.write_bytes(part.read_bytes()[:cut])
    file = ArrayFile(path, (4, 3))
    assert file.rows == max(0, (cut - 128) // 12)
    file.append(ROWS[file.rows :])
    file.close(whole=True)
    np.testing.assert_array_equal(np.load(path), ROWS)


def test_rows_of_another_shape_are_not_continued(tmp_path):
    file = ArrayFile(tmp_path / "rows.npy", (4, 3))
    file.append(ROWS)
    file.close(whole=False)
    file = ArrayFile(tmp_path / "rows.npy", (3, 4))
    assert file.rows == 0
    with pytest.raises(ValueError, match=r"rows are uint8 \(3, 4\). Received: uint8 \(4, 3\)"):
        file.append(ROWS)
    with pytest.raises(ValueError, match="Received: int64"):
        file.append(ROWS.reshape(300, 3, 4).astype(int))
    file.close(whole=False)


def test_many_rows_have_room_in_the_head(tmp_path, monkeypatch):
    file = ArrayFile(tmp_path / "rows.npy", (1,))
    assert len(file._head(0)) == len(file._head(10**15)) == file.offset
    file.close(whole=False)


def test_labels_have_no_row_shape(tmp_path):
    labels = np.arange(7)
    write_array(tmp_path / "labels.npy", labels)
    found = np.load(tmp_path / "labels.npy")
    assert found.dtype == np.int64 and (found == labels).all()
