"""SQL query as a form, in the format of TableQA: selected columns and conditions."""

import numbers
import re
import reprlib
from collections.abc import Sequence
from decimal import Decimal

AGGREGATIONS = ("", "AVG", "MAX", "MIN", "COUNT", "SUM")
OPERATORS = (">", "<", "==", "!=")
CONNECTIVES = ("", "and", "or")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x2212: "-"}  # full-width, minus sign
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # 007 and 1e5 are kept as text


def check_form(form: dict, columns: int) -> None:
    """Refuse a form that does not fit a table with `columns` columns.

    A form is a dict with `sel`, the selected columns counted from 0; `agg`, an index into
    `AGGREGATIONS` for each of them; `conds`, lists `[column, operator, value]` with an index into
    `OPERATORS`; and `cond_conn_op`, an index into `CONNECTIVES`. Values are strings that UTF-8 can
    hold or finite numbers.

    Raises:
        ValueError: If a key is missing, nothing is selected, there is no condition, an index is
            out of range, a value has another type, or several conditions lack a connective.

    Example:

    >>> form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[2, 0, "5"]]}
    >>> check_form(form, columns=3)
    >>> check_form(form, columns=2)
    Traceback (most recent call last):
    ...
    ValueError: A column of a condition must be 0 to 1. Received: 2 in [2, 0, '5'].
    """
    keys = ("sel", "agg", "cond_conn_op", "conds")
    if not isinstance(form, dict) or not set(keys) <= set(form):
        raise ValueError(f"`form` must be a dict with {', '.join(keys)}. Received: form={form!r}.")
    select, aggregations, connective, conditions = (form[key] for key in keys)
    for key in ("sel", "agg", "conds"):
        if not isinstance(form[key], (list, tuple)) or not form[key]:
            raise ValueError(f"`form` must have a non-empty list {key!r}. Received: {key}={form[key]!r}.")
    if len(select) != len(aggregations):
        raise ValueError(
            f"`form` must have one aggregation per selected column. "
            f"Received: sel={select}, agg={aggregations}."
        )
    for column, aggregation in zip(select, aggregations):
        _check_number("A selected column", column, columns, select)
        _check_number("An aggregation", aggregation, len(AGGREGATIONS), aggregations)
    for condition in conditions:
        if not isinstance(condition, (list, tuple)) or len(condition) != 3:
            raise ValueError(f"A condition must be [column, operator, value]. Received: {condition!r}.")
        _check_number("A column of a condition", condition[0], columns, condition)
        _check_number("An operator", condition[1], len(OPERATORS), condition)
        if not _is_value(condition[2]):
            raise ValueError(
                "The value of a condition must be a string or a finite number, the string without lone "
                f"surrogates. Received: {shortened(condition)}."
            )
    _check_number("A connective", connective, len(CONNECTIVES), "cond_conn_op")
    if connective == 0 and len(conditions) > 1:
        raise ValueError(
            "`cond_conn_op` must be 1 (and) or 2 (or) for several conditions. Received: cond_conn_op=0, "
            f"conds={conditions}."
        )


def _is_value(value):
    if isinstance(value, str):
        return not _LONE_SURROGATE.search(value)  # JSON can write one, no file or database can hold it
    return not isinstance(value, bool) and isinstance(value, numbers.Real) and as_number(value) is not None


def shortened(value) -> str:
    """Representation of a value of any size for an error message.

    Example:

    >>> shortened([1, "a"]), shortened(10**5000)
    ("[1, 'a']", 'an int of 16,610 bits')
    """
    try:
        return reprlib.repr(value).encode("utf-8", "backslashreplace").decode()
    except ValueError:  # Python does not write integers of more than 4,300 digits
        return f"an int of {value.bit_length():,} bits" if isinstance(value, int) else type(value).__name__


def _check_number(what, number, count, where):
    whole = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    if not whole or not 0 <= number < count:
        raise ValueError(f"{what} must be 0 to {count - 1}. Received: {number!r} in {where!r}.")


def value_text(value: str | float | None) -> str:
    """A cell or value as text; decimal numbers lose their trailing zeros.

    Example:

    >>> value_text(81428.0), value_text("8.70"), value_text(1e-7), value_text("-0.0"), value_text("007")
    ('81428', '8.7', '0.0000001', '0', '007')
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # a fast path for most cells
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and abs(value) < float("inf"):
        value = value.item() if hasattr(value, "item") else value
        value = format(Decimal(repr(value if isinstance(value, (int, float)) else float(value))), "f")
    text = str(value)
    if "." in text and _PLAIN_NUMBER.fullmatch(text):
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def as_number(value: str | float | None) -> float | None:
    """Finite number in a cell or value, or None: `" -4.6"` is a number, `"4.6%"` is not.

    Example:

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


def read_number(value: str | float | None) -> float | None:
    """Number in a cell as tables write them, or None: also with thousands separators, a percent sign or
    full-width characters. A percentage is the number in front of its sign, as in a column of percentages.

    Example:

    >>> read_number("1,234.5"), read_number("-4.6%"), read_number("１２，０００"), read_number("1,2")
    (1234.5, -4.6, 12000.0, None)
    """
    number = as_number(value)
    if number is not None or not isinstance(value, str):
        return number
    return as_number(_plainly_written(value))


def is_quantity(text: str) -> bool:
    """Whether a text is a number and not a code: neither leading zeros nor more digits than a float holds.

    Example:

    >>> is_quantity("2013.0"), is_quantity("1,234"), is_quantity("007"), is_quantity("6222021234567890123")
    (True, True, False, False)
    """
    plain = _plainly_written(text).removeprefix("+")
    return _PLAIN_NUMBER.fullmatch(plain) is not None and abs(float(plain)) < 1e15


def _plainly_written(text):
    text = text.translate(_NARROW).strip().removesuffix("%").rstrip()
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text


def canonical_form(form: dict) -> tuple[int, frozenset, frozenset]:
    """A form as `(connective, {(column, aggregation)}, {(column, operator, value text)})`."""
    return (
        int(form["cond_conn_op"]),
        frozenset((int(column), int(aggregation)) for column, aggregation in zip(form["sel"], form["agg"])),
        frozenset(
            (int(column), int(operator), value_text(value)) for column, operator, value in form["conds"]
        ),
    )


def same_form(a: dict, b: dict) -> bool:
    """Whether two forms match exactly, which is the article's metric.

    Connectives, sets of `(column, aggregation)` and sets of conditions must be equal. Values are
    compared as `value_text`, and order does not matter. Predicted forms may have empty lists.

    Example:

    >>> a = {"sel": [1, 0], "agg": [0, 5], "cond_conn_op": 0, "conds": [[2, 0, "5.0"]]}
    >>> same_form(a, {"sel": [0, 1], "agg": [5, 0], "cond_conn_op": 0, "conds": [[2, 0, "5"]]})
    True
    >>> same_form(a, {"sel": [0, 1], "agg": [0, 5], "cond_conn_op": 0, "conds": [[2, 0, "5"]]})
    False
    """
    return canonical_form(a) == canonical_form(b)


def sql_text(form: dict, header: Sequence[str], name: str = "table") -> str:
    """Readable SQL of a form. It is only for display: `TableDatabase` builds its own query.

    Args:
        form: A form that `check_form` accepts.
        header: Column names of the table. Repeated names get the index of their column, from 0.
        name: Name of the table.

    Raises:
        ValueError: As in `check_form`.

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
