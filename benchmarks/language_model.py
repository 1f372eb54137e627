"""How long would the ON-LSTM paper's training take on this device?

    python benchmarks/language_model.py                       # the official size, with KERAS_BACKEND
    python benchmarks/language_model.py --rounds 20 --json runs/language_model.json
    python benchmarks/language_model.py --size 10000,128,128,8,32,35

One round of a side is a whole training step of `LanguageModel` by `train_on_batch`: dropout,
penalties, gradients, `AveragedSGD`. The sides are ON-LSTM layers and, as the peer, layers of
`keras.layers.LSTM` of the same widths, which have no dropconnect; they alternate. Words per second
are those of the median round. The time of a pass over the 929,589 words of PTB, and of the 1,000
passes of the official code, is computed from that; perplexity is not measured.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from interleave import interleave, ratios, spread

from blogkit.models import LanguageModel
from blogkit.optimizers import AveragedSGD
from blogkit.report import environment

OFFICIAL = dict(words=10_000, units=(1150, 1150, 400), chunk=10, batch=20, window=70)
DROPOUTS = dict(
    embedding_dropout=0.1,
    input_dropout=0.5,
    hidden_dropout=0.3,
    output_dropout=0.45,
    activation_penalty=2.0,
    change_penalty=1.0,
)
PTB_WORDS, PASSES = 929_589, 1000
REFERENCE = "keras.layers.LSTM"


def main(arguments=None):
    options = parse(arguments)
    load = os.getloadavg()[0]
    result = measure(options.size, options.rounds) | {"load": load}
    print(text(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--size",
        type=size,
        default=OFFICIAL,
        metavar="SIZE",
        help="WORDS,UNITS,...,CHUNK,BATCH,WINDOW (10000,1150,1150,400,10,20,70)",
    )
    add("--rounds", type=int, default=9)
    add("--json", type=Path, metavar="PATH", help="also write all figures to this file")
    return parser.parse_args(arguments)


def size(word):
    try:
        vocabulary, *units, chunk, batch, window = map(int, word.split(","))
    except ValueError:
        units = []
    if not units:
        raise argparse.ArgumentTypeError(f"must be at least five numbers between commas, not {word!r}")
    return dict(words=vocabulary, units=tuple(units), chunk=chunk, batch=batch, window=window)


def measure(sizes, rounds):
    tokens = np.random.default_rng(0).integers(0, sizes["words"], (sizes["batch"], sizes["window"] + 1))
    sides = {
        REFERENCE: step(tokens, sizes, None),
        "ONLSTM": step(tokens, sizes, sizes["chunk"], dropconnect=0.45, master_input_gate="complement"),
    }
    for side in sides.values():
        side()  # compiles
    seconds = interleave(sides, rounds)
    rows = []
    for name, ratio in ratios(seconds, REFERENCE).items():
        speed = sizes["batch"] * sizes["window"] / spread(seconds[name]).median
        rows.append(
            {
                "side": name,
                "ratio": f"{ratio}",
                "words_per_second": speed,
                "seconds": seconds[name],
                "minutes_a_pass": PTB_WORDS / speed / 60,
                "days": PASSES * PTB_WORDS / speed / 86_400,
            }
        )
    return {"environment": environment(), "sizes": sizes, "rounds": rounds, "sides": rows}


def step(tokens, sizes, chunk, **options):
    model = LanguageModel(
        sizes["words"], sizes["units"], chunk, batch_size=sizes["batch"], seed=0, **DROPOUTS, **options
    )
    model.build((sizes["batch"], sizes["window"]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(AveragedSGD(30.0, global_clipnorm=0.25, weight_decay=1.2e-6), loss)
    return lambda: float(model.train_on_batch(tokens[:, :-1], tokens[:, 1:]))


def text(result):
    sizes = ", ".join(f"{name} {value}" for name, value in result["sizes"].items())
    backend, load = keras.backend.backend(), result["load"]
    lines = [
        f"{backend}, {sizes}, {result['rounds']} rounds, load before the start {load:.2f}",
        f"{'side':20}{'over LSTM':>24}{'words/s':>10}{'minutes a pass':>16}{'days for 1,000':>16}",
    ]
    for row in result["sides"]:
        lines.append(
            f"{row['side']:20}{row['ratio']:>24}{row['words_per_second']:>10.0f}"
            f"{row['minutes_a_pass']:>16.1f}{row['days']:>16.1f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
