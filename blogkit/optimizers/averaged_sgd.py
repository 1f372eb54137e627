"""SGD that averages its weights once the validation loss stops falling."""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count
from blogkit.optimizers.known_variables import KnownVariables


@keras.saving.register_keras_serializable("blogkit")
class AveragedSGD(keras.optimizers.SGD):
    """Stochastic gradient descent that averages the weights once the loss stops falling.

    With w[t] the weights after step t and s the step at which averaging began,

        average[t] = mean of w[s + 1], ..., w[t]

    (Polyak and Juditsky 1992). Training goes on with w; the average is what one validates and
    keeps. Averaging begins with `start_averaging`, or by the rule of AWD-LSTM (Merity et al. 2018,
    arXiv:1708.02182): after the first loss given to `observe` that is above the smallest of all
    earlier losses except the last `patience`. `AveragedValidation` does both in `fit`.

    Args:
        learning_rate: The default, 30, is that of AWD-LSTM and ON-LSTM, with `global_clipnorm=0.25`.
        patience: Number of the last losses that the rule leaves out, a positive integer.
        **kwargs: As for `keras.optimizers.SGD`, such as `global_clipnorm` and `weight_decay`.

    Raises:
        ValueError: If `patience` is not a positive integer, or if `use_ema` or
            `gradient_accumulation_steps` is given.

    Example: steps of -1 from 0; the mean of -2 and -3.

    >>> import keras
    >>> from blogkit.optimizers import AveragedSGD
    >>> weight, one = keras.Variable([0.0]), keras.ops.ones(1)
    >>> optimizer = AveragedSGD(1.0)
    >>> optimizer.apply([one], [weight])
    >>> optimizer.start_averaging()
    >>> optimizer.apply([one])
    >>> optimizer.apply([one])
    >>> with optimizer.averaged():
    ...     print(keras.ops.convert_to_numpy(weight))
    [-2.5]
    >>> print(keras.ops.convert_to_numpy(weight))
    [-3.]
    """

    def __init__(self, learning_rate=30.0, patience: int = 5, name: str = "averaged_sgd", **kwargs):
        check_count(name="patience", value=patience)
        for argument in ("use_ema", "gradient_accumulation_steps"):
            if kwargs.get(argument):
                raise ValueError(
                    f"`{argument}` must not be given, because AveragedSGD averages by itself, step by step. "
                    f"Received: {argument}={kwargs[argument]!r}. Leave it out."
                )
        super().__init__(learning_rate, name=name, **kwargs)
        self.patience = patience

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._known = KnownVariables(variables)
        self.averages = self.add_optimizer_variables(variables, "average")
        # The step before the first that counts, plus 1; 0 is never.
        self.averaging_since = self.add_variable(
            (), initializer="zeros", dtype="int32", name="averaging_since"
        )
        # The smallest of the older losses, then the last ones, so that the rule survives a restart.
        infinite = keras.initializers.Constant(np.inf)
        self.losses = self.add_variable(
            (self.patience + 1,), initializer=infinite, dtype="float32", name="losses"
        )

    def apply(self, grads, trainable_variables=None):
        super().apply(grads, trainable_variables)
        since = ops.convert_to_tensor(self.averaging_since)
        steps = ops.cast(self.iterations, "int32") - since + 1
        share = 1 / ops.cast(ops.where(since == 0, ops.ones_like(steps), steps), "float32")
        for average, variable in zip(self.averages, self._known.variables):
            old = ops.convert_to_tensor(average)
            average.assign(old + ops.cast(share, old.dtype) * (ops.convert_to_tensor(variable) - old))

    @property
    def averaging(self) -> bool:
        """Whether averaging has begun."""
        return self.built and int(self.averaging_since) > 0

    def start_averaging(self) -> None:
        """Averages from the next step on. A second call changes nothing."""
        if not self.averaging:
            self.averaging_since.assign(ops.cast(self.iterations, "int32") + 1)

    def observe(self, loss: float) -> None:
        """Records a validation loss, and starts averaging by the rule above."""
        least, *last = ops.convert_to_numpy(self.losses)
        if loss > least:
            self.start_averaging()
        self.losses.assign(np.array([min(least, last[0]), *last[1:], loss], "float32"))

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Context manager within which the trained variables have the values of their averages."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    def swap(self) -> None:
        """Exchanges the trained variables with their averages, if averaging has begun."""
        if not self.averaging:
            return
        for average, variable in zip(self.averages, self._known.variables):
            value = ops.copy(ops.convert_to_tensor(variable))
            variable.assign(average)
            average.assign(value)

    def get_config(self):
        return {**super().get_config(), "patience": self.patience}


class AveragedValidation(keras.callbacks.Callback):
    """Validates the averages of an `AveragedSGD` in `fit`, and gives it the validation losses.

    Put it before callbacks that save: at the end of `fit` the model has its averages.

    Args:
        monitor: Name of the loss in the logs of an epoch.

    Raises:
        ValueError: If the model's optimizer is not an `AveragedSGD`, or the logs have no such loss.
    """

    def __init__(self, monitor: str = "val_loss"):
        super().__init__()
        self.monitor = monitor

    def on_train_begin(self, logs=None):
        if not isinstance(self.model.optimizer, AveragedSGD):
            raise ValueError(
                "The model must be compiled with AveragedSGD. "
                f"Received: {type(self.model.optimizer).__name__}."
            )

    def on_test_begin(self, logs=None):
        self.model.optimizer.swap()

    def on_test_end(self, logs=None):
        self.model.optimizer.swap()

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in (logs or {}):
            raise ValueError(
                f"`monitor` must be a name in the logs of an epoch. Received: monitor={self.monitor!r}, "
                f"logs with {', '.join(logs or {}) or 'nothing'}. "
                "Give `fit` some `validation_data`, or name another `monitor`."
            )
        self.model.optimizer.observe(logs[self.monitor])

    def on_train_end(self, logs=None):
        self.model.optimizer.swap()
