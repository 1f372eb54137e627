"""The straight-through estimator: the value of one tensor with the gradient of another."""

from keras import ops


def straight_through(gradient_of, value):
    """`value`, with the gradient of `gradient_of`.

        value + (gradient_of - stop_gradient(gradient_of))

    is the article's x + sg[value - x] with the rounding errors of that left out: the difference
    is exactly 0, so the result is exactly `value` wherever `gradient_of` is finite, and NaN where
    it is not. With the input of a quantizer as `gradient_of` and its output as `value` it is the
    straight-through estimator (Bengio et al. 2013, arXiv:1308.3432; https://kexue.fm/archives/6760).
    It gives any function any gradient: x + sg[relu(x) - x] looks like a relu and learns like the
    identity.

    Args:
        gradient_of, value: Tensors of the same shape and dtype.

    Returns:
        Tensor of that shape.

    Example: a relu that lets the gradient of negative numbers through.

    >>> import keras
    >>> from blogkit.ops import straight_through, value_and_gradient
    >>> x = keras.ops.convert_to_tensor([-2.0, 3.0])
    >>> values, gradient = value_and_gradient(lambda x: straight_through(x, keras.ops.relu(x)), x)
    >>> [keras.ops.convert_to_numpy(t).tolist() for t in (values, gradient)]
    [[0.0, 3.0], [1.0, 1.0]]
    """
    return ops.stop_gradient(value) + (gradient_of - ops.stop_gradient(gradient_of))
