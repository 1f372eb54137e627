"""A notebook checks its own parameters, because papermill and JupyterLab do not know their ranges."""

import sys

from blogkit.report.parameter_cell import read_parameters


def check_parameters() -> None:
    """Compare the parameters with the types and ranges that their cell states, before any work.

    The cell is found among the inputs of the kernel; the values are those that the names have now, which
    papermill may have replaced. Outside IPython this does nothing.

    Raises:
        ValueError: If a value has another type or is out of its range; one line for each.
    """
    shell = _shell()
    if shell is None:
        return
    parameters = _declared(shell.user_ns.get("In", ()))
    values, faults = {}, []
    for name in (name for name in parameters if name in shell.user_ns):
        try:
            values[name] = parameters[name].checked(shell.user_ns[name], "this run")
        except ValueError as error:
            faults.append(str(error))
    for name in parameters:
        if not values.keys() >= {name, *parameters[name].range.names}:
            continue  # told above
        try:
            parameters[name].check_range(values, "this run")
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ValueError("\n".join(faults))


def _shell():
    """The IPython that runs this, or None."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it
    return ipython.get_ipython() if ipython else None


def _declared(inputs):
    """Parameters of the last input of which each line is one `name: type = value  # help`."""
    for source in reversed(inputs):
        try:
            parameters = read_parameters(source)
        except ValueError:  # not Python alone: magics
            continue
        lines = [line for line in source.splitlines() if line.strip()]
        if (
            parameters
            and len(parameters) == len(lines)
            and all(parameter.type != "None" and parameter.help for parameter in parameters.values())
        ):
            return parameters
    return {}
