"""DilatedGatedConv1D and SelfAttention beside NumPy, what a mask hides, and the articles' conventions."""

import re

import keras
import numpy as np
import pytest
from dgcnn_reference import attention, block

from blogkit.layers import DilatedGatedConv1D, SelfAttention

LAYERS = {
    "convolution": lambda **options: DilatedGatedConv1D(dilation_rate=2, **options),
    "kernel of 1": lambda **options: DilatedGatedConv1D(kernel_size=1, **options),
    "attention": lambda **options: SelfAttention(num_heads=2, head_dim=3, **options),
}
LENGTHS = (7, 3, 0)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 7, 4)).astype("float32")


@pytest.fixture
def mask():
    return np.arange(7) < np.array(LENGTHS)[:, None]


def formula(layer, x):
    own = [array(weight).astype("float64") for weight in layer.weights]
    if isinstance(layer, SelfAttention):
        return attention(x, *own, layer.num_heads)
    return block(x, *own, layer.dilation_rate)


@pytest.mark.parametrize("name", LAYERS)
def test_against_numpy(name, x, mask):
    layer = LAYERS[name]()
    found = array(layer(x, mask=mask))
    layer.set_weights([w + 0.3 for w in layer.get_weights()])  # a bias of 0 would hide
    found, whole = array(layer(x, mask=mask)), array(layer(x))
    for row, length in enumerate(LENGTHS):
        wanted = (
            formula(layer, x[row, :length].astype("float64")) if length else np.zeros((0, found.shape[-1]))
        )
        np.testing.assert_allclose(found[row, :length], wanted, rtol=1e-4, atol=1e-5)
        assert (found[row, length:] == 0).all()
        np.testing.assert_allclose(whole[row], formula(layer, x[row].astype("float64")), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_what_a_mask_hides_changes_nothing(name, x, mask):
    layer = LAYERS[name]()
    before = array(layer(x, mask=mask))
    other = np.where(mask[..., None], x, 1e3).astype("float32")
    np.testing.assert_allclose(array(layer(other, mask=mask)), before, atol=1e-6)
    np.testing.assert_array_equal(array(layer(x, mask=mask.astype("float32"))), before)


@pytest.mark.parametrize("bias, wanted", ((50.0, "input"), (-50.0, "new")))
def test_the_gate_carries_the_input(x, bias, wanted):
    layer = DilatedGatedConv1D(dilation_rate=2)
    layer.build(x.shape)
    kernel, old = layer.get_weights()
    gates = np.arange(8) < 4
    layer.set_weights([np.where(gates, 0, kernel), np.where(gates, bias, old)])
    new = array(layer.convolution(x))[..., 4:]
    np.testing.assert_allclose(array(layer(x)), x if wanted == "input" else new, atol=1e-6)


def test_three_matrices_and_no_more(x):
    layer = SelfAttention(num_heads=8, head_dim=16)
    assert tuple(layer(x).shape) == (3, 7, 128) == layer.compute_output_shape((3, 7, 4))
    assert [tuple(w.shape) for w in layer.weights] == [(4, 128)] * 3


def test_drops_gates_to_a_half_in_training(x):
    layer = DilatedGatedConv1D(dropout=0.999999, seed=1)
    new = array(layer(x, training=True))  # all gates are sigmoid(0)
    np.testing.assert_allclose(new, (x + array(layer.convolution(x))[..., 4:]) / 2, atol=1e-5)
    assert np.abs(new - array(layer(x))).max() > 1e-3


@pytest.mark.parametrize("name", LAYERS)
def test_in_a_model_saved_and_loaded(name, x, mask, tmp_path):
    tokens, masks = keras.Input((7, 4)), keras.Input((7,), dtype="bool")
    model = keras.Model([tokens, masks], LAYERS[name](dtype="float32")(tokens, mask=masks))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(loaded([x, mask])), array(model([x, mask])))
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()


@pytest.mark.parametrize("name", LAYERS)
def test_half_precision(name, x, mask):
    layer, half = LAYERS[name](), LAYERS[name](dtype="mixed_float16")
    wanted = array(layer(x, mask=mask))
    half.build(x.shape)
    half.set_weights(layer.get_weights())
    found = array(half(x, mask=mask))
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, wanted, atol=0.02)


@pytest.mark.parametrize(
    "layer, wrong",
    (
        (DilatedGatedConv1D, {"kernel_size": 0}),
        (DilatedGatedConv1D, {"kernel_size": 1.5}),
        (DilatedGatedConv1D, {"dilation_rate": 0}),
        (DilatedGatedConv1D, {"dilation_rate": True}),
        (DilatedGatedConv1D, {"dropout": 1.0}),
        (DilatedGatedConv1D, {"dropout": -0.1}),
        (DilatedGatedConv1D, {"dropout": True}),
        (SelfAttention, {"num_heads": 0}),
        (SelfAttention, {"num_heads": 1.5}),
        (SelfAttention, {"head_dim": -1}),
        (SelfAttention, {"head_dim": True}),
    ),
)
def test_says_what_is_out_of_range(layer, wrong):
    ((name, value),) = wrong.items()
    rule = "a number in [0, 1)" if name == "dropout" else "a positive integer"
    message = f"`{name}` must be {rule}. Received: {name}={value}."
    with pytest.raises(ValueError, match=re.escape(message)):
        layer(**wrong)
