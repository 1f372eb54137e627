"""Data that hold nothing, or NaN, are refused before the first update."""

import keras
import numpy as np
import pytest

from blogkit.gan import GANEnsemble, GANTrainer, stack_members


def networks():
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    return generator, keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def trainer(**options):
    made = GANTrainer(*networks(), latent_dim=1, loss="r1", loss_settings={"gamma": 1.0}, **options)
    made.compile("adam", keras.optimizers.Adam())
    return made


def ensemble():
    (first, critic), (second, other) = networks(), networks()
    made = GANEnsemble(stack_members([first, second]), stack_members([critic, other]), 1, ["hinge"], [0, 1])
    made.compile("adam", keras.optimizers.Adam())
    return made


def refused(gan, message, act):
    """Whether `act` is refused with `message`, and all weights and the state stay."""
    before = [np.array(weight) for weight in gan.get_weights()]
    with pytest.raises(ValueError, match=message):
        act(gan)
    for old, new in zip(before, gan.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert int(gan.optimizer.iterations) == int(gan.critic_optimizer.iterations) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("options", [{}, {"critic_steps": 3}, {"updates": "simultaneous"}])
def test_one_nan_in_the_data_spoils_no_weight(options, bad):
    data = np.ones((64, 2), "float32")
    data[40, 1] = bad
    message = "`x` must be finite. Received: NaN or inf in sample 40 of 64"
    stop = keras.callbacks.TerminateOnNaN()
    refused(
        trainer(**options), message, lambda gan: gan.fit(data, batch_size=16, verbose=0, callbacks=[stop])
    )
    refused(trainer(**options), message, lambda gan: gan.train_on_batch(data))


@pytest.mark.parametrize("critic_steps", [1, 3])
def test_an_empty_batch_is_refused(critic_steps):
    empty = np.zeros((0, 2), "float32")
    message = r"`x` must have at least one sample. Received: shape \(0, 2\)"
    refused(trainer(critic_steps=critic_steps), message, lambda gan: gan.fit(empty, verbose=0))
    refused(trainer(critic_steps=critic_steps), message, lambda gan: gan.train_on_batch(empty))


def test_an_ensemble_refuses_them_too():
    data = np.ones((8, 2, 2), "float32")
    data[3, 0, 0] = np.nan
    refused(ensemble(), "in sample 3 of 8", lambda gan: gan.fit(data, batch_size=4, verbose=0))
    refused(ensemble(), "at least one sample", lambda gan: gan.fit(data[:0], batch_size=4, verbose=0))


def test_what_a_generator_gives_is_refused_where_steps_are_not_compiled():
    def batches():
        yield (np.full((4, 2), np.nan, "float32"),)

    gan = trainer()
    gan.compile("adam", keras.optimizers.Adam(), run_eagerly=True)
    # Not `refused`: within `fit` Keras on JAX takes the weights out of their variables.
    with pytest.raises(ValueError, match="in sample 0 of 4"):
        gan.fit(batches(), steps_per_epoch=1, shuffle=False, verbose=0)
    if keras.backend.backend() != "jax":
        assert int(gan.optimizer.iterations) == int(gan.critic_optimizer.iterations) == 0
