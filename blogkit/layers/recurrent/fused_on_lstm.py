"""The steps of an ON-LSTM with tanh and sigmoid as one operation with a hand-written backward pass.

The gradient of the recurrent kernel is one matrix product after the backward loop, instead of
one per step into a sum as large as the kernel; the same holds for the input's
kernel, outside this function. The backward pass reads the values of the forward pass step by step:
computing factors for all times before the loop was slower on TensorFlow, which is bound by memory.

Letters: F, I master gates per unit; p, q the softmaxes they add up; f, i, o gates; g the
candidate; `d_x` is the gradient of the loss with respect to x.
"""

import functools
from collections.abc import Callable

import keras
from keras import ops

from blogkit.layers.recurrent.master_gates import gate_matrices
from blogkit.ops import accumulation_dtype, largest, scan, with_gradient


@functools.cache
def fused_on_lstm(levels: int, units: int, master_input_gate: str, masked: bool, unroll: bool) -> Callable:
    """A function `(recurrent_kernel, h, c, projected[, mask]) -> (states, c)`, see `on_lstm_scan`.

    Cached per setting, so that eager JAX compiles it once. In half precision the matrix products
    with the kernel are in half precision, gates and cell state in float32. It can be
    differentiated once.
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
        not_f, not_i, o = 1 - gates[:, :units], 1 - gates[:, units : 2 * units], gates[:, 2 * units :]
        overlap = F * I
        keep, write = F - overlap * not_f, I - overlap * not_i
        new_c = keep * c + write * g
        tanh_c = _tanh(new_c)
        new_h = ops.cast(o * tanh_c, dtype)
        if len(slices) > 1:
            new_h, new_c = ops.where(slices[1], new_h, h), ops.where(slices[1], new_c, c)
        return (new_h, new_c), (new_h, c, p, q, F, I, not_f, not_i, o, g, tanh_c)

    start = h, ops.cast(c, wide)
    like = (h, *(keras.KerasTensor((h.shape[0], n), wide) for n in (units, levels, levels, *[units] * 7)))
    (_, last), (states, *saved) = scan(step, start, inputs, like, unroll=unroll, kept=len(like) - 1)
    return (states, ops.cast(last, dtype)), (recurrent_kernel, h, states, tuple(saved), inputs[1:])


def _backward(sizes, unroll, residuals, d_states, d_last):
    """Gradients with respect to recurrent_kernel, h, c and the projected inputs."""
    levels, units, _ = sizes
    recurrent_kernel, h, states, saved, mask = residuals
    dtype = keras.backend.standardize_dtype(h.dtype)
    wide = accumulation_dtype(dtype)
    transposed = ops.transpose(recurrent_kernel)
    forget_matrix, input_matrix = (ops.transpose(matrix) for matrix in _matrices(sizes, wide))

    def step(carry, slices):
        d_h, d_c = carry
        d_state, c, p, q, F, I, not_f, not_i, o, g, tanh_c, *stepped = slices
        overlap = F * I
        keep, write = F - overlap * not_f, I - overlap * not_i
        d_h = d_h + d_state
        through_h, through_c = ops.cast(d_h, wide), d_c
        if stepped:
            # At a masked step h and c pass their gradients on, and nothing else has one.
            through_h, through_c = (ops.where(stepped[0], d, 0 * d) for d in (through_h, through_c))
        d_tanh = through_h * o
        d_o = d_tanh * tanh_c
        d_new_c = through_c + (d_tanh - d_o * tanh_c)
        d_keep, d_write = d_new_c * c, d_new_c * g
        d_not_f, d_not_i = d_keep * not_f, d_write * not_i
        less = d_not_f + d_not_i
        d_z = ops.concatenate(
            [
                _softmax_gradient(p, (d_keep - less * I) @ forget_matrix),
                _softmax_gradient(q, (d_write - less * F) @ input_matrix),
                d_not_f * overlap * (1 - not_f),
                d_not_i * overlap * (1 - not_i),
                d_o * (1 - o),
                d_new_c * write * (1 - g * g),
            ],
            axis=-1,
        )
        d_z = ops.cast(d_z, dtype)
        earlier_d_h, earlier_d_c = d_z @ transposed, d_new_c * keep
        if stepped:
            earlier_d_h = earlier_d_h + ops.where(stepped[0], 0 * d_h, d_h)
            earlier_d_c = earlier_d_c + ops.where(stepped[0], 0 * d_c, d_c)
        return (earlier_d_h, earlier_d_c), (d_z,)

    start = ops.zeros_like(d_last), ops.cast(d_last, wide)
    width = recurrent_kernel.shape[-1]
    like = (keras.KerasTensor((d_last.shape[0], width), dtype),)
    inputs = (d_states, *saved, *mask)
    (d_h, d_c), (d_z,) = scan(step, start, inputs, like, reverse=True, unroll=unroll)
    earlier_h = ops.reshape(ops.concatenate([h[None], states[:-1]]), (-1, units))
    d_kernel = ops.transpose(earlier_h) @ ops.reshape(d_z, (-1, width))
    return d_kernel, d_h, ops.cast(d_c, dtype), d_z


def _matrices(sizes, dtype):
    return (ops.convert_to_tensor(matrix) for matrix in gate_matrices(*sizes, dtype))


def _softmax(logits):
    # TensorFlow's own softmax took 170 microseconds for 64 x 32 numbers on a CPU.
    weights = ops.exp(logits - largest(logits))
    return weights / ops.sum(weights, axis=-1, keepdims=True)


def _softmax_gradient(p, d_p):
    weighted = p * d_p
    return weighted - p * ops.sum(weighted, axis=-1, keepdims=True)


def _tanh(x):
    # On JAX `keras.ops.tanh` gives float32 for float64.
    return ops.cast(ops.tanh(x), x.dtype)
