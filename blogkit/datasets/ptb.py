"""Penn Treebank text in Mikolov's version: lower case, numbers as N, rare words as <unk>."""

import dataclasses
from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, is_official, official_file, source_path
from blogkit.datasets.reading import reader
from blogkit.datasets.rows import Rows
from blogkit.datasets.text_files import find, text_lines
from blogkit.files_read import note

FILES = {part: f"ptb.{part}.txt" for part in ("train", "valid", "test")}


@dataclasses.dataclass(frozen=True)
class Sentences(Rows):
    """`Rows` of sentences, each a list of words; `test` is empty where the source has none."""

    test: list


@reader
def ptb(source: str | Path = "official") -> Sentences:
    """Read PTB: 42,068 + 3,370 + 3,761 sentences with a vocabulary of 10,000 words.

    Args:
        source: `"official"`: `ptb.train.txt`, `ptb.valid.txt` and, if present,
            `ptb.test.txt` in the data folder, checked by hash. `"imported"`: the
            files copied there by `python -m data_download import ptb`. Otherwise
            the path of a folder with these files (may be gzip).

    Raises:
        MissingDataset: If a file is missing; says where to get it.
        ValueError: If a file does not have the expected contents.
    """
    source = chosen("ptb", source)
    if source == OFFICIAL:
        optional = set() if note(data_set("ptb").path(FILES["test"])).exists() else {"test"}
        paths = {
            part: None if part in optional else official_file("ptb", name) for part, name in FILES.items()
        }
    else:
        folder = source_path("ptb", source)
        paths = {part: find(folder, name) if folder.is_dir() else None for part, name in FILES.items()}
        if not (paths["train"] and paths["valid"]):
            raise ValueError(f"{folder} needs {FILES['train']} and {FILES['valid']}, gzip or not.")
    rows = {
        part: [line.split() for _, line in text_lines(path)] if path else [] for part, path in paths.items()
    }
    for part, sentences in rows.items():
        if paths[part] and not any(sentences):
            raise ValueError(f"{paths[part]} contains no words.")
    official = source == OFFICIAL or all(is_official("ptb", path) for path in paths.values() if path)
    name = "PTB (Mikolov)" if official else f"PTB format, {folder.name}"
    return Sentences(rows["train"], rows["valid"], name=name, stand_in=not official, test=rows["test"])
