"""Checks of what AccumOptimizer is given, before any work is done."""

import copy
import numbers

import keras


def check_steps(steps):
    """Raises unless `steps` is a positive integer."""
    remedy = "Give the number of micro-batches that make one update, such as 4."
    if isinstance(steps, bool) or not isinstance(steps, numbers.Integral):
        raise TypeError(
            "`steps_per_update` must be a positive integer. "
            f"Received: steps_per_update={steps!r}. {remedy}"
        )
    if steps < 1:
        raise ValueError(
            "`steps_per_update` must be a positive integer. "
            f"Received: steps_per_update={steps!r}. {remedy}"
        )


def get_inner_optimizer(identifier):
    """The Keras optimizer that `identifier` means, if it does not accumulate itself."""
    remedy = "Pass an instance such as `keras.optimizers.Adam()`, or a name such as 'adam'."
    if not isinstance(identifier, (str, dict, keras.optimizers.Optimizer)):
        raise TypeError(
            "`optimizer` must be a Keras optimizer, its name or its config. "
            f"Received: optimizer={identifier!r}. {remedy}"
        )
    try:
        if isinstance(identifier, dict):
            identifier = copy.deepcopy(identifier)  # Keras writes into it
        optimizer = keras.optimizers.get(identifier)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"Keras knows no such optimizer. Received: optimizer={identifier!r}. {remedy}"
        ) from error
    for part in _with_inner_optimizers(optimizer):
        if hasattr(part, "steps_per_update"):
            raise ValueError(
                "An AccumOptimizer must not contain another. Received an inner one with "
                f"steps_per_update={part.steps_per_update}: multiply the two numbers."
            )
        if part.gradient_accumulation_steps:
            raise ValueError(
                "The inner optimizer must not accumulate by itself. Received: "
                f"gradient_accumulation_steps={part.gradient_accumulation_steps}. Remove it: "
                "`steps_per_update` takes its place."
            )
    return optimizer


def _with_inner_optimizers(optimizer):
    yield optimizer
    # `inner_optimizer` of a LossScaleOptimizer, `optimizers` of a MultiOptimizer.
    inner = [getattr(optimizer, "inner_optimizer", None), *getattr(optimizer, "optimizers", [])]
    for part in inner:
        if part is not None:
            yield from _with_inner_optimizers(part)
