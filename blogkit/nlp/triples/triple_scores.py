"""Precision, recall and F1 of exactly matching triples, as in the articles."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from blogkit.nlp.triples.repair_triples import check_triple


class TripleScores(NamedTuple):
    """Scores over all sentences together, and the counts of triples behind them."""

    precision: float
    recall: float
    f1: float
    right: int
    predicted: int
    gold: int


def triple_scores(
    predicted: Iterable[Iterable[Sequence[str]]], gold: Iterable[Iterable[Sequence[str]]]
) -> TripleScores:
    """Micro-averaged scores: with A correct triples, B predicted and C gold triples,

        precision = A / B,    recall = A / C,    F1 = 2 A / (B + C).

    A triple is correct if its subject, predicate and object equal those of a gold triple of the
    same sentence; duplicates count once. Precision is 1 if nothing is predicted, recall is 1 if
    gold is empty, and F1 is 1 if both are. (These are the limits of the articles' code, which
    starts all counts at 1e-10.)

    Args:
        predicted, gold: Triples of each sentence, in the same order of sentences.

    Raises:
        ValueError: If the numbers of sentences differ, or a triple is not three strings.

    Example:

    >>> triple_scores([[("甲", "作者", "丙"), ("乙", "作者", "丙")]], [[("甲", "作者", "丙")]])[:3]
    (0.5, 1.0, 0.6666666666666666)
    """
    predicted, gold = ([set(map(check_triple, triples)) for triples in rows] for rows in (predicted, gold))
    if len(predicted) != len(gold):
        raise ValueError(
            "`predicted` and `gold` must have the same number of sentences. "
            f"Received: {len(predicted)} and {len(gold)} sentences."
        )
    right = sum(len(found & wanted) for found, wanted in zip(predicted, gold))
    found, wanted = (sum(map(len, rows)) for rows in (predicted, gold))
    return TripleScores(
        right / found if found else 1.0,
        right / wanted if wanted else 1.0,
        2 * right / (found + wanted) if found + wanted else 1.0,
        right,
        found,
        wanted,
    )
