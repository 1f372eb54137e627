"""EnergyModel: gradient, resumption and spectral norms."""

import warnings

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.models import EnergyModel
from blogkit.models.energy_model import DATA_NOISE
from blogkit.ops import random_key, stateless_normal

LANGEVIN = {"step_size": 0.01, "bounds": (0.0, 1.0)}
SPECTRAL = keras.layers.SpectralNormalization


@pytest.fixture(autouse=True)
def weights():
    keras.utils.set_random_seed(0)


def network(classes=None, wrap=lambda layer: layer, features=2):
    end = (
        [keras.layers.Dense(1), keras.layers.Reshape(())]
        if classes is None
        else [keras.layers.Dense(classes)]
    )
    hidden = wrap(keras.layers.Dense(8, activation="swish"))
    return keras.Sequential([keras.Input((features,)), hidden, *end])


def compiled(net, optimizer=None, **options):
    model = EnergyModel(net, **{"langevin": LANGEVIN, "num_steps": 3, "chains": 8, **options})
    model.compile(optimizer or keras.optimizers.Adam(1e-2))
    return model


def points(rows=24):
    return np.random.default_rng(0).uniform(0.3, 0.7, size=(rows, 2)).astype("float32")


def squares(power):
    """A network with the one weight theta and the energy theta * sum(x^power)."""
    x = keras.Input((1,))
    theta = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    return keras.Model(x, keras.layers.Reshape(())(theta(x**power)))


@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_one_update_moves_the_weight_by_the_difference_of_two_means(penalty):
    x, rate = np.linspace(0.2, 0.8, 8, dtype="float32")[:, None], 0.25
    model = compiled(squares(2), keras.optimizers.SGD(rate), energy_penalty=penalty)
    model.fit(x, batch_size=8, verbose=0)
    data, samples = (x**2).mean(), (model.buffer.samples**2).mean()
    squared = (x**4).mean() + (model.buffer.samples**4).mean()
    expected = 1 - rate * (data - samples + 2 * penalty * squared)
    np.testing.assert_allclose(model.get_weights()[0].item(), expected, rtol=1e-5)


def test_sample_weights_weigh_the_data():
    model, same = (compiled(network(classes=2), keras.optimizers.SGD(0.1)) for _ in range(2))
    same.set_weights(model.get_weights())
    x, labels, weight = points(8), np.arange(8) % 2, np.repeat([0.0, 2.0], 4)
    model.fit(x, labels, sample_weight=weight, batch_size=8, verbose=0)
    same.fit(x[4:], labels[4:], batch_size=8, verbose=0)
    for ours, theirs in zip(model.get_weights(), same.get_weights()):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_data_gets_noise_of_its_own_at_every_update():
    x, rate, theta = np.full((8, 1), 0.5, "float32"), 0.25, 1.0
    model = compiled(squares(2), keras.optimizers.SGD(rate), energy_penalty=0.0, data_noise=0.1, seed=3)
    model.fit(x, batch_size=8, verbose=0)
    for update in (1, 2):
        noise = ops.convert_to_numpy(stateless_normal((8, 1), random_key(3, DATA_NOISE), update))
        samples = model.buffer.samples[8 * (update - 1) :]
        theta -= rate * (((x + 0.1 * noise) ** 2).mean() - (samples**2).mean())
        np.testing.assert_allclose(model.get_weights()[0].item(), theta, rtol=1e-5)
        if update == 1:
            model.fit(x, batch_size=8, verbose=0)


def test_chains_get_new_noise_at_every_update():
    model = compiled(
        squares(2),
        keras.optimizers.SGD(0.0),
        langevin={"step_size": 1e-6},
        num_steps=1,
        chains=1,
        capacity=1,
        fresh_fraction=0.0,
    )
    seen = []
    for _ in range(4):
        model.fit(np.ones((8, 1), "float32"), batch_size=8, verbose=0)
        seen.append(model.buffer.samples.item())
    moves = np.diff(seen)
    assert np.abs(np.diff(moves)).min() > 1e-5  # the gradient moves a chain by 1e-6


def test_learns_the_precision_of_a_gaussian():
    """exp(-theta x^2) has the variance 1 / (2 theta): theta = 3 for data of variance 1/6."""
    x = np.random.default_rng(1).normal(0, 6**-0.5, size=(4000, 1)).astype("float32")
    x *= 6**-0.5 / x.std()
    model = compiled(
        squares(2),
        keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(2.0, 300)),
        langevin={"step_size": 0.02},
        num_steps=10,
        chains=500,
        capacity=500,
        energy_penalty=0.0,
        fresh_fraction=0.0,
    )
    model.fit(x, batch_size=500, epochs=30, verbose=0)
    # ULA's variance is 1 / (2 theta (1 - step theta)): theta = 3.2 has the data's variance here.
    assert abs(model.get_weights()[0].item() - 3.2) < 0.25


def test_energy_of_classes_is_a_joint_distribution():
    model = compiled(network(classes=3))
    x, labels = points(5), np.array([0, 2, 1, 1, 0])
    each = ops.convert_to_numpy(model.network(x))
    np.testing.assert_allclose(ops.convert_to_numpy(model.energy(x, labels)), each[np.arange(5), labels])
    total = -np.log(np.exp(-each).sum(axis=1))
    np.testing.assert_allclose(model.predict(x, verbose=0), total, rtol=1e-5, atol=1e-6)


def test_labels_decide_whose_energy_sinks():
    model = compiled(network(classes=3), keras.optimizers.Adam(0.05))
    model.fit(points(), np.full(24, 2), batch_size=8, epochs=5, verbose=0)
    assert set(model.network.predict(points(), verbose=0).argmin(axis=1)) == {2}


def test_held_out_data_changes_nothing():
    model = compiled(network())
    model.fit(points(), batch_size=8, verbose=0)
    before, weights = model.buffer.state, model.get_weights()
    result = model.evaluate(points(10), return_dict=True, verbose=0)
    np.testing.assert_allclose(result["energy_data"], model.predict(points(10), verbose=0).mean(), rtol=1e-5)
    assert set(result) == {"loss", "energy_data", "energy_samples"}
    for name, array in model.buffer.state.items():
        np.testing.assert_array_equal(array, before[name])
    for now, then in zip(model.get_weights(), weights):
        np.testing.assert_array_equal(now, then)


def test_resumes_as_if_never_interrupted(tmp_path):
    def fit(model, *epochs, **options):
        model.fit(
            points(),
            batch_size=8,
            shuffle=False,
            initial_epoch=epochs[0],
            epochs=epochs[1],
            verbose=0,
            **options,
        )

    options = {"data_noise": 0.1, "buffer_dtype": "uint8", "capacity": 20, "fresh_fraction": 0.3}
    straight = compiled(network(), **options)
    start = straight.get_weights()
    fit(straight, 0, 3)

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    interrupted = compiled(network(), **options)
    interrupted.set_weights(start)
    with pytest.raises(KeyboardInterrupt):
        fit(interrupted, 0, 3, callbacks=[backup, Interrupt()])
    resumed = compiled(network(), **options)
    fit(resumed, 0, 3, callbacks=[keras.callbacks.BackupAndRestore(tmp_path / "backup")])
    for ours, theirs in zip(resumed.get_weights(), straight.get_weights()):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(resumed.buffer.samples, straight.buffer.samples)


def test_saves_and_loads_with_optimizer_and_buffer(tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.5)
    model = compiled(network(classes=3), langevin={**LANGEVIN, "step_size": schedule})
    x, y = points(), np.arange(24) % 3
    model.fit(x, y, batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert tuple(loaded.langevin["bounds"]) == LANGEVIN["bounds"]
    assert loaded.langevin["step_size"].get_config() == schedule.get_config()
    ours, theirs = (
        {k: v for k, v in m.get_config().items() if k not in ("network", "langevin")} for m in (model, loaded)
    )
    assert ours == theirs
    for one in (model, loaded):
        one.fit(x, y, batch_size=8, shuffle=False, verbose=0)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
    np.testing.assert_array_equal(loaded.buffer.samples, model.buffer.samples)


def test_sampler_uses_the_present_energy_and_labels():
    model = compiled(network(classes=2))
    sampler = model.sampler(np.repeat([0, 1], 4), temperature=0.0, step_size=0.5)
    start = np.full((8, 2), 0.5, "float32")
    before = ops.convert_to_numpy(sampler.sample(start, 3, seed=0))
    for half in (before[:4], before[4:]):  # float32: a row's place in the batch decides how it is rounded
        np.testing.assert_allclose(half, half[[0] * 4], atol=1e-6)
    assert np.abs(before[0] - before[4]).max() > 1e-4
    model.set_weights([-w for w in model.get_weights()])
    assert np.abs(ops.convert_to_numpy(sampler.sample(start, 3, seed=0)) - before).max() > 1e-4


def test_sampler_of_the_training_is_compiled_once():
    model = compiled(network())
    assert model.sampler() is model.sampler()
    assert model.sampler(step_size=0.5) is not model.sampler()


def test_spectral_norms_stay_at_one():
    model = compiled(network(wrap=SPECTRAL), keras.optimizers.SGD(1.0))
    kernel = model.network.layers[0].layer.kernel
    kernel.assign(5 * ops.ones(kernel.shape))
    model.fit(points(96), batch_size=8, epochs=3, verbose=0)
    model.optimizer.learning_rate = 0.0
    model.fit(points(8), batch_size=8, verbose=0)
    norms = np.linalg.svd(ops.convert_to_numpy(kernel), compute_uv=False)
    assert abs(norms[0] - 1) < 0.05


def test_other_seeds_draw_other_chains():
    one, other = (compiled(network(), seed=seed) for seed in (0, 1))
    other.set_weights(one.get_weights())
    for model in (one, other):
        model.fit(points(8), batch_size=8, verbose=0)
    assert np.abs(one.buffer.samples - other.buffer.samples).min() > 0


def test_diverging_chains_are_named():
    model = compiled(squares(4), langevin={"step_size": 50.0}, num_steps=30)
    with pytest.raises(ValueError, match="not finite after step"):
        model.fit(np.full((8, 1), 30.0, "float32"), batch_size=8, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"langevin": {"bounds": (0, 1)}}, r"at least `step_size`.*\['bounds'\]"),
        ({"langevin": {"step_size": -1}}, "step_size=-1"),
        ({"langevin": {"step_size": 1, "energy": abs}}, "not `energy`"),
        ({"langevin": {"step_size": 1}, "buffer_dtype": "uint8"}, "needs `bounds`"),
        ({"num_steps": 0}, "num_steps=0"),
        ({"chains": 2.5}, "chains=2.5"),
        ({"chains": 20, "capacity": 10}, "at least `chains`.*chains=20, capacity=10"),
        ({"energy_penalty": -1}, "energy_penalty=-1"),
        ({"data_noise": float("nan")}, "data_noise=nan"),
        ({"seed": -1}, "seed=-1"),
        ({"fresh_fraction": 2}, "fresh_fraction=2"),
    ],
)
def test_settings(options, message):
    with pytest.raises(ValueError, match=message):
        compiled(network(), **options)


def test_networks_of_another_shape():
    dense = keras.layers.Dense
    for net, message in [
        (keras.Sequential([keras.Input((2,)), dense(1)]), r"several classes.*\(None, 1\)"),
        (keras.Sequential([keras.Input((4, 2)), dense(3)]), r"\(batch, classes\).*\(None, 4, 3\)"),
        (keras.Sequential([dense(3)]), "Start it with `keras.Input"),
        (lambda x: x, "Keras model"),
    ]:
        with pytest.raises(ValueError, match=message):
            compiled(net)


def test_labels_for_one_energy_and_a_loss():
    model = compiled(network())
    with pytest.raises(ValueError, match="takes no labels"):
        model.energy(points(2), [0, 1])
    with pytest.raises(ValueError, match="`loss` must be None.*loss='mse'"):
        model.compile("adam", loss="mse")
