"""Precision, recall and F1 over exact triples, as the articles measure them."""

from typing import NamedTuple

from blogkit.nlp.triples.repair_triples import check_triple


class TripleScores(NamedTuple):
    """Counts over all sentences together, and the three scores that follow from them."""

    precision: float
    recall: float
    f1: float
    right: int
    predicted: int
    gold: int


def triple_scores(predicted, gold):
    """Micro-averaged scores: with A triples right, B predicted and C in gold,

        precision = A / B,    recall = A / C,    F1 = 2 A / (B + C).

    A triple is right if subject, predicate and object are those of one in gold of its sentence,
    character by character; a triple that stands twice counts once. Where nothing is predicted
    no prediction is wrong, so precision is 1; where gold is empty recall is 1; where both are
    empty F1 is 1. (The articles' code starts all counts at 1e-10, with these limits.)

    Args:
        predicted, gold: The triples of each sentence, in the same order of sentences.

    Raises:
        ValueError: If the numbers of sentences differ, or a triple is not three strings.

    Example:

    >>> triple_scores([[("甲", "作者", "丙"), ("乙", "作者", "丙")]], [[("甲", "作者", "丙")]])[:3]
    (0.5, 1.0, 0.6666666666666666)
    """
    predicted, gold = ([set(map(check_triple, triples)) for triples in rows] for rows in (predicted, gold))
    if len(predicted) != len(gold):
        raise ValueError(
            "Predicted and gold triples must be of the same sentences. "
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
