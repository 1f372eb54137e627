"""Every private name of Keras and its backends that blogkit uses, one small function or class a name.

A private name may change in any release of Keras, so each entry says what it is for and which
public way is missing; tests/ops/test_keras_internals.py fails with that purpose when one is gone,
and tests/test_private_names.py keeps private names out of all other files.
"""

import inspect

import keras

from blogkit.ops.replicas import replica_number


def random_seed() -> int | None:
    """The seed of `keras.utils.set_random_seed`, None if it was not called: `rng_utils.get_random_seed`.

    For a resumed training, which must have the seed of the interrupted one. Keras keeps the seed and
    tells it in no public way.
    """
    from keras.src.utils.rng_utils import get_random_seed

    return get_random_seed()


def layers_inside(model) -> list:
    """All layers of `model` at any depth: `Layer._flatten_layers`.

    The public `Model.layers` stops at the first level, and a layer that contains others has no
    such property.
    """
    return list(model._flatten_layers())


def track_variable(optimizer, variable) -> None:
    """Adds `variable` to `optimizer.variables`: `Optimizer._track_variable`.

    The public `Optimizer.add_variable` creates the variable itself, without `synchronization`, which
    a value per replica needs; and setting an attribute tracks nothing while a LossScaleOptimizer
    builds, because Keras switches tracking off there.
    """
    optimizer._track_variable(variable)


def layout_of(variable):
    """The device layout of a variable under `keras.distribution`, or None: `Variable._layout`.

    For a sum of the same layout. The public `Optimizer.add_variable_from_reference` copies the
    layout, but also the half precision of the reference.
    """
    return getattr(variable, "_layout", None)


def loss_scale_optimizer_around(optimizer):
    """The LossScaleOptimizer whose `build` is building `optimizer`, or None.

    For an optimizer that must see the loss scale around it. Keras gives it no reference:
    `LossScaleOptimizer` passes on variables and gradients only, skips `apply` silently when a
    gradient overflows, and is created inside `compile`, which has no hook. So this looks for the
    `self` of the calling functions; that `LossScaleOptimizer.build` calls the inner `build` itself
    is what it relies on.
    """
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.optimizers.LossScaleOptimizer):
            return caller if caller.inner_optimizer is optimizer else None
        frame = frame.f_back
    return None


class AveragesOfInnerOptimizer:
    """Base of an optimizer wrapper: shows the EMA of the weights that `inner_optimizer` keeps.

    `keras.callbacks.SwapEMAWeights` reads `Optimizer._model_variables_moving_average`, and only one
    wrapper deep; under mixed_float16 a LossScaleOptimizer is outside. There is no public name.
    """

    @property
    def _model_variables_moving_average(self):
        return self.inner_optimizer._model_variables_moving_average


class LossesPerReplica(keras.layers.Layer):
    """A layer with one list of losses for each replica of `tf.distribute`: overrides `Layer._losses`.

    Where replicas exchange sums in the middle of a call, `MirroredStrategy` stops the code of one
    and goes on with that of the next. Keras 3.15 keeps one list for all: the next replica empties
    it, and the first then finds losses that its variables have no gradient from. The public
    `add_loss` and `losses` append to it and read it, but Keras empties it by this name.
    """

    @property
    def _losses(self):
        return self.__dict__.setdefault("_losses_by_replica", {}).setdefault(replica_number(), [])

    @_losses.setter
    def _losses(self, losses):
        self.__dict__["_losses_by_replica"] = {replica_number(): list(losses)}


def add_in_place(tensors: list, values: list) -> None:
    """`tensor += value` for lists of torch tensors in one kernel: `torch._foreach_add_`.

    torch documents no public function for many tensors at once; its own optimizers use this one.
    """
    import torch

    torch._foreach_add_(tensors, values)
