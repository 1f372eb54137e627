"""Where do n small batches equal one large batch? Measures and prints the conformance table.

    python benchmarks/accumulation_conformance.py --backend all      # every installed backend
    python benchmarks/accumulation_conformance.py --backend jax --cell ragged --cell EMA

A row is a situation of `blogkit.conformance`. A number is how far the weights end
from those of the large batch, max |w - w_large| / max |w_large - w_start|, for

    floor      the large batch with its rows in another order: what rounding alone does
    built-in   Keras' gradient_accumulation_steps, or the error that it raises
    ours       AccumOptimizer, with the line accumulate_exactly(model) in rows marked +

Exits with 1 and names the rows if one of ours is above its bound, BatchNormalization excepted.
"""

import argparse
import contextlib
import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from blogkit.report import quiet_start, write_atomically

BACKENDS = ("tensorflow", "jax", "torch")
SHORT_DTYPE = {"float64": "64", "float32": "32", "mixed_float16": "16", "mixed_bfloat16": "b16"}
MARKS = {"exact": "", "not exact": " !", "not exact, as expected": " *"}


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("KERAS_BACKEND", "tensorflow")
    parser.add_argument("--backend", choices=(*BACKENDS, "all"), default=default)
    parser.add_argument("--cell", action="append", metavar="NAME", help="this row only; repeatable")
    parser.add_argument("--dtype", choices=("float32", "float64"), help="instead of each row's own")
    parser.add_argument("--markdown", metavar="PATH", help="also write the table as Markdown")
    parser.add_argument("--json", metavar="PATH", help="also write every number")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    if options.backend == "all":
        rows = [row for backend in BACKENDS for row in measure_in_subprocess(backend, options)]
    else:
        rows = measure(options.backend, options)
    if options.json:
        write_atomically(options.json, json.dumps(rows, indent=1) + "\n")
    if options.markdown:
        write_atomically(options.markdown, as_markdown(rows))
    print(as_text(rows))
    failed = [row for row in rows if row["verdict"] == "not exact"]
    for row in failed:
        print(
            f"{row['backend']}: {row['cell']!r} is not exact: {row['ours']}, bound {row['bound']:g}",
            file=sys.stderr,
        )
    return 1 if failed else 0


def measure(backend, options):
    """The rows of one backend, in this process."""
    os.environ["KERAS_BACKEND"] = backend
    # Native code writes to stderr long after the start, too.
    with quiet_start(), compile_once():
        from blogkit import conformance

        try:
            cells = [conformance.find(name) for name in options.cell or conformance.CELLS]
        except ValueError as error:
            raise SystemExit(f"accumulation_conformance: {error}") from None
        cells = [cell for cell in cells if backend in cell.backends]
        return [measure_cell(conformance, cell, options.dtype) for cell in cells]


@contextlib.contextmanager
def compile_once():
    """Lets JAX take what it has compiled for another side or row from a file."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", folder)
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        yield


def measure_cell(conformance, cell, dtype):
    begin = time.monotonic()
    row = conformance.measure(cell.name, dtype=None if cell.dtype.startswith("mixed") else dtype)
    seconds = time.monotonic() - begin
    print(f"{row.backend} {seconds:4.1f} s  {row}", file=sys.stderr, flush=True)
    return {**dataclasses.asdict(row), **cell.describe()}


def measure_in_subprocess(backend, options):
    """The rows of one backend, of which a process can have only one; [] if not installed."""
    if importlib.util.find_spec(backend) is None:
        print(f"{backend} is not installed: no column for it", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.json")
        command = [sys.executable, __file__, "--backend", backend, "--json", path]
        command += [part for name in options.cell or () for part in ("--cell", name)]
        command += ["--dtype", options.dtype] if options.dtype else []
        code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        if not path.exists():  # it has said why
            raise SystemExit(code or 2)
        return json.loads(path.read_text(encoding="utf-8"))


def short(distance):
    """A distance or the name of an error in at most 10 characters."""
    if isinstance(distance, str):
        return distance.removesuffix("Error")[:10]
    return f"{distance:.0e}"


def by_cell(rows):
    """Cell name -> backend -> row, in the order of the cells."""
    table = {}
    for row in rows:
        table.setdefault(row["cell"], {})[row["backend"]] = row
    return table


def columns_of(row):
    if row is None:
        return ["", "", ""]
    ours = short(row["ours"]) + MARKS[row["verdict"]]
    return [short(row["floor"]), short(row["built_in"]), ours]


def lines(rows):
    """The table as lists of strings: the header, then a row per cell."""
    backends = [b for b in BACKENDS if any(row["backend"] == b for row in rows)]
    yield ["cell", "bits", *(name for _ in backends for name in ("floor", "built-in", "ours"))]
    for name, measured in by_cell(rows).items():
        some = next(iter(measured.values()))
        bits = [SHORT_DTYPE[measured[b]["dtype"]] if b in measured else "-" for b in backends]
        name += " +" if some["extra_line"] else ""
        yield [name, "/".join(bits), *(c for b in backends for c in columns_of(measured.get(b)))]


def notes(rows):
    yield "+ with accumulate_exactly(model)   ! above its bound   * cannot be exact "
    yield "bits: of the weights, or 16 and b16 for mixed precision; bound 1e-10 with 64, else 1e-5"
    defects = {}
    for row in rows:
        if row["defect"] and row["cell"] not in defects.setdefault(row["defect"], []):
            defects[row["defect"]].append(row["cell"])
    for defect, names in defects.items():
        yield f"floor of {' and '.join(repr(name) for name in names)}: {defect}."


def as_text(rows):
    """The table in at most 120 columns."""
    backends = [b for b in BACKENDS if any(row["backend"] == b for row in rows)]
    widths = [37, 10] + [6, 11, 7] * len(backends)
    above = " " * sum(widths[:2]) + "".join(f"{b:<24}" for b in backends)
    table = [above] + [
        "".join(f"{part:<{width}}" for part, width in zip(line, widths)) for line in lines(rows)
    ]
    wrapped = [textwrap.fill(note, 118, subsequent_indent="  ") for note in notes(rows)]
    return "\n".join(line.rstrip() for line in [*table, "", *wrapped])


def as_markdown(rows):
    header, *body = lines(rows)
    backends = [b for b in BACKENDS if any(row["backend"] == b for row in rows)]
    header[2:] = [f"{backend}: {name}" for backend in backends for name in header[2:5]]
    meaning = {row["cell"]: row["meaning"] for row in rows}
    table = [header, ["---"] * len(header), *body]
    return (
        "\n".join(
            ["| " + " | ".join(line) + " |" for line in table]
            + ["", *(f"- {note}" for note in notes(rows))]
            + ["", *(f"- **{name}**: {sentence}" for name, sentence in meaning.items())]
        )
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
