"""same_result against all orders of columns, and on results with many of them."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from blogkit.nlp import same_result


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ([], [], True),
        ([(1,)], [], False),
        ([(1,), (2,)], [(2,), (1,)], True),
        ([(1,), (1,)], [(1,)], False),
        ([(1, "a")], [("a", 1.0)], True),
        ([(1,)], [("1",)], False),
        ([(None,)], [(None,)], True),
        ([(None,)], [("",)], False),
        ([(0.1 + 0.2,)], [(0.3,)], True),
        ([(1.001,)], [(1.002,)], False),
        ([(None, 1, "a")], [("a", None, 1)], True),
        ([(-0.0,)], [(0.0,)], True),
        ([(1, 2), (4, 3)], [(1, 2), (3, 4)], False),  # one order of columns for all rows
        ([(1, 2), (3, 4)], [(4, 3), (2, 1)], True),
        ([(1, 2)], [(1, 2, 2)], False),
        ([(1,), (2, 3)], [(1,), (2, 3)], False),  # no result of a query
        ([()], [()], True),
    ],
)
def test_results_are_multisets_of_typed_rows(a, b, same):
    assert same_result(a, b) is same and same_result(b, a) is same


def by_all_orders(a, b):
    """Every order of columns tried."""
    return len(a) == len(b) and any(
        Counter(a) == Counter(tuple(row[column] for column in order) for row in b)
        for order in permutations(range(len(b[0])))
    )


def test_against_all_orders_of_columns(rng):
    same = 0
    for _ in range(10_000):
        rows, columns, values = rng.integers(1, 5), rng.integers(1, 5), rng.integers(1, 4)
        a = [tuple(row) for row in rng.integers(values, size=(rows, columns)).tolist()]
        if rng.random() < 0.5:
            b = [tuple(row) for row in rng.integers(values, size=(rows, columns)).tolist()]
        else:  # the same, or nearly so
            order = rng.permutation(columns)
            b = [tuple(a[row][column] for column in order) for row in rng.permutation(rows)]
            if rng.random() < 0.5:
                b[0] = tuple(rng.permutation(b[0]).tolist())
        expected = by_all_orders(a, b)
        assert same_result(a, b) is expected, (a, b)
        same += expected
    assert 3000 < same < 7000


def test_many_columns_of_equal_content_take_no_time(rng):
    """Each column holds every number once: 20! orders, of which one is right or none."""
    table = np.stack([rng.permutation(30) for _ in range(20)], axis=1)
    order = rng.permutation(20)
    moved = table[rng.permutation(30)][:, order]
    a, b = ([tuple(row) for row in rows.tolist()] for rows in (table, moved))
    assert same_result(a, b)
    b[0], b[1] = (*b[1][:10], *b[0][10:]), (*b[0][:10], *b[1][10:])
    assert not same_result(a, b)
    alike = [tuple(20 * [row]) for row in range(30)]
    assert same_result(alike, alike[::-1])
    assert not same_result(alike, [*alike[:-2], (*19 * [28], 29), (*19 * [29], 28)])
