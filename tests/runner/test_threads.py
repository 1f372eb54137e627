"""Notebooks that run side by side share the cores."""

import os
import subprocess
import sys

import pytest

from blogkit.runner.threads import VARIABLES, cores, thread_limits

SHOWS = """
import os
names = {names!r}
open(f"threads-{{seed}}", "w").write(" ".join(os.environ.get(name, "-") for name in names))"""

# Prints how many threads there are, and how many computed at a time on average: the processor time of all
# of them over the time on the clock. A busy machine can only lower the second number.
WORKS = {
    "numpy": "a = np.ones((1500, 1500)); work = lambda: a @ a",
    "torch": "import torch; a = torch.ones(1500, 1500); work = lambda: (a @ a).sum().item()",
    "jax": (
        "import jax, jax.numpy as jnp; a = jnp.ones((1500, 1500));"
        "f = jax.jit(lambda a: (a @ a).sum()); work = lambda: f(a).block_until_ready()"
    ),
    "tensorflow": "import tensorflow as tf; a = tf.ones((1500, 1500)); work = lambda: tf.linalg.matmul(a, a)",
}
COUNTS = """
import os
import time
import numpy as np
{setup}
work()
computed, passed = time.process_time(), time.perf_counter()
for _ in range(20):
    work()
computed, passed = time.process_time() - computed, time.perf_counter() - passed
print(len(os.listdir("/proc/self/task")), computed / passed)
"""


@pytest.fixture
def unset(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_the_cores_are_divided_and_what_a_user_has_set_wins(unset, monkeypatch):
    monkeypatch.setattr("blogkit.runner.threads.cores", lambda: 16)
    assert thread_limits(1) == {}
    assert thread_limits(3) == dict.fromkeys(VARIABLES, "5")
    assert set(thread_limits(40).values()) == {"1"}
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert "OMP_NUM_THREADS" not in thread_limits(2) and len(thread_limits(2)) == len(VARIABLES) - 1


def test_kernels_get_their_share_and_one_alone_has_all(clone, blogkit, unset, monkeypatch):
    path = clone.add("01_one", SHOWS.format(names=VARIABLES))
    monkeypatch.setenv("NPROC", "3")
    assert blogkit("run", "--seeds", "2", "--jobs", "2")[0] == 0
    share = str(max(1, cores() // 2))
    wanted = " ".join("3" if name == "NPROC" else share for name in VARIABLES)
    assert [path.with_name(f"threads-{seed}").read_text() for seed in range(2)] == [wanted, wanted]
    assert blogkit("run", "--jobs", "2")[0] == 0  # one notebook
    assert path.with_name("threads-0").read_text() == "- - - 3 -"


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads as Linux lists them")
@pytest.mark.skipif(cores() < 2, reason="needs two cores")
@pytest.mark.parametrize("library", WORKS)
def test_the_variables_have_an_effect(library, unset):
    pytest.importorskip(library)

    def threads(limits):
        code = COUNTS.format(setup=WORKS[library])
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **limits}
        )
        assert done.returncode == 0, done.stderr
        return [float(number) for number in done.stdout.split()]

    limited, at_a_time = threads(dict.fromkeys(VARIABLES, "1"))
    assert threads({})[0] > limited
    if library != "jax":  # on some processors, the thread that waits for its pool of one computes beside it
        assert at_a_time < 1.2
