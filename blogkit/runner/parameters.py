"""Parameters of notebooks from profiles and the command line, validated before anything runs.

papermill itself only warns about unknown names, and passes text where a number
is required.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import nbformat
import papermill
import yaml

from blogkit.runner.project import Project, UsageError, unknown

TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list}


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One line `name: type = default  # help` of the cell tagged `parameters`."""

    name: str
    type: str
    default: str
    help: str


def parameters_of(notebook: Path) -> dict[str, Parameter]:
    """The parameters that `notebook` declares, by name.

    Raises:
        UsageError: If the file is not a notebook.
    """
    try:
        declared = papermill.inspect_notebook(nbformat.read(notebook, as_version=4))
    except Exception as error:  # nbformat raises many types
        reason = " ".join(str(error).split())
        raise UsageError(f"{notebook} is not a notebook: {type(error).__name__}: {reason}") from error
    return {
        name: Parameter(name, entry["inferred_type_name"], entry["default"], entry["help"])
        for name, entry in declared.items()
    }


def read_profile(project: Project, profile: str) -> dict:
    """The values of `notebooks/profiles/PROFILE.yaml`; empty for `default`."""
    project.check_profile(profile)
    path = project.profiles()[profile]
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
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
        UsageError: If a name is unknown or a value has the wrong type; names the valid ones.
    """
    shared = read_profile(project, profile)
    declared = {path.stem: parameters_of(path) for path in notebooks}
    if profile != "default":
        _every_name_is_declared_somewhere(shared, declared, project, profile)
    values = {}
    for notebook, parameters in declared.items():
        values[notebook] = {
            name: _checked(value, parameters[name], f"profile {profile!r}")
            for name, value in shared.items()
            if name in parameters
        }
        for name, text in overrides:
            if name not in parameters:
                raise unknown(f"parameter of {notebook}", name, parameters)
            values[notebook][name] = _checked(_parse(text, parameters[name]), parameters[name], "-p")
    return values


def _every_name_is_declared_somewhere(shared, declared, project, profile):
    others = (parameters_of(p) for p in project.all_notebooks() if p.stem not in declared)
    names = set().union(*declared.values(), *others)
    for name in shared:
        if name not in names:
            raise unknown(f"parameter in profile {profile!r}", name, sorted(names))


def _parse(text, parameter):
    """Command-line text as Python reads it for a number or a string, else as YAML."""
    # YAML 1.1 reads 1e-3 as text and 010 as 8.
    read = {"str": str, "int": int, "float": float}.get(parameter.type, yaml.safe_load)
    try:
        return read(text)
    except (ValueError, yaml.YAMLError):
        return text


def _checked(value, parameter, where):
    """`value`, an int as float where the type says so; `UsageError` if it has another type."""
    outer, _, inner = parameter.type.removesuffix("]").partition("[")
    if outer not in TYPES or inner and inner not in TYPES:
        raise UsageError(
            f"parameter {parameter.name!r} is declared as {parameter.type!r}. "
            f"Valid types: {', '.join(TYPES)}."
        )
    if outer == "list" and inner and type(value) is list:
        element = dataclasses.replace(parameter, type=inner)
        return [_checked(item, element, where) for item in value]
    kind = TYPES[outer]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        hint = " (YAML reads 1e-3 as text: write 1.0e-3)" if kind is float else ""
        raise UsageError(
            f"parameter {parameter.name!r} takes {parameter.type}, default {parameter.default}, "
            f"but {where} gives {value!r}, which is {type(value).__name__}{hint}."
        )
    return value
