"""The cell of a notebook that declares its parameters, one `name: type = value  # help` a line."""

import ast
import dataclasses
import functools
import io
import math
import tokenize
from collections.abc import Mapping

from blogkit.report.ranges import Range, read_range

TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list}
LONGEST_SHOWN = 60  # characters of a value in a message


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One line `name: type = default  # help`; `default` is its source."""

    name: str
    type: str
    default: str
    help: str

    @functools.cached_property
    def range(self) -> Range:
        """What the help says about values.

        Raises:
            ValueError: If the help has a rule that cannot be read.
        """
        try:
            return read_range(self.help)
        except ValueError as error:
            raise ValueError(f"the help of parameter {self.name!r} cannot be read: {error}") from error

    def checked(self, value: object, where: str) -> object:
        """`value`; a whole number as float where the type says so.

        Args:
            value: Of any type.
            where: Who gives the value, for the message.

        Raises:
            ValueError: If the value has another type or is not finite.
        """
        kind, _, inner = self.type.removesuffix("]").partition("[")
        if kind not in TYPES or (inner and inner not in TYPES):
            raise ValueError(
                f"parameter {self.name!r} is declared as {self.type!r}. Valid types: {', '.join(TYPES)}."
            )
        if kind == "list" and inner and type(value) is list:
            element = dataclasses.replace(self, type=inner)
            return [element.checked(item, where) for item in value]
        if kind == "float" and type(value) is int:
            return self._checked_float(value, where)
        if type(value) is not TYPES[kind]:
            hint = " (YAML reads 1e-3 as text: write 1.0e-3)" if kind == "float" and _number(value) else ""
            raise self._refused(f"{_shown(value)}, which is {type(value).__name__}{hint}", where)
        return self._checked_float(value, where) if kind == "float" else value

    def _checked_float(self, value, where):
        try:
            value = float(value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self._refused(f"{value}, which is not finite", where)
        return value

    def check_range(self, values: Mapping, where: str) -> None:
        """Compare the value with the range in the help.

        Args:
            values: The values of all parameters of the notebook.
            where: Who gives this one's value, for the message.

        Raises:
            ValueError: If the value is out of the range.
        """
        value, lacking = values[self.name], set(self.range.names) - set(values)
        if lacking:
            raise ValueError(
                f"the help of parameter {self.name!r} names {sorted(lacking)[0]!r}, which is no parameter."
            )
        items = value if isinstance(value, list) else [value]
        if all(self.range.holds(item, values) for item in items):
            return
        others = ", ".join(f"{name}={values[name]!r}" for name in dict.fromkeys(self.range.names))
        raise self._refused(_shown(value) + (f" with {others}" if others else ""), where)

    def _refused(self, given, where):
        takes = ", ".join(filter(None, (self.type, self.range.text)))
        return ValueError(
            f"parameter {self.name!r} takes {takes}, default {self.default}, but {where} gives {given}."
        )


def read_parameters(source: str) -> dict[str, Parameter]:
    """The parameters that the cell `source` declares, by name.

    Raises:
        ValueError: If it is not Python.

    Example:

    >>> read_parameters("epochs: int = 3  # passes over the digits, at least 1")["epochs"].range.text
    'at least 1'
    """
    try:
        statements = ast.parse(source).body
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, tokenize.TokenError) as error:
        raise ValueError(f"the cell of parameters is not Python: {error}") from error
    comments = {
        token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT
    }
    found = {}
    for statement in statements:
        name, kind = _target(statement)
        if name:
            default = ast.get_source_segment(source, statement.value)
            found[name] = Parameter(name, kind, default, comments.get(statement.end_lineno, ""))
    return found


def _target(statement):
    """Name and annotation of an assignment of one name; None, "" for any other statement."""
    if isinstance(statement, ast.AnnAssign) and statement.value and isinstance(statement.target, ast.Name):
        return statement.target.id, ast.unparse(statement.annotation)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, "None"
    return None, ""


def _number(value):
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _shown(value):
    """`value` for a message, shortened."""
    try:
        text = repr(value)
    except ValueError:  # more digits than Python prints
        return f"a number of {value.bit_length():,} bits"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
