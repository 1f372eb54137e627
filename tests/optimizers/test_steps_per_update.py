"""n as a number that changes: between two fits, and as a function of the updates made."""

import keras
import numpy as np
import pytest

from blogkit.optimizers import AccumOptimizer


def make_step(steps, compile_apply):
    """One weight that SGD(1.0) moves by minus the mean gradient; `step(g)` returns it."""
    weight = keras.Variable([0.0], name="weight")
    optimizer = AccumOptimizer(keras.optimizers.SGD(1.0), steps)
    apply = compile_apply(optimizer, [weight])

    def step(gradient):
        apply([np.array([gradient], "float32")])
        return float(keras.ops.convert_to_numpy(weight)[0])

    return optimizer, step


def test_a_function_of_the_updates_made(compile_apply):
    # As optax.MultiSteps' every_k_schedule: 3 for updates 0 and 1, then 2.
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [3.0, 2.0])
    optimizer, step = make_step(schedule, compile_apply)
    seen = [step(g) for g in (3, 0, 0, 6, 0, 0, 2, 0, 4, 0)]
    assert seen == pytest.approx([0, 0, -1, -1, -1, -3, -3, -4, -4, -6])
    assert optimizer.steps_per_update is schedule


def test_a_function_survives_its_config():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [3.0, 2.0])
    optimizer = AccumOptimizer("sgd", schedule, reduction="sum")
    copy = AccumOptimizer.from_config(optimizer.get_config())
    assert copy.steps_per_update.get_config() == schedule.get_config()
    assert copy.reduction == "sum"


def test_a_new_integer_reaches_compiled_steps(compile_apply):
    optimizer, step = make_step(4, compile_apply)
    assert [step(g) for g in (4, 0, 0, 0)] == pytest.approx([0, 0, 0, -1])
    optimizer.steps_per_update = 2
    assert [step(g) for g in (4, 0, 2)] == pytest.approx([-1, -3, -3])
    # An open window counts what it has: (2 + 0 + 4) / 3.
    optimizer.steps_per_update = np.int64(3)
    assert [step(g) for g in (0, 4)] == pytest.approx([-3, -5])
    assert optimizer.get_config()["steps_per_update"] == 3


@pytest.mark.parametrize("first, second", [(1, 2), (2, lambda updates: 3), (lambda updates: 3, 2)])
def test_changes_that_would_need_other_state(first, second):
    optimizer = AccumOptimizer("sgd", first)
    optimizer.build([keras.Variable([0.0])])
    with pytest.raises(ValueError, match="from one integer to another.*Make a new"):
        optimizer.steps_per_update = second


@pytest.mark.parametrize("steps, error", [(0, ValueError), (2.5, TypeError), (None, TypeError)])
def test_the_setter_checks_as_the_constructor_does(steps, error):
    optimizer = AccumOptimizer("sgd", 2)
    with pytest.raises(error, match=f"steps_per_update={steps!r}"):
        optimizer.steps_per_update = steps
    assert optimizer.steps_per_update == 2


def test_weights_and_sum(compile_apply):
    weight = keras.Variable([0.0])
    optimizer = AccumOptimizer(keras.optimizers.SGD(1.0), 2)
    optimizer.build([weight])
    as_gradients = lambda g: [keras.ops.convert_to_tensor(np.array([g], "float32"))]  # noqa: E731
    optimizer.apply(as_gradients(1.0), [weight], weight=3)
    optimizer.apply(as_gradients(5.0), [weight], weight=1.0)
    assert float(weight.numpy()[0]) == -2.0  # (3 * 1 + 1 * 5) / 4
    optimizer.apply(as_gradients(7.0), [weight], weight=9)
    optimizer.close_window()
    assert float(weight.numpy()[0]) == -9.0
    optimizer.close_window()  # nothing is open
    assert int(optimizer.iterations) == 2

    summed = keras.Variable([0.0])
    optimizer = AccumOptimizer(keras.optimizers.SGD(1.0), 2, reduction="sum")
    for gradient in (1.0, 5.0, 2.0):
        optimizer.apply(as_gradients(gradient), [summed])
    assert float(summed.numpy()[0]) == -6.0


@pytest.mark.parametrize("weight", [0, -1.0, float("nan"), float("inf")])
def test_refuses_a_weight_that_is_none(weight):
    with pytest.raises(ValueError, match=f"`weight` must be positive and finite.*weight={weight!r}"):
        AccumOptimizer("sgd", 2).weigh(weight)


def test_refuses_a_weight_for_each_sample():
    with pytest.raises(ValueError, match=r"shape \(3,\). Take its sum"):
        AccumOptimizer("sgd", 2).weigh(keras.ops.ones(3))


def test_refuses_an_unknown_reduction():
    with pytest.raises(ValueError, match="'mean'.*'sum'.*reduction='average'"):
        AccumOptimizer("sgd", 2, reduction="average")


def test_a_gradient_that_is_sometimes_none():
    # Eagerly: None counts as zero in a window that has another, as in the large batch.
    used, unused = keras.Variable([0.0]), keras.Variable([0.0])
    optimizer = AccumOptimizer(keras.optimizers.SGD(1.0, momentum=0.5), 2)
    one = keras.ops.ones(1)
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        for gradients in ([one, None], [one, one], [one, None], [one, None]):
            optimizer.apply(gradients, [used, unused])
    # First window: mean 1/2. Second: none at all, so the momentum leaves it alone.
    assert float(unused.numpy()[0]) == -0.5


def test_a_frozen_variable_stays(compile_apply):
    moving, frozen = keras.Variable([0.0]), keras.Variable([0.0])
    optimizer = AccumOptimizer(keras.optimizers.SGD(1.0), 2)
    one = keras.ops.ones(1)
    optimizer.apply([one, one], [moving, frozen])
    optimizer.apply([one], [moving])  # frozen in the middle of a window
    assert float(moving.numpy()[0]) == -1.0
    assert float(frozen.numpy()[0]) == 0.0


def test_a_new_variable_needs_a_new_optimizer():
    optimizer = AccumOptimizer("sgd", 2)
    optimizer.build([keras.Variable([0.0])])
    with pytest.raises(ValueError, match="Received: .*, which is not. Make a new optimizer"):
        optimizer.apply([keras.ops.ones(1)], [keras.Variable([0.0])])


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="a compiler of torch")
def test_torch_compile_forgets_the_window_before():
    import torch

    ends = []
    for wrap in (lambda step: step, lambda step: torch.compile(step, backend="eager")):
        variable = keras.Variable([0.0])
        optimizer = AccumOptimizer(keras.optimizers.SGD(1.0), 2)
        optimizer.build([variable])
        step = wrap(lambda gradient, o=optimizer, v=variable: o.apply([gradient], [v]))
        for gradient in (1.0, 3.0, 5.0, 7.0):
            step(keras.ops.convert_to_tensor([gradient]))
        ends.append(float(variable.numpy()[0]))
    assert ends == [-8.0, -8.0]


@pytest.mark.parametrize(
    ("function", "received"),
    [
        (lambda updates: 0, "0 after 0 updates"),
        (lambda updates: updates, "0 after 0 updates"),
        (lambda updates: 4 - updates, "0 after 4 updates"),
        (lambda updates: 0.4, "0.4 after 0 updates"),
        (lambda updates: float("nan"), "nan after 0 updates"),
        (lambda updates: 8 - updates // 1000, "0 after 8192 updates"),
        (keras.optimizers.schedules.ExponentialDecay(4.0, 100, 0.5), "0.115023 after 512 updates"),
    ],
)
def test_a_function_that_gives_no_positive_number_is_refused_before_work(function, received):
    message = f"`steps_per_update` must be at least 1 for every number of updates. Received: {received}"
    with pytest.raises(ValueError, match=message):
        AccumOptimizer("sgd", function)
    optimizer = AccumOptimizer("sgd", lambda updates: 2)
    with pytest.raises(ValueError, match=message):
        optimizer.steps_per_update = function


def test_a_number_that_was_not_asked_for_is_refused_in_eager_code():
    def only_at(updates):
        return keras.ops.where(keras.ops.equal(updates, 100), 0, 1)

    optimizer, weight = AccumOptimizer("sgd", only_at), keras.Variable([0.0])
    optimizer.build([weight])
    for _ in range(100):
        optimizer.apply([keras.ops.ones((1,))], [weight])
    with pytest.raises(ValueError, match="Received: 0 after 100 updates"):
        optimizer.apply([keras.ops.ones((1,))], [weight])
