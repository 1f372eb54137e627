"""Gradient accumulation: n small batches with the effect of one large batch.

Jianlin Su, https://kexue.fm/archives/6794 (2019-07-08). The article's optimizer made
its idle updates zero, because Keras 2 could select a result but not what to execute.
Here a real conditional leaves the wrapped optimizer alone until a window is full.
"""

import copy
import warnings

import keras
import numpy as np
from keras import ops

from blogkit.optimizers.arguments import check_steps, get_inner_optimizer
from blogkit.optimizers.backend import apply_optimizer, densify, move_towards, run_branch


@keras.saving.register_keras_serializable("blogkit")
class AccumOptimizer(keras.optimizers.Optimizer):
    """Updates once per `steps_per_update` micro-batches, with their mean gradient.

    For micro-batches of equal size, and a loss that is a mean over its batch,

        grad L(large batch) = 1/n * sum_{k=1..n} grad L(micro-batch k),

    as long as the weights stand still in between (https://kexue.fm/archives/6794).
    The mean is built as the gradients arrive, in float32 or better,

        m_k = m_{k-1} + (g_k - m_{k-1}) / k,

    and `m_n` goes to `optimizer`, whose state sees n micro-steps as one step: its
    `iterations`, learning-rate schedule, moments, clipping, weight decay, EMA and the
    constraints of the variables advance once per window and do nothing in between.

    Exact (to rounding): equal micro-batches, any Keras optimizer, `fit` or own loop.

    Not exact yet: micro-batches of unequal weight (a shorter last batch, masks,
    `reduction="mean_with_sample_weight"`) count equally. A window that is open at the
    end of an epoch stays open and goes on in the next one: let `steps_per_update`
    divide the number of batches. Losses with `reduction="sum"` are averaged too.

    Never exact: BatchNormalization, whose statistics come from the micro-batch. Dropout
    draws one mask per micro-batch: the same in distribution, not number by number.

    State is one extra copy of the trainable weights (none for `steps_per_update=1`)
    and a counter; it is saved with the model, also in the middle of a window. Sparse
    gradients (embeddings on TensorFlow) are made dense, whatever `steps_per_update`.

    Args:
        optimizer: A Keras optimizer, its name, or its config as `keras.optimizers.get`
            takes it. Kept as `inner_optimizer`. Its clipping, decay, EMA, schedule and
            loss scale stay where they are: set them there, in units of updates.
        steps_per_update: n, the number of micro-batches per update, a positive integer.
        name: Optional name of the wrapper.

    Raises:
        TypeError: If `optimizer` or `steps_per_update` is of another type.
        ValueError: If `steps_per_update < 1`, if `optimizer` is unknown, accumulates
            already (`AccumOptimizer` or `gradient_accumulation_steps`), or if gradients
            come before `build`. Also for a checkpoint of another `steps_per_update`.

    Example: four micro-batches of 2 are one batch of 8, so one update is made.

    >>> import keras, numpy as np
    >>> from blogkit.optimizers import AccumOptimizer
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile(AccumOptimizer("adam", steps_per_update=4), loss="mse")
    >>> history = model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=2, verbose=0)
    >>> int(model.optimizer.iterations)
    1
    """

    def __init__(self, optimizer, steps_per_update, name=None):
        check_steps(steps_per_update)
        optimizer = get_inner_optimizer(optimizer)
        # Not used: `learning_rate` is the inner optimizer's, see below.
        super().__init__(learning_rate=0.0, name=name)
        # The attribute through which Keras' callbacks look inside a wrapper.
        self.inner_optimizer = optimizer
        self._steps_per_update = int(steps_per_update)

    @property
    def steps_per_update(self):
        return self._steps_per_update  # read-only: compiled train steps contain it

    def build(self, variables):
        if self.built:
            return
        variables = list(variables)  # LossScaleOptimizer may give a tuple
        super().build(variables)
        self._means = []
        if self.steps_per_update > 1:
            self._micro_step = self.add_variable(
                shape=(), dtype="int", initializer="zeros", name="micro_step"
            )
            self._means = [self._add_mean(v) for v in variables]
        # Not before `super().build`, nor in a method decorated like it: that switches
        # variable tracking off, and Nadam would lose its `_u_product`.
        self.inner_optimizer.build(variables)

    def _add_mean(self, variable):
        # `add_variable_from_reference` would keep the dtype of half-precision weights.
        return self.add_variable(
            shape=variable.shape,
            # Not `result_type`, which on JAX makes float32 of float64 and float32.
            dtype="float64" if variable.dtype == "float64" else "float32",
            layout=getattr(variable, "_layout", None),
            name=f"{variable.path.replace('/', '_')}_gradient_mean",
        )

    @property
    def variables(self):
        return self._variables + self.inner_optimizer.variables

    def apply(self, grads, trainable_variables=None):
        """Takes the gradients of one micro-batch; every n-th call updates the weights.

        Args:
            grads: Gradients, in the order of `trainable_variables`.
            trainable_variables: Their variables. Default: those given to `build`. The
                first call builds the optimizer if that has not been done.
        """
        if trainable_variables is not None:
            trainable_variables = list(trainable_variables)
            if not self.built:
                self.build(trainable_variables)
            self._check_variables_are_known(trainable_variables)
        elif not self.built:
            raise ValueError(
                f"`apply` got {len(grads)} gradients before the optimizer knows its variables. "
                "Call `optimizer.build(trainable_variables)` first, or pass them: "
                "`optimizer.apply(grads, trainable_variables)`."
            )
        grads = self._in_build_order(grads, trainable_variables or self._trainable_variables)
        if self.steps_per_update == 1:
            apply_optimizer(self.inner_optimizer, grads, self._trainable_variables)
            return
        # Outside the conditional: there XLA would copy all means on every micro-step.
        self._accumulate(grads)
        run_branch(
            ops.greater_equal(self._micro_step, self.steps_per_update),
            lambda: self._update(grads),
            lambda: None,
            self._trainable_variables + self.variables,
        )

    def _in_build_order(self, grads, variables):
        if len(grads) != len(variables):
            raise ValueError(
                "`grads` must match the variables one to one. "
                f"Received: {len(grads)} gradients for {len(variables)} variables."
            )
        ordered = [None] * len(self._trainable_variables)
        for gradient, variable in zip(grads, variables):
            if gradient is not None:
                ordered[self._get_variable_index(variable)] = densify(gradient)
        return ordered

    def _accumulate(self, grads):
        self._micro_step.assign_add(1)
        for mean, gradient in zip(self._means, grads):
            if gradient is not None:
                weight = 1 / ops.cast(self._micro_step, mean.dtype)
                move_towards(mean, ops.cast(gradient, mean.dtype), weight)

    def _update(self, grads):
        # A variable without gradient has none in the large batch either: it stays None.
        means = [
            None if gradient is None else ops.cast(mean, gradient.dtype)
            for mean, gradient in zip(self._means, grads)
        ]
        apply_optimizer(self.inner_optimizer, means, self._trainable_variables)
        # Assigned, not multiplied by 0, which would keep an inf or NaN for ever.
        for mean in self._means:
            mean.assign(ops.zeros(mean.shape, mean.dtype))
        self._micro_step.assign(0)

    @property
    def iterations(self):
        """Number of updates made, not of micro-batches seen."""
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

    def save_own_variables(self, store):
        # Own ones only: Keras saves `inner_optimizer` by itself, as it does a layer's.
        store["steps_per_update"] = np.array(self.steps_per_update)
        for i, variable in enumerate(self._variables):
            store[str(i)] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store):
        if not self.built:
            warnings.warn(
                f"Skipping the state of optimizer '{self.name}': it is not built yet. "
                "Call `optimizer.build(model.trainable_variables)` before loading.",
                stacklevel=2,
            )
            return
        stored_steps = int(store["steps_per_update"][()])
        if stored_steps != self.steps_per_update:
            raise ValueError(
                f"The checkpoint has steps_per_update={stored_steps}, this optimizer has "
                f"steps_per_update={self.steps_per_update}. Load into "
                f"`AccumOptimizer(optimizer, {stored_steps})`."
            )
        for i, variable in enumerate(self._variables):
            variable.assign(store[str(i)])

    def get_config(self):
        # Not `super().get_config()`: its settings are the inner optimizer's.
        return {
            "name": self.name,
            "optimizer": keras.saving.serialize_keras_object(self.inner_optimizer),
            "steps_per_update": self.steps_per_update,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = copy.deepcopy(config)  # Keras writes into the config that it reads
        config["optimizer"] = keras.saving.deserialize_keras_object(
            config["optimizer"], custom_objects=custom_objects
        )
        return cls(**config)
