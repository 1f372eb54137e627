"""Files of predictions as the articles' code wrote them, for events and for triples."""

import csv
import io
import json
from collections.abc import Iterable, Sequence

Triple = tuple[str, str, str]


def subjects_csv(ids: Iterable[str], subjects: Iterable[str]) -> str:
    """Lines `"id","subject"`, as subject_extract.py of bojone/bert_in_keras answered CCKS 2019.

    Quotes inside a subject are doubled, which the original forgot.

    Raises:
        ValueError: If there are more ids than subjects, or the other way round.

    Example:

    >>> print(subjects_csv(["7", "8"], ["甲公司", "乙集团"]), end="")
    "7","甲公司"
    "8","乙集团"
    """
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(zip(ids, subjects, strict=True))
    return text.getvalue()


def triples_json(
    sentences: Sequence[tuple[str, Iterable[Triple]]], found: Sequence[Iterable[Triple]], indent: int = 4
) -> str:
    """The right and the predicted triples of each sentence, as dev_pred.json of relation_extract.py.

    A list of objects with `text`, `spo_list` (right), `spo_list_pred` (predicted), `new` (predicted, not
    right) and `lack` (right, not predicted). Triples are sorted; in the original a set's order decided.

    Args:
        sentences: Pairs of text and its right triples.
        found: Predicted triples of each text, as `blogkit.models.TripleExtractor.extract` returns them.

    Raises:
        ValueError: If there are more sentences than predictions, or the other way round.

    Example:

    >>> text = triples_json([("甲写了乙", [("乙", "作者", "甲")])], [{("乙", "歌手", "甲")}], indent=None)
    >>> json.loads(text)[0]["new"]
    [['乙', '歌手', '甲']]
    """
    rows = []
    for (text, right), predicted in zip(sentences, map(set, found), strict=True):
        parts = (right := set(right)), predicted, predicted - right, right - predicted
        names = ("spo_list", "spo_list_pred", "new", "lack")
        rows.append({"text": text} | {name: sorted(part) for name, part in zip(names, parts)})
    return json.dumps(rows, ensure_ascii=False, indent=indent) + "\n"
