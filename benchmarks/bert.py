"""How many tokens per second does the BERT encoder train on and encode, beside Hugging Face's?

    python benchmarks/bert.py                                 # with KERAS_BACKEND
    KERAS_BACKEND=jax python benchmarks/bert.py --layers 12 --width 768 --batch 8 --json runs/bert.json

The reference, ratio 1.00, is `BertModel` of transformers (on torch, in the same process), where it is
installed, with the sizes and weights of `bert_encoder`: GELU by erf, no dropout, no pooler, float32.
A round of inference is `predict_on_batch`, for the peer a call in `inference_mode()`. A round of
training is `train_on_batch` with AdamW and the mean squared distance of all vectors from fixed ones; for
the peer a step with torch's fused AdamW, the default of transformers' Trainer. Both run as their users
get them by default, the peer and Keras on torch eagerly, on JAX compiled; with TensorFlow ours runs
also with `jit_compile=True`.

Before timing all sides must compute the same: the vectors within 1e-4, the first loss within 1e-4 of
its size, its fall over three steps within 10 %. Sides take turns in one process; a figure is a median
over rounds with quartiles. Tokens are counted without padding, about a quarter of each batch. On a
CPU most of the time goes into matrix products, and how fast those of torch are beside TensorFlow's and
JAX's depends on the processor: a ratio holds for the one it was measured on.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import bert_sides
import numpy as np
from accumulation import at_least
from bert_sides import BACKEND, PEER
from interleave import interleave, ratios, spread

from blogkit.report import environment, write_atomically

MODES = ("inference", "training")
SIZES = {"layers": 6, "width": 384, "heads": 12, "vocabulary": 21128, "batch": 32, "length": 64}
STEPS = 3  # of training, compared before timing
SAME_VECTORS, SAME_LOSS, SAME_FALL = 1e-4, 1e-4, 0.1


def main(arguments=None):
    options = parse(arguments)
    load = os.getloadavg()[0]
    result = measure({name: getattr(options, name) for name in SIZES}, options.rounds) | {"load": load}
    print(text(result))
    if bert_sides.transformers is None:
        print("No peer here. For one: pip install transformers torch")
    if options.json:
        write_atomically(options.json, json.dumps(result, indent=2) + "\n")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    for name, number in SIZES.items():
        least = 2 if name in ("vocabulary", "length") else 1
        add(f"--{name}", type=at_least(least), default=number, help=f"({number})")
    add("--rounds", type=at_least(1), default=5)
    add("--json", type=Path, metavar="PATH", help="write all figures there, too")
    options = parser.parse_args(arguments)
    if options.width % options.heads:
        parser.error(
            f"--heads must divide --width. Received: --heads {options.heads} --width {options.width}"
        )
    return options


def measure(sizes, rounds):
    sides = bert_sides.make_sides(sizes)
    compared = compare(sides)
    tokens = int(bert_sides.data(**sizes)["mask"].sum())
    rows = []
    for mode in MODES:
        runs = {name: side.run(mode) for name, side in sides.items()}
        for run in runs.values():
            run()  # compiled by `compare`; this one is not timed either, so that memory is there
        seconds = interleave(runs, rounds)
        over = ratios(seconds, PEER) if PEER in sides else dict.fromkeys(sides, "")
        rows += [
            {
                "mode": mode,
                "side": name,
                "ms": f"{spread(np.array(seconds[name]) * 1e3)}",
                "ratio": f"{over[name]}",
                "tokens_per_second": tokens / spread(seconds[name]).median,
                "seconds": seconds[name],
            }
            for name in sides
        ]
    about = environment()
    transformers = bert_sides.transformers
    about["versions"]["transformers"] = transformers and transformers.__version__
    sizes = sizes | {"tokens": tokens}
    return {"environment": about, "sizes": sizes, "rounds": rounds, "compared": compared, "sides": rows}


def compare(sides):
    """How far the vectors of each side are from those of the first, and its losses in training.

    Raises:
        SystemExit: If that is more than rounding: the times would be those of different computations.
    """
    vectors = {name: side.infer() for name, side in sides.items()}
    losses = {name: [side.train() for _ in range(STEPS)] for name, side in sides.items()}
    first = next(iter(sides))
    start, fall = losses[first][0], losses[first][0] - losses[first][-1]
    found = []
    for name in sides:
        difference = float(np.abs(vectors[name] - vectors[first]).max())
        if not (
            difference <= SAME_VECTORS
            and abs(losses[name][0] - start) <= SAME_LOSS * start
            and abs(losses[name][0] - losses[name][-1] - fall) <= SAME_FALL * fall
        ):
            raise SystemExit(
                f"bert.py: {name} must compute the same as {first}, in float32. "
                f"Received: vectors that differ by up to {difference:.1e}, "
                f"losses {numbers(losses[name])} and {numbers(losses[first])}."
            )
        found.append({"side": name, "vectors": difference, "losses": losses[name]})
    return found


def text(result):
    sizes = ", ".join(f"{name} {number}" for name, number in result["sizes"].items())
    lines = [f"{BACKEND}, {sizes}, {result['rounds']} rounds, load before the start {result['load']:.2f}"]
    lines.append(f"{'before timing':36}{'vectors differ by':>18}   losses of {STEPS} steps")
    for row in result["compared"]:
        lines.append(f"{row['side']:36}{row['vectors']:>18.1e}   {numbers(row['losses'])}")
    lines.append(f"{'side':36}{'ms':>30}{'over peer':>22}{'tokens/s':>10}")
    for row in result["sides"]:
        name, speed = f"{row['mode']}, {row['side']}", row["tokens_per_second"]
        lines.append(f"{name:36}{row['ms']:>30}{row['ratio']:>22}{speed:>10.0f}")
    return "\n".join(lines)


def numbers(losses):
    return " ".join(f"{loss:.5f}" for loss in losses)


if __name__ == "__main__":
    main()
