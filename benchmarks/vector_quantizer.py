"""What does quantizing a batch of vectors cost, in time and in memory?

    python benchmarks/vector_quantizer.py                        # 512 and 8,192 codes, with KERAS_BACKEND
    KERAS_BACKEND=jax python benchmarks/vector_quantizer.py --codes 512 --rounds 9 --json runs/vq.json

The reference, ratio 1.00, is vector-quantize-pytorch (on torch, in the same process), where it is
installed: its `VectorQuantize` with the defaults, once in `eval()` and once in `train()`. Beside it
run `VectorQuantizer(update="ema")` with the same numbers, and what one writes without a library:
the argmin of a matrix of all squared distances, then the codes' vectors. A round is the forward pass
for all vectors, which in training includes losses and the update of the codebook. Ours and the
argmin are compiled as `fit` compiles them. Sides take turns in one process; a figure is a median
over rounds with quartiles. Extra peak memory is that of the first pass after compiling, in a
process of its own for each side: a second one may be served from what the first has freed.

By default there are 65,536 vectors, or fewer, so that vectors times codes is 2^26: the reference needs
40 s a pass for 65,536 vectors and 8,192 codes on two cores. What is under way goes to stderr.
"""

# Before Keras, since importing it after TensorFlow and torch ends the process (1.32).
import importlib.metadata
import importlib.util

if importlib.util.find_spec("torch") and importlib.util.find_spec("vector_quantize_pytorch"):
    import vector_quantize_pytorch
else:
    vector_quantize_pytorch = None

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from fresh_process import in_fresh_process
from interleave import interleave, ratios, spread
from keras import ops

from blogkit.layers import VectorQuantizer
from blogkit.report import environment, peak_growth

BACKEND = keras.backend.backend()
PEER = "vector-quantize-pytorch"
OURS, PLAIN = "VectorQuantizer", "distance argmin"
MODES = ("eval", "train")
SMALL = 64  # rows to warm up with before memory is measured


def main(arguments=None):
    options = parse(arguments)
    results = []
    for codes in options.codes:
        rows = options.rows or min(65536, 2**26 // codes)
        results.append(measure(rows, options.dim, codes, options.rounds, not options.no_memory))
        print(text(results[-1]), flush=True)
    if vector_quantize_pytorch is None:
        print(f"No peer here. For one: pip install {PEER} torch")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--codes", type=int, nargs="+", default=[512, 8192], help="sizes of the codebook (512 8192)")
    add("--rows", type=int, help="vectors (65536, or 2^26 / codes if that is less)")
    add("--dim", type=int, default=64, help="their length (64)")
    add("--rounds", type=int, default=5)
    add("--no-memory", action="store_true", help="measure time only")
    add("--json", type=Path, metavar="PATH", help="write all figures there, too")
    return parser.parse_args(arguments)


def names():
    return [
        *([f"{PEER} {mode}" for mode in MODES] if vector_quantize_pytorch else []),
        *(f"{OURS} {mode}" for mode in MODES),
        PLAIN,
    ]


def measure(rows, dim, codes, rounds, memory):
    x, codebook = data(rows, dim, codes)
    load = os.getloadavg()[0]
    sides = {name: side(name, codebook)(x) for name in names()}
    for name, run in sides.items():
        progress(f"{codes} codes, {name}", run)
    seconds = progress(f"{codes} codes, {rounds} rounds", lambda: interleave(sides, rounds))
    growth = {}
    for name in sides:
        growth[name] = (
            progress(
                f"{codes} codes, memory of {name}",
                lambda: in_fresh_process(
                    BACKEND, "vector_quantizer", "measure_memory", name=name, rows=rows, dim=dim, codes=codes
                ),
            )
            if memory
            else None
        )
    found = []
    for name in sides:
        peer = f"{PEER} {'train' if name.endswith('train') else 'eval'}"
        found.append(
            {
                "side": name,
                "ms": f"{spread(np.array(seconds[name]) * 1e3)}",
                "time": f"{ratios(seconds, peer)[name]}" if peer in sides else "",
                "memory": growth[name],
                "memory_ratio": growth[name] / growth[peer]
                if growth.get(peer) and growth[name] is not None
                else None,
                "seconds": seconds[name],
            }
        )
    about = environment()
    about["versions"][PEER] = importlib.metadata.version(PEER) if vector_quantize_pytorch else None
    return {"environment": about, "rows": rows, "dim": dim, "codes": codes, "load": load, "sides": found}


def progress(what, run):
    """`run()`, and a line that says how long it took."""
    start = time.perf_counter()
    result = run()
    print(f"{what}: {time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
    return result


def text(result):
    lines = [
        f"{BACKEND}, {result['rows']} vectors of length {result['dim']}, {result['codes']} codes, "
        f"load before the start {result['load']:.2f}"
    ]
    lines.append(f"{'side':32}{'ms':>30}{'over peer':>24}{'peak MB':>10}{'over peer':>11}".rstrip())
    for row in result["sides"]:
        memory = "" if row["memory"] is None else f"{row['memory'] / 2**20:.0f}"
        ratio = "" if row["memory_ratio"] is None else f"{row['memory_ratio']:.2f}"
        lines.append(f"{row['side']:32}{row['ms']:>30}{row['time']:>24}{memory:>10}{ratio:>11}".rstrip())
    return "\n".join(lines)


def data(rows, dim, codes):
    rng = np.random.default_rng(0)
    return tuple(rng.normal(size=(n, dim)).astype("float32") for n in (rows, codes))


def measure_memory(name, rows, dim, codes):
    """Bytes that one pass needs beyond the vectors and the codebook; in a fresh process."""
    x, codebook = data(rows, dim, codes)
    make = side(name, codebook)
    make(x[:SMALL])()  # libraries, threads and pools are there
    return peak_growth(make(x))


def side(name, codebook):
    """A function of vectors that gives a function without arguments: one pass, compiled already."""
    kind, _, mode = name.rpartition(" ")
    if kind == PEER:
        return peer(codebook, mode)
    if name == PLAIN:
        return lambda x: PURE[BACKEND](plain, ops.convert_to_tensor(x), ops.convert_to_tensor(codebook))
    layer = VectorQuantizer(len(codebook), update="ema")
    layer.build((None, codebook.shape[1]))
    layer.assign_codebook(codebook)
    return lambda x: LAYER[BACKEND](layer, ops.convert_to_tensor(x), mode == "train")


def peer(codebook, mode):
    import torch

    layer = vector_quantize_pytorch.VectorQuantize(dim=codebook.shape[1], codebook_size=len(codebook))
    layer._codebook.embed.data.copy_(torch.from_numpy(codebook)[None])
    layer._codebook.embed_avg.data.copy_(torch.from_numpy(codebook)[None])
    layer.train(mode == "train")

    def make(x):
        vectors = torch.from_numpy(x)[None]

        def run():
            with torch.no_grad():
                return layer(vectors)[0]

        return run

    return make


def plain(x, codebook):
    squares = ops.sum(x**2, axis=1, keepdims=True) + ops.sum(codebook**2, axis=1)
    codes = ops.argmin(squares - 2 * ops.matmul(x, ops.transpose(codebook)), axis=1)
    return ops.take(codebook, codes, axis=0)


def jax_layer(layer, x, training):
    def step(state, x):
        return layer.stateless_call([], state, x, training=training, return_losses=True)

    return jax_pure(step, [variable.value for variable in layer.non_trainable_variables], x)


def jax_pure(function, *arrays):
    import jax

    step = jax.jit(function).lower(*arrays).compile()
    return lambda: jax.block_until_ready(step(*arrays))


def tensorflow_layer(layer, x, training):
    return tensorflow_pure(lambda x: (layer(x, training=training), layer.losses), x)


def tensorflow_pure(function, *arrays):
    import tensorflow as tf

    step = tf.function(function, autograph=False).get_concrete_function(*arrays)
    return lambda: [tensor.numpy() for tensor in tf.nest.flatten(step(*arrays))]


def torch_layer(layer, x, training):
    return torch_pure(lambda x: (layer(x, training=training), layer.losses), x)


def torch_pure(function, *arrays):
    import torch

    def run():
        with torch.no_grad():
            return function(*arrays)

    return run


LAYER = {"jax": jax_layer, "tensorflow": tensorflow_layer, "torch": torch_layer}
PURE = {"jax": jax_pure, "tensorflow": tensorflow_pure, "torch": torch_pure}

if __name__ == "__main__":
    main()
