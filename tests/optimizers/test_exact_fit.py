"""`accumulate_exactly`: unequal micro-batches and windows that end with an epoch."""

import keras
import numpy as np
import pytest
from keras import layers, losses

from blogkit.optimizers import AccumOptimizer, accumulate_exactly
from blogkit.optimizers.exact_fit import find_accum_optimizer

BACKEND = keras.backend.backend()


def sgd():
    return keras.optimizers.SGD(0.1, momentum=0.9)


def functional():
    inputs = keras.Input((3,))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(2, "tanh")(inputs)))


def sequential():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2, "tanh"), layers.Dense(1)])


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.last = layers.Dense(2, "tanh"), layers.Dense(1)

    def call(self, inputs):
        return self.last(self.first(inputs))


class OldLoss(Subclassed):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):  # no `training`
        return super().compute_loss(x, y, y_pred, sample_weight)


def prepare(make_model, optimizer, loss="mse", **compile_args):
    model = make_model()
    model(np.zeros((1, 3)))
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    model.compile(optimizer, loss, **{"jit_compile": BACKEND == "jax", **compile_args})
    return model


def data(samples):
    rng = np.random.default_rng(4)
    return rng.normal(size=(samples, 3)), rng.normal(size=(samples, 1))


def flat(model):
    return np.concatenate([w.ravel() for w in model.get_weights()])


def assert_same_end(large, small, start):
    moved = np.abs(flat(large) - start).max()
    assert moved > 1e-2
    assert np.abs(flat(small) - flat(large)).max() < 1e-5 * moved


@pytest.mark.parametrize("make_model", [functional, sequential, Subclassed, OldLoss])
def test_any_kind_of_model(make_model):
    x, y = data(42)  # large batches of 16, 16, 10; micro-batches of 4, the last of 2
    options = {"epochs": 2, "shuffle": False, "verbose": 0, "validation_data": (x, y)}
    large = prepare(make_model, sgd())
    start = flat(large)
    expected = large.fit(x, y, 16, **options).history["val_loss"]
    small = accumulate_exactly(prepare(make_model, AccumOptimizer(sgd(), 4)))
    got = small.fit(x, y, 4, **options).history["val_loss"]
    assert_same_end(large, small, start)
    # Validation sees the weights after the last, partial window.
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert int(small.optimizer.iterations) == 6


@pytest.mark.parametrize("penalty", [None, "l2"])
def test_a_sum_adds_up_with_its_penalties_once(penalty):
    def make_model():
        return keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_regularizer=penalty)])

    x, y = data(32)
    loss = losses.MeanSquaredError(reduction="sum")
    slow = keras.optimizers.SGD(0.002)
    large = prepare(make_model, slow, loss)
    start = flat(large)
    large.fit(x, y, 16, epochs=3, shuffle=False, verbose=0)
    optimizer = AccumOptimizer(keras.optimizers.SGD(0.002), 2, reduction="sum")
    small = accumulate_exactly(prepare(make_model, optimizer, loss))
    small.fit(x, y, 8, epochs=1, shuffle=False, verbose=0)
    optimizer.steps_per_update = 4  # the compiled share of the penalty must follow
    small.fit(x, y, 4, epochs=2, shuffle=False, verbose=0)
    assert_same_end(large, small, start)


def test_weights_are_found_by_train_on_batch_and_an_own_train_step():
    x, y = data(6)
    large = prepare(functional, sgd())
    start = flat(large)
    large.train_on_batch(x, y)
    small = accumulate_exactly(prepare(functional, AccumOptimizer(sgd(), 3)))
    for rows in (slice(0, 1), slice(1, 4), slice(4, 6)):
        small.train_on_batch(x[rows], y[rows])
    assert_same_end(large, small, start)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_tokens_behind_a_mask(run_eagerly):
    def make_model():
        embedding = layers.Embedding(9, 2, mask_zero=True)
        return keras.Sequential([keras.Input((6,)), embedding, layers.Dense(1)])

    def prepare_tagger(optimizer):
        model = make_model()
        rng = np.random.default_rng(3)
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        # On TensorFlow without `AccumOptimizer` a repeated token counts otherwise.
        model.compile(optimizer, "mse", run_eagerly=run_eagerly)
        return model

    rng = np.random.default_rng(4)
    lengths = np.array([6, 6, 5, 6, 1, 2, 1, 1])
    x = np.where(np.arange(6) < lengths[:, None], rng.integers(1, 9, size=(8, 6)), 0)
    y = rng.normal(size=(8, 6, 1))
    large = prepare_tagger(AccumOptimizer(sgd(), 1))
    start = flat(large)
    large.fit(x, y, 8, epochs=2, shuffle=False, verbose=0)
    small = accumulate_exactly(prepare_tagger(AccumOptimizer(sgd(), 4)))
    small.fit(x, y, 2, epochs=2, shuffle=False, verbose=0)
    assert_same_end(large, small, start)


def test_a_generator_of_unknown_length():
    x, y = data(10)
    large = prepare(functional, sgd())
    start = flat(large)
    large.fit(x, y, 10, verbose=0)
    small = accumulate_exactly(prepare(functional, AccumOptimizer(sgd(), 4)))
    with pytest.warns(UserWarning, match="ran out of data"):  # how Keras finds its length
        small.fit(((x[i : i + 4], y[i : i + 4]) for i in (0, 4, 8)), shuffle=False, verbose=0)
    assert_same_end(large, small, start)


def test_other_callbacks_come_after_the_window_is_closed():
    x, y = data(6)
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(int(model.optimizer.iterations))
    )
    model = accumulate_exactly(prepare(functional, AccumOptimizer(sgd(), 4)))
    model.fit(x, y, 4, epochs=2, verbose=0, callbacks=look)
    assert seen == [1, 2]


def test_evaluation_does_not_weigh():
    x, y = data(8)
    model = accumulate_exactly(prepare(functional, AccumOptimizer(sgd(), 2)))
    model.evaluate(x, y, verbose=0)
    assert not model.optimizer._next_weight


def test_twice_is_once_and_a_model_may_be_compiled_anew():
    x, y = data(6)
    model = prepare(functional, AccumOptimizer(sgd(), 2))
    assert accumulate_exactly(accumulate_exactly(model)) is model
    assert model.compute_loss._model is model
    assert not hasattr(model.compute_loss._compute_loss, "_model")
    model.compile("sgd", "mse")  # a plain optimizer: nothing to do, and nothing done
    model.fit(x, y, verbose=0)
    model.compile(AccumOptimizer("sgd", 2), "mse")
    model.fit(x, y, 4, epochs=3, verbose=0)
    assert int(model.optimizer.iterations) == 3


def test_a_step_that_was_compiled_before_weighs_too():
    x, y = data(6)
    large = prepare(functional, sgd())
    start = flat(large)
    large.fit(x, y, 6, epochs=2, shuffle=False, verbose=0)
    small = prepare(functional, AccumOptimizer(sgd(), 2))
    small.fit(x, y, 3, shuffle=False, verbose=0)
    accumulate_exactly(small)
    small.fit(x, y, 4, shuffle=False, verbose=0)
    assert_same_end(large, small, start)


def test_finds_the_optimizer_in_a_loss_scale():
    accum = AccumOptimizer("sgd", 2)
    model = prepare(functional, keras.optimizers.LossScaleOptimizer(accum))
    assert find_accum_optimizer(model) is accum


@pytest.mark.skipif(BACKEND != "jax", reason="tracers are JAX's")
def test_the_weight_leaves_the_trace_of_the_gradient_without_a_leak():
    import jax

    x = np.array([[1, 2, 0], [3, 0, 0], [1, 1, 1]])
    embedding = layers.Embedding(4, 2, mask_zero=True)
    model = keras.Sequential([keras.Input((3,)), embedding, layers.Dense(1)])
    model.compile(AccumOptimizer("sgd", 2), "mse")
    accumulate_exactly(model)
    with jax.checking_leaks():
        model.fit(x, np.ones((3, 3, 1)), 2, verbose=0)


# What cannot be exact is said -------------------------------------------------------


def test_refuses_a_model_without_an_accum_optimizer():
    with pytest.raises(ValueError, match="compiled with an AccumOptimizer.*SGD"):
        accumulate_exactly(prepare(functional, sgd()))
    with pytest.raises(ValueError, match="optimizer=None"):
        accumulate_exactly(functional())


def test_refuses_reductions_that_do_not_match():
    x, y = data(4)
    loss = losses.MeanSquaredError(reduction="sum")
    model = accumulate_exactly(prepare(functional, AccumOptimizer("sgd", 2), loss))
    with pytest.raises(ValueError, match=r"\['sum'\], AccumOptimizer\(reduction='mean'\)"):
        model.fit(x, y, 2, verbose=0)


def normalized(**options):
    return keras.Sequential([keras.Input((3,)), layers.BatchNormalization(**options), layers.Dense(1)])


def test_warns_once_of_batch_normalization(recwarn):
    x, y = data(8)
    model = prepare(normalized, AccumOptimizer("sgd", 2))
    with pytest.warns(UserWarning, match="not exact for .*batch_normalization.*: .*LayerNorm"):
        model.fit(x, y, 4, verbose=0)
    model.fit(x, y, 4, verbose=0)
    accumulate_exactly(model)
    assert not [w for w in recwarn if "BatchNormalization" in str(w.message)]


def test_warns_of_batch_normalization_by_another_name():
    model = prepare(lambda: normalized(name="norm", scale=False), AccumOptimizer("sgd", 2))
    with pytest.warns(UserWarning, match="not exact for .*norm"):
        accumulate_exactly(model)


def test_says_nothing_of_layer_normalization():
    model = keras.Sequential([keras.Input((3,)), layers.LayerNormalization(name="subnorm")])
    optimizer = AccumOptimizer("sgd", 2)
    optimizer.build(model.trainable_variables)  # a warning is an error here
    assert not optimizer.has_warned_of_batch_norm
