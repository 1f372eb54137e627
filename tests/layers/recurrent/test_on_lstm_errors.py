"""Bad input is refused before any work, with the rule and the values."""

import keras
import numpy as np
import pytest

from blogkit.layers import ONLSTM, ONLSTMCell

BOTH = pytest.mark.parametrize("kind", [ONLSTM, ONLSTMCell])


@BOTH
@pytest.mark.parametrize(
    ("units", "levels", "message"),
    [
        (6, 4, r"`levels` must divide `units`.*units=6, levels=4\. Use 4 or 8"),
        (2, 4, r"units=2, levels=4\. Use 4 units"),
        (6, 0, "`levels` must be a positive integer.*levels=0"),
        (6, -2, "levels=-2"),
        (6, 1.5, "levels=1.5"),
        (6, True, "levels=True"),
        (0, 2, "`units` must be a positive integer.*units=0"),
    ],
)
def test_sizes(kind, units, levels, message):
    with pytest.raises(ValueError, match=message):
        kind(units, levels)


@BOTH
@pytest.mark.parametrize("name", ["dropconnect", "dropout"])
@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.7, True, "half", float("nan")])
def test_rates(kind, name, rate):
    with pytest.raises(ValueError, match=rf"`{name}` must be a number in \[0, 1\).*{name}={rate!r}"):
        kind(6, 3, **{name: rate})


@BOTH
def test_unknown_gate(kind):
    with pytest.raises(ValueError, match="'reverse'.*'complement'.*'forward'"):
        kind(6, 3, master_input_gate="forward")


@BOTH
def test_recurrent_dropout_is_another_thing(kind):
    with pytest.raises(ValueError, match="recurrent_dropout=0.5. Use `dropconnect`"):
        kind(6, 3, recurrent_dropout=0.5)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4, 5)])
def test_rank_of_sequences(shape):
    with pytest.raises(ValueError, match="expected ndim=3, found ndim="):
        ONLSTM(6, 3)(np.zeros(shape, "float32"))


def test_rank_of_one_step():
    with pytest.raises(ValueError, match=r"\(batch, features\).*\(2, 3, 4\).*ONLSTM"):
        ONLSTMCell(6, 3).build((2, 3, 4))


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (2,), (2, 3, 1)])
def test_mask_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"`mask` must have the shape \(batch, time\)"):
        ONLSTM(6, 3)(np.zeros((2, 3, 4), "float32"), mask=keras.ops.ones(shape, "bool"))


@pytest.mark.parametrize(
    "shapes", [[(2, 6)], [(2, 6), (2, 5)], [(2, 6), (3, 6)], [(2, 6)] * 3, [(2, 6), (6,)]]
)
def test_initial_state_of_another_shape(shapes):
    states = [np.zeros(shape, "float32") for shape in shapes]
    with pytest.raises(ValueError, match=r"`initial_state` must be \[h, c\].*batch=2, units=6"):
        ONLSTM(6, 3)(np.zeros((2, 3, 4), "float32"), initial_state=states)


def test_stateful_needs_its_batch():
    layer = ONLSTM(6, 3, stateful=True)
    layer.build((2, 3, 4))
    with pytest.raises(ValueError, match="batch=1"):
        layer(np.zeros((1, 3, 4), "float32"))


def test_unroll_needs_the_time():
    with pytest.raises(ValueError, match="`unroll=True` needs a known number of steps"):
        ONLSTM(6, 3, unroll=True)(keras.Input((None, 4)))
