"""Files of the two treebank samples of NLTK. `blogkit.nlp.read_trees` parses them."""

import dataclasses
import re
from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, official_file, source_path
from blogkit.datasets.reading import reader
from blogkit.datasets.text_files import text_lines
from blogkit.files_read import matches, note


@dataclasses.dataclass(frozen=True)
class Treebank:
    """Files of a treebank.

    Attributes:
        files: Paths, sorted by name.
        trees: Total number of trees.
        form: Format of the files, an argument of `blogkit.nlp.read_trees`.
        name: Name of the data for the claims table.
        stand_in: True unless these are the files of NLTK.
    """

    files: tuple[Path, ...]
    trees: int
    form: str
    name: str
    stand_in: bool


@reader
def wsj_trees(source: str | Path = "official") -> Treebank:
    """Find the Penn Treebank trees of NLTK's sample: 3,914 sentences of the Wall Street Journal.

    Args:
        source: `"official"`: the files `*.mrg` of NLTK's `treebank.zip`, which
            `python -m data_download get wsj_trees` unpacks. `"imported"`: the files copied there
            by `python -m data_download import wsj_trees`. Otherwise the path of a file of
            bracketed trees (may be gzip), or of a folder with files `*.mrg` or `*.mrg.*`.

    Raises:
        MissingDataset: If the files are missing; says where to get them.
        ValueError: If a folder has no such file, or brackets do not match.

    Example:

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "few.mrg"
    >>> _ = path.write_text("( (S (NP (NN snow)) (VP (VBZ falls))) )")
    >>> wsj_trees(path).trees
    1
    """
    return _treebank("wsj_trees", source, "treebank.zip", "treebank", "*.mrg", "penn", _count_penn)


@reader
def sinica_trees(source: str | Path = "official") -> Treebank:
    """Find the Chinese trees of the Sinica treebank's sample in NLTK: 10,000 sentences.

    Args:
        source: `"official"`: the file `parsed` of NLTK's `sinica_treebank.zip`, which
            `python -m data_download get sinica_trees` unpacks. `"imported"`: the files copied
            there by `python -m data_download import sinica_trees`. Otherwise the path of a file of
            lines `#1:...` (may be gzip), or of a folder with files `parsed` or `parsed.*`.

    Raises:
        MissingDataset: If the files are missing; says where to get them.
        ValueError: If a folder has no such file, or a line does not begin with `#1:`.

    Example:

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "parsed"
    >>> tree = "#7:7.[2869] VP(manner:Dh:一起|Head:VA13:回家)#。(PERIODCATEGORY)"
    >>> _ = path.write_text(tree, encoding="utf-8")
    >>> sinica_trees(path).trees
    1
    """
    return _treebank(
        "sinica_trees", source, "sinica_treebank.zip", "sinica_treebank", "parsed", "sinica", _count_sinica
    )


def _treebank(name, source, archive, unpacked, pattern, form, count):
    source = chosen(name, source)
    official = source == OFFICIAL
    if official:
        path = note(official_file(name, archive).parent / unpacked)
        if not path.is_dir():
            raise ValueError(
                f"{archive} is not unpacked to {path}. From a clone of blogkit, this unpacks it: "
                f"python -m data_download get {name}"
            )
    else:
        path = source_path(name, source)
    files = (path,)
    if path.is_dir():
        found = {*matches(path, f"**/{pattern}"), *matches(path, f"**/{pattern}.*")}
        files = tuple(sorted(file for file in found if file.is_file()))
        if not files:
            raise ValueError(f"{path} needs a file {pattern} or {pattern}.gz of {data_set(name).title}.")
    trees = sum(map(count, files))
    title = data_set(name).title if official else f"{data_set(name).title}, {path.name}"
    return Treebank(files, trees, form, name=title, stand_in=not official)


def _count_penn(path):
    trees = depth = 0
    for number, line in text_lines(path):
        for bracket in re.findall("[()]", line):
            depth += 1 if bracket == "(" else -1
            if depth < 0:
                raise ValueError(f"{path}, line {number}: `)` without its `(`.")
            trees += not depth
    if depth or not trees:
        raise ValueError(f"{path} has {trees:,} complete bracketed trees and {depth} unclosed `(`.")
    return trees


def _count_sinica(path):
    trees = 0
    for number, line in text_lines(path):
        if line.strip() and not re.match(r"#\d+:", line):
            raise ValueError(f"{path}, line {number} needs a tree as `#1:...`. Received: {line[:40]!r}.")
        trees += bool(line.strip())
    if not trees:
        raise ValueError(f"{path} contains no trees.")
    return trees
