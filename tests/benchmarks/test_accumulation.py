"""The benchmark's arithmetic, its sides and its words; never how long anything takes."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()
TINY = ("--backend", BACKEND, "--params", "1e3", "--batch", "2", "--rounds", "2", "--warm-up", "1")
OPTAX = ["optax.adam", "optax.MultiSteps"] if BACKEND == "jax" else []
SIDES = ["plain Adam", "Keras' built-in", "AccumOptimizer", *OPTAX]


@pytest.fixture(autouse=True)
def folder(root, monkeypatch):
    """The scripts import each other from their folder."""
    monkeypatch.syspath_prepend(root / "benchmarks")
    return root / "benchmarks"


def fake_clock(costs):
    """A clock, and sides that move it on by `costs[name]` in turn."""
    now, calls = [0.0], []

    def side(name):
        def run():
            now[0] += costs[name][sum(called == name for called in calls)]
            calls.append(name)

        return run

    return (lambda: now[0]), {name: side(name) for name in costs}, calls


def test_sides_take_turns_and_each_gets_its_own_seconds():
    from interleave import interleave

    costs = {"a": [1.0, 2.0, 4.0, 8.0], "b": [3.0, 3.0, 3.0, 5.0], "c": [0.5, 0.25, 0.125, 0.0]}
    clock, sides, calls = fake_clock(costs)
    assert interleave(sides, 4, clock) == costs
    assert "".join(calls) == "abcbcacababc"


def test_ratio_is_taken_within_a_round_before_the_median():
    from interleave import Spread, ratios

    # The machine is ten times slower in the last two rounds, for both. Ratio of medians: 3.
    got = ratios({"base": [1.0, 1.0, 4.0, 10.0, 10.0], "side": [2.0, 2.0, 12.0, 40.0, 50.0]}, "base")
    assert got == {"base": Spread(1.0, 1.0, 1.0), "side": Spread(2.0, 3.0, 4.0)}
    got = ratios({"base": [1.0, 1.0, 10.0], "side": [2.0, 2.0, 10.0]}, "base")
    assert got["side"] == Spread(1.5, 2.0, 2.0)
    assert str(got["side"]) == "2.00 (1.50 to 2.00)"


@pytest.mark.parametrize("params", [20, 219, 220, 1e3, 10.5e6])
def test_width_is_the_largest_that_fits(params):
    from accumulation_sides import LAYERS, width_for

    width = width_for(params)
    assert LAYERS * width * (width + 1) <= params < LAYERS * (width + 1) * (width + 2)


def test_sides_start_alike_and_accumulating_ones_end_alike():
    from accumulation_sides import make_side, random_batches, width_for

    batches = random_batches(4, 2, width_for(1e3))
    start = make_side("plain Adam", 1e3, batches, 4).weights()
    end = {}
    for name in SIDES:
        side = make_side(name, 1e3, batches, 4)
        for before, here in zip(start, side.weights(), strict=True):
            np.testing.assert_array_equal(before, here)
        for _ in range(3):
            side.window()
        end[name] = np.concatenate([w.ravel() for w in side.weights()])
    start = np.concatenate([w.ravel() for w in start])

    def apart(name, other):
        """Mean distance, in units of the way that the accumulated weights went."""
        return np.abs(end[name] - end[other]).mean() / np.abs(end["AccumOptimizer"] - start).mean()

    assert np.abs(end["AccumOptimizer"] - start).max() > 2e-4  # three updates of 1e-4 by Adam
    assert apart("Keras' built-in", "AccumOptimizer") < 1e-4
    assert apart("plain Adam", "AccumOptimizer") > 1  # twelve updates
    if OPTAX:  # whose Adam adds epsilon elsewhere, which moves the smallest gradients
        assert apart("optax.MultiSteps", "AccumOptimizer") < 1e-2
        assert apart("optax.adam", "plain Adam") < 1e-2


@pytest.mark.skipif(BACKEND == "torch", reason="torch traces nothing")
@pytest.mark.parametrize("name", SIDES)
def test_a_new_trace_is_counted(name):
    from accumulation_sides import TraceCounter, make_side, random_batches, width_for

    counter = TraceCounter()
    for size in (2, 3):
        before = counter.count
        window = make_side(name, 1e3, random_batches(4, size, width_for(1e3)), 4, counter).window
        made = counter.count
        window()
        first = counter.count
        window()
        assert before <= made < first == counter.count


def test_state_is_one_copy_of_the_weights_in_float32_and_few_scalars():
    from accumulation_memory import measure_state

    rows = {row["policy"]: row for row in measure_state(1e3, 4)}
    weights = 10 * 9 * 10  # ten layers of width 9, with biases
    for policy, itemsize in {"float32": 4, "mixed_float16": 4, "mixed_bfloat16": 4, "bfloat16": 2}.items():
        assert rows[policy]["weights"] == rows[policy]["built_in"] == itemsize * weights
        assert rows[policy]["copies"] == 4 * weights
        assert rows[policy]["copies_dtype"] == ["float32"]
        assert 0 < rows[policy]["rest"] < 64


def test_bytes_are_counted_in_the_dtype_of_each_variable():
    from accumulation_memory import byte_count

    shapes = {"float32": (3, 5), "bfloat16": (7,), "int32": (), "bool": (2,)}
    variables = [
        keras.Variable(np.ones(shape), dtype=dtype, trainable=False) for dtype, shape in shapes.items()
    ]
    assert byte_count(variables) == 3 * 5 * 4 + 7 * 2 + 4 + 2


def test_time_of_every_side_is_printed_and_written(folder, tmp_path):
    path = tmp_path / "new" / "result.json"
    done = subprocess.run(
        [sys.executable, folder / "accumulation.py", *TINY, "--json", path],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{BACKEND} on ")
    assert f"keras {keras.__version__}" in done.stdout
    assert [side for side in SIDES if f"│ {side} " not in done.stdout] == []
    result = json.loads(path.read_text())[BACKEND]
    assert result["weights"] == 900 and result["environment"]["backend"] == BACKEND
    for row in result["time"]:
        assert 0 < row["seconds"]["low"] <= row["seconds"]["median"] <= row["seconds"]["high"]
        assert row["traces"] is None if BACKEND == "torch" else row["traces"][1] == 0 < row["traces"][0]
    assert [row["side"] for row in result["time"]] == SIDES
    assert set(result["time"][0]["to_plain_adam"].values()) == {1.0}


def test_memory_of_every_side_is_printed(monkeypatch, capsys):
    import accumulation
    import accumulation_sides

    asked = []

    def in_this_process(backend, module, function, **arguments):
        asked.append(function)
        if function == "measure_growth":
            arguments["checkpoints"] = (4, 10)
        return getattr(__import__(module), function)(**arguments)

    monkeypatch.setattr(accumulation_sides, "LAYERS", 2)  # five times faster
    monkeypatch.setattr(accumulation, "in_fresh_process", in_this_process)
    accumulation.main([*TINY, "--memory", "--memory-params", "1e3", "--memory-batch", "8"])
    printed = capsys.readouterr().out
    assert asked == ["measure_time", "measure_state"] + 3 * ["measure_peak"] + ["measure_growth"]
    assert "3,696 (1 x) float32" in printed  # two layers of width 21
    peaks = printed.partition("Peak memory")[2]
    assert [side for side in accumulation.PEAK_SIDES if f"│ {side} " not in peaks] == []
    assert "│ 4 " in peaks and "│ 12 " in peaks  # whole windows: 12 is the first beyond 10


def test_another_process_has_the_backend_and_gives_the_answer():
    from fresh_process import in_fresh_process

    assert in_fresh_process("of another", "os", "getenv", key="KERAS_BACKEND") == "of another"
    assert os.environ.get("KERAS_BACKEND") != "of another"
    with pytest.raises(ModuleNotFoundError, match="none such"):  # raised there, seen here
        in_fresh_process("of another", "importlib", "import_module", name="none such")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--rounds 0", "argument --rounds: must be a whole number of at least 1, not '0'"),
        ("--micro-steps 1", "argument --micro-steps: must be a whole number of at least 2, not '1'"),
        ("--batch 2.5", "argument --batch: must be a whole number of at least 1, not '2.5'"),
        ("--params nan", "argument --params: must be a number of at least 20, not 'nan'"),
        ("--params inf", "argument --params: must be a number of at least 20, not 'inf'"),
        ("--backend theano", "argument --backend: 'theano' is not installed here; there are: "),
        ("--micro-steps 3 --memory-batch 64", "Received: --micro-steps 3 --memory-batch 64"),
        ("--json .", "argument --json: . is a folder, not a file"),
    ],
)
def test_says_which_argument_is_wrong(words, said, capsys):
    import accumulation

    with pytest.raises(SystemExit) as exit_:
        accumulation.parse(words.split())
    assert exit_.value.code == 2
    assert said in capsys.readouterr().err


def test_takes_the_least_of_each_argument():
    import accumulation

    options = accumulation.parse(["--rounds", "1", "--micro-steps", "2", "--warm-up", "0", "--params", "20"])
    assert (options.rounds, options.micro_steps, options.warm_up, options.params) == (1, 2, 0, 20.0)


def test_help_names_the_question_and_every_argument(capsys):
    import accumulation

    with pytest.raises(SystemExit):
        accumulation.parse(["--help"])
    shown = capsys.readouterr().out
    assert "What does gradient accumulation cost" in shown
    for name in accumulation.ARGUMENTS:
        assert f"--{name.replace('_', '-')}" in shown
