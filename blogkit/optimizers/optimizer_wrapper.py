"""A Keras optimizer around another one, which does everything that the wrapper does not."""

from collections.abc import Iterator

import keras

from blogkit.ops.keras_internals import AveragesOfInnerOptimizer, track_variable


class OptimizerWrapper(AveragesOfInnerOptimizer, keras.optimizers.Optimizer):
    """Passes everything that a subclass does not do itself on to `inner_optimizer`.

    Args:
        inner_optimizer: A `keras.optimizers.Optimizer`. The attribute's name is the one
            through which Keras' callbacks look inside a wrapper.
        name: Optional name of the wrapper.
    """

    def __init__(self, inner_optimizer, name: str | None = None):
        # Not used: `learning_rate` is the inner optimizer's, see below.
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer

    def build(self, variables):
        super().build(variables)
        self.inner_optimizer.build(variables)
        for optimizer in with_inner_optimizers(self.inner_optimizer):
            _track_forgotten_variables(optimizer)

    @property
    def own_variables(self) -> list:
        """The variables of the wrapper alone."""
        return super().variables

    @property
    def variables(self):
        return self.own_variables + self.inner_optimizer.variables

    @property
    def iterations(self):
        """Number of updates made."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self):
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def loss_scale_factor(self):
        return self.inner_optimizer.loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, factor):
        # The base class sets its default before there is an inner optimizer.
        if hasattr(self, "inner_optimizer"):
            self.inner_optimizer.loss_scale_factor = factor

    def scale_loss(self, loss):
        return self.inner_optimizer.scale_loss(loss)

    def finalize_variable_values(self, var_list):
        self.inner_optimizer.finalize_variable_values(var_list)

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)


def with_inner_optimizers(optimizer) -> Iterator[keras.optimizers.Optimizer]:
    """Yields `optimizer` and every optimizer inside it; nothing for None."""
    if optimizer is None:
        return
    yield optimizer
    # `inner_optimizer` of a LossScaleOptimizer, `optimizers` of a MultiOptimizer.
    yield from with_inner_optimizers(getattr(optimizer, "inner_optimizer", None))
    for part in getattr(optimizer, "optimizers", []):
        yield from with_inner_optimizers(part)


def _track_forgotten_variables(optimizer):
    # LossScaleOptimizer builds what is inside it with Keras' tracking switched off, and
    # Nadam relies on tracking for its `_u_product`: on JAX it would never change.
    for value in vars(optimizer).values():
        if isinstance(value, keras.Variable) and all(value is not known for known in optimizer.variables):
            track_variable(optimizer, value)
