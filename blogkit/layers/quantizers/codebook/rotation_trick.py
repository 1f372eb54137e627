"""The rotation trick: a quantizer's gradient that depends on the position of the code.

Fifty et al., "Restructuring Vector Quantization with the Rotation Trick" (2024), arXiv:2410.06424.
"""

from keras import ops

from blogkit.ops import straight_through


def rotation_trick(vectors, codes):
    """`codes`, with the gradient of the rotation and scaling that maps each vector to its code.

    With x a vector, q its code, x^ and q^ their directions and r the direction of x^ + q^,

        q = s R x,    R = 1 - 2 r r^T + 2 q^ x^^T,    s = |q| / |x|

    where s and R are treated as constants: the gradient of x is s R^T times that of q. It preserves the angle
    to the code; straight-through preserves the direction. Where x or q is 0, or q points away from
    x, R is undefined and the gradient is the straight-through one.

    Args:
        vectors, codes: Tensors `(..., dim)` of the same shape.

    Returns:
        Tensor of that shape, equal to `codes`; no gradient reaches `codes`.

    Example: q is x rotated by 90 degrees and doubled; the gradient is rotated back and doubled.

    >>> from blogkit.ops import value_and_gradient
    >>> x = ops.convert_to_tensor([[1.0, 0.0]])
    >>> codes = ops.convert_to_tensor([[0.0, 2.0]])
    >>> _, gradient = value_and_gradient(lambda x: rotation_trick(x, codes)[:, 1], x)
    >>> ops.convert_to_numpy(gradient).round(6).tolist()
    [[2.0, 0.0]]
    """
    fixed, codes = ops.stop_gradient(vectors), ops.stop_gradient(codes)
    length_x, length_q = _length(fixed), _length(codes)
    x_hat, q_hat = fixed / ops.maximum(length_x, TINY), codes / ops.maximum(length_q, TINY)
    middle = x_hat + q_hat
    length_r = _length(middle)
    defined = (length_x > TINY) & (length_q > TINY) & (length_r > 1e-3)
    r = middle / ops.where(defined, length_r, 1.0)
    turned = vectors - 2 * _dot(vectors, r) * r + 2 * _dot(vectors, x_hat) * q_hat
    stretched = length_q / ops.where(defined, length_x, 1.0) * turned
    return straight_through(ops.where(defined, stretched, vectors), codes)


TINY = 1e-12


def _length(x):
    return ops.sqrt(_dot(x, x))


def _dot(x, y):
    return ops.sum(x * y, axis=-1, keepdims=True)
