from blogkit.report import Claim, totals


def claims(kind, *values, **fields):
    null = None if kind == "identity" else 0
    return [
        Claim(
            **dict(id="C1", kind=kind, sentence="s", dataset="d", article="5", at_least=0, null=null)
            | fields,
            value=value,
            untested="why" if value is None else None,
        )
        for value in values
    ]


def test_counts_by_kind():
    some = [
        *claims("finding", 1, 1, -1),
        *claims("identity", 1, 1, None),
        *claims("article", 1, -1, -1, None),
        *claims("article", 1, 1, -1, None, stand_in=True),
    ]
    assert totals(some) == (
        "Article: 1 reproduced, 2 not reproduced, 2 same direction on stand-ins, 1 other direction, "
        "2 not tested here. Identities: 2 hold, 1 not tested here. Findings: 2 hold, 1 fails."
    )


def test_what_does_not_occur_is_left_out():
    assert totals(claims("article", 1, stand_in=True)) == "Article: 1 same direction on a stand-in."
    assert totals(claims("identity", -1, -1)) == "Identities: 2 fail."
    assert totals([]) == "No claims."
