"""On two devices the result is that of one: DataParallel on JAX, MirroredStrategy on TensorFlow."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

BACKEND = keras.backend.backend()
pytestmark = pytest.mark.skipif(
    BACKEND == "torch", reason="Keras leaves the torch backend's devices to torch itself"
)


@pytest.fixture(scope="module")
def measured():
    script = Path(__file__).with_name("two_devices.py")
    result = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["adam", "ema", "ragged", "partial"])
def test_same_as_one_device(name, measured):
    assert measured["distances"][name] < 1e-5


@pytest.mark.parametrize("name", ["clipnorm", "ema_overwrite_frequency", "LossScaleOptimizer"])
@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no replicas that could differ")
def test_says_what_is_not_the_same_on_two_replicas(name, measured):
    assert name in measured["refusals"][name]
    assert "2 replicas" in measured["refusals"][name]
    assert "keras.distribution.DataParallel" in measured["refusals"][name]
