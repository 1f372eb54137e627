"""The weights of a packed file by the names of Hugging Face."""

from collections.abc import Iterator

import numpy as np

from blogkit.datasets.packed_bert.packed_file import PackedFile

# Packed name and Hugging Face's, of the parts of a layer.
DENSE = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def named_tensors(file: PackedFile, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield `(name, float32 array)` of all weights, of the table of tokens only `rows`.

    Kernels are `(out, in)`. The file has no pooler.
    """
    sizes = file.sizes
    width, inner = sizes["hidden"], sizes["inner"]
    tables = (("word", "vocabulary", rows), ("pos", "positions", None), ("type", "types", None))
    names = {"word": "word", "pos": "position", "type": "token_type"}
    for table, size, chosen in tables:
        tensor = file.tensor(f"emb.{table}", (sizes[size], width), chosen)
        yield f"embeddings.{names[table]}_embeddings.weight", tensor
    yield from _norm(file, "emb.ln", "embeddings.LayerNorm", width)
    shapes = {"fi": (inner, width), "fo": (width, inner)}
    for number in range(sizes["layers"]):
        for packed, name in DENSE.items():
            shape = shapes.get(packed, (width, width))
            yield (
                f"encoder.layer.{number}.{name}.weight",
                file.tensor(f"l{number}.{packed}.w", shape),
            )
            yield f"encoder.layer.{number}.{name}.bias", file.tensor(f"l{number}.{packed}.b", shape[:1])
        for packed, name in NORMS.items():
            yield from _norm(file, f"l{number}.{packed}", f"encoder.layer.{number}.{name}", width)


def _norm(file, packed, name, width):
    yield f"{name}.weight", file.tensor(f"{packed}.w", (width,))
    yield f"{name}.bias", file.tensor(f"{packed}.b", (width,))
