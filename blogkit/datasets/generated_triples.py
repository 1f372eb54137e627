"""Generated Chinese sentences with the triples that they state, for measuring an extractor offline."""

import dataclasses

import numpy as np

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
    """`Triples` whose `valid` has names that `train` may have, and two more lists to test with.

    Attributes:
        new_names: Sentences as in `valid`, but all persons, titles, companies, schools and
            publishers in them are others than in `train` and `valid`.
        hand_written: Twenty sentences in other words, twelve of which state something.
    """

    new_names: list
    hand_written: list


def generated_triples(train_rows=2000, held_rows=300, max_clauses=2, seed=0) -> GeneratedTriples:
    """Sentences of templates about films, songs, books, people, families and companies.

    A sentence joins 1 to `max_clauses` clauses (equal chances); each is a template whose places
    are filled with names, and perhaps some of its tails. A person of the first clause comes
    back in half of the others. One sentence in ten has clauses that only mention people and
    works together. All works look alike, 《...》, so that the words around must tell a film from
    a song; some pairs have two predicates, some subjects several objects, some names are
    subject and object. 22 of the 49 predicates of SKE 2019 occur. It is no sample of any
    real text: scores on it compare models with each other, and with nothing else.

    Args:
        train_rows, held_rows: Sentences to train on, and of each held-out part; at least 1.
        max_clauses: 1 to 4. With 2 half of the texts are shorter than 40 characters.
        seed: Non-negative integer.

    Returns:
        `GeneratedTriples`; no text occurs twice.

    Raises:
        ValueError: For a number out of range.

    Example:

    >>> found = generated_triples(train_rows=3, held_rows=2, max_clauses=1)
    >>> len(found.train), len(found.valid), len(found.new_names), len(found.schemas)
    (3, 2, 2, 22)
    """
    for name, value, low in (("train_rows", train_rows, 1), ("held_rows", held_rows, 1), ("seed", seed, 0)):
        if value < low:
            raise ValueError(f"`{name}` must be at least {low}. Received: {name}={value}.")
    if not 1 <= max_clauses <= 4:
        raise ValueError(f"`max_clauses` must be 1 to 4. Received: max_clauses={max_clauses}.")
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
    """Names of each kind, those of training and others."""
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
    """`"w 导演 a; ..."` with letters replaced."""
    split = (one.split() for one in stated.split(";") if one.strip())
    return tuple(
        (filled.get(subject, subject), predicate, filled.get(value, value))
        for subject, predicate, value in split
    )
