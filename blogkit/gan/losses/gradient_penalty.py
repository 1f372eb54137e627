"""Penalties on the critic's gradient with respect to its input."""

import dataclasses
from collections.abc import Callable

from keras import ops

from blogkit.checks import check_choice, check_positive
from blogkit.ops import value_and_gradient

PLACES = ("real", "fake", "between")


@dataclasses.dataclass(frozen=True)
class GradientPenalty:
    """weight * E[(|grad_x D(x)| - target)^power], to be added to the critic's loss.

    R1: gamma/2 at real samples, R2: at fake ones (arXiv:1801.04406). WGAN-GP: 10, target 1, at
    x = e real + (1 - e) fake with e uniform for each sample (arXiv:1704.00028). WGAN-div: 2,
    power 6, there too (arXiv:1712.01026). |.| is the Euclidean norm over all but the batch axis.

    Args:
        at: `"real"`, `"fake"` or `"between"`.
        weight: Factor of the mean.
        target: The norm with penalty 0.
        power: Exponent of the difference; with a target it must be an even integer.

    Raises:
        ValueError: For a value out of range; when called, for a critic whose output does not
            depend on its input in a differentiable way (JAX cannot tell) and for integer input.

    Example: D(x) = 3 x_1 + 4 x_2 has a gradient of length 5 everywhere.

    >>> import numpy as np
    >>> from blogkit.gan import GradientPenalty
    >>> r1 = GradientPenalty(at="real", weight=0.5)
    >>> x = np.zeros((7, 2), "float32")
    >>> round(float(r1(lambda x: 3 * x[:, 0] + 4 * x[:, 1], x, x, mix=None)), 4)
    12.5
    """

    at: str
    weight: float
    target: float = 0.0
    power: float = 2.0

    def __post_init__(self):
        check_choice("at", self.at, PLACES)
        for name in ("weight", "target", "power"):
            check_positive(name, getattr(self, name), or_zero=True)
        if self.power < 1 or (self.target and self.power % 2):
            raise ValueError(
                "`power` must be at least 1, and an even integer with a `target`. "
                f"Received: power={self.power!r}, target={self.target!r}."
            )

    def __call__(self, critic: Callable, real, fake, mix):
        """The penalty, a scalar.

        Args:
            critic: Callable, `(batch, ...) -> (batch,)` or `(batch, 1)`.
            real, fake: Samples, `(batch, ...)`.
            mix: e, numbers in [0, 1] of shape `(batch,)`; only used for `"between"`.
        """
        x = {"real": real, "fake": fake}.get(self.at)
        if x is None:
            real, fake = ops.convert_to_tensor(real), ops.convert_to_tensor(fake)
            e = ops.reshape(mix, (-1,) + (1,) * (len(real.shape) - 1))
            x = e * real + (1 - e) * fake
        return self.of_gradient(value_and_gradient(lambda x: one_per_sample(critic(x)), x)[1])

    def of_gradient(self, gradient):
        """The penalty of a gradient `(batch, ...)`."""
        square = ops.sum(ops.square(ops.reshape(gradient, (ops.shape(gradient)[0], -1))), axis=1)
        if not self.target:
            cost = square if self.power == 2 else _power(square, self.power / 2)
        else:
            cost = (_power(square, 0.5) - self.target) ** self.power
        return self.weight * ops.mean(cost)


def _power(square, exponent):
    """square^exponent, with derivative 0 at 0, where a root has none."""
    if exponent == int(exponent):
        return square ** int(exponent)
    positive = square > 0
    safe = ops.where(positive, square, ops.ones_like(square))
    return ops.where(positive, safe**exponent, ops.zeros_like(square))


def one_per_sample(logits):
    """`(batch, 1)` or `(batch,)` as `(batch,)`."""
    logits = ops.convert_to_tensor(logits)
    shape = tuple(logits.shape)
    if len(shape) == 2 and shape[1] == 1:
        return logits[:, 0]
    if len(shape) != 1:
        raise ValueError(
            "A critic must return one logit per sample, of shape (batch,) or (batch, 1). "
            f"Received: shape {shape}. End it with `keras.layers.Dense(1)`."
        )
    return logits
