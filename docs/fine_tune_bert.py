"""Fine-tune a pre-trained BERT on a file of two columns, `text,label` with labels 0 and 1, without a header.

    python docs/fine_tune_bert.py reviews.csv

Every tenth row is held out.
Needs: pip install 'blogkit[tensorflow,bert,embedded,data]' (or '.[...]' in a clone).
"""

import csv
import sys

import keras
import numpy as np

from blogkit.datasets import bert_weights
from blogkit.models import bert_encoder, computed_once, split_encoder, text_classifier
from blogkit.nlp import CharTokenizer, padded


def main(path: str, length: int = 64, epochs: int = 3) -> float:
    """Accuracy on the held-out rows."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    # The ten lines: characters to ids, the lower four layers computed once, two more trained with a head.
    keras.utils.set_random_seed(0)
    folder = bert_weights("embedded")
    tokenizer = CharTokenizer.from_folder(folder)
    ids = padded([tokenizer.encode(text, length) for text, _ in rows], length)
    labels = np.array([[float(label)] for _, label in rows])
    lower, upper = split_encoder(bert_encoder(folder, num_layers=6), 4)
    inputs = {"token_ids": ids, "vectors": computed_once(lower, ids)}
    held = np.arange(len(rows)) % 10 == 0
    model = text_classifier(upper, pooling="mean")
    model.compile(keras.optimizers.AdamW(2e-4), "binary_crossentropy", metrics=["accuracy"])
    model.fit({name: array[~held] for name, array in inputs.items()}, labels[~held], epochs=epochs, verbose=2)
    return model.evaluate(
        {name: array[held] for name, array in inputs.items()}, labels[held], verbose=0, return_dict=True
    )["accuracy"]


if __name__ == "__main__":
    print(f"accuracy on held-out rows: {main(sys.argv[1]):.3f}")
