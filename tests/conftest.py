"""What every test shares: the backend of this process and a seeded generator."""

import os
from pathlib import Path

import numpy as np
import pytest

# Before anything imports Keras. `make test` repeats the library's tests with other backends.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).parents[1]


def pytest_make_parametrize_id(val, argname):
    """Bytes give no name: gzip writes the clock into them, and two workers must collect the same tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def rng():
    """A NumPy generator with a fixed seed."""
    return np.random.default_rng(0)


@pytest.fixture
def root():
    """The clone's folder."""
    return ROOT


@pytest.fixture
def float64():
    """JAX computes in float64 only when asked to."""
    import keras

    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    with jax.enable_x64(True):
        yield
