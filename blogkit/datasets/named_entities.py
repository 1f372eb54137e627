"""MSRA's named entities: Chinese sentences with a tag a character."""

from typing import NamedTuple

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, missing, source_path
from blogkit.datasets.rows import Rows
from blogkit.datasets.text_files import find, text_lines

FILES = ("msra_train.txt", "msra_test.txt")
TAGS = {"O", *(f"{place}-{kind}" for place in "BMES" for kind in ("PER", "LOC", "ORG"))}


class TaggedSentence(NamedTuple):
    """Characters, and for each its tag: O, or B, M, E, S (begin, middle, end, single) of PER, LOC, ORG."""

    characters: tuple[str, ...]
    tags: tuple[str, ...]


def named_entities(source="official") -> Rows:
    """Read MSRA named entities: 50,289 + 5,000 rows of `TaggedSentence`; the test part is `valid`.

    Args:
        source: `"official"`: `msra_train.txt` and `msra_test.txt` in the data
            folder, which `python -m data_download get chinese_ner` reads from
            a package. `"imported"`: what `import chinese_ner` put there. Else
            a folder with these two files, gzip or not.

    Raises:
        MissingDataset: If there is no such file; says where to get it.
        ValueError: If a line does not fit; names it.
    """
    source = chosen("chinese_ner", source)
    official = source == OFFICIAL
    folder = data_set("chinese_ner").folder if official else source_path("chinese_ner", source)
    paths = [find(folder, name) for name in FILES]
    if not all(paths):
        raise (
            missing("chinese_ner", folder / FILES[0])
            if official
            else ValueError(f"{folder} needs {' and '.join(FILES)}.")
        )
    return Rows(
        *map(read_tagged, paths),
        stand_in=not official,
        name="MSRA named entities" if official else f"MSRA format, {folder.name}",
    )


def read_tagged(path) -> list[TaggedSentence]:
    """Sentences of a file with `CHARACTER TAG` lines and an empty line after each sentence."""
    sentences, pairs = [], []
    for number, line in text_lines(path):
        if line:
            character, _, tag = line.rpartition(" ")
            if len(character) != 1 or tag not in TAGS:
                raise ValueError(
                    f"{path}, line {number} needs a character and a tag. Received: {line[:80]!r}."
                )
            pairs.append((character, tag))
        elif pairs:
            sentences.append(TaggedSentence(*zip(*pairs)))
            pairs = []
    return sentences + ([TaggedSentence(*zip(*pairs))] if pairs else [])
