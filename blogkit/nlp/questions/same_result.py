"""Whether two results of queries are the same, whatever the order of rows and columns."""

from collections import Counter
from collections.abc import Iterable


def same_result(a: Iterable[tuple], b: Iterable[tuple]) -> bool:
    """Whether one order of columns turns the rows of `b` into those of `a`, equally often, in any order.

    The order of columns is the same for all rows: `[(1, 2), (4, 3)]` is not `[(1, 2), (3, 4)]`. Numbers
    are compared to 6 decimal places. A number never equals text, and missing values are equal.

    Columns are matched one after the other, and an order is given up as soon as the rows differ in the
    columns matched so far; so few of the n! orders are tried.

    Example:

    >>> same_result([(1, "a"), (2, "b")], [("b", 2.0000000001), ("a", 1.0)])
    True
    >>> same_result([(1,)], [(1,), (1,)]), same_result([("1",)], [(1,)])
    (False, False)
    >>> same_result([(1, 2), (4, 3)], [(1, 2), (3, 4)])
    False
    """
    a, b = ([tuple(map(_typed, row)) for row in rows] for rows in (a, b))
    widths = {len(row) for row in (*a, *b)}
    if len(a) != len(b) or len(widths) > 1:
        return False
    if not a or widths == {0}:
        return True
    mine, theirs = list(zip(*a)), list(zip(*b))
    contents = [Counter(column) for column in theirs]
    candidates = [
        [number for number, content in enumerate(contents) if content == wanted]
        for wanted in map(Counter, mine)
    ]
    order = sorted(range(len(mine)), key=lambda column: len(candidates[column]))
    start = [0] * len(a)
    return _matches(order, mine, theirs, candidates, start, start, frozenset())


def _matches(order, mine, theirs, candidates, groups, other_groups, used):
    """Whether the columns of `order` can be matched, where rows of one group agree in those before."""
    if not order:
        return True
    column, *rest = order
    tried = set()
    for number in candidates[column]:
        if number in used or theirs[number] in tried:  # equal columns can stand for each other
            continue
        tried.add(theirs[number])
        numbers = {}
        one, other = (
            [numbers.setdefault(pair, len(numbers)) for pair in zip(of, cells)]
            for of, cells in ((groups, mine[column]), (other_groups, theirs[number]))
        )
        if Counter(one) == Counter(other) and _matches(
            rest, mine, theirs, candidates, one, other, used | {number}
        ):
            return True
    return False


def _typed(cell):
    """What equal cells have in common: missing values, numbers, text."""
    if cell is None or isinstance(cell, str):
        return cell
    return round(float(cell), 6) + 0.0
