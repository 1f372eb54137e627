"""A stateless scope inside another one: it reads values of the outer scope and keeps its own updates.

`jax.grad` must see no update of a variable (a BatchNormalization's mean, the state of a seed)
leave the function that it differentiates, except as a result. Keras' own `StatelessScope` hides
the scope around it, so that a model inside would read old values.
"""

from collections.abc import Sequence

import keras


class ChildScope(keras.StatelessScope):
    """Where `values` are those of `variables`, all else is as around, and updates stay inside.

    After the scope, `written` lists the other variables that were updated and `updates` their
    new values.
    """

    def __init__(self, variables: Sequence = (), values: Sequence = ()):
        super().__init__(list(zip(variables, values)))
        self._given = {id(variable) for variable in variables}
        self._written = {}

    def add_update(self, update):
        super().add_update(update)
        self._written[id(update[0])] = update[0]

    def get_current_value(self, variable):
        value = super().get_current_value(variable)
        if value is None and self.original_scope is not None:
            value = self.original_scope.get_current_value(variable)
        return value

    @property
    def written(self) -> list:
        return [variable for key, variable in self._written.items() if key not in self._given]

    @property
    def updates(self) -> list:
        return [self.state_mapping[id(variable)] for variable in self.written]
