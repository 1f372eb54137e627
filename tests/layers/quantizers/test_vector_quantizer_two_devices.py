"""On two devices the statistics are those of one: DataParallel on JAX, MirroredStrategy on TensorFlow."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
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


@pytest.mark.parametrize("update", ["ema", "loss"])
def test_same_as_one_device(update, measured):
    """Also the first codes and the restarted ones, which come from the vectors of both."""
    one, two = (measured[update][key] for key in ("one", "two"))
    for a, b in zip(one[0], two[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    for metric in ("perplexity", "active_codes", "commitment"):
        assert two[1][metric] == pytest.approx(one[1][metric], rel=1e-5)


def test_codes_do_restart(measured):
    weights, logs = measured["loss"]["two"]
    assert np.isfinite(np.concatenate([np.ravel(w) for w in weights])).all()
    assert logs["active_codes"] == 8
    assert logs["commitment"] < 1
