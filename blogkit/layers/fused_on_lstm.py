"""The steps of an ON-LSTM with tanh and sigmoid as one operation with its own backward pass.

Backwards, everything that the saved values determine is computed for all times at once
before the loop, so that a step of the loop is a few products with the gradient of c; and the
gradient of the recurrent kernel is one matrix product after it, instead of one per step.

Letters: F, I master gates per unit; p, q the softmaxes they add up; f, i, o gates; g the
candidate; `d_x` is the gradient of the loss with respect to x.
"""

import functools

import keras
from keras import ops

from blogkit.layers.master_gates import gate_matrices
from blogkit.ops import accumulation_dtype, scan, with_gradient


@functools.cache
def fused_on_lstm(levels, units, master_input_gate, masked, unroll):
    """A function `(recurrent_kernel, h, c, projected[, mask]) -> (states, c)`, see `on_lstm_scan`.

    One for each setting, so that eager JAX compiles it once. In half precision the matrix
    products with the kernel are in that, gates and cell state in float32.
    """
    sizes = levels, units, master_input_gate

    def forward(recurrent_kernel, h, c, *inputs):
        return _forward(sizes, unroll, recurrent_kernel, h, c, inputs)

    def backward(residuals, gradients):
        gradients = _backward(sizes, unroll, residuals, *gradients)
        return (*gradients, None) if masked else gradients

    return with_gradient(forward, backward)


def _forward(sizes, unroll, recurrent_kernel, h, c, inputs):
    levels, units, _ = sizes
    dtype = keras.backend.standardize_dtype(h.dtype)
    wide = accumulation_dtype(dtype)
    forget_matrix, input_matrix = _matrices(sizes, wide)

    def step(carry, slices):
        h, c = carry
        z = ops.cast(slices[0] + h @ recurrent_kernel, wide)
        p, q = _softmax(z[:, :levels]), _softmax(z[:, levels : 2 * levels])
        F, I = p @ forget_matrix, q @ input_matrix
        gates = ops.sigmoid(z[:, 2 * levels : 2 * levels + 3 * units])
        g = _tanh(z[:, 2 * levels + 3 * units :])
        closed = 1 - gates[:, : 2 * units]
        overlap = F * I
        new_c = (F - overlap * closed[:, :units]) * c + (I - overlap * closed[:, units:]) * g
        new_h = ops.cast(gates[:, 2 * units :] * _tanh(new_c), dtype)
        if len(slices) > 1:
            new_h, new_c = ops.where(slices[1], new_h, h), ops.where(slices[1], new_c, c)
        return (new_h, new_c), (new_h, new_c, p, q, gates, g)

    start = h, ops.cast(c, wide)
    widths = units, levels, levels, 3 * units, units
    like = (h, *(keras.KerasTensor((h.shape[0], width), wide) for width in widths))
    (_, last), saved = scan(step, start, inputs, like, unroll=unroll)
    states = saved[0]
    return (states, ops.cast(last, dtype)), (recurrent_kernel, *start, *saved, *inputs[1:])


def _backward(sizes, unroll, residuals, d_states, d_last):
    """Gradients with respect to recurrent_kernel, h, c and the projected inputs."""
    levels, units, _ = sizes
    recurrent_kernel, h, c, states, cells, p, q, gates, g, *mask = residuals
    dtype, wide = (keras.backend.standardize_dtype(x.dtype) for x in (h, c))
    forget_matrix, input_matrix = _matrices(sizes, wide)
    earlier_h = ops.concatenate([h[None], states[:-1]])
    factors = _factors(ops.concatenate([c[None], cells[:-1]]), cells, p @ forget_matrix, q @ input_matrix, gates, g)
    if mask:
        # Without a step c keeps its gradient and nothing else has one.
        of = ops.cast(mask[0], wide)
        factors = {name: factor * of for name, factor in factors.items()}
        factors["c"] = factors["c"] + (1 - of)
        d_kept = (ops.cast(1 - of, dtype),)
    else:
        d_kept = ()
    names = "h", "o", "F", "I", "f", "i", "g", "c"
    transposed = ops.transpose(recurrent_kernel)
    forget_matrix, input_matrix = ops.transpose(forget_matrix), ops.transpose(input_matrix)

    def step(carry, slices):
        d_h, d_c = carry
        d_state, p, q, h_factor, o, F, I, f, i, g, c, *kept = slices
        d_h = d_h + d_state
        wide_d_h = ops.cast(d_h, wide)
        d_c = d_c + wide_d_h * h_factor
        d_z = ops.concatenate(
            [
                _softmax_gradient(p, (d_c * F) @ forget_matrix),
                _softmax_gradient(q, (d_c * I) @ input_matrix),
                d_c * f, d_c * i, wide_d_h * o, d_c * g,
            ],
            axis=-1,
        )  # fmt: skip
        d_z = ops.cast(d_z, dtype)
        earlier_d_h = d_z @ transposed
        if kept:
            earlier_d_h = earlier_d_h + d_h * kept[0]
        return (earlier_d_h, d_c * c), (d_z,)

    start = ops.zeros_like(d_last), ops.cast(d_last, wide)
    inputs = (d_states, p, q, *(factors[name] for name in names), *d_kept)
    width = recurrent_kernel.shape[-1]
    like = (keras.KerasTensor((d_last.shape[0], width), dtype),)
    (d_h, d_c), (d_z,) = scan(step, start, inputs, like, reverse=True, unroll=unroll)
    d_kernel = ops.transpose(ops.reshape(earlier_h, (-1, units))) @ ops.reshape(d_z, (-1, width))
    return d_kernel, d_h, ops.cast(d_c, dtype), d_z


def _factors(earlier_c, c, F, I, gates, g):
    """What d_h (for o and h) or d_c (for the others) is multiplied by, for all times.

    From c = F (1 - I (1 - f)) earlier_c + I (1 - F (1 - i)) g and h = o tanh(c).
    """
    f, i, o = ops.split(gates, 3, axis=-1)
    tanh_c = _tanh(c)
    overlap = F * I
    keep, write = F - overlap * (1 - f), I - overlap * (1 - i)
    return {
        "h": o * (1 - tanh_c * tanh_c),
        "o": tanh_c * o * (1 - o),
        "F": (1 - I * (1 - f)) * earlier_c - I * (1 - i) * g,
        "I": (1 - F * (1 - i)) * g - F * (1 - f) * earlier_c,
        "f": overlap * earlier_c * f * (1 - f),
        "i": overlap * g * i * (1 - i),
        "g": write * (1 - g * g),
        "c": keep,
    }


def _matrices(sizes, dtype):
    return (ops.convert_to_tensor(matrix) for matrix in gate_matrices(*sizes, dtype))


def _softmax(logits):
    # TensorFlow's own took 170 microseconds for 64 x 32 numbers on a CPU.
    weights = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
    return weights / ops.sum(weights, axis=-1, keepdims=True)


def _softmax_gradient(p, d_p):
    weighted = p * d_p
    return weighted - p * ops.sum(weighted, axis=-1, keepdims=True)


def _tanh(x):
    # On JAX `keras.ops.tanh` gives float32 for float64.
    return ops.cast(ops.tanh(x), x.dtype)
