"""Vocabulary of Google's Chinese BERT."""

from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, missing, source_path
from blogkit.datasets.reading import reader
from blogkit.datasets.text_files import find, text_lines
from blogkit.files_read import note

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@reader
def bert_vocabulary(source: str | Path = "official") -> list[str]:
    """Read the tokens of a `vocab.txt` in the order of their ids.

    Args:
        source: `"official"`: the file of `chinese_L-12_H-768_A-12` in the data
            folder, 21,128 tokens. `"imported"`: the file copied there by `python -m
            data_download import chinese_bert`. Otherwise the path of such a file
            (may be gzip) or of its folder.

    Raises:
        MissingDataset: If the file is missing; says where to get it.
        ValueError: If tokens repeat or a special token is missing.
    """
    source = chosen("chinese_bert", source)
    if source == OFFICIAL:
        entry = data_set("chinese_bert")
        path = note(entry.folder / entry.files[0].unpack / "vocab.txt")
        if not path.is_file():
            raise missing("chinese_bert", path)
    else:
        path = source_path("chinese_bert", source)
        if path.is_dir() and not (path := find(folder := path, "vocab.txt")):
            raise ValueError(f"{folder} needs vocab.txt, gzip or not.")
    tokens = [line for _, line in text_lines(path)]
    if tokens and not tokens[-1]:
        tokens.pop()
    seen = set(tokens)
    if len(seen) < len(tokens) or "" in seen or not set(SPECIAL) <= seen:
        raise ValueError(
            f"{path} must hold unique tokens, {', '.join(SPECIAL)} among them. "
            f"Received: {len(tokens):,} lines, {len(seen):,} unique tokens."
        )
    return tokens
