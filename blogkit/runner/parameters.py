"""Parameters of notebooks from profiles and the command line, validated before anything runs.

papermill itself only warns about unknown names, and passes text where a number
is required.
"""

import ast
import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from blogkit.report.parameter_cell import TYPES, Parameter, read_parameters
from blogkit.runner.project import Project, UsageError, unknown

__all__ = ["TAG", "TYPES", "Parameter", "parameters_of", "read_profile", "resolve"]

TAG = "parameters"


def parameters_of(notebook: Path) -> dict[str, Parameter]:
    """The parameters that `notebook` declares, by name.

    Raises:
        UsageError: If the file is not a notebook.
    """
    # As JSON: nbformat takes a second to import, and a mistyped name is told before that.
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = [
            "".join(cell["source"]) for cell in cells if TAG in cell.get("metadata", {}).get("tags", ())
        ]
        return read_parameters(sources[0]) if sources else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{notebook} is not a notebook: {type(error).__name__}: {reason}") from error


def read_profile(project: Project, profile: str) -> dict:
    """The values of `notebooks/profiles/PROFILE.yaml`; empty for `default`."""
    project.check_profile(profile)
    path = project.profiles()[profile]
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: not UTF-8, or no date
        raise UsageError(f"profile {path} is not YAML: {' '.join(str(error).split())}") from error
    if values is None:  # an empty file
        return {}
    if not isinstance(values, dict):
        raise UsageError(f"profile {path} must map parameter names to values. Received: {values!r}.")
    return values


def resolve(
    notebooks: list[Path], project: Project, profile: str, overrides: Sequence[tuple[str, str]]
) -> dict[str, dict]:
    """Dictionary from notebook name to the values that replace its defaults.

    A profile is shared by all notebooks: each takes the names that it declares.
    Every selected notebook must declare each name in `overrides`, pairs of
    name and text from the command line.

    Raises:
        UsageError: If a name is unknown, or a value has the wrong type or is out of the range that the
            parameter's help states; names the valid ones.
    """
    shared = read_profile(project, profile)
    declared = {path.stem: parameters_of(path) for path in notebooks}
    if profile != "default":
        _every_name_is_declared_somewhere(shared, declared, project, profile)
    try:
        return {
            notebook: _resolved(notebook, parameters, shared, f"profile {profile!r}", overrides)
            for notebook, parameters in declared.items()
        }
    except ValueError as error:
        raise UsageError(str(error)) from error


def _resolved(notebook, parameters, shared, profile, overrides):
    values, given_by = {}, {}
    for name, value in shared.items():
        if name in parameters:
            values[name], given_by[name] = parameters[name].checked(value, profile), profile
    for name, text in overrides:
        if name not in parameters:
            raise unknown(f"parameter of {notebook}", name, parameters)
        values[name] = parameters[name].checked(_parse(text, parameters[name].type), "-p")
        given_by[name] = "-p"
    everything = _defaults(parameters) | values
    for name in everything:
        parameters[name].check_range(everything, given_by.get(name, "the notebook"))
    return values


def _defaults(parameters):
    """The values that the notebook gives; without those that are no literals, which nothing can replace."""
    values = {}
    for name, parameter in parameters.items():
        with contextlib.suppress(ValueError, SyntaxError):
            values[name] = ast.literal_eval(parameter.default)
    return values


def _every_name_is_declared_somewhere(shared, declared, project, profile):
    others = (parameters_of(p) for p in project.all_notebooks() if p.stem not in declared)
    names = set().union(*declared.values(), *others)
    for name in shared:
        if name not in names:
            raise unknown(f"parameter in profile {profile!r}", name, sorted(names))


def _parse(text, kind):
    """Command-line text as Python reads it for a number or a string, else as YAML."""
    # YAML 1.1 reads 1e-3 as text and 010 as 8.
    readers = {"str": [str], "int": [int, float], "float": [float]}.get(kind, []) + [yaml.safe_load]
    for read in readers:
        try:
            return read(text)
        except (ValueError, yaml.YAMLError, RecursionError):
            continue
    return text
