"""Runs on a Dask cluster of this machine, with and without workers that are killed."""

import os
import threading

import pytest
from processes import is_gone, until

distributed = pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")  # comes with distributed

# Counts its attempts; the kernel of seed 1 waits in the first one until it is ended.
ATTEMPTS = """
import os, pathlib, time
with open(f"attempts-{seed}", "a") as file:
    file.write("x")
if seed == 1 and not pathlib.Path("go").exists():
    pathlib.Path("pid.new").write_text(str(os.getpid()))
    pathlib.Path("pid.new").rename("pid")
    while not pathlib.Path("go").exists():
        time.sleep(0.02)"""

CLAIMS = """\
report.claim("C1", "seed and two", seed + 2.0, kind="finding", at_least=0, null=-1, dataset="arithmetic")
report.claim("C2", "sum", 1e-7, kind="identity", at_most=1e-6, dataset="arithmetic")
report"""


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes with one thread each; a job that has lost two workers is given up."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", scheduler_kwargs=dict(allowed_failures=1)
    ) as cluster:
        yield cluster


@pytest.fixture
def start(cluster, clone, blogkit):
    """Function that runs a command on the cluster in a thread and returns a function to its answer."""

    def start(*arguments):
        answers = []
        command = (*arguments, "--scheduler", cluster.scheduler_address)
        thread = threading.Thread(target=lambda: answers.append(blogkit(*command)))
        thread.start()

        def answer():
            thread.join(300)
            return answers[0]

        return answer

    return start


def attempts(path, seed):
    file = path.with_name(f"attempts-{seed}")
    return len(file.read_text()) if file.exists() else 0


def waiting_kernel(path):
    """The process that waits in `ATTEMPTS`; its parent is a worker of the cluster."""
    until(path.with_name("pid").exists)
    return psutil.Process(int(path.with_name("pid").read_text()))


def words(text):
    """The table and the lines below it without their line breaks, which depend on the folder's name."""
    return " ".join(text[text.index("┏") : text.index("Results:")].split())


def test_a_killed_worker_changes_nothing_in_the_table(clone, blogkit, start):
    path = clone.add("01_one", ATTEMPTS, CLAIMS)
    answer = start("run", "--seeds", "3")
    kernel = waiting_kernel(path)
    path.with_name("go").touch()
    kernel.parent().kill()
    code, on_cluster, err = answer()
    assert (code, err) == (0, "")
    assert attempts(path, 1) == 2
    until(lambda: is_gone(kernel.pid))  # a kernel ends soon after its parent
    assert "Notebooks: 1 ran, 0 skipped, 0 failed." in on_cluster
    assert (
        on_cluster.count("    run again from its start or checkpoints, because the worker that ran it was")
        == 1
    )
    claims = clone.result("01_one", "default/seeds-3")["claims"]
    assert claims[0]["values"] == [2, 3, 4]
    for seed in range(3):
        files = os.listdir(clone.root / f"runs/default/seed-{seed}")
        assert sorted(files) == ["01_one.ipynb", "01_one.json"]

    code, local, _ = blogkit("run", "--seeds", "3", "--jobs", "2", "--force")
    assert code == 0
    assert words(local) == words(on_cluster)
    assert clone.result("01_one", "default/seeds-3")["claims"] == claims


def test_a_job_that_has_succeeded_is_not_run_again_for_a_lost_outcome(clone, start, cluster):
    """Dask repeats a job whose outcome a killed worker kept, even when the outcome has been fetched."""
    path = clone.add("01_one", ATTEMPTS, CLAIMS)
    answer = start("run", "--seeds", "2")
    busy = waiting_kernel(path).parent().pid
    tasks = cluster.scheduler.tasks.values()

    def one_is_known():
        return [task.state for task in tasks].count("memory") == 1

    until(one_is_known)
    (idle,) = (nanny for nanny in cluster.workers.values() if nanny.pid != busy)
    killed = idle.pid
    psutil.Process(killed).kill()
    until(lambda: idle.pid not in (None, killed) and len(cluster.scheduler.workers) == 2)
    until(one_is_known)
    path.with_name("go").touch()
    assert answer()[0] == 0
    assert (attempts(path, 0), attempts(path, 1)) == (1, 1)


def test_a_job_that_loses_every_worker_fails_and_no_other(clone, start):
    clone.add("01_one", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    clone.add("02_two", CLAIMS)
    code, out, err = start("run")()
    assert (code, err) == (1, "")
    assert "KilledWorker: Attempted to run task" in out and "on 2 different workers" in out
    assert "Notebooks: 1 ran, 0 skipped, 1 failed." in out
