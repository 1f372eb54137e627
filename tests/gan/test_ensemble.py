"""Members trained together against the same members trained alone; stacking, saving, errors."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.gan import (
    GANEnsemble,
    GANTrainer,
    MemberDense,
    member_weights,
    ring_samples,
    stack_members,
)

layers = keras.layers
SEEDS = (3, 11)
# One of each kind: means, pairs of samples, means of the other side, distances, all three places.
LOSSES = [
    "vanilla",
    "ragan",
    ("gan_qp", {"weight": 1.0}),
    ("wgan_gp", {"weight": 2.0}),
    "wgan_div",
    ("r1", {"gamma": 0.5, "base": "hinge"}),
    ("r2", {"gamma": 0.5}),
    "rsgan",
    "lsgan",
]


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def network(outputs, seed):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(9, "tanh"),
            layers.Dense(8),
            layers.LeakyReLU(0.2),
            layers.Dense(outputs, use_bias=outputs == 2),
        ]
    )


def players(losses=LOSSES, seeds=SEEDS):
    """Networks of the seeds, the same for each loss."""
    return [stack_members([network(outputs, seed) for _ in losses for seed in seeds]) for outputs in (2, 1)]


def compiled(model):
    # Not the default epsilon of 1e-7: Adam would divide the rounding of tiny gradients, such as those of
    # the power 6 in WGAN-div, by their size, and make large steps of it.
    rates = [keras.optimizers.Adam(rate, 0.5, epsilon=1e-3) for rate in (1e-2, 2e-2)]
    model.compile(*rates)
    return model


def data(rows=3 * 8, seeds=SEEDS):
    return np.stack([ring_samples(rows, seed=seed) for seed in seeds], axis=1)


@pytest.fixture(scope="module")
def trained():
    ensemble = compiled(GANEnsemble(*players(), 2, LOSSES, SEEDS, critic_steps=2, ema_decay=0.9))
    ensemble.fit(data(), batch_size=8, shuffle=False, verbose=0)
    return ensemble


@pytest.mark.parametrize("i", range(len(LOSSES)))
def test_a_member_is_trained_as_it_is_alone(trained, i):
    k = 1  # of the seeds
    name, settings = (LOSSES[i], {}) if isinstance(LOSSES[i], str) else LOSSES[i]
    alone = GANTrainer(
        network(2, SEEDS[k]),
        network(1, SEEDS[k]),
        2,
        name,
        settings,
        critic_steps=2,
        ema_decay=0.9,
        seed=SEEDS[k],
    )
    start = alone.generator.get_weights()
    compiled(alone).fit(data()[:, k], batch_size=8, shuffle=False, verbose=0)
    member = len(SEEDS) * i + k
    for model in ("generator", "critic", "ema_generator"):
        together, by_itself = (
            member_weights(getattr(trained, model), member),
            getattr(alone, model).get_weights(),
        )
        for found, expected in zip(together, by_itself, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert np.abs(start[0] - alone.generator.get_weights()[0]).max() > 0.01  # it has moved
    np.testing.assert_allclose(trained.generate(5, seed=2)[:, member], alone.generate(5, seed=2), atol=1e-4)


def test_saved_and_loaded_it_goes_on_as_it_would_have(trained, tmp_path):
    trained.save(tmp_path / "ensemble.keras")
    loaded = keras.saving.load_model(tmp_path / "ensemble.keras")
    assert loaded.members == trained.members == len(LOSSES) * len(SEEDS)
    assert loaded.get_config()["losses"] == trained.get_config()["losses"]
    for old, new in zip(trained.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(numpy(new), numpy(old), err_msg=old.path)
    found = [model.generate(3, seed=0) for model in (trained, loaded)]
    np.testing.assert_array_equal(*found)


def test_members_of_one_seed_have_the_same_noise_and_data(trained):
    drawn = numpy(trained._draw(lambda shape, key, step: ops.ones(shape) * key[0], trained._keys[0], 0, 4, 2))
    assert drawn.shape == (4, trained.members, 2)
    assert len(set(drawn[0, :, 0].tolist())) == len(SEEDS)
    by_loss = drawn[0, :, 0].reshape(len(LOSSES), len(SEEDS))
    assert (by_loss == by_loss[0]).all()


def test_stacked_members_by_hand(rng):
    networks = [network(2, seed) for seed in (0, 1, 2)]
    x = rng.normal(size=(6, 3, 2)).astype("float32")
    stacked = stack_members(networks)
    together = numpy(stacked(x))
    for k, alone in enumerate(networks):
        np.testing.assert_allclose(together[:, k], numpy(alone(x[:, k])), rtol=1e-5, atol=1e-6)
        for found, expected in zip(member_weights(stacked, k), alone.get_weights(), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_the_kernels_of_a_new_layer_have_glorots_size():
    layer = MemberDense(40)
    layer.build((100, None, 20))
    kernel = numpy(layer.kernel)  # uniform within limit: variance limit^2 / 3 = 2 / (20 + 40)
    assert kernel.var() == pytest.approx(2 / 60, rel=0.03) and np.abs(kernel).max() <= (6 / 60) ** 0.5
    assert np.abs(kernel[0] - kernel[1]).max() > 0.1


def test_networks_that_do_not_stack():
    with pytest.raises(ValueError, match="at least one network"):
        stack_members([])
    wide = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    with pytest.raises(ValueError, match="one architecture.*'units': 3"):
        stack_members([network(2, 0), wide])
    with pytest.raises(ValueError, match="LeakyReLU.*Received: BatchNormalization"):
        stack_members([keras.Sequential([keras.Input((2,)), layers.BatchNormalization()])])
    with pytest.raises(ValueError, match="built `keras.Sequential`"):
        stack_members([keras.Model(wide.inputs, wide.outputs)])
    with pytest.raises(ValueError, match="built `keras.Sequential`"):
        stack_members([keras.Sequential([layers.Dense(3)])])
    with pytest.raises(ValueError, match="`member` must be from 0 to 1. Received: member=2"):
        member_weights(stack_members([wide, wide]), 2)
    with pytest.raises(ValueError, match=r"\(members, batch, features\).*\(None, 2\)"):
        MemberDense(3).build((None, 2))
    with pytest.raises(ValueError, match="units=0"):
        MemberDense(0)


def test_ensembles_that_do_not_fit(trained):
    two = players(["hinge"])
    with pytest.raises(ValueError, match=r"`losses` and `seeds` must not be empty. Received: losses=\[\]"):
        GANEnsemble(*two, 2, losses=[], seeds=SEEDS)
    with pytest.raises(ValueError, match="2 losses and 2 seeds are 4 members"):
        GANEnsemble(*two, 2, losses=["hinge", "wgan"], seeds=SEEDS)
    with pytest.raises(ValueError, match=r"one logit per sample and member.*\(2, 2, 2\)"):
        GANEnsemble(two[0], two[0], 2, losses=["hinge"], seeds=SEEDS)
    with pytest.raises(ValueError, match="`name` must be one of"):
        GANEnsemble(*two, 2, losses=["ns"], seeds=SEEDS)
    with pytest.raises(ValueError, match="seed=-1"):
        GANEnsemble(*two, 2, losses=["hinge"], seeds=[0, -1])
    with pytest.raises(ValueError, match=r"Data of 2 seeds must be.*\(8, 2\)"):
        trained.train_on_batch(np.zeros((8, 2), "float32"))
