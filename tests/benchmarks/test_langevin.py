"""Benchmarks of the sampler: sides, numbers and texts, but no durations."""

import importlib.util
import json

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()
PEER = {
    "jax": ("blackjax", ["blackjax.mala"]),
    "tensorflow": ("tensorflow_probability", ["tfp mala", "tfp mala, XLA", "tfp ula", "tfp ula, XLA"]),
    "torch": ("torch", ["torch loop, ula", "torch loop, mala"]),
}
MODULE, PEER_SIDES = PEER[BACKEND]
INSTALLED = importlib.util.find_spec(MODULE) is not None
OURS = ["bare gradient", "LangevinSampler ula", "LangevinSampler mala"]


@pytest.fixture(autouse=True)
def folder(root, monkeypatch):
    """The scripts import each other from their folder."""
    monkeypatch.syspath_prepend(root / "benchmarks")


@pytest.mark.parametrize("energy", ["gaussian", "conv"])
def test_every_side_is_printed_and_written(energy, capsys, tmp_path):
    import langevin

    path = tmp_path / "result.json"
    langevin.main(f"--energy {energy} --chains 3 --steps 2 --rounds 2 --json {path}".split())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{BACKEND}, {energy}, 3 chains, 2 steps a round, 2 rounds"
    sides = OURS + (PEER_SIDES if INSTALLED else [])
    for name, line in zip(sides, lines[2:]):
        assert line.startswith(name)
    result = json.loads(path.read_text())
    assert [row["side"] for row in result["sides"]] == sides
    assert all(len(row["seconds"]) == 2 for row in result["sides"])
    assert result["environment"]["versions"]["keras"] == keras.__version__
    assert ("pip install" in lines[-1]) == (not INSTALLED)


@pytest.mark.skipif(not INSTALLED, reason=f"no {MODULE} here")
def test_the_peer_samples_the_same_distribution(monkeypatch):
    """Of exp(-x A x / 2), whose energy has the mean 5 and the variance 5 in ten dimensions."""
    import langevin

    monkeypatch.setattr(langevin, "STEP_SIZE", 0.3)
    energy, _ = langevin.gaussian(1)
    x0 = np.zeros((2000, 10), "float32")
    sides = {"LangevinSampler mala": langevin.ours(energy, x0, 200, "mala")}
    sides |= {
        name: side
        for name, side in langevin.PEERS[BACKEND](energy, x0, 200).items()
        if name in langevin.PEER_MALA
    }
    assert len(sides) == 2
    for side in sides.values():
        states = keras.ops.convert_to_tensor(side())  # NumPy's, if a side returns those
        mean = keras.ops.convert_to_numpy(energy(states)).mean()
        assert abs(mean - 5) / np.sqrt(5 / 2000) < 4


def test_distributions_are_printed_with_their_largest_deviation(capsys):
    import langevin_distributions

    langevin_distributions.main(["--chains", "500", "--steps", "3", "--seed", "1"])
    *_, last = lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 3 * 3 * 4 + 1
    assert last.endswith("36 rows")
    side, lam, step, found, formula, z = lines[2].split()[:6]
    assert (side, lam, step) == ("ula", "0.5", "0.05")
    # 2 e (1 + a^2 + a^4) with a = 1 - e lambda, step by step
    assert float(formula) == pytest.approx(0.1 * (1 + 0.975**2 + 0.975**4), abs=1e-4)
    assert float(z) == pytest.approx((float(found) / float(formula) - 1) * np.sqrt(250), abs=0.05)
    assert max(abs(float(line[42:49])) for line in lines[2:-1]) < 4.5  # of 36
