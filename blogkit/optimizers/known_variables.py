"""The variables that an optimizer was built with, and gradients in their order."""

from collections.abc import Iterable

from blogkit.ops import densify


class KnownVariables:
    """Variables in the order of `build`, found by identity.

    Args:
        variables: What `keras.optimizers.Optimizer.build` was given.
    """

    def __init__(self, variables: Iterable):
        self.variables = list(variables)
        self._places = {id(variable): i for i, variable in enumerate(self.variables)}

    def check(self, variables: list) -> None:
        """Raises `ValueError` if one of `variables` was not there at `build`."""
        for variable in variables:
            if id(variable) not in self._places:
                raise ValueError(
                    "`trainable_variables` must be among the variables that the optimizer was built with. "
                    f"Received: {variable.path!r}, which is not. Make a new optimizer for other variables."
                )

    def in_order(self, grads: list, variables: list) -> list:
        """The gradients of `variables`, dense, in the order of `build`; None where there is none."""
        if len(grads) != len(variables):
            raise ValueError(
                "`grads` must match the variables one to one. "
                f"Received: {len(grads)} gradients for {len(variables)} variables."
            )
        ordered = [None] * len(self.variables)
        for gradient, variable in zip(grads, variables):
            if gradient is not None:
                ordered[self._places[id(variable)]] = densify(gradient)
        return ordered

    def only(self, variables: list, grads: list) -> tuple[list, list]:
        """Of `grads` in the order of `build`, those of `variables`; and the variables in that order."""
        # A frozen variable is not among `variables`, and must not move.
        places = sorted(self._places[id(variable)] for variable in variables)
        return [grads[i] for i in places], [self.variables[i] for i in places]
