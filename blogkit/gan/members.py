"""Many small networks of one architecture as one model, with a member axis in every weight."""

from collections.abc import Callable, Iterable

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count

ELEMENTWISE = ("Activation", "ELU", "Identity", "LeakyReLU", "ReLU", "Rescaling")


@keras.saving.register_keras_serializable(package="blogkit")
class MemberDense(keras.layers.Layer):
    """A dense layer for each member: y[m] = activation(x[m] kernel[m] + bias[m]).

    Args:
        units: Width of every member's output.
        activation: As for `keras.layers.Dense`.
        use_bias: Whether to add a bias.

    Input `(members, batch, features)`, output `(members, batch, units)`: one batched product,
    with the member first so that nothing is transposed between layers.

    Raises:
        ValueError: If `units` is not a positive integer or the input has another rank.

    Example:

    >>> import keras, numpy as np
    >>> from blogkit.gan import MemberDense
    >>> tuple(MemberDense(7)(np.zeros((5, 32, 2), "float32")).shape)
    (5, 32, 7)
    """

    def __init__(self, units: int, activation: str | Callable | None = None, use_bias: bool = True, **kwargs):
        check_count("units", units)
        super().__init__(**kwargs)
        self.units, self.activation, self.use_bias = units, keras.activations.get(activation), use_bias

    def build(self, input_shape):
        if len(input_shape) != 3 or None in (input_shape[0], input_shape[2]):
            raise ValueError(
                f"The input must be (members, batch, features). Received: shape {tuple(input_shape)}."
            )
        members, _, features = input_shape
        limit = (6 / (features + self.units)) ** 0.5  # Glorot's, of one member's kernel
        uniform = keras.initializers.RandomUniform(-limit, limit)
        self.kernel = self.add_weight((members, features, self.units), uniform, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((members, 1, self.units), "zeros", name="bias")

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        return self.activation(outputs + self.bias if self.use_bias else outputs)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "use_bias": self.use_bias,
            "activation": keras.activations.serialize(self.activation),
        }


def stack_members(networks: Iterable[keras.Model]) -> keras.Model:
    """One model whose member k is `networks[k]`, with its current weights.

    Args:
        networks: Keras Sequential models of one architecture, `(batch, features) ->
            (batch, outputs)`, of Dense layers and elementwise layers.

    Returns:
        A Functional model, `(batch, members, features) -> (batch, members, outputs)`.

    Raises:
        ValueError: If there is no network, or architectures differ or have other layers.

    Example:

    >>> import keras, numpy as np
    >>> from blogkit.gan import stack_members
    >>> networks = [keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]) for _ in range(4)]
    >>> x = np.ones((5, 4, 2), "float32")
    >>> together = keras.ops.convert_to_numpy(stack_members(networks)(x))
    >>> bool(np.allclose(together[:, 1], keras.ops.convert_to_numpy(networks[1](x[:, 1])), atol=1e-6))
    True
    """
    networks = list(networks)
    _check_alike(networks)
    inputs = keras.Input((len(networks), *networks[0].input_shape[1:]))
    x = ops.transpose(inputs, (1, 0, 2))
    dense = []
    for layer in networks[0].layers:
        if isinstance(layer, keras.layers.Dense):
            layer = MemberDense(layer.units, layer.activation, layer.use_bias)
            dense.append(layer)
        else:
            layer = layer.__class__.from_config(layer.get_config())
        x = layer(x)
    stacked = keras.Model(inputs, ops.transpose(x, (1, 0, 2)))
    weights = [np.stack(parts) for parts in zip(*(network.get_weights() for network in networks))]
    stacked.set_weights([w[:, None] if w.ndim == 2 else w for w in weights])
    return stacked


def member_weights(stacked: keras.Model, member: int) -> list[np.ndarray]:
    """The weights of one member of a model from `stack_members`, as `set_weights` takes them.

    Args:
        stacked: Model that `stack_members` returned.
        member: Index of the member, from 0.

    Returns:
        List of NumPy arrays.
    """
    count = stacked.input_shape[1]
    if not 0 <= member < count:
        raise ValueError(f"`member` must be from 0 to {count - 1}. Received: member={member}.")
    arrays = [ops.convert_to_numpy(weight)[member] for weight in stacked.weights]
    return [a[0] if weight.name == "bias" else a for a, weight in zip(arrays, stacked.weights)]


def _check_alike(networks):
    if not networks:
        raise ValueError("`networks` must hold at least one network. Received: none.")
    for network in networks:
        if not isinstance(network, keras.Sequential) or not network.built or len(network.input_shape) != 2:
            raise ValueError(
                "A member must be a built `keras.Sequential` of vectors, (batch, features). "
                f"Received: {network!r}."
            )
        for layer in network.layers:
            if type(layer) is not keras.layers.Dense and type(layer).__name__ not in ELEMENTWISE:
                raise ValueError(
                    f"Members must consist of Dense layers and {', '.join(ELEMENTWISE)}. "
                    f"Received: {type(layer).__name__}."
                )
    first = _architecture(networks[0])
    for network in networks[1:]:
        if _architecture(network) != first:
            raise ValueError(
                f"All members must have one architecture. Received: {first} and {_architecture(network)}."
            )


def _architecture(network):
    """Layers with their settings, without names and initial values."""
    left_out = ("name", "kernel_initializer", "bias_initializer", "dtype", "trainable")
    return [network.input_shape[1:]] + [
        (
            type(layer).__name__,
            {k: v for k, v in layer.get_config().items() if k not in left_out and v is not None},
        )
        for layer in network.layers
    ]
