"""An optimizer's update inside a conditional."""

import keras


def apply_optimizer(optimizer, grads: list, variables: list, is_all: bool = True) -> None:
    """`optimizer.apply(grads, variables)`, also inside the function that `run_if` calls.

    Args:
        optimizer: A built `keras.optimizers.Optimizer`.
        grads: List of gradients, None where there is no gradient.
        variables: List of their variables.
        is_all: Whether these are all variables that the optimizer was built with.
    """
    if keras.backend.backend() != "jax" or not is_all:
        optimizer.apply(grads, variables)
        return
    # LossScaleOptimizer assigns inside branches of its own, except in `stateless_apply`.
    state = optimizer.variables
    new_values, new_state = optimizer.stateless_apply(
        [v.value for v in state], grads, [v.value for v in variables]
    )
    for variable, value in zip(variables + state, new_values + new_state):
        variable.assign(value)
