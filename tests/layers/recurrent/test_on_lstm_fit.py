"""ONLSTM inside compiled models: fit, jit, unknown time, masks of an Embedding, saved files."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import ONLSTM, ONLSTMCell

BACKEND = keras.backend.backend()


def tagger(jit_compile="auto", **options):
    """Token by token, for any length, with zeros as padding."""
    inputs = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(7, 5, mask_zero=True)(inputs)
    x, distances = ONLSTM(8, 4, True, return_distances=True, **options)(x)
    model = keras.Model(inputs, [keras.layers.Dense(7, activation="softmax", name="next")(x), distances])
    model.compile("adam", ["sparse_categorical_crossentropy", None], jit_compile=jit_compile)
    return model


@pytest.fixture(scope="module")
def tokens():
    return np.random.default_rng(0).integers(1, 7, size=(8, 5)) * (np.arange(5) < [[3]] * 4 + [[5]] * 4)


@pytest.mark.parametrize(
    "jit_compile", {"tensorflow": [False, True], "jax": [True], "torch": [False]}[BACKEND]
)
def test_learns_saves_and_loads(jit_compile, tokens, tmp_path):
    keras.utils.set_random_seed(0)
    options = {"dropconnect": 0.3, "dropout": 0.2, "master_input_gate": "complement", "seed": 3}
    model = tagger(jit_compile, **options)
    model.optimizer.learning_rate = 0.05
    history = model.fit(tokens, [tokens, None], epochs=12, verbose=0)
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]
    path = tmp_path / "model.keras"
    model.save(path)
    again = keras.models.load_model(path)
    assert type(again.layers[2]) is ONLSTM
    assert again.layers[2].get_config() == model.layers[2].get_config()
    # Padding changes neither the tags nor the distances of the words.
    for a, b in zip(model.predict(tokens, verbose=0), again.predict(tokens[:4, :3], verbose=0)):
        np.testing.assert_allclose(a[:4, :3], b, atol=1e-6)
        assert a.std() > 1e-3


def test_symbolic_shapes_are_those_of_the_results(tokens):
    for sequences in (False, True):
        for distances in (False, True):
            for state in (False, True):
                layer = ONLSTM(8, 4, sequences, return_distances=distances, return_state=state)
                symbolic = layer(keras.Input((None, 5), batch_size=2))
                shapes = [
                    (2, None, 8) if sequences else (2, 8),
                    *[(2, None)] * distances,
                    *[(2, 8)] * 2 * state,
                ]
                found = symbolic if isinstance(symbolic, (list, tuple)) else [symbolic]
                assert [t.shape for t in found] == shapes
                masks = layer.compute_mask(None, "mask")
                expected = ["mask" if sequences else None, *["mask"] * distances, *[None, None] * state]
                assert masks == (expected if len(expected) > 1 else expected[0])


def test_config_survives_for_layer_and_cell():
    options = {
        "activation": "relu",
        "recurrent_activation": "hard_sigmoid",
        "use_bias": False,
        "unit_forget_bias": False,
        "dropout": 0.1,
        "dropconnect": 0.2,
        "seed": 4,
        "kernel_initializer": "he_normal",
        "kernel_regularizer": "l2",
        "recurrent_constraint": "max_norm",
        "master_input_gate": "complement",
    }
    for made in (
        ONLSTM(
            6,
            3,
            True,
            return_distances=True,
            return_state=True,
            go_backwards=True,
            stateful=True,
            zero_output_for_mask=True,
            activity_regularizer="l1",
            name="a",
            dtype="mixed_float16",
            **options,
        ),
        ONLSTMCell(6, 3, name="b", **options),
    ):
        saved = keras.saving.serialize_keras_object(made)
        assert saved["registered_name"] == f"blogkit>{type(made).__name__}"
        again = keras.saving.deserialize_keras_object(saved)
        assert again.get_config() == made.get_config()
        assert (again.units, again.levels, again.dropconnect, again.dropout) == (6, 3, 0.2, 0.1)
        assert (again.activation, again.master_input_gate) == (keras.activations.relu, "complement")
        assert (again.use_bias, again.unit_forget_bias, again.seed) == (False, False, 4)


def test_cell_and_initial_state_in_a_saved_model(tmp_path):
    x, state = keras.Input((3, 8)), keras.Input((8,))
    first, *states = ONLSTM(8, 4, True, return_state=True)(x)
    second = keras.layers.RNN(ONLSTMCell(8, 4))(first, initial_state=[state, states[1]])
    model = keras.Model([x, state], second)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    given = [np.random.default_rng(0).normal(size=shape).astype("float32") for shape in ((2, 3, 8), (2, 8))]
    got = ops.convert_to_numpy(model(given))
    np.testing.assert_array_equal(ops.convert_to_numpy(again(given)), got)
    assert np.abs(ops.convert_to_numpy(model([given[0], 0 * given[1]])) - got).max() > 1e-3
