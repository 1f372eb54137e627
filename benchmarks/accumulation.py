"""What does gradient accumulation cost in time, and save in memory?

    python benchmarks/accumulation.py                          # time, with KERAS_BACKEND
    python benchmarks/accumulation.py --backend all --memory   # every backend installed here
    KERAS_BACKEND=jax python benchmarks/accumulation.py --rounds 100 --json runs/accumulation.json

Plain Adam, one update per micro-batch, is the reference: ratio 1.00. Beside it run AccumOptimizer,
Keras' own `gradient_accumulation_steps`, the peer everywhere, and on JAX `optax.MultiSteps`, which
has a train step of its own without Keras' trainer and therefore a second reference, `optax.adam`.
A figure is a median over rounds with its quartiles; within a round every side runs one window.
"""

import argparse
import functools
import importlib.util
import json
import operator
import os
from datetime import datetime
from pathlib import Path

from fresh_process import in_fresh_process

from blogkit.report import write_atomically
from blogkit.report.tables import plain_table

BACKENDS = ("tensorflow", "jax", "torch")
# Small weights and a large batch: activations are most of the memory.
MEMORY_PARAMS = 660e3
PEAK_SIDES = ("one large batch", "Keras' built-in", "AccumOptimizer")
ARGUMENTS = ("params", "micro_steps", "batch", "rounds", "warm_up", "memory_params", "memory_batch")
MIB = 2**20


def main(arguments=None) -> None:
    options = parse(arguments)
    results = {}
    for backend in options.backends:
        results[backend] = measure(backend, options)
        print(text(results[backend]), flush=True)
    if options.json:
        write_atomically(options.json, json.dumps(results, indent=2) + "\n")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--backend",
        default=os.environ.get("KERAS_BACKEND") or "tensorflow",
        help="tensorflow, jax, torch, or all that are installed (default: KERAS_BACKEND, else tensorflow)",
    )
    add("--params", type=at_least(20, float), default=10.5e6, help="weights of the model (10.5e6)")
    add("--micro-steps", type=at_least(2), default=4, help="micro-batches per window (4)")
    add("--batch", type=at_least(1), default=8, help="examples per micro-batch (8)")
    add("--rounds", type=at_least(1), default=30, help="windows timed per side (30)")
    add("--warm-up", type=at_least(0), default=3, help="windows per side before that (3)")
    add("--memory", action="store_true", help="measure memory too, at two more minutes per backend")
    add(
        "--memory-params",
        type=at_least(20, float),
        default=MEMORY_PARAMS,
        help="weights of the model whose peak is measured (660e3)",
    )
    add("--memory-batch", type=at_least(1), default=16384, help="examples per window for that (16384)")
    add("--json", type=Path, metavar="PATH", help="write all figures there, too")
    options = parser.parse_args(arguments)
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    options.backends = installed if options.backend == "all" else [options.backend]
    for name in options.backends:
        if name not in installed:
            parser.error(
                f"argument --backend: {name!r} is not installed here; there are: {', '.join(installed)}"
            )
    if options.memory_batch % options.micro_steps:
        parser.error(
            "--micro-steps must divide --memory-batch. "
            f"Received: --micro-steps {options.micro_steps} --memory-batch {options.memory_batch}"
        )
    if options.json and options.json.is_dir():
        parser.error(f"argument --json: {options.json} is a folder, not a file")
    return options


def at_least(least, kind=int):
    """A converter for argparse, which prints the message with the name of the argument."""

    def convert(word):
        try:
            number = kind(word)
        except ValueError:
            number = None
        if number is None or not least <= number < float("inf"):
            noun = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"must be {noun} of at least {least}, not {word!r}")
        return number

    return convert


def measure(backend, options) -> dict:
    """Everything that `options` ask for, on one backend, as JSON types."""
    result = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        # Before anything runs here: what others do to the machine.
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "arguments": {name: getattr(options, name) for name in ARGUMENTS},
    }
    result |= in_fresh_process(
        backend,
        "accumulation_time",
        "measure_time",
        params=options.params,
        batch=options.batch,
        micro_steps=options.micro_steps,
        rounds=options.rounds,
        warm_up=options.warm_up,
    )
    return result | (measure_memory(backend, options) if options.memory else {})


def measure_memory(backend, options) -> dict:
    memory = functools.partial(
        in_fresh_process, backend, "accumulation_memory", micro_steps=options.micro_steps
    )
    small = {"params": options.memory_params}
    return {
        "state": memory(function="measure_state", params=options.params),
        "peak": [
            memory(function="measure_peak", side=side, batch=options.memory_batch, **small)
            for side in PEAK_SIDES
        ],
        "growth": memory(function="measure_growth", batch=options.batch, **small),
    }


def text(result) -> str:
    """`result` as the head and the tables that are printed."""
    parts = [head_text(result), time_table(result)]
    if "peak" in result:
        parts += [state_table(result), peak_table(result), growth_table(result)]
    return "\n\n".join(parts) + "\n"


def head_text(result) -> str:
    about = result["environment"]
    versions = ", ".join(
        f"{name} {about['versions'][name]}"
        for name in ("blogkit", "keras", about["backend"], "optax")
        if name in about["versions"]
    )
    load = "unknown" if result["load"] is None else f"{result['load']:.2f}"
    return (
        f"{about['backend']} on {about['device']}, {result['cpus']} CPUs, load before the start {load}\n"
        f"{versions}, Python {about['python']}; commit {about['commit']}; {result['date']}"
    )


def time_table(result) -> str:
    sizes = result["arguments"]
    title = (
        f"Step time: MLP with {result['weights']:,} weights, windows of {sizes['micro_steps']} micro-batches "
        f"of {sizes['batch']}, {sizes['rounds']} rounds; median (quartiles)"
    )
    headers = ("side", "ms per window", "to plain Adam", "to optax.adam", "traced first, later")
    rows = [
        (
            row["side"],
            spread_text(row["seconds"], 1000, 1),
            spread_text(row["to_plain_adam"]),
            spread_text(row["to_optax_adam"]),
            "-" if row["traces"] is None else "{}, {}".format(*row["traces"]),
        )
        for row in result["time"]
    ]
    shown = [
        i for i, cells in enumerate(zip(*rows)) if set(cells) != {"-"}
    ]  # optax on JAX, traces not on torch
    pick = operator.itemgetter(*shown)
    return f"{title}\n{plain_table(pick(headers), map(pick, rows), width=110)}"


def spread_text(values, factor=1, digits=2) -> str:
    if values is None:
        return "-"
    low, median, high = (f"{factor * values[name]:.{digits}f}" for name in ("low", "median", "high"))
    return f"{median} ({low} to {high})"


def state_table(result) -> str:
    rows = [
        (
            row["policy"],
            f"{row['weights']:,}",
            f"{row['copies']:,} ({row['copies'] / row['weights']:g} x) {' '.join(row['copies_dtype'])}",
            f"{row['rest']:,}",
            f"{row['built_in']:,}",
        )
        for row in result["state"]
    ]
    headers = (
        "dtype policy",
        "trainable weights",
        "AccumOptimizer: accumulators",
        "its scalars",
        "Keras' built-in",
    )
    return f"State in bytes, beyond what plain Adam keeps\n{plain_table(headers, rows)}"


def peak_table(result) -> str:
    sizes = result["arguments"]
    title = (
        f"Peak memory of one window over {sizes['memory_batch']} examples, "
        f"{sizes['micro_steps']} micro-batches or one, MiB"
    )
    totals = [None if row["growth"] is None else row["kept"] + row["growth"] for row in result["peak"]]
    rows = [
        (row["side"], mib(row["kept"]), mib(row["growth"]), mib(total), ratio(total, totals[0]))
        for row, total in zip(result["peak"], totals)
    ]
    headers = ("side", "weights and optimizer", "the window adds", "together", "ratio")
    return f"{title}\n{plain_table(headers, rows)}"


def growth_table(result) -> str:
    rows = [
        (
            f"{row['micro_steps']:,}",
            mib(row["resident"]),
            "-" if row["arrays"] is None else f"{row['arrays']:,}",
            mib(row["array_bytes"]),
        )
        for row in result["growth"]
    ]
    headers = ("micro-steps made", "resident MiB", "live arrays", "their MiB")
    return f"Growth with AccumOptimizer\n{plain_table(headers, rows)}"


def mib(count) -> str:
    return "-" if count is None else f"{count / MIB:.1f}"


def ratio(value, base) -> str:
    return "-" if value is None or not base else f"{value / base:.2f}"


if __name__ == "__main__":
    main()
