"""Lint rules for the cell of parameters: literals, help, ranges, and that the notebook checks them."""

import ast
import re

from blogkit.report.parameter_cell import TYPES, read_parameters

PARAMETERS = "parameters"  # the tag
CALL = re.compile(r"^check_parameters\(\)", re.MULTILINE)
NUMBER = re.compile(r"\b(?:int|float)\b")


def _parameters_are_literals_with_help(notebook, path):
    found = _tagged(notebook)
    if len(found) != 1:
        yield f"notebook: {len(found)} cells are tagged {PARAMETERS!r}; tag exactly one"
    for number, cell in found:
        if cell.cell_type != "code":
            yield f"cell {number}: tagged {PARAMETERS!r} but not code; tag the cell of parameters"
            continue
        for line in filter(str.strip, cell.source.splitlines()):
            fault = _parameter_fault(line)
            if fault:
                yield f"cell {number}: `{line}` {fault}; write `name: type = literal  # help`"


def _parameter_fault(line):
    try:
        (statement,) = ast.parse(line).body
        name, kind = statement.target.id, ast.unparse(statement.annotation)
        value = ast.literal_eval(statement.value)
    except (SyntaxError, ValueError, TypeError, AttributeError):
        return "does not set one annotated name to a literal"
    if type(value) is not TYPES.get(kind.partition("[")[0]):
        return f"gives {name} a {type(value).__name__}, which is not {kind}"
    if not read_parameters(line)[name].help:
        return "does not say what it is for"
    return None


def _parameters_have_ranges(notebook, path):
    for number, cell in _tagged(notebook):
        lines = filter(str.strip, cell.source.splitlines())
        if cell.cell_type != "code" or any(map(_parameter_fault, lines)):
            continue  # a fault of the rule above
        parameters = read_parameters(cell.source)
        values = {name: ast.literal_eval(parameter.default) for name, parameter in parameters.items()}
        for name, parameter in parameters.items():
            try:
                parameter.checked(values[name], "the notebook")
                parameter.check_range(values, "the notebook")
                missing = NUMBER.search(parameter.type) and not parameter.range.text
            except ValueError as error:
                yield f"cell {number}: {error}"
                continue
            if missing:
                remedy = "say in its help what it may be, such as `at least 1`"
                yield f"cell {number}: {name} has no range; {remedy}"


def _checks_its_parameters(notebook, path):
    found = _tagged(notebook)
    if len(found) != 1:
        return  # a fault of the first rule
    number, _ = found[0]
    following = [cell for cell in notebook.cells[number:] if cell.cell_type == "code"]
    if not following or not CALL.search(following[0].source):
        remedy = "call `check_parameters()` of blogkit.report in the next code cell, before any work"
        yield f"cell {number}: nothing compares the parameters with their ranges; {remedy}"


def _tagged(notebook):
    """(number, cell) of each cell of parameters."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.cells, 1)
        if PARAMETERS in cell.metadata.get("tags", ())
    ]


PARAMETER_RULES = (_parameters_are_literals_with_help, _parameters_have_ranges, _checks_its_parameters)
