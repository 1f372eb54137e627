"""Reads a set for `import` and `verify`: what its rows are, in a few words."""

from blogkit import datasets
from blogkit.datasets.catalogue import DataSet


def describe(entry: DataSet, source) -> str:
    """Read what is at `source` as that set and say what it is.

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
