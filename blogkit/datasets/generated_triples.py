"""Generated Chinese sentences with the triples they state, to evaluate an extractor offline."""

import dataclasses

import numpy as np

from blogkit.checks import check_count
from blogkit.datasets.sentence_templates import (
    CITIES,
    COUNTRIES,
    HAND_WRITTEN,
    NAMES,
    PLACES,
    SCHEMAS,
    SILENT,
    STORIES,
    date,
)
from blogkit.datasets.triples import Schema, Sentence, Triples

SILENT_SHARE = 0.1  # sentences that state nothing
JOINTS = ("。", "，", "；")


@dataclasses.dataclass(frozen=True)
class GeneratedTriples(Triples):
    """`Triples` whose `valid` draws from the names of `train`, and two more test sets.

    Attributes:
        new_names: Sentences as in `valid`, but with persons, titles, companies, schools and
            publishers that do not occur in `train` and `valid`.
        hand_written: Twenty sentences in other wording; twelve state triples.
    """

    new_names: list
    hand_written: list


def generated_triples(
    train_rows: int = 2000, held_rows: int = 300, max_clauses: int = 2, seed: int = 0
) -> GeneratedTriples:
    """Draw template sentences about films, songs, books, people, families and companies.

    A sentence joins 1 to `max_clauses` clauses (equally likely). A clause is a template whose
    slots are filled with names, followed by some of its optional tails. Half of the later
    clauses repeat a person of the first one. One sentence in ten mentions people and works
    without stating a triple. All titles look alike, 《...》, so only the context tells a film
    from a song. Some pairs have two predicates, some subjects several objects, and some names
    are both subject and object. 22 of the 49 predicates of SKE 2019 occur. The sentences do
    not represent real text: scores on them only compare models with each other.

    Args:
        train_rows, held_rows: Sentences of `train` and of each held-out part, at least 1.
        max_clauses: Most clauses per sentence, 1 to 4. With 2, half of the texts are shorter
            than 40 characters.
        seed: Non-negative integer.

    Returns:
        `GeneratedTriples`; all generated texts differ.

    Raises:
        ValueError: If a number is out of range.

    Example:

    >>> found = generated_triples(train_rows=3, held_rows=2, max_clauses=1)
    >>> len(found.train), len(found.valid), len(found.new_names), len(found.schemas)
    (3, 2, 2, 22)
    """
    for name, value, low in (("train_rows", train_rows, 1), ("held_rows", held_rows, 1), ("seed", seed, 0)):
        check_count(name, value, low)
    check_count("max_clauses", max_clauses)
    if max_clauses > 4:
        raise ValueError(f"`max_clauses` must be at most 4. Received: max_clauses={max_clauses}.")
    rng = np.random.default_rng(seed)
    known, new = _two_pools(rng)
    seen = set()
    train, valid, new_names = (
        [_sentence(rng, names, max_clauses, seen) for _ in range(rows)]
        for names, rows in ((known, train_rows), (known, held_rows), (new, held_rows))
    )
    return GeneratedTriples(
        train,
        valid,
        name="generated sentences",
        stand_in=True,
        schemas=[Schema(*parts) for parts in SCHEMAS],
        new_names=new_names,
        hand_written=[Sentence(text, _triples(stated, {})) for text, stated in HAND_WRITTEN],
    )


def _two_pools(rng):
    """Two disjoint pools of names of each kind: for training, and new ones."""
    known, new = {}, {}
    for kind, (make, count) in NAMES.items():
        names = {}
        while len(names) < 2 * count:
            names[make(rng)] = None
        names = list(names)
        known[kind], new[kind] = names[:count], names[count:]
    return known, new


def _sentence(rng, names, max_clauses, seen):
    while True:
        stories = SILENT if rng.random() < SILENT_SHARE else STORIES
        person, clauses, triples = None, [], {}
        for _ in range(rng.integers(1, max_clauses + 1)):
            clause, stated, people = _clause(rng, names, stories, person if rng.random() < 0.5 else None)
            person = person or (people[0] if people else None)
            clauses.append(clause)
            triples |= dict.fromkeys(stated)
        text = clauses[0] + "".join(JOINTS[rng.integers(len(JOINTS))] + clause for clause in clauses[1:])
        if text not in seen:
            seen.add(text)
            return Sentence(text, tuple(triples))


def _clause(rng, names, stories, person):
    """`(text, triples, people)` of one template."""
    weights = np.array([weight for weight, _, _ in stories], float)
    _, heads, tails = stories[rng.choice(len(stories), p=weights / weights.sum())]
    parts = [
        heads[rng.integers(len(heads))],
        *(tails[n] for n in rng.permutation(len(tails)) if rng.random() < 0.5),
    ]
    template, stated = (
        "".join(part.partition("|")[0] for part in parts),
        ";".join(p.partition("|")[2] for p in parts),
    )
    filled = {} if person is None else {"a": person}
    for letter, kind in PLACES.items():
        if letter in filled or f"{{{letter}}}" not in template:
            continue
        name = _name(rng, names, kind)
        while name in filled.values():
            name = _name(rng, names, kind)
        filled[letter] = name
    text = template.format(**filled)
    return text, _triples(stated, filled), [filled[letter] for letter in "abc" if f"{{{letter}}}" in template]


def _name(rng, names, kind):
    if kind == "date":
        return date(rng)
    choices = names.get(kind) or {"city": CITIES, "country": COUNTRIES}[kind]
    return choices[rng.integers(len(choices))]


def _triples(stated, filled):
    """Triples of `"w 导演 a; ..."`, with the letters replaced by names."""
    split = (one.split() for one in stated.split(";") if one.strip())
    return tuple(
        (filled.get(subject, subject), predicate, filled.get(value, value))
        for subject, predicate, value in split
    )
