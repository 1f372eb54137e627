"""ONLSTM: a recurrent layer with ordered neurons that runs a sequence in one operation."""

import keras
from keras import ops

from blogkit.layers.recurrent.on_lstm_arguments import check_mask, check_states, check_time
from blogkit.layers.recurrent.on_lstm_cell import ONLSTMCell
from blogkit.layers.recurrent.on_lstm_scan import on_lstm_scan
from blogkit.ops import accumulation_dtype, cumax

# Arguments of the cell besides `units`, `levels`, `dropconnect` and `master_input_gate`.
CELL_ARGUMENTS = (
    "activation",
    "recurrent_activation",
    "use_bias",
    "unit_forget_bias",
    "dropout",
    "seed",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "kernel_regularizer",
    "recurrent_regularizer",
    "bias_regularizer",
    "kernel_constraint",
    "recurrent_constraint",
    "bias_constraint",
    "recurrent_dropout",
)


def _of_cell(name):
    return property(lambda self: getattr(self.cell, name), doc=f"The cell's `{name}`.")


@keras.saving.register_keras_serializable("blogkit")
class ONLSTM(keras.layers.RNN):
    """Ordered-neurons LSTM: neighbouring units form levels, from short-lived to long-lived.

    The equations are those of `on_lstm_step`. All inputs are projected at once, and with the
    default activations the loop over time has a backward pass by hand, which makes a training
    step of a wide layer faster than that of `keras.layers.LSTM` (benchmarks/on_lstm.py).

    The distance of a word is how much of the history it lets go,

        distance[t] = 1 - mean over levels of F[t] = (d_f[t] - 1) / levels

    with F the master forget gate and d_f the article's expected split point, counted from 1.
    A sentence splits where it is largest. (The paper's equation 15 for d_f is off by one.)

    Args:
        units, levels, dropconnect, master_input_gate: As for `ONLSTMCell`. With `"reverse"`,
            the default, levels=1 is `keras.layers.LSTM`. With `"complement"`, the paper's, the
            last level stays 0, and with levels=1 so does everything.
        return_sequences: Whether to return h at every time or only the last.
        return_distances: Whether to return the distances as well.
        **kwargs: Those of `ONLSTMCell`, and those of `keras.layers.RNN`: `return_state`,
            `go_backwards`, `stateful`, `unroll`, `zero_output_for_mask`. (On JAX, `fit` and
            `predict` of Keras 3.15 lose the states of `stateful` layers, its own too.)

    Call arguments:
        sequences: Tensor `(batch, time, features)`.
        initial_state: `[h, c]`, both `(batch, units)`; zeros by default.
        mask: Booleans `(batch, time)`. Where false the states stay as they are, the output
            repeats h (or is 0 with `zero_output_for_mask`) and the distance is 0.
        training: Whether to apply dropout and dropconnect.

    Returns:
        `(batch, time, units)` or, without `return_sequences`, `(batch, units)`; then, as
        asked for, the distances `(batch, time)`, h and c `(batch, units)`. With
        `go_backwards` outputs and distances are in the order of processing, the last time
        first. `keras.layers.Bidirectional` takes `return_distances` only together with
        `return_state`: it then returns the output, distances, h and c of the forward layer,
        and the same three of the backward layer.

    Raises:
        ValueError: As `ONLSTMCell`, and if the sequences, the mask or the initial state have
            another shape, or time is unknown with `unroll`.

    Example:

    >>> from blogkit.layers import ONLSTM
    >>> layer = ONLSTM(units=8, levels=4, return_sequences=True, return_distances=True)
    >>> output, distances = layer(keras.Input((5, 3)))
    >>> output.shape, distances.shape
    ((None, 5, 8), (None, 5))
    """

    def __init__(
        self,
        units: int,
        levels: int,
        return_sequences: bool = False,
        dropconnect: float = 0.0,
        return_distances: bool = False,
        master_input_gate: str = "reverse",
        **kwargs,
    ):
        for_cell = {name: kwargs.pop(name) for name in CELL_ARGUMENTS if name in kwargs}
        for name in ("dtype", "trainable"):
            if name in kwargs:
                for_cell[name] = kwargs[name]
        cell = ONLSTMCell(units, levels, dropconnect, master_input_gate, name="on_lstm_cell", **for_cell)
        super().__init__(cell, return_sequences=return_sequences, **kwargs)
        self.return_distances = return_distances
        self.input_spec = keras.layers.InputSpec(ndim=3)

    units, levels = _of_cell("units"), _of_cell("levels")
    dropconnect, master_input_gate = _of_cell("dropconnect"), _of_cell("master_input_gate")
    activation, recurrent_activation = _of_cell("activation"), _of_cell("recurrent_activation")
    use_bias, unit_forget_bias = _of_cell("use_bias"), _of_cell("unit_forget_bias")
    dropout, seed = _of_cell("dropout"), _of_cell("seed")
    kernel_initializer, kernel_regularizer = _of_cell("kernel_initializer"), _of_cell("kernel_regularizer")
    recurrent_initializer = _of_cell("recurrent_initializer")
    recurrent_regularizer = _of_cell("recurrent_regularizer")
    bias_initializer, bias_regularizer = _of_cell("bias_initializer"), _of_cell("bias_regularizer")
    kernel_constraint, bias_constraint = _of_cell("kernel_constraint"), _of_cell("bias_constraint")
    recurrent_constraint = _of_cell("recurrent_constraint")

    def call(self, sequences, initial_state=None, mask=None, training=False):
        cell = self.cell
        mask = _only(mask)
        check_time(self.unroll, sequences.shape)
        h, c = self._first_state(sequences, initial_state)
        if training and cell.dropout:
            ones = ops.ones_like(sequences[:, :1])
            sequences = sequences * keras.random.dropout(ones, cell.dropout, seed=cell.seed_generator)
        recurrent_kernel = ops.convert_to_tensor(cell.recurrent_kernel)
        if training and cell.dropconnect:
            recurrent_kernel = recurrent_kernel * cell.dropconnect_mask()
        if mask is not None:
            mask = ops.convert_to_tensor(mask)
            check_mask(mask, sequences.shape)
            mask = ops.cast(self._time_first(mask), "bool")[..., None]
        projected = cell.project(self._time_first(sequences))
        states, last_c = on_lstm_scan(
            projected,
            h,
            c,
            recurrent_kernel,
            mask,
            self.levels,
            self.master_input_gate,
            self.activation,
            self.recurrent_activation,
            self.unroll,
        )
        last_h = states[-1]
        if self.stateful:
            for variable, state in zip(self.states, (last_h, last_c)):
                variable.assign(state)
        outputs = states
        if mask is not None and self.zero_output_for_mask:
            outputs = ops.where(mask, states, ops.zeros_like(states))
        outputs = ops.transpose(outputs, (1, 0, 2)) if self.return_sequences else outputs[-1]
        results = [outputs]
        if self.return_distances:
            results.append(self._distances(projected, h, states, recurrent_kernel, mask))
        if self.return_state:
            results += [last_h, last_c]
        return tuple(results) if len(results) > 1 else outputs

    def _first_state(self, sequences, initial_state):
        batch = ops.shape(sequences)[0]
        if initial_state is None:
            initial_state = self.states if self.stateful else self.get_initial_state(batch)
        if not isinstance(initial_state, (list, tuple)):
            initial_state = [initial_state]
        check_states(initial_state, sequences.shape[0], self.units)
        states = [ops.convert_to_tensor(state, dtype=self.compute_dtype) for state in initial_state]
        # torch would see the assignment at the end of `call` change what the gradient needs.
        return [ops.copy(state) for state in states] if self.stateful else states

    def _time_first(self, x):
        x = ops.swapaxes(x, 0, 1)
        return ops.flip(x, axis=0) if self.go_backwards else x

    def _distances(self, projected, h, states, recurrent_kernel, mask):
        # The states are known by now: one matrix product for all times.
        earlier_h = ops.concatenate([h[None], states[:-1]])
        logits = projected[..., : self.levels] + ops.matmul(earlier_h, recurrent_kernel[:, : self.levels])
        logits = ops.cast(logits, accumulation_dtype(self.compute_dtype))
        distances = ops.mean(1 - cumax(logits), axis=-1)
        if mask is not None:
            distances = ops.where(mask[..., 0], distances, ops.zeros_like(distances))
        return ops.cast(ops.transpose(distances), self.compute_dtype)

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        check_time(self.unroll, sequences_shape)  # symbolic inputs come here, not to `call`
        shape = super().compute_output_shape(sequences_shape)
        if not self.return_distances:
            return shape
        output, *states = shape if self.return_state else (shape,)
        return (output, tuple(sequences_shape[:2]), *states)

    def compute_mask(self, sequences, mask):
        mask = _only(mask)
        masks = [mask if self.return_sequences else None]
        if self.return_distances:
            masks.append(mask)
        if self.return_state:
            masks += [None, None]
        return masks if len(masks) > 1 else masks[0]

    def get_config(self):
        of_cell = self.cell.get_config()
        own = super().get_config()
        del own["cell"]
        return {
            **{name: value for name, value in of_cell.items() if name not in ("name", "dtype", "trainable")},
            **own,
            "return_distances": self.return_distances,
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
        }

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _only(mask):
    """The sequences' mask out of one or of a list, the others being of the states."""
    return mask[0] if isinstance(mask, (list, tuple)) else mask
