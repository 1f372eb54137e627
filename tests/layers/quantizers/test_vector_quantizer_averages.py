"""Moving averages against float64, first codes, restarts, k-means: what moves the codebook."""

import numpy as np
import pytest
from keras import ops

from blogkit.layers import VectorQuantizer

from .vector_quantizer_reference import Averages

ROWS, DIM, CODES = 64, 3, 8  # of most tests: JAX compiles the search for each


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def active(layer, x):
    return len(np.unique(numpy(layer.encode(x))))


@pytest.mark.parametrize(("decay", "epsilon"), [(0.99, 1e-5), (0.5, 0.3), (0.0, 1e-5)])
def test_fifty_steps_as_in_float64(decay, epsilon, rng):
    layer = VectorQuantizer(8, "ema", decay=decay, epsilon=epsilon)
    layer.build((None, 3))
    codebook = rng.normal(size=(8, 3)).astype("float32")
    codebook[7] = 50  # never nearest
    layer.assign_codebook(codebook)
    reference = Averages(codebook, decay, epsilon)
    for _ in range(50):
        x = (rng.normal(size=(64, 3)) + 0.3).astype("float32")
        layer(x, training=True)
        reference.update(x.astype("float64"))
    # float32 rounding of about fifty additions to numbers around 1 and around 10
    np.testing.assert_allclose(numpy(layer.codebook), reference.codebook, atol=3e-6, rtol=1e-6)
    np.testing.assert_allclose(numpy(layer._codebook.state.counts), reference.counts, atol=1e-4, rtol=1e-6)
    np.testing.assert_allclose(numpy(layer._codebook.state.sums), reference.sums, atol=1e-4, rtol=1e-6)
    assert (numpy(layer.codebook)[7] == 50).all()


@pytest.mark.parametrize("update", ["loss", "ema"])
def test_restarts_revive_a_dead_codebook(update, rng):
    """All codes but one are far away from the data."""
    x = rng.normal(size=(256, 4)).astype("float32")
    found = {}
    for threshold in (0, 0.5):
        layer = VectorQuantizer(64, update, restart_threshold=threshold, seed=0)
        layer.build(x.shape)
        codebook = 100 + rng.normal(size=(64, 4)).astype("float32")
        codebook[0] = 0
        layer.assign_codebook(codebook)
        assert active(layer, x) == 1
        for _ in range(5):
            layer(x, training=True)
        found[threshold] = active(layer, x)
    assert found[0] == 1
    assert found[0.5] > 0.9 * 64
    np.testing.assert_array_less(np.abs(numpy(layer.codebook)), np.abs(x).max() + 1)


@pytest.mark.parametrize("update", ["loss", "ema"])
def test_a_restarted_code_is_a_vector_of_the_batch_with_the_thresholds_count(update, rng):
    x = rng.normal(size=(ROWS, DIM)).astype("float32")
    layer = VectorQuantizer(8, update, restart_threshold=0.75, seed=0)
    layer.build(x.shape)
    codebook = 100 + rng.normal(size=(CODES, DIM)).astype("float32")
    codebook[3] = 0
    layer.assign_codebook(codebook)
    layer(x, training=True)
    rest = np.delete(np.arange(8), 3)
    moved = numpy(layer.codebook)[rest]
    distance = np.abs(moved[:, None] - x).max(-1)
    # In "loss" a code is the sum of two variables: 100 and -100 cost digits.
    assert (distance.min(1) <= (0 if update == "ema" else 1e-5)).all()
    assert len(np.unique(distance.argmin(1))) == 7
    np.testing.assert_allclose(numpy(layer._codebook.state.counts), np.where(np.arange(8) == 3, ROWS, 0.75))
    kept = numpy(layer.codebook)[3]
    np.testing.assert_allclose(kept, x.mean(0) if update == "ema" else 0, atol=1e-5)


@pytest.mark.parametrize("update", ["loss", "ema"])
@pytest.mark.parametrize("batch", [ROWS, 5])
def test_first_batch_gives_the_first_codes(update, batch, rng):
    x = rng.normal(size=(batch, 3)).astype("float32")
    codebooks = []
    for seed in (0, 0, 1):
        layer = VectorQuantizer(8, update, init="first_batch", seed=seed)
        layer(x)  # not training: nothing starts
        started = [numpy(layer.codebook)]
        nearest, layer._codebook.nearest = (
            layer._codebook.nearest,
            lambda *args: started.append(numpy(args[1])) or nearest(*args),
        )
        layer(x, training=True)
        layer(x + 1, training=True)
        before, first, second = started
        assert (np.abs(before) < 0.05).all()
        codebooks.append(first)
        np.testing.assert_array_equal(numpy(layer._codebook.state.started), 1)
        if update == "loss":
            np.testing.assert_array_equal(first, second)
    # Up to the rounding of a sum in "loss".
    rows = [np.abs(codebook[:, None] - x).max(-1) for codebook in codebooks]
    for distance in rows:
        assert (distance.min(1) < 1e-6).all()
        assert len(np.unique(distance.argmin(1))) == min(8, batch)
    np.testing.assert_array_equal(codebooks[0], codebooks[1])
    assert (codebooks[0] != codebooks[2]).any()


def test_one_seed_is_one_run(rng):
    batches = rng.normal(size=(4, ROWS, DIM)).astype("float32")

    def run(seed):
        layer = VectorQuantizer(CODES, "ema", init="first_batch", restart_threshold=6, seed=seed)
        for x in batches:
            layer(x, training=True)
        return numpy(layer.codebook)

    np.testing.assert_array_equal(run(3), run(3))
    assert (run(3) != run(4)).any()


def test_kmeans_finds_separate_clusters(rng):
    centres = 10 * rng.normal(size=(CODES, DIM))
    x = np.repeat(centres, ROWS // CODES, axis=0) + 0.1 * rng.normal(size=(ROWS, DIM))
    layer = VectorQuantizer(CODES, init="kmeans", seed=0)
    layer.adapt(x.astype("float32"))
    found = numpy(layer.codebook)
    nearest = np.square(found[:, None] - centres).sum(-1)
    assert sorted(nearest.argmin(1)) == list(range(CODES))
    means = x.reshape(CODES, -1, DIM).mean(1)
    np.testing.assert_allclose(found[nearest.argmin(0)], means, atol=1e-5)
    expected = np.repeat(found[nearest.argmin(0)], ROWS // CODES, axis=0)
    np.testing.assert_array_equal(numpy(layer(x.astype("float32"))), expected)


def test_kmeans_of_heads_and_of_equal_vectors(rng):
    x = rng.normal(size=(ROWS, 2 * DIM)).astype("float32")
    layer = VectorQuantizer(CODES, init="kmeans", heads=2, seed=0)
    layer.adapt(x, iterations=3)
    assert tuple(layer.codebook.shape) == (2 * CODES, DIM)
    assert np.square(numpy(layer(x)) - x).mean() < 0.5
    same = VectorQuantizer(CODES, init="kmeans", seed=0)
    same.adapt(np.ones((ROWS, DIM), "float32"))
    np.testing.assert_array_equal(numpy(same.codebook), np.ones((CODES, DIM)))


def test_adapted_codes_stay_where_they_are_after_other_training(rng):
    """Averages of earlier batches do not pull them back."""
    layer = VectorQuantizer(8, "ema", init="kmeans", seed=0)
    x = rng.normal(size=(64, 3)).astype("float32")
    layer.adapt(x)
    for _ in range(2):
        layer(x, training=True)
    layer.adapt(x + 30)
    adapted = numpy(layer.codebook).copy()
    layer(x + 30, training=True)
    # The means of the same clusters; k-means has come to rest.
    np.testing.assert_allclose(numpy(layer.codebook), adapted, atol=1e-3)
