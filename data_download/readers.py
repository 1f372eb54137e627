"""Describe the rows of a set in a few words, for `import` and `verify`."""

from pathlib import Path

from blogkit import datasets
from blogkit.datasets.catalogue import DataSet


def describe(entry: DataSet, source: str | Path) -> str:
    """Read `source` in the format of the set and describe its rows.

    Raises:
        ValueError: If it is not in the format of the set.
    """
    if not entry.reader:
        raise ValueError(f"{entry.title} has no reader, so that nothing else can stand in for it.")
    found = getattr(datasets, entry.reader)(source)
    if isinstance(found, list):
        return f"{len(found):,} tokens"
    if isinstance(found, datasets.Treebank):
        return f"{found.trees:,} trees, {found.name}"
    counts = {
        part: getattr(found, part, None)
        for part in ("train", "valid", "test", "x_train", "x_valid", "x_test")
    }
    return (
        " + ".join(f"{len(rows):,}" for rows in counts.values() if rows is not None) + f" rows, {found.name}"
    )
