"""Global random generators: set back, they draw the same again."""

import json
import random

import keras
import numpy as np
from keras import ops

from blogkit.ops import global_random_state, set_global_random_state


def draws():
    x = ops.convert_to_numpy(keras.layers.Dropout(0.5)(np.ones((4, 8), "float32"), training=True))
    return random.random(), random.gauss(0, 1), np.random.random(), np.random.normal(), x.tolist()


def test_goes_through_json_and_draws_the_same_again():
    keras.utils.set_random_seed(1)
    np.random.normal(), random.gauss(0, 1)  # both keep a second draw for later
    state = json.loads(json.dumps(global_random_state()))
    first, other = draws(), draws()
    set_global_random_state(state)
    assert draws() == first != other
