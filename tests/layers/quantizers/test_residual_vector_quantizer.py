"""ResidualVectorQuantizer: a sum of codes, each of what the others left over."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import ResidualVectorQuantizer
from blogkit.ops import value_and_gradient

BOTH = pytest.mark.parametrize("shared", [False, True])


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture
def x(rng):
    return rng.normal(size=(30, 5, 4)).astype("float32")


def made(x, rng, shared, **options):
    layer = ResidualVectorQuantizer(3, 7, shared, **options)
    layer.build(x.shape)
    codebooks = rng.normal(size=(3, 7, 4)).astype("float32") / np.array([1, 2, 4])[:, None, None].astype(
        "float32"
    )
    for quantizer, codebook in zip(layer.quantizers, codebooks):
        quantizer.assign_codebook(codebook)
    return layer, codebooks[:1].repeat(3, 0) if shared else codebooks


@BOTH
def test_as_numpy(shared, x, rng):
    layer, codebooks = made(x, rng, shared)
    residual, codes = x.astype("float64"), []
    for codebook in codebooks:
        codes.append(np.square(residual[..., None, :] - codebook).sum(-1).argmin(-1))
        residual = residual - codebook[codes[-1]]
    np.testing.assert_array_equal(numpy(layer.encode(x)), np.stack(codes, -1))
    np.testing.assert_allclose(numpy(layer(x)), x - residual, atol=1e-5)
    np.testing.assert_allclose(numpy(layer.decode(layer.encode(x))), x - residual, atol=1e-5)
    coarse = numpy(layer.decode(layer.encode(x)[..., :1]))
    np.testing.assert_array_equal(coarse, codebooks[0][codes[0]])


def test_the_gradient_passes_once_and_losses_are_of_the_residuals(x, rng):
    layer, codebooks = made(x, rng, shared=False, commitment_cost=0.5)
    weight = rng.normal(size=x.shape).astype("float32")
    _, gradient = value_and_gradient(
        lambda x: ops.sum(layer(x) * ops.convert_to_tensor(weight), axis=(1, 2)), x
    )
    np.testing.assert_array_equal(numpy(gradient), weight)
    layer(x)
    codes, residual, expected = numpy(layer.encode(x)), x.astype("float64"), []
    for j, codebook in enumerate(codebooks):
        residual = residual - codebook[codes[..., j]]
        expected += [0.5 * np.square(residual).mean(), np.square(residual).mean()]
    np.testing.assert_allclose([numpy(loss) for loss in layer.losses], expected, rtol=1e-4)


def test_every_stage_pulls_the_encoder_by_its_own_residual(x, rng):
    """The commitment loss of stage j has the gradient 2 c r_j / numbers, whatever came before it."""
    layer, codebooks = made(x, rng, shared=False, commitment_cost=0.5)

    weights = [
        [v.value for v in group] for group in (layer.trainable_variables, layer.non_trainable_variables)
    ]

    def commitment(x):
        _, _, losses = layer.stateless_call(*weights, x, return_losses=True)
        return ops.sum(ops.stack(losses)) * ops.ones(len(x)) / len(x)

    _, gradient = value_and_gradient(commitment, x)
    codes, residual, expected = numpy(layer.encode(x)), x.astype("float64"), 0.0
    for j, codebook in enumerate(codebooks):
        residual = residual - codebook[codes[..., j]]
        expected = expected + 2 * 0.5 * residual / x.size
    np.testing.assert_allclose(numpy(gradient), expected, atol=1e-8)


@BOTH
def test_fit_logs_and_saves(shared, x, tmp_path):
    layer = ResidualVectorQuantizer(
        3, 16, shared, update="ema", init="first_batch", restart_threshold=0.5, decay=0.9, seed=0
    )
    model = keras.Sequential([keras.Input((5, 4)), layer, keras.layers.Dense(4)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    history = model.fit(x, x, batch_size=15, epochs=3, verbose=0).history  # of one shape
    suffixes = [""] if shared else ["_1", "_2", "_3"]
    for suffix in suffixes:
        assert 8 < history["active_codes" + suffix][-1] <= 16
    if not shared:
        left = [history["commitment" + suffix][-1] for suffix in suffixes]
        assert left[0] > 1.5 * left[1] > 2 * left[2]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(numpy(model(x)), numpy(again(x)))
    assert again.layers[0].get_config() == layer.get_config()
    assert again.layers[0].quantizers[-1].get_config() == layer.quantizers[-1].get_config()


@BOTH
def test_metric_suffixes_are_saved(shared, x):
    layer = ResidualVectorQuantizer(2, 4, shared, metric_suffix="_fine")
    same = ResidualVectorQuantizer.from_config(layer.get_config())
    wanted = ["_fine"] if shared else ["_fine_1", "_fine_2"]
    assert [quantizer.metric_suffix for quantizer in same.quantizers] == wanted
    same(x)
    names = {metric.name for metric in same.metrics}
    assert names == {
        name + suffix for name in ("perplexity", "active_codes", "commitment") for suffix in wanted
    }
    quantizer = layer.quantizers[-1]
    assert type(quantizer).from_config(quantizer.get_config()).metric_suffix == wanted[-1]


def test_masks_axes_and_half_precision(x, rng):
    layer, codebooks = made(x, rng, shared=False)
    mask = np.arange(5) < rng.integers(1, 6, size=(30, 1))
    outputs = numpy(layer(x, mask=ops.convert_to_tensor(mask)))
    assert (outputs[~mask] == 0).all() and (outputs[mask] != 0).all()
    first = ResidualVectorQuantizer(3, 7, axis=1, dtype="mixed_float16")
    first.build((None, 4, 5))
    for quantizer, codebook in zip(first.quantizers, codebooks):
        quantizer.assign_codebook(codebook)
    moved = np.moveaxis(x, -1, 1)
    np.testing.assert_array_equal(numpy(first.encode(moved)), numpy(layer.encode(x)))
    found = first(moved)
    assert keras.backend.standardize_dtype(found.dtype) == "float16"
    np.testing.assert_allclose(numpy(found), np.moveaxis(numpy(layer(x)), -1, 1), atol=2e-3)


def test_each_adapted_codebook_leaves_less(x):
    layer = ResidualVectorQuantizer(4, 8, init="kmeans", seed=0)
    layer.adapt(x)
    codes = layer.encode(x)
    errors = [np.square(numpy(layer.decode(codes[..., : j + 1])) - x).mean() for j in range(4)]
    assert (np.diff(errors) < 0).all() and errors[-1] < 0.1 < errors[0]


def test_bad_input(x):
    with pytest.raises(ValueError, match="`num_quantizers` must be a positive integer.*=0"):
        ResidualVectorQuantizer(0, 8)
    with pytest.raises(ValueError, match="does not take `heads`.*heads=2"):
        ResidualVectorQuantizer(2, 8, heads=2)
    with pytest.raises(ValueError, match="`decay` must be"):
        ResidualVectorQuantizer(2, 8, decay=1)
    with pytest.raises(ValueError, match="axis=0"):
        ResidualVectorQuantizer(2, 8, axis=0)
    with pytest.raises(ValueError, match="metric_suffix='a b'"):
        ResidualVectorQuantizer(2, 8, metric_suffix="a b")
    layer = ResidualVectorQuantizer(2, 8)
    layer(x)
    with pytest.raises(ValueError, match="must have length 4"):
        layer(x[..., :3])
    for shape in ((2, 3), (2, 0), ()):
        with pytest.raises(ValueError, match="Codes must have 1 to 2 numbers along the last axis"):
            layer.decode(np.zeros(shape, "int32"))
    with pytest.raises(ValueError, match="must be finite"):
        layer(np.full((2, 4), np.nan, "float32"))
