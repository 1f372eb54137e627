"""What does an ordered-neurons layer cost, beside Keras' LSTM and a step-by-step cell?

    python benchmarks/on_lstm.py                              # both sizes, with KERAS_BACKEND
    KERAS_BACKEND=jax python benchmarks/on_lstm.py --size large --rounds 9 --json runs/on_lstm.json

The reference, ratio 1.00, is `keras.layers.LSTM` of the same width on the same input. Beside it run
`ONLSTM` and `ONLSTMCell` in `keras.layers.RNN`, which takes the article's equations one step at a
time; with TensorFlow all three also with `jit_compile=True`, and a second ratio to that LSTM. One
round of a side is the loss and its gradients with respect to all weights and the input, without an
optimizer, whose work would be the same for all. Sides take turns in one process; a figure is a
median over rounds with quartiles.

An ON-LSTM multiplies by 4 units + 2 levels columns where an LSTM has 4 units, so 1.06 times as much
at the small size and 1.05 at the large one would be fair.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from interleave import interleave, ratios, spread
from keras import ops

from blogkit.layers import ONLSTM, ONLSTMCell
from blogkit.report import environment

BACKEND = keras.backend.backend()
# batch, time, features, units, levels
SIZES = {
    "small": (64, 32, 128, 128, 16),
    "middle": (20, 70, 400, 400, 40),
    "large": (20, 70, 1150, 1150, 115),
}
REFERENCE, REFERENCE_XLA = "keras.layers.LSTM", "keras.layers.LSTM, XLA"


def main(arguments=None):
    options = parse(arguments)
    results = []
    for name in options.size:
        load = os.getloadavg()[0]
        result = measure(SIZES.get(name, name), options.rounds) | {"load": load}
        results.append(result)
        print(text(result), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--size",
        type=size,
        nargs="+",
        default=["small", "large"],
        metavar="SIZE",
        help="small, middle, large, or BATCH,TIME,FEATURES,UNITS,LEVELS (small large)",
    )
    add("--rounds", type=int, default=15)
    add("--json", type=Path, metavar="PATH", help="write all figures there, too")
    return parser.parse_args(arguments)


def size(word):
    if word in SIZES:
        return word
    try:
        numbers = tuple(map(int, word.split(",")))
    except ValueError:
        numbers = ()
    if len(numbers) != 5:
        raise argparse.ArgumentTypeError(f"must be {', '.join(SIZES)} or five numbers, not {word!r}")
    return numbers


def measure(sizes, rounds):
    *shape, units, levels = sizes
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    makers = {
        REFERENCE: lambda: keras.layers.LSTM(units, return_sequences=True),
        "ONLSTM": lambda: ONLSTM(units, levels, return_sequences=True),
        "ONLSTMCell in RNN": lambda: keras.layers.RNN(ONLSTMCell(units, levels), return_sequences=True),
    }
    sides = {}
    for xla in (False, True) if BACKEND == "tensorflow" else (False,):
        for name, make in makers.items():
            layer = make()
            layer.build(tuple(shape))
            sides[f"{name}, XLA" if xla else name] = STEPS[BACKEND](layer, ops.convert_to_tensor(x), xla)
    for side in sides.values():
        side()  # compiles
    seconds = interleave(sides, rounds)
    to_lstm = ratios(seconds, REFERENCE)
    to_xla = ratios(seconds, REFERENCE_XLA) if REFERENCE_XLA in sides else {}
    rows = [
        {
            "side": name,
            "ms": f"{spread(np.array(seconds[name]) * 1e3)}",
            "ratio": f"{to_lstm[name]}",
            "ratio_xla": f"{to_xla[name]}" if to_xla else "",
            "seconds": seconds[name],
        }
        for name in sides
    ]
    return {"environment": environment(), "sizes": sizes, "rounds": rounds, "sides": rows}


def text(result):
    names = ("batch", "time", "features", "units", "levels")
    sizes = ", ".join(f"{name} {number}" for name, number in zip(names, result["sizes"]))
    lines = [f"{BACKEND}, {sizes}, {result['rounds']} rounds, load before the start {result['load']:.2f}"]
    lines.append(f"{'side':26}{'ms':>28}{'over LSTM':>24}{'over LSTM, XLA':>24}".rstrip())
    for row in result["sides"]:
        lines.append(f"{row['side']:26}{row['ms']:>28}{row['ratio']:>24}{row['ratio_xla']:>24}".rstrip())
    return "\n".join(lines)


def jax_step(layer, x, xla):
    import jax

    def loss(weights, x):
        outputs, _ = layer.stateless_call(weights, [v.value for v in layer.non_trainable_variables], x)
        return ops.mean(outputs**2)

    step = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))
    weights = [v.value for v in layer.trainable_variables]
    return lambda: jax.block_until_ready(step(weights, x))


def tensorflow_step(layer, x, xla):
    import tensorflow as tf

    @tf.function(jit_compile=xla, autograph=False)
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_mean(layer(x) ** 2)
        return loss, tape.gradient(loss, [x, *(v.value for v in layer.trainable_variables)])

    return lambda: [tensor.numpy() for tensor in tf.nest.flatten(step(x))]


def torch_step(layer, x, xla):
    import torch

    def step():
        inputs = x.detach().requires_grad_()
        loss = (layer(inputs) ** 2).mean()
        gradients = torch.autograd.grad(loss, [inputs, *(v.value for v in layer.trainable_variables)])
        if x.is_cuda:
            torch.cuda.synchronize()
        return loss, gradients

    return step


STEPS = {"jax": jax_step, "tensorflow": tensorflow_step, "torch": torch_step}

if __name__ == "__main__":
    main()
