"""ONLSTMCell: an LSTM cell with ordered neurons, for keras.layers.RNN."""

import keras
from keras import ops

from blogkit.checks import check_rate
from blogkit.layers.recurrent.on_lstm_arguments import check_gate, check_sizes
from blogkit.layers.recurrent.on_lstm_step import on_lstm_step


@keras.saving.register_keras_serializable("blogkit")
class ONLSTMCell(keras.layers.LSTMCell):
    """One step of an ON-LSTM, for `keras.layers.RNN`, `StackedRNNCells` and `Bidirectional(RNN)`.

    Computes `on_lstm_step` (equations there) of `inputs @ kernel + h @ recurrent_kernel + bias`.
    `ONLSTM` runs it over a sequence much faster.

    Args:
        units: Width of the states, at least 1.
        levels: Number of levels of the hierarchy. Must divide `units`; each level has
            `units // levels` neighbouring units.
        dropconnect: Fraction of the recurrent kernel's entries that are set to zero in
            training, the rest divided by `1 - dropconnect`. A new mask is drawn each time
            `keras.layers.RNN` is called, and is used for all its steps; in a loop of your own
            it is kept until `reset_recurrent_dropout_mask()`.
        master_input_gate: `"reverse"`, the article's reverse cumax: levels=1 is an LSTM; or
            `"complement"`, the paper's 1 - cumax: the last level is never written to and
            stays 0, so that levels=1 always outputs 0.
        **kwargs: Arguments of `keras.layers.LSTMCell`: `activation`, `recurrent_activation`,
            `use_bias`, `unit_forget_bias` (1 added to the bias of the forget gate, not of the
            master forget gate), `dropout` (of the inputs, one mask for all steps), `seed`,
            and initializers, regularizers and constraints of `kernel`, `recurrent` and
            `bias`. Not `recurrent_dropout`.

    Call arguments:
        inputs: Tensor `(batch, features)`.
        states: List of h and c, `(batch, units)`.
        training: Whether to apply dropout and dropconnect.

    Raises:
        ValueError: If `levels` does not divide `units`, a rate is outside [0, 1), the gate is
            unknown, `recurrent_dropout` is given, or the inputs have another rank.

    Example:

    >>> from blogkit.layers import ONLSTMCell
    >>> rnn = keras.layers.RNN([ONLSTMCell(8, levels=4), ONLSTMCell(6, levels=2)])
    >>> rnn(keras.Input((5, 3))).shape
    (None, 6)
    """

    def __init__(
        self, units: int, levels: int, dropconnect: float = 0.0, master_input_gate: str = "reverse", **kwargs
    ):
        check_sizes(units=units, levels=levels)
        check_rate("dropconnect", dropconnect)
        check_rate("dropout", kwargs.get("dropout", 0.0))
        check_gate(master_input_gate)
        if "recurrent_dropout" in kwargs:
            raise ValueError(
                "ON-LSTM does not take `recurrent_dropout`. "
                f"Received: recurrent_dropout={kwargs['recurrent_dropout']!r}. Use `dropconnect`."
            )
        super().__init__(units, **kwargs)
        self.levels = levels
        self.dropconnect = dropconnect
        self.master_input_gate = master_input_gate
        self._kept_mask = None

    def build(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(
                "ONLSTMCell takes the inputs of one step, (batch, features). "
                f"Received: shape {tuple(input_shape)}. For sequences use ONLSTM or keras.layers.RNN."
            )
        width = 2 * self.levels + 4 * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width),
            name="recurrent_kernel",
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(width,),
                name="bias",
                initializer=self._initial_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def _initial_bias(self, shape, dtype=None):
        bias = self.bias_initializer(shape, dtype=dtype)
        if not self.unit_forget_bias:
            return bias
        start, stop = 2 * self.levels, 2 * self.levels + self.units
        ones = ops.ones((self.units,), dtype=dtype)
        return ops.concatenate([bias[:start], ones, bias[stop:]])

    def call(self, inputs, states, training=False):
        if training and self.dropout:
            inputs = inputs * self.get_dropout_mask(inputs)
        recurrent_kernel = ops.convert_to_tensor(self.recurrent_kernel)
        if training and self.dropconnect:
            recurrent_kernel = recurrent_kernel * self.get_recurrent_dropout_mask(states[0])
        h, c = states
        z = self.project(inputs) + ops.matmul(h, recurrent_kernel)
        h, c = on_lstm_step(
            z, c, self.levels, self.master_input_gate, self.activation, self.recurrent_activation
        )
        return h, [h, c]

    def project(self, inputs):
        """The inputs' part of the preactivations, `(..., features) -> (..., width)`."""
        z = ops.matmul(inputs, self.kernel)
        return z if self.bias is None else z + self.bias

    def dropconnect_mask(self):
        """A new mask for the recurrent kernel, 0 or `1 / (1 - dropconnect)`."""
        ones = ops.ones_like(self.recurrent_kernel, dtype=self.compute_dtype)
        return keras.random.dropout(ones, self.dropconnect, seed=self.seed_generator)

    def get_recurrent_dropout_mask(self, step_input):
        """The mask kept for this sequence. `keras.layers.RNN` asks for it before its loop."""
        if self._kept_mask is None and self.dropconnect:
            self._kept_mask = self.dropconnect_mask()
        return self._kept_mask

    def reset_recurrent_dropout_mask(self):
        """Forgets the mask; `keras.layers.RNN` calls it after each batch."""
        self._kept_mask = None

    def get_config(self):
        config = super().get_config()
        del config["recurrent_dropout"]
        return {
            **config,
            "levels": self.levels,
            "dropconnect": self.dropconnect,
            "master_input_gate": self.master_input_gate,
        }
