"""Between two updates nothing moves and no update work is done."""

import keras
import numpy as np
import pytest
from keras import optimizers as ko

from blogkit.optimizers import AccumOptimizer

STEPS = 4


def make_weights():
    return [
        keras.Variable(np.ones((3, 2)), dtype="float32", name="kernel"),
        keras.Variable(np.ones(2), dtype="float32", name="bias"),
    ]


def gradients(rng):
    return [rng.normal(size=(3, 2)).astype("float32"), rng.normal(size=2).astype("float32")]


def values(variables):
    return [keras.ops.convert_to_numpy(v).copy() for v in variables]


def same(before, after):
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


class CountingSGD(ko.SGD):
    """Counts, on the host, how often its update rule is executed, not how often traced."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.executed = []

    def update_step(self, gradient, variable, learning_rate):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.py_function(lambda: self.executed.append(1), [], [])
        elif keras.backend.backend() == "jax":
            import jax

            jax.debug.callback(lambda: self.executed.append(1))
        else:
            self.executed.append(1)
        super().update_step(gradient, variable, learning_rate)


@pytest.mark.parametrize("steps, updates", [(1, 8), (STEPS, 2), (8, 1), (9, 0)])
def test_the_update_rule_runs_once_per_window(steps, updates, rng, compile_apply):
    inner, weights = CountingSGD(0.1), make_weights()
    step = compile_apply(AccumOptimizer(inner, steps), weights)
    for _ in range(8):
        step(gradients(rng))
    assert len(inner.executed) == updates * len(weights)
    assert int(inner.iterations) == updates


@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: ko.AdamW(0.1, weight_decay=0.1, use_ema=True, clipnorm=1.0),
        lambda: ko.Nadam(ko.schedules.ExponentialDecay(0.1, 1, 0.5)),
        lambda: ko.LossScaleOptimizer(ko.SGD(0.1, momentum=0.9), initial_scale=2.0),
    ],
    ids=["adamw", "nadam", "loss_scale"],
)
def test_weights_and_inner_state_move_only_when_a_window_closes(make, compiled, rng, compile_apply):
    optimizer, weights = AccumOptimizer(make(), STEPS), make_weights()
    step = compile_apply(optimizer, weights)
    if not compiled:

        def step(grads):
            tensors = [keras.ops.convert_to_tensor(g) for g in grads]
            optimizer.apply_gradients(zip(tensors, weights))

    everything = weights + optimizer.inner_optimizer.variables
    for micro_step in range(1, 3 * STEPS + 1):
        before, rate = values(everything), float(optimizer.learning_rate)
        step(gradients(rng))
        closes = micro_step % STEPS == 0
        assert same(before, values(everything)) is not closes
        assert same(before[:2], values(weights)) is not closes
        assert int(optimizer.iterations) == micro_step // STEPS
        if not closes:
            assert float(optimizer.learning_rate) == rate


def test_a_new_window_remembers_nothing_of_the_last(rng, compile_apply):
    # Even an overflow: 0 * inf would stay NaN in a mean that is reset by multiplying.
    weights = make_weights()
    optimizer = AccumOptimizer(ko.LossScaleOptimizer(ko.SGD(1.0), initial_scale=1.0), 2)
    step = compile_apply(optimizer, weights)
    step([np.full_like(g, np.inf) for g in gradients(rng)])
    step(gradients(rng))
    assert same(values(make_weights()), values(weights))  # LossScaleOptimizer skips inf
    ones = [np.ones_like(g) for g in gradients(rng)]
    step(ones)
    step(ones)
    # The overflow halved the loss scale, so the gradients are divided by 0.5.
    np.testing.assert_array_equal(values(weights)[1], [1.0 - 2.0, 1.0 - 2.0])


def test_half_precision_weights_have_float32_means(compile_apply):
    # 1 + 255 * 2^-10: the small gradients are lost in a float16 or bfloat16 sum.
    weights = [keras.Variable(np.zeros(2), dtype="bfloat16", name="w")]
    step = compile_apply(AccumOptimizer(ko.SGD(1.0), 256), weights)
    half = keras.ops.convert_to_numpy(keras.ops.ones(2, "bfloat16"))
    for k in range(256):
        step([half if k == 0 else half * half.dtype.type(2**-10)])
    exact = -(1 + 255 * 2**-10) / 256
    got = values(keras.ops.cast(weights[0], "float32"))
    np.testing.assert_allclose(got, exact, rtol=2**-8)  # one rounding to bfloat16


def test_gradients_may_come_in_another_order(rng):
    weights = make_weights()
    optimizer = AccumOptimizer(ko.SGD(1.0), 2)
    optimizer.build(weights)
    kernel, bias = (keras.ops.convert_to_tensor(g) for g in gradients(rng))
    optimizer.apply([kernel, bias], weights)
    optimizer.apply([bias, kernel], weights[::-1])
    np.testing.assert_allclose(values(weights)[1], 1.0 - values([bias])[0], rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")  # Keras says so, rightly
def test_a_variable_without_gradient_stays(rng):
    weights = make_weights()
    optimizer = AccumOptimizer(ko.SGD(1.0, weight_decay=0.1), 2)
    kernel = keras.ops.convert_to_tensor(gradients(rng)[0])
    for _ in range(2):
        optimizer.apply([kernel, None], weights)
    np.testing.assert_array_equal(values(weights)[1], 1.0)


@pytest.mark.parametrize("steps", [1, 2])
def test_repeated_rows_of_an_embedding_are_summed(steps):
    # TensorFlow gives IndexedSlices here; Adagrad with them would not equal the dense rule.
    layer = keras.layers.Embedding(4, 2, embeddings_initializer="zeros")
    model = keras.Sequential([keras.Input((3,), dtype="int32"), layer])
    optimizer = AccumOptimizer(ko.Adagrad(1.0, initial_accumulator_value=0.0), steps)
    model.compile(optimizer, lambda y, z: keras.ops.sum(z), jit_compile=False)
    ids = np.array([[1, 1, 2]] * steps)
    model.fit(ids, np.zeros(steps), batch_size=1, verbose=0)
    # g / sqrt(g^2) = 1 wherever there was a gradient, however often.
    moved = keras.ops.convert_to_numpy(layer.embeddings)
    np.testing.assert_allclose(moved[:, 0], [0, -1, -1, 0], atol=1e-5)
