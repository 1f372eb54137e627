"""WarmupLinearDecay: the article's callback, step by step; inside an optimizer; saved; bad values."""

import keras
import numpy as np
import pytest

from blogkit.optimizers import WarmupLinearDecay


def callback_rates(steps_per_epoch, peak, floor, count):
    """What the article's `on_batch_begin` sets, batch after batch."""
    passed, rate, rates = 0, 0.0, []
    for _ in range(count):
        if passed < steps_per_epoch:
            rate = (passed + 1.0) / steps_per_epoch * peak
            passed += 1
        elif steps_per_epoch <= passed < steps_per_epoch * 2:
            rate = (2 - (passed + 1.0) / steps_per_epoch) * (peak - floor) + floor
            passed += 1
        rates.append(rate)
    return rates


@pytest.mark.parametrize("steps", [1, 2, 7, 1000])
def test_every_rate_is_the_callbacks(steps):
    schedule = WarmupLinearDecay(steps, peak=5e-5, floor=1e-5)
    count = 3 * steps + 2
    np.testing.assert_allclose(
        [float(schedule(step)) for step in range(count)], callback_rates(steps, 5e-5, 1e-5, count), rtol=2e-6
    )


@pytest.mark.parametrize("step", [2**24 + 1, 2**30])
def test_late_steps_stay_at_the_floor(step):
    assert float(WarmupLinearDecay(10, 1.0, 0.25)(step)) == 0.25


def test_in_an_optimizer_and_after_saving():
    schedule = keras.optimizers.schedules.deserialize(
        keras.optimizers.schedules.serialize(WarmupLinearDecay(2, peak=1.0, floor=0.5))
    )
    optimizer = keras.optimizers.SGD(schedule)
    weight, seen = keras.Variable(np.zeros(1, "float32")), []
    for _ in range(5):
        optimizer.apply([keras.ops.ones(1)], [weight])
        seen.append(float(keras.ops.convert_to_numpy(weight)[0]))
    np.testing.assert_allclose(np.diff([0.0, *seen]), [-0.5, -1.0, -0.75, -0.5, -0.5], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"steps": 0}, "steps=0"),
        ({"steps": 2.5}, "steps=2.5"),
        ({"steps": True}, "steps=True"),
        ({"steps": 3, "peak": 1e-6}, "floor=1e-05, peak=1e-06"),
        ({"steps": 3, "floor": -1.0}, "floor=-1.0"),
        ({"steps": 3, "peak": float("nan")}, "peak=nan"),
    ],
)
def test_bad_values(arguments, words):
    with pytest.raises(ValueError, match=words):
        WarmupLinearDecay(**arguments)
