"""A question's SQL as a form: what is selected, under which conditions, as TableQA writes it."""

import numbers
import re
from decimal import Decimal

AGGREGATIONS = ("", "AVG", "MAX", "MIN", "COUNT", "SUM")
OPERATORS = (">", "<", "==", "!=")
CONNECTIVES = ("", "and", "or")
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # 007 and 1e5 are names, not numbers


def check_form(form, columns):
    """Refuse a form that cannot be asked of a table with so many columns.

    A form is a dict: `sel`, columns from 0; `agg`, for each of them one of `AGGREGATIONS` by
    number; `conds`, lists `[column, operator, value]` with a number of `OPERATORS`; and
    `cond_conn_op`, a number of `CONNECTIVES`. Values are text, or finite numbers.

    Raises:
        ValueError: For missing keys, nothing selected, no condition, a number out of range, a
            value of another type, or several conditions without a connective.

    Example:

    >>> form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[2, 0, "5"]]}
    >>> check_form(form, columns=3)
    >>> check_form(form, columns=2)
    Traceback (most recent call last):
    ...
    ValueError: A column of a condition is one of 0 to 1. Received: 2 in [2, 0, '5'].
    """
    keys = ("sel", "agg", "cond_conn_op", "conds")
    if not isinstance(form, dict) or not set(keys) <= set(form):
        raise ValueError(f"A form is a dict with {', '.join(keys)}. Received: {form!r}.")
    select, aggregations, connective, conditions = (form[key] for key in keys)
    for key in ("sel", "agg", "conds"):
        if not isinstance(form[key], (list, tuple)) or not form[key]:
            raise ValueError(f"A form has a list {key!r} that is not empty. Received: {key}={form[key]!r}.")
    if len(select) != len(aggregations):
        raise ValueError(
            f"A form has one aggregation for each selected column. Received: {select}, {aggregations}."
        )
    for column, aggregation in zip(select, aggregations):
        _check_number("A selected column", column, columns, select)
        _check_number("An aggregation", aggregation, len(AGGREGATIONS), aggregations)
    for condition in conditions:
        if not isinstance(condition, (list, tuple)) or len(condition) != 3:
            raise ValueError(f"A condition is [column, operator, value]. Received: {condition!r}.")
        _check_number("A column of a condition", condition[0], columns, condition)
        _check_number("An operator", condition[1], len(OPERATORS), condition)
        value = condition[2]
        finite = isinstance(value, numbers.Real) and not isinstance(value, bool) and abs(value) < float("inf")
        if not isinstance(value, str) and not finite:
            raise ValueError(f"The value of a condition is text or a finite number. Received: {condition!r}.")
    _check_number("A connective", connective, len(CONNECTIVES), "cond_conn_op")
    if connective == 0 and len(conditions) > 1:
        raise ValueError(
            "Several conditions need a connective, 1 (and) or 2 (or). Received: cond_conn_op=0, "
            f"{conditions}."
        )


def _check_number(what, number, count, where):
    whole = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    if not whole or not 0 <= number < count:
        raise ValueError(f"{what} is one of 0 to {count - 1}. Received: {number!r} in {where!r}.")


def value_text(value):
    """A cell or a value as text; numbers, and text that is one, without idle zeros.

    >>> value_text(81428.0), value_text("8.70"), value_text(1e-7), value_text("-0.0"), value_text("007")
    ('81428', '8.7', '0.0000001', '0', '007')
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # most cells; the rest does it for all
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and abs(value) < float("inf"):
        value = format(Decimal(repr(value.item() if hasattr(value, "item") else value)), "f")
    text = str(value)
    if "." in text and _PLAIN_NUMBER.fullmatch(text):
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def as_number(value):
    """The finite number that a cell or value states, or None: text may be `" -4.6"`, not `"4.6%"`.

    >>> as_number(" -4.6"), as_number("4.6%"), as_number("None"), as_number("nan"), as_number("1_000")
    (-4.6, None, None, None, None)
    """
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def canonical_form(form):
    """A form as `(connective, {(column, aggregation)}, {(column, operator, value text)})`."""
    return (
        int(form["cond_conn_op"]),
        frozenset((int(column), int(aggregation)) for column, aggregation in zip(form["sel"], form["agg"])),
        frozenset(
            (int(column), int(operator), value_text(value)) for column, operator, value in form["conds"]
        ),
    )


def same_form(a, b):
    """Whether two forms match in full: the article's measure.

    The connectives are equal, the sets of `(column, aggregation)`, and the sets of conditions, whose
    values are compared as `value_text`. Order does not matter. Forms may be incomplete, as
    predicted ones are.

    Example:

    >>> a = {"sel": [1, 0], "agg": [0, 5], "cond_conn_op": 0, "conds": [[2, 0, "5.0"]]}
    >>> same_form(a, {"sel": [0, 1], "agg": [5, 0], "cond_conn_op": 0, "conds": [[2, 0, "5"]]})
    True
    >>> same_form(a, {"sel": [0, 1], "agg": [0, 5], "cond_conn_op": 0, "conds": [[2, 0, "5"]]})
    False
    """
    return canonical_form(a) == canonical_form(b)


def sql_text(form, header, name="table"):
    """The form as SQL for people to read. It is not run: `TableDatabase` builds its own.

    Args:
        form: A form that `check_form` accepts.
        header: The table's column names. One that stands there twice gets its number, from 0.
        name: The table's.

    Raises:
        ValueError: As `check_form`.

    Example:

    >>> form = {"sel": [0], "agg": [4], "cond_conn_op": 2, "conds": [[1, 0, "5"], [0, 3, "北京"]]}
    >>> print(sql_text(form, ["城市", "人口"]))
    SELECT COUNT("城市") FROM "table" WHERE "人口" > 5 OR "城市" != '北京'
    """
    check_form(form, len(header))

    def column(number):
        title = str(header[number])
        return _quoted(title + (f" [{number}]" if header.count(header[number]) > 1 else ""))

    def value(given):
        text = value_text(given)
        return text if as_number(text) is not None else "'" + text.replace("'", "''") + "'"

    selected = ", ".join(
        f"{AGGREGATIONS[aggregation]}({column(number)})" if aggregation else column(number)
        for number, aggregation in zip(form["sel"], form["agg"])
    )
    conditions = [
        f"{column(number)} {OPERATORS[operator]} {value(given)}" for number, operator, given in form["conds"]
    ]
    connective = f" {CONNECTIVES[form['cond_conn_op']].upper()} "
    return f"SELECT {selected} FROM {_quoted(name)} WHERE {connective.join(conditions)}"


def _quoted(name):
    return '"' + str(name).replace('"', '""') + '"'
