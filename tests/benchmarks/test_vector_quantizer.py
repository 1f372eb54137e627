"""The quantizer's benchmark: its sides, its numbers and its words; never how long anything takes."""

import json

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()
OURS = ["VectorQuantizer eval", "VectorQuantizer train", "distance argmin"]


@pytest.fixture(autouse=True)
def folder(root, monkeypatch):
    """The scripts import each other from their folder."""
    monkeypatch.syspath_prepend(root / "benchmarks")


def test_every_side_is_printed_and_written(capsys, tmp_path):
    import vector_quantizer

    path = tmp_path / "result.json"
    vector_quantizer.main(f"--codes 4 9 --rows 50 --dim 3 --rounds 2 --no-memory --json {path}".split())
    lines = capsys.readouterr().out.splitlines()
    installed = vector_quantizer.vector_quantize_pytorch is not None
    sides = [f"{vector_quantizer.PEER} {mode}" for mode in ("eval", "train")] * installed + OURS
    assert lines[0].startswith(f"{BACKEND}, 50 vectors of length 3, 4 codes, load")
    assert [line[:32].strip() for line in lines[2 : 2 + len(sides)]] == sides
    assert ("pip install" in lines[-1]) == (not installed)
    results = json.loads(path.read_text())
    assert [result["codes"] for result in results] == [4, 9]
    for result in results:
        assert [row["side"] for row in result["sides"]] == sides
        assert all(len(row["seconds"]) == 2 and row["memory"] is None for row in result["sides"])


def test_all_sides_find_the_same_vectors():
    import vector_quantizer

    x, codebook = vector_quantizer.data(40, 3, 6)
    codes = np.square(x[:, None].astype("float64") - codebook).sum(-1).argmin(-1)
    for name in vector_quantizer.names():
        found = vector_quantizer.side(name, codebook)(x)()
        # The first result that has the shape of vectors: other results are losses and state.
        vectors = next(t for t in keras.tree.flatten(found) if tuple(t.shape)[-2:] == x.shape)
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(vectors).reshape(x.shape), codebook[codes], atol=1e-6
        )


def test_training_updates_the_codebook():
    import vector_quantizer

    x, codebook = vector_quantizer.data(40, 3, 6)
    found = vector_quantizer.side("VectorQuantizer train", codebook)(x)()
    shapes = [tuple(t.shape) for t in keras.tree.flatten(found)]
    if BACKEND == "jax":
        moved = next(t for t in keras.tree.flatten(found) if tuple(t.shape) == codebook.shape)
        assert np.abs(np.asarray(moved) - codebook).max() > 0.1
    assert () in shapes  # the loss


def test_memory_of_one_pass_is_at_least_that_of_its_distances():
    from fresh_process import in_fresh_process

    # As the benchmark does it: this process has memory left over from other tests.
    found = in_fresh_process(
        BACKEND, "vector_quantizer", "measure_memory", name="distance argmin", rows=20_000, dim=4, codes=1000
    )
    if found is None:
        pytest.skip("the kernel does not say")
    assert found > 20_000 * 1000 * 4 * 0.5  # a lower bound on a CPU, see peak_growth
