"""One micro-step of an optimizer as compiled code, on each backend."""

import keras
import pytest


def compile_apply(optimizer, variables):
    """Returns `step(grads)`, which updates `variables` and the optimizer's state in place."""
    optimizer.build(variables)
    if keras.backend.backend() == "jax":
        return _compile_apply_jax(optimizer, variables)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        step = tf.function(lambda grads: optimizer.apply(grads, variables))
        return lambda grads: step([tf.constant(g) for g in grads])
    return lambda grads: optimizer.apply([keras.ops.convert_to_tensor(g) for g in grads], variables)


def _compile_apply_jax(optimizer, variables):
    import jax

    stateless_apply = jax.jit(optimizer.stateless_apply)

    def step(grads):
        state = optimizer.variables
        values, new_state = stateless_apply(
            [v.value for v in state], list(grads), [v.value for v in variables]
        )
        for variable, value in zip(variables + state, values + new_state):
            variable.assign(value)
        jax.effects_barrier()  # host callbacks have run

    return step


@pytest.fixture(name="compile_apply")
def compile_apply_fixture():
    return compile_apply
