"""The benchmark of CelebA's conversion: what it compares and prints; no timing is asserted."""

import json

import numpy as np


def test_every_side_is_printed_and_written(root, monkeypatch, capsys, tmp_path):
    monkeypatch.syspath_prepend(root / "benchmarks")
    import celeba_conversion

    path = tmp_path / "result.json"
    celeba_conversion.main(f"--faces 8 --rounds 2 --folder {tmp_path} --json {path}".split())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("8 pictures of 178 x 218, ")
    sides = ["Pillow loop", "conversion", "conversion, one worker"]
    assert [line[:24].strip() for line in lines[2:]] == sides
    result = json.loads(path.read_text())
    assert [len(row["seconds"]) for row in result["sides"]] == [2, 2, 2]
    assert [child.name for child in tmp_path.iterdir() if child.name != "data"] == ["result.json"]


def test_both_ways_make_the_same_arrays(root, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(root / "benchmarks")
    import celeba_conversion

    found = {}
    monkeypatch.setattr(
        celeba_conversion.shutil, "rmtree", lambda folder: found.setdefault(folder.name, folder)
    )
    source = celeba_conversion.write_archive(tmp_path / "source", 5)
    celeba_conversion.convert(source)
    celeba_conversion.pillow_loop(source)
    for size in (128, 64):
        ours, loop = np.load(found["arrays"] / f"celeba_{size}.npy"), np.load(found["loop"] / f"{size}.npy")
        assert ours.shape == (5, size, size, 3)
        inner = (
            slice(None),
            slice(2, -2),
            slice(2, -2),
        )  # at its border a crop ends where a box can still see
        np.testing.assert_array_equal(ours[inner], loop[inner])
