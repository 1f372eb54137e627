"""Checks of the arguments of AccumOptimizer, before any work is done."""

import copy
import math
import numbers

import keras

from blogkit.optimizers.optimizer_wrapper import with_inner_optimizers


def check_reduction(reduction: str) -> None:
    """Raises unless `reduction` is "mean" or "sum"."""
    if reduction not in ("mean", "sum"):
        raise ValueError(
            "`reduction` must be 'mean', for a loss that averages over its batch, or 'sum', "
            f"for one with `reduction='sum'`. Received: reduction={reduction!r}."
        )


def check_weight(weight) -> None:
    """Raises unless `weight` is a scalar, and positive if it is a Python number."""
    if isinstance(weight, numbers.Real) and not 0 < weight < math.inf:
        raise ValueError(
            f"`weight` must be positive and finite. Received: weight={weight!r}. "
            "Give, for instance, the number of samples of the micro-batch."
        )
    if getattr(weight, "shape", ()) != ():
        raise ValueError(
            f"`weight` must be a scalar. Received: a tensor of shape {tuple(weight.shape)}. Take its sum."
        )


def check_not_scaled_twice(optimizer: keras.optimizers.Optimizer) -> None:
    """Raises if `optimizer`, inside a LossScaleOptimizer, contains another."""
    for part in with_inner_optimizers(optimizer):
        if isinstance(part, keras.optimizers.LossScaleOptimizer):
            raise ValueError(
                "The loss would be scaled twice: one LossScaleOptimizer is around the "
                f"AccumOptimizer and another, {part.name!r}, is inside it. Under the policy "
                "mixed_float16 `compile` adds the outer one: use "
                "`compile(..., auto_scale_loss=False)`, or leave out the inner one."
            )


def check_replicas(optimizer, num_replicas: int) -> None:
    """Raises for settings of `optimizer` that Keras does not get right on several replicas."""
    if num_replicas == 1:
        return
    remedy = (
        "Leave it out, or train on the JAX backend with `keras.distribution.DataParallel`, "
        "which gives the result of one device."
    )
    for part in with_inner_optimizers(optimizer.inner_optimizer):
        # The gradient of each replica is clipped, not their sum; and the EMA is
        # written to the model in a conditional, where replicas cannot meet.
        for name in ("clipnorm", "global_clipnorm", "clipvalue", "ema_overwrite_frequency"):
            if getattr(part, name, None):
                raise ValueError(
                    f"Keras does not get `{name}` right on several replicas of a `tf.distribute` "
                    f"strategy. Received: {name}={getattr(part, name)!r} in {part.name!r}, "
                    f"{num_replicas} replicas. {remedy}"
                )
        if optimizer.is_loss_scaled or isinstance(part, keras.optimizers.LossScaleOptimizer):
            raise ValueError(
                "A LossScaleOptimizer looks for an overflow on one replica only. "
                f"Received: one with an AccumOptimizer, {num_replicas} replicas. Use the policy "
                f"'mixed_bfloat16', which needs no loss scale. {remedy}"
            )


def get_inner_optimizer(identifier):
    """The Keras optimizer that `identifier` names; raises if it accumulates gradients itself."""
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
            f"`optimizer` must be an optimizer that Keras knows. Received: optimizer={identifier!r}. {remedy}"
        ) from error
    for part in with_inner_optimizers(optimizer):
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
