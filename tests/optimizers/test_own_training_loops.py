"""docs/own_training_loops.md: the code of each backend makes the update of the large batch."""

import re
from pathlib import Path

import keras
import numpy as np

PAGE = Path(__file__).parents[2] / "docs" / "own_training_loops.md"
TITLES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "torch"}


def get_code(section):
    (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return code


def test_the_example_of_this_backend():
    shared, *sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    code = {section.split("\n")[0]: get_code(section) for section in sections}
    names = {}
    exec(get_code(shared), names)
    large = keras.models.clone_model(names["model"])
    large.set_weights(names["model"].get_weights())
    before = large.get_weights()[0]
    exec(code[TITLES[keras.backend.backend()]], names)

    assert int(names["optimizer"].iterations) == 1
    large.compile(keras.optimizers.SGD(0.1), "mse")
    large.train_on_batch(names["x"], names["y"])
    assert np.abs(large.get_weights()[0] - before).max() > 1e-3
    np.testing.assert_allclose(names["model"].get_weights()[0], large.get_weights()[0], rtol=1e-5)
    assert set(code) == set(TITLES.values())
