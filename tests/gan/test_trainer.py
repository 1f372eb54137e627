"""GANTrainer against the Dirac-GAN's discrete dynamics, on the ring; saving, seeds, errors."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.gan import GANTrainer, ring_quality, ring_samples
from blogkit.gan_theory import dirac_gan, discretise

layers = keras.layers
H = 0.2


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def dirac(loss, theta=1.0, psi=-1.0, step=H, **settings):
    """A generator whose one weight that counts is its sample, a critic psi * x: dynamics call -psi psi."""
    generator = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Rescaling(0.0),
            layers.Dense(1, bias_initializer=keras.initializers.Constant(theta)),
        ]
    )
    critic = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(psi)),
        ]
    )
    trainer = GANTrainer(generator, critic, latent_dim=1, loss=loss, **settings)
    trainer.compile(keras.optimizers.SGD(step), keras.optimizers.SGD(step))
    return trainer


def rounds(trainer, count, batch=4):
    """`(theta, -psi, average of theta)` at the start and after each round."""

    def state():
        bias, average = trainer.generator.weights[-1], trainer.ema_generator.weights[-1]
        return [float(numpy(v).ravel()[0]) for v in (bias, -trainer.critic.weights[0], average)]

    states = [state()]
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: states.append(state()))
    real = np.zeros((batch, 1), "float32")
    trainer.fit(real, batch_size=batch, epochs=count, verbose=0, callbacks=[record])
    return np.array(states)


@pytest.mark.parametrize(
    ("loss", "settings", "system"),
    [
        ("vanilla", None, dirac_gan("gan")),
        ("r1", {"gamma": 0.3}, dirac_gan("nsgan_r1", gamma=0.3)),
        ("wgan_gp", {"weight": 0.35, "target": 1.0}, dirac_gan("wgan_gp", weight=0.7, target=1.0)),
    ],
)
def test_simultaneous_rounds_are_the_discrete_dynamics(loss, settings, system):
    trainer = dirac(loss, loss_settings=settings, updates="simultaneous", ema_decay=0.9)
    found = rounds(trainer, 12)
    if loss == "wgan_gp":  # at x between 0 and theta the gradient of psi x is psi all the same
        assert float(numpy(trainer.trackers["penalty"].result())) > 0
    expected = discretise(system, 12, H)
    np.testing.assert_allclose(found[:, :2], expected, atol=1e-5)
    average = [found[0, 0]]
    for theta in found[1:, 0]:
        average.append(0.9 * average[-1] + 0.1 * theta)
    np.testing.assert_allclose(found[:, 2], average, atol=1e-5)


def test_alternating_rounds_move_the_critic_first_and_more_often():
    """The dynamics move the generator first: after the critic's first steps both go on alike."""
    found = rounds(dirac("wgan", updates="alternating", critic_steps=3, clip=2.0), 10, batch=6)
    psi = 1 + 3 * H * 1.0  # -psi' = theta
    expected = discretise(dirac_gan("wgan", clip=2.0), 9, H, "alternating", (1.0, psi), critic_steps=3)
    np.testing.assert_allclose(found[1:, 1], expected[:, 1], atol=1e-5)
    np.testing.assert_allclose(found[1:-1, 0], expected[1:, 0], atol=1e-5)
    assert found[:, 1].max() == 2.0  # it was clipped


def test_a_batch_smaller_than_the_critics_steps_serves_again():
    """The last batch of `fit` may be short, and TensorFlow does not know its size when it compiles."""
    real = np.array([[0.7], [-2.0], [0.5]], "float32")  # the fake is at 1
    short, spelt_out = (dirac("hinge", critic_steps=4) for _ in range(2))
    short.fit(real, batch_size=3, verbose=0, shuffle=False)  # steps on 0.7, -2, 0.5 and again 0.7
    spelt_out.fit(np.concatenate([real, real[:1]]), batch_size=4, verbose=0, shuffle=False)
    found, expected = (numpy(trainer.critic.weights[0]) for trainer in (short, spelt_out))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.isfinite(found).all()


def test_each_player_has_its_optimizer():
    trainer = dirac("hinge", critic_steps=2)
    rounds(trainer, 3)
    assert int(trainer.optimizer.iterations) == 3
    assert int(trainer.critic_optimizer.iterations) == 6


def leaky(outputs, middle=layers.Identity):
    return keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(64),
            layers.LeakyReLU(0.2),
            middle(),
            layers.Dense(64),
            layers.LeakyReLU(0.2),
            layers.Dense(outputs),
        ]
    )


def on_ring(seed=0, middle=layers.Identity, **settings):
    keras.utils.set_random_seed(seed)
    settings = {"ema_decay": 0.98, "seed": seed, **settings}
    trainer = GANTrainer(leaky(2, middle), leaky(1, middle), latent_dim=2, **settings)
    trainer.compile(keras.optimizers.Adam(2e-3, 0.5, 0.9), keras.optimizers.Adam(2e-3, 0.5, 0.9))
    return trainer


def test_ring_is_learned_a_little():
    """A tenth of the rounds that it takes: the samples have reached the circle and half of the modes."""
    trainer, real = on_ring(loss="non_saturating"), ring_samples(128 * 150, seed=0)
    before = trainer.generate(2000, seed=1)
    history = trainer.fit(real, batch_size=128, shuffle=False, verbose=0).history
    after = trainer.generate(2000, seed=1, average=False)
    wide = {"standard_deviation": 0.15}
    assert ring_quality(before, **wide).modes == 0
    assert abs(np.hypot(*after.T).mean() - 2) < 0.3
    assert ring_quality(after, **wide).modes >= 4
    assert set(history) == {"critic_loss", "generator_loss", "penalty"}
    assert history["penalty"] == [0]
    assert np.isfinite(history["critic_loss"] + history["generator_loss"]).all()


def test_saved_and_loaded_it_goes_on_as_it_would_have(tmp_path):
    """Weights, average, both optimizers, the noise; with normalization and a penalty."""
    middle = layers.BatchNormalization
    trainer = on_ring(middle=middle, loss="wgan_gp", loss_settings={"weight": 1.0}, critic_steps=2)
    real = ring_samples(64, seed=0)
    trainer.fit(real, batch_size=32, shuffle=False, verbose=0)
    mean = next(v for v in trainer.critic.non_trainable_weights if "moving_mean" in v.path)
    assert np.isfinite(numpy(mean)).all() and numpy(mean).any()
    for average, weight in zip(trainer.ema_generator.weights, trainer.generator.weights):
        assert (numpy(average) == numpy(weight)).all() == (not weight.trainable)  # moving means are copied
    trainer.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for old, new in zip(trainer.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(numpy(new), numpy(old), err_msg=old.path)
    for old, new in zip(trainer.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(numpy(new), numpy(old), err_msg=old.path)
    assert int(loaded.critic_optimizer.iterations) == 4
    ours, theirs = trainer.get_config(), loaded.get_config()
    assert {key: ours[key] for key in ours if not isinstance(ours[key], dict)} == {
        key: theirs[key] for key in theirs if not isinstance(theirs[key], dict)
    }
    assert theirs["loss_settings"] == {"weight": 1.0}
    for model in (trainer, loaded):
        model.fit(real, batch_size=32, shuffle=False, verbose=0)
    np.testing.assert_allclose(loaded.generate(8, seed=0), trainer.generate(8, seed=0), rtol=1e-5)
    for old, new in zip(trainer.critic.weights, loaded.critic.weights, strict=True):
        np.testing.assert_allclose(numpy(new), numpy(old), rtol=1e-5, atol=1e-7)


def test_seeds():
    real = ring_samples(64, seed=0)
    found = {}
    for name, seed, noise in (("a", 0, 0), ("again", 0, 0), ("other noise", 0, 1)):
        trainer = on_ring(seed)
        trainer = GANTrainer(trainer.generator, trainer.critic, 2, seed=noise)
        trainer.compile("sgd", keras.optimizers.SGD(0.1))
        trainer.fit(real, batch_size=32, shuffle=False, verbose=0)
        found[name] = numpy(trainer.critic.weights[0])
    np.testing.assert_array_equal(found["a"], found["again"])
    assert (found["a"] != found["other noise"]).any()


def test_neighbouring_seeds_do_not_share_their_noise():
    """On torch, Keras adds the number of the draw to the seed: seed 1 would start where seed 0 goes on."""
    draws = [
        {tuple(row) for _ in range(3) for row in numpy(trainer._latents(np.zeros((4, 2)))).round(6).tolist()}
        for trainer in (on_ring(seed) for seed in (0, 1))
    ]
    assert len(draws[0]) == len(draws[1]) == 12 and not draws[0] & draws[1]


def test_generated_samples_depend_on_their_seed():
    trainer = on_ring()
    np.testing.assert_array_equal(trainer.generate(4, seed=3), trainer.generate(4, seed=3))
    assert (trainer.generate(4, seed=3) != trainer.generate(4, seed=4)).any()
    assert trainer.predict(np.zeros((3, 2)), verbose=0).shape == (3, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "ns"}, "`name` must be one of 'vanilla'"),
        ({"loss": "r1", "loss_settings": {"weight": 1.0}}, "takes the settings: gamma, base"),
        ({"latent_dim": 0}, "latent_dim=0"),
        (
            {"updates": "both"},
            "`updates` must be one of 'simultaneous', 'alternating'. Received: updates='both'",
        ),
        ({"critic_steps": 0}, "critic_steps=0"),
        ({"updates": "simultaneous", "critic_steps": 2}, "one step of each.*critic_steps=2"),
        ({"ema_decay": 1.0}, r"in \[0, 1\).*ema_decay=1.0"),
        ({"clip": -0.1}, "positive.*clip=-0.1"),
        ({"seed": -1}, "seed=-1"),
        (
            {"critic": keras.Sequential([keras.Input((2,)), layers.Dense(3)])},
            r"one logit per sample.*\(2, 3\)",
        ),
    ],
)
def test_bad_settings(settings, message):
    players = {"generator": leaky(2), "critic": leaky(1), "latent_dim": 2}
    with pytest.raises(ValueError, match=message):
        GANTrainer(**{**players, **settings})


def test_bad_data_and_optimizers():
    trainer = on_ring(critic_steps=3)
    with pytest.raises(ValueError, match="floating point.*int"):
        trainer.train_on_batch(np.zeros((6, 2), "int32"))
    adam = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="`critic_optimizer` must be different objects"):
        trainer.compile(adam, adam)


def test_penalty_on_a_critic_without_gradient():
    if keras.backend.backend() == "jax":
        pytest.skip("JAX cannot tell a rounded input from a flat critic")
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Lambda(lambda x: ops.stop_gradient(ops.round(x))), layers.Dense(1)]
    )
    trainer = GANTrainer(leaky(2), critic, latent_dim=2, loss="r1")
    trainer.compile("sgd", keras.optimizers.SGD(0.1), run_eagerly=True)
    with pytest.raises(ValueError, match="differentiable way"):
        trainer.train_on_batch(np.zeros((4, 2), "float32"))
