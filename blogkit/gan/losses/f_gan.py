"""f-GAN losses: the dual of each f-divergence with a network as critic."""

import math

from keras import ops

from blogkit.gan.losses.gan_loss import GANLoss, of_single_logits
from blogkit.gan_theory.divergences import f_divergence

LOG_2 = math.log(2)


def f_gan_loss(name: str) -> GANLoss:
    """The critic minimises -E[T] + E[f*(T)] with T = g_f(v), so that -loss tends to D_f(p|q).

    f-GAN (arXiv:1606.00709): g_f maps the network's output v into the domain of f*, and
    f*(g_f(v)) is simplified to avoid overflow. The generator minimises
    -E[f*(T)] at its samples.

    Args:
        name: One of `blogkit.gan_theory.divergences.DIVERGENCES`.

    Returns:
        A `GANLoss`.

    Raises:
        ValueError: For an unknown name.

    Example: where p = 3 q, the optimal T for 'twice_js' is log(2 * 3 / (1 + 3)), at v = log 3.

    >>> import keras
    >>> from blogkit.gan import f_gan_loss
    >>> v = keras.ops.log(keras.ops.array(3.0))
    >>> round(float(-f_gan_loss("twice_js").on_real(v)), 6)
    0.405465
    """
    critic, conjugate = _PAIRS[f_divergence(name).name]
    return of_single_logits(name, lambda v: -critic(v), conjugate, lambda v: -conjugate(v))


# g_f(v) and f*(g_f(v)).
_PAIRS = {
    "kl": (lambda v: v, lambda v: ops.exp(v - 1)),
    "reverse_kl": (lambda v: -ops.exp(-v), lambda v: v - 1),
    "pearson": (lambda v: v, lambda v: ops.relu(v + 2) ** 2 / 4 - 1),
    "neyman": (lambda v: 1 - ops.exp(v), lambda v: 2 - 2 * ops.exp(v / 2)),
    "squared_hellinger": (lambda v: 1 - ops.exp(-v), lambda v: ops.exp(v) - 1),
    "total_variation": (lambda v: ops.tanh(v) / 2, lambda v: ops.tanh(v) / 2),
    "gan": (lambda v: -ops.softplus(-v), ops.softplus),
    "twice_js": (lambda v: LOG_2 - ops.softplus(-v), lambda v: ops.softplus(v) - LOG_2),
}
