"""For any model, optimizer and split of its data: the end of the large batch."""

import contextlib

import keras
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keras import optimizers as ko

from blogkit.optimizers import AccumOptimizer

BACKEND = keras.backend.backend()
# In float64, where rounding is no excuse: float32 needs 1e-5, and now and then more,
# because Adam divides tiny gradients by their own size.
BOUND = 1e-10
OPTIMIZERS = {
    "sgd": lambda: ko.SGD(0.1),
    "nesterov": lambda: ko.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda: ko.Adam(0.05, clipnorm=0.1),
    "adamw": lambda: ko.AdamW(0.05, use_ema=True, ema_overwrite_frequency=2, ema_momentum=0.5),
    "nadam": lambda: ko.Nadam(ko.schedules.ExponentialDecay(0.05, 1, 0.7)),
    "rmsprop": lambda: ko.RMSprop(0.05, centered=True, global_clipnorm=0.1),
    "adagrad": lambda: ko.Adagrad(0.1, clipvalue=0.05),
    "adadelta": lambda: ko.Adadelta(1.0),
    "adamax": lambda: ko.Adamax(0.05),
    "ftrl": lambda: ko.Ftrl(0.1),
    "lion": lambda: ko.Lion(0.01),
    "lamb": lambda: ko.Lamb(0.05),
    "adafactor": lambda: ko.Adafactor(0.05),
    "muon": lambda: ko.Muon(0.05),
    "free": lambda: ko.ScheduleFreeAdamW(0.05),
}


@pytest.fixture(scope="module", autouse=True)
def float64():
    with contextlib.ExitStack() as stack:
        if BACKEND == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
        before = keras.config.floatx()
        keras.config.set_floatx("float64")
        yield
        keras.config.set_floatx(before)


@st.composite
def problems(draw):
    micro_batches = draw(st.integers(1, 5))
    window = st.lists(st.integers(1, 4), min_size=micro_batches, max_size=micro_batches)
    return {
        "optimizer": draw(st.sampled_from(sorted(OPTIMIZERS))),
        "widths": draw(st.lists(st.integers(1, 3), min_size=2, max_size=4)),
        "windows": draw(st.lists(window, min_size=1, max_size=3)),  # of numbers of samples
        "reduction": draw(st.sampled_from(["mean", "sum", "mean_with_sample_weight"])),
        "seed": draw(st.integers(0, 2**31)),
    }


def gradients(weights, x, y, sample_weight, reduction):
    """Gradients of a tanh network's weighted squared error, and the weight of the batch."""
    kernels, activations = weights, [x]
    for kernel in kernels[:-1]:
        activations.append(np.tanh(activations[-1] @ kernel))
    error = activations[-1] @ kernels[-1] - y
    weight = {"mean": len(x), "mean_with_sample_weight": sample_weight.sum(), "sum": 1}[reduction]
    upstream = 2 * error * sample_weight[:, None] / y.shape[1] / weight
    found = []
    for kernel, activation in zip(reversed(kernels), reversed(activations)):
        found.append(activation.T @ upstream)
        upstream = (upstream @ kernel.T) * (1 - activation**2)
    return found[::-1], weight


def train(problem, optimizer, batches):
    rng = np.random.default_rng(problem["seed"])
    shapes = zip(problem["widths"], problem["widths"][1:])
    # Names as in a model: Muon looks at them.
    variables = [
        keras.Variable(rng.normal(size=shape), dtype="float64", name=f"kernel_{i}")
        for i, shape in enumerate(shapes)
    ]
    before = flat(variables)
    optimizer.build(variables)
    for batch in batches:
        weights = [keras.ops.convert_to_numpy(v) for v in variables]
        grads, weight = gradients(weights, *batch, problem["reduction"])
        weight = {"weight": weight} if isinstance(optimizer, AccumOptimizer) else {}
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in grads], variables, **weight)
    return before, flat(variables)


def flat(variables):
    return np.concatenate([keras.ops.convert_to_numpy(v).ravel() for v in variables])


def split(arrays, sizes):
    ends = np.cumsum(sizes)[:-1]
    return list(zip(*(np.split(array, ends) for array in arrays)))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)  # always the same
@given(problems())
def test_any_split_of_any_window_is_the_large_batch(problem):
    rng = np.random.default_rng(problem["seed"] + 1)
    samples, widths = sum(map(sum, problem["windows"])), problem["widths"]
    arrays = [rng.normal(size=(samples, width)) for width in (widths[0], widths[-1])]
    arrays.append(rng.uniform(0.1, 3.0, size=samples))
    optimizer = OPTIMIZERS[problem["optimizer"]]
    large_batches = split(arrays, list(map(sum, problem["windows"])))
    before, large = train(problem, optimizer(), large_batches)
    reduction = "sum" if problem["reduction"] == "sum" else "mean"
    accumulating = AccumOptimizer(optimizer(), len(problem["windows"][0]), reduction)
    micro_batches = split(arrays, [size for window in problem["windows"] for size in window])
    _, small = train(problem, accumulating, micro_batches)
    moved = np.abs(large - before).max()
    assume(moved > 0)  # Lion can go there and back again
    assert np.abs(small - large).max() <= BOUND * moved
