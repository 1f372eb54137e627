"""Gradient accumulation: n small batches with the effect of one large batch.

Jianlin Su, https://kexue.fm/archives/6794 (2019-07-08). The article's optimizer made
its idle updates zero, because Keras 2 could select a result but not what to execute.
Here a real conditional runs the wrapped optimizer only when a window is full.
"""

import copy
import numbers
import warnings
from collections.abc import Callable

import keras
from keras import ops

from blogkit.ops import (
    apply_optimizer,
    count_replicas,
    on_all_replicas,
    replica_number,
    run_if,
    variable_per_replica,
)
from blogkit.ops.keras_internals import loss_scale_optimizer_around, track_variable
from blogkit.optimizers.arguments import (
    check_not_scaled_twice,
    check_reduction,
    check_replicas,
    check_weight,
    get_inner_optimizer,
)
from blogkit.optimizers.batch_norm import warn_of_batch_norm
from blogkit.optimizers.gradient_window import GradientWindow
from blogkit.optimizers.known_variables import KnownVariables
from blogkit.optimizers.optimizer_wrapper import OptimizerWrapper
from blogkit.optimizers.outer_loss_scale import OuterLossScale
from blogkit.optimizers.steps_per_update import StepsPerUpdate


@keras.saving.register_keras_serializable("blogkit")
class AccumOptimizer(OptimizerWrapper):
    """Updates once per `steps_per_update` micro-batches, with their mean gradient.

    For micro-batches k = 1..n with weights W_k, and a loss that is a mean over its batch,

        grad L(large batch) = sum_k W_k grad L(micro-batch k) / sum_k W_k,

    as long as the weights of the model do not change within the window; with equal W_k this
    is the article's 1/n sum (https://kexue.fm/archives/6794). The mean goes to `optimizer`, for
    which n micro-batches are one step: its `iterations`, learning-rate schedule, moments,
    clipping, weight decay, EMA and variable constraints advance once per window only.

    Exact to rounding without further code: micro-batches of equal size, with any Keras
    optimizer, in `fit` or in an own loop. An optimizer sees gradients and not batches, so
    `accumulate_exactly(model)` after `compile` is needed for

        micro-batches of unequal weight: a shorter last one, masks, token counts,
            `reduction="mean_with_sample_weight"` (they count equally otherwise);
        a window that is still open at the end of an epoch (the next epoch continues it
            otherwise).

    In an own loop use `apply(..., weight=W_k)` and `close_window()` instead.

    Never exact: BatchNormalization, whose statistics come from the micro-batch; a model that has
    it causes one warning. Dropout draws one mask per micro-batch: equal in distribution only.

    State is one extra copy of the trainable weights, in float32 or better (none for
    `steps_per_update=1`), and a few scalars. It is saved with the model, also in the middle
    of a window. Sparse gradients (embeddings on TensorFlow) are made dense.

    Mixed precision: a LossScaleOptimizer may be outside, where `compile` puts it, or be the
    `optimizer`. Either way one overflow drops the whole window, as it would the large batch.

    Several devices: `keras.distribution.DataParallel` on JAX and
    `tf.distribute.MirroredStrategy` give the result of one device. Clipping, a loss scale and
    `ema_overwrite_frequency`, which Keras applies to each replica, are refused there.

    Args:
        optimizer: A Keras optimizer, its name, or its config as `keras.optimizers.get`
            takes it. Kept as `inner_optimizer`, with its own clipping, decay, EMA, schedule
            and loss scale, in units of updates.
        steps_per_update: n, the number of micro-batches per update, a positive integer,
            or a function of the number of updates made, such as
            `keras.optimizers.schedules.PiecewiseConstantDecay([100], [1.0, 4.0])`, whose
            result, 1 or more, is rounded. An integer may be changed between two calls of `fit`:
            `optimizer.steps_per_update = 2`.
        reduction: How the loss reduces a batch: "mean", or "sum" for a loss with
            `reduction="sum"`, whose gradients are then added.
        name: Optional name of the wrapper.

    Raises:
        TypeError: If `optimizer` or `steps_per_update` has the wrong type.
        ValueError: If `steps_per_update < 1`; if `optimizer` is unknown or accumulates already
            (`AccumOptimizer` or `gradient_accumulation_steps`); if gradients come before `build`
            or for variables unknown to it; if a checkpoint has another `steps_per_update`; if
            a setting does not work on several replicas or the loss would be scaled twice.

    Example: four micro-batches of 2 are one batch of 8, so one update is made.

    >>> import keras, numpy as np
    >>> from blogkit.optimizers import AccumOptimizer
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile(AccumOptimizer("adam", steps_per_update=4), loss="mse")
    >>> history = model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=2, verbose=0)
    >>> int(model.optimizer.iterations)
    1
    """

    def __init__(self, optimizer, steps_per_update: int | Callable, reduction: str = "mean", name=None):
        steps = StepsPerUpdate(steps_per_update)
        check_reduction(reduction)
        super().__init__(get_inner_optimizer(optimizer), name=name)
        self.reduction = reduction
        self._steps, self._known = steps, None
        self._window = None
        self._outer_loss_scale = None
        self._next_weight = {}  # by replica
        self.has_warned_of_batch_norm = False

    @property
    def steps_per_update(self) -> int | Callable:
        """The number of micro-batches per update, as it was given or last set."""
        return self._steps.value

    @steps_per_update.setter
    def steps_per_update(self, steps: int | Callable) -> None:
        self._steps.change(steps, built=self.built)

    def build(self, variables):
        self._find_outer_loss_scale()
        if self.built:
            return
        variables = list(variables)  # LossScaleOptimizer may give a tuple
        warn_of_batch_norm(self, variables)
        super().build(variables)
        self._known = KnownVariables(variables)
        if self._steps.value == 1:
            return
        check_replicas(self, count_replicas())
        self._close_window = on_all_replicas(self._close_open_window)
        self._window = GradientWindow(variables, self._add_variable_per_replica, self.reduction)
        self._steps.build(self.add_variable)

    def _add_variable_per_replica(self, shape, initializer, dtype, layout=None, name=None):
        if count_replicas() == 1:
            return self.add_variable(shape, initializer, dtype, layout=layout, name=name)
        variable = variable_per_replica(shape, initializer, dtype, name=name)
        track_variable(self, variable)
        return variable

    def _find_outer_loss_scale(self):
        outer = loss_scale_optimizer_around(self)
        if outer is not None and not self.is_loss_scaled:
            check_not_scaled_twice(self.inner_optimizer)
            self._outer_loss_scale = OuterLossScale(outer, self.add_variable)

    @property
    def is_loss_scaled(self) -> bool:
        """Whether a LossScaleOptimizer is around this optimizer."""
        return self._outer_loss_scale is not None

    def weigh(self, weight) -> None:
        """Sets the weight of the micro-batch whose gradients come next (default 1).

        Args:
            weight: The W_k of the formula above: a positive number or scalar tensor, such
                as the number of samples or of unmasked tokens that the loss averages.
        """
        check_weight(weight)
        # On JAX a value that has no derivative may leave the trace of `jax.grad`.
        is_tensor = not isinstance(weight, numbers.Real)
        self._next_weight[replica_number()] = ops.stop_gradient(weight) if is_tensor else weight

    def apply(self, grads, trainable_variables=None, weight=None):
        """Adds the gradients of one micro-batch; every n-th call updates the weights.

        Args:
            grads: Gradients, in the order of `trainable_variables`.
            trainable_variables: Their variables. Default: those given to `build`. The
                first call builds the optimizer if that has not been done.
            weight: See `weigh`.
        """
        if trainable_variables is not None:
            trainable_variables = list(trainable_variables)
            if not self.built:
                self.build(trainable_variables)
            self._known.check(trainable_variables)
        elif not self.built:
            raise ValueError(
                "`trainable_variables` must be given before the optimizer is built. "
                f"Received: {len(grads)} gradients and no variables. Call "
                "`optimizer.build(trainable_variables)` first, or pass them: "
                "`optimizer.apply(grads, trainable_variables)`."
            )
        if weight is not None:
            self.weigh(weight)
        weight = self._next_weight.pop(replica_number(), None)
        variables = trainable_variables or self._known.variables
        grads = self._known.in_order(grads, variables)
        if self._window is None:
            self._apply_inner(grads, variables)
            return
        self._drop_skipped(step_follows=True)
        # Outside the conditional: there XLA would copy all sums on every micro-step.
        self._window.add(grads, weight)
        self._update_if(ops.greater_equal(self._window.micro_step, self._get_steps()), variables)

    def stateless_apply(self, optimizer_variables, grads, trainable_variables, weight=None):
        """`apply` as a function, for JAX; see `keras.optimizers.Optimizer.stateless_apply`.

        Args:
            optimizer_variables, trainable_variables: Lists of the current values.
            grads: Gradients, one for each trainable variable.
            weight: See `weigh`.

        Returns:
            The new values of the trainable variables and of the optimizer's.
        """
        if weight is not None:
            self.weigh(weight)
        if self.is_loss_scaled:
            self._outer_loss_scale.look()
        return super().stateless_apply(optimizer_variables, grads, trainable_variables)

    def close_window(self) -> None:
        """Updates with the micro-batches of the open window; does nothing if no window is open.

        For the end of an epoch whose number of micro-batches is no multiple of n.
        """
        if self._window is not None:
            self._close_window()

    def _close_open_window(self):
        self._drop_skipped(step_follows=False)
        self._update_if(ops.greater(self._window.micro_step, 0), self._known.variables)

    def _get_steps(self):
        return self._steps.current(self.iterations, self._window.micro_step.dtype)

    def _drop_skipped(self, step_follows):
        if self.is_loss_scaled:
            self._outer_loss_scale.drop_skipped(self._window, self._get_steps(), self._run_if, step_follows)

    def _update_if(self, is_due, variables):
        if self.is_loss_scaled:
            is_due = self._outer_loss_scale.drop_if_due(self._window, is_due, self._run_if)
        self._run_if(is_due, lambda: self._update(variables))

    def _update(self, variables):
        grads = self._window.gradients(self._known.variables)
        self._apply_inner(grads, variables)
        self._window.reset()

    def _apply_inner(self, grads, variables):
        grads, variables = self._known.only(variables, grads)
        is_all = len(variables) == len(self._known.variables)
        apply_optimizer(self.inner_optimizer, grads, variables, is_all=is_all)

    def _run_if(self, condition, function):
        own = [v for v in self.own_variables if all(v is not total for total in self._window.sums)]
        written = [*self._known.variables, *own, *self.inner_optimizer.variables]
        run_if(condition, function, written, read=self._window.sums)

    def save_own_variables(self, store):
        # Own variables only: Keras saves `inner_optimizer` by itself, as it does a layer's.
        self._steps.save(store)
        for part in (self._window, self._outer_loss_scale):
            if part is not None:
                part.save(store)

    def load_own_variables(self, store):
        if not self.built:
            warnings.warn(
                f"The state of optimizer '{self.name}' is skipped: the optimizer is not built yet. "
                "Call `optimizer.build(model.trainable_variables)` before loading.",
                stacklevel=2,
            )
            return
        self._steps.check_stored(store)
        for part in (self._window, self._outer_loss_scale):
            if part is not None:
                part.load(store)

    def get_config(self):
        # Not `super().get_config()`: its settings are the inner optimizer's.
        steps = self._steps.value
        return {
            "name": self.name,
            "optimizer": keras.saving.serialize_keras_object(self.inner_optimizer),
            "steps_per_update": (keras.saving.serialize_keras_object(steps) if callable(steps) else steps),
            "reduction": self.reduction,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = copy.deepcopy(config)  # Keras writes into the config that it reads
        for key in ("optimizer", "steps_per_update"):
            if isinstance(config[key], dict):
                config[key] = keras.saving.deserialize_keras_object(config[key], custom_objects)
        return cls(**config)
