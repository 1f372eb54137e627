"""Losses against formulas, integrals over distributions and the Dirac-GAN's fields; penalties."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.gan import LOSSES, GradientPenalty, f_gan_loss, gan_loss, pair_distance
from blogkit.gan_theory import (
    DIVERGENCES,
    dirac_gan,
    f_divergence,
    gaussian_shift,
    normal_density,
    quadrature,
)
from blogkit.ops import loss_and_gradients, value_and_gradient

BACKEND = keras.backend.backend()
X, WEIGHTS = quadrature(0.5 + np.linspace(-12, 12, 25))
P, Q = normal_density(X), normal_density(X, 1.0)


def number(tensor):
    """Not `float`, which warns on torch of tensors that have a gradient."""
    return numpy(tensor).item()


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def integral(function, logits, density):
    """E_law of a function of the logits on the grid."""
    values = numpy(function(ops.convert_to_tensor(logits)))
    assert values.dtype == "float64"
    return (values * density) @ WEIGHTS


def test_vanilla_critic_at_its_best_is_js(float64):
    vanilla, best = gan_loss("vanilla"), np.log(P / Q)
    value = -integral(vanilla.on_real, best, P) - integral(vanilla.on_fake, best, Q)
    assert value == pytest.approx(gaussian_shift("twice_js", 1.0) - np.log(4), abs=1e-9)
    assert value == pytest.approx(2 * 0.1114214822 - np.log(4), abs=1e-9)


@pytest.mark.parametrize(
    ("fake", "real", "generated", "expected"),
    # -1, 1, 0 gives Pearson's chi^2 of p + q and 2 q; the usual 0, 1, 1 does not.
    [(-1, 1, 0, 0.4081085313), (0, 1, 1, 0.6020271328)],
)
def test_least_squares_at_its_best(fake, real, generated, expected, float64):
    loss = gan_loss("lsgan", fake_target=fake, real_target=real, generator_target=generated)
    best = (real * P + fake * Q) / (P + Q)
    value = integral(loss.on_generated, best, P) + integral(loss.on_generated, best, Q)
    assert value == pytest.approx(expected, abs=1e-9)
    formula = (2 * Q - (P + Q)) ** 2 if generated == 0 else Q**2
    assert value == pytest.approx((formula / (P + Q)) @ WEIGHTS, abs=1e-9)
    critic = integral(loss.on_real, best, P) + integral(loss.on_fake, best, Q)
    for off in (-0.1, 0.1):
        assert integral(loss.on_real, best + off, P) + integral(loss.on_fake, best + off, Q) > critic


def test_hinge_at_its_best_is_total_variation(float64):
    hinge, best = gan_loss("hinge"), np.sign(P - Q)
    value = integral(hinge.on_real, best, P) + integral(hinge.on_fake, best, Q)
    assert value == pytest.approx(2 * np.minimum(P, Q) @ WEIGHTS, abs=1e-9)
    assert value == pytest.approx(1.2341501549, abs=1e-9)


@pytest.mark.parametrize(("name", "expected"), [("vanilla", -4.53979e-5), ("non_saturating", -0.9999546)])
def test_vanishing_gradient(name, expected):
    _, gradient = value_and_gradient(lambda f: gan_loss(name).generator(None, f), np.float32([-10.0]))
    assert numpy(gradient)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_f_gan(name, float64):
    """g_f(v) and f*(g_f(v)) as the NumPy tier has them, and the best critic's value."""
    divergence, loss = f_divergence(name), f_gan_loss(name)
    v = np.linspace(-4, 4, 33)
    t = divergence.activation(v)
    np.testing.assert_allclose(numpy(loss.on_real(ops.convert_to_tensor(v))), -t, rtol=1e-6, atol=1e-7)
    conjugate = divergence.conjugate(t)
    np.testing.assert_allclose(numpy(loss.on_fake(ops.convert_to_tensor(v))), conjugate, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(
        numpy(loss.on_generated(ops.convert_to_tensor(v))), -conjugate, rtol=1e-6, atol=1e-7
    )
    u = np.log(P / Q)  # v with g_f(v) = T*(p/q)
    best = {
        "kl": 1 + u,
        "pearson": 2 * (np.exp(u) - 1),
        "neyman": -2 * u,
        "squared_hellinger": u / 2,
        "total_variation": 20 * np.sign(u),
    }.get(name, u)
    if name == "total_variation" and BACKEND == "jax":
        pytest.skip("keras.ops.tanh is float32 on JAX")
    value = -integral(loss.on_real, best, P) - integral(loss.on_fake, best, Q)
    assert value == pytest.approx(gaussian_shift(name, 1.0), abs=1e-8)


def softplus(x):
    return np.logaddexp(0, x)


def relu(x):
    return np.maximum(x, 0)


# (critic, generator) as the table of the three stages writes them, means left out.
BY_HAND = {
    "vanilla": (lambda r, f: softplus(-r) + softplus(f), lambda r, f: -softplus(f)),
    "non_saturating": (lambda r, f: softplus(-r) + softplus(f), lambda r, f: softplus(-f)),
    "lsgan": (lambda r, f: (r - 1) ** 2 + f**2, lambda r, f: (f - 1) ** 2),
    "hinge": (lambda r, f: relu(1 - r) + relu(1 + f), lambda r, f: -f),
    "wgan": (lambda r, f: f - r, lambda r, f: -f),
    "rsgan": (lambda r, f: softplus(f - r), lambda r, f: softplus(r - f)),
    "ragan": (
        lambda r, f: softplus(f.mean() - r) + softplus(f - r.mean()),
        lambda r, f: softplus(r.mean() - f) + softplus(r - f.mean()),
    ),
}
BY_HAND |= {"wgan_gp": BY_HAND["wgan"], "wgan_div": BY_HAND["wgan"]}
BY_HAND |= {"r1": BY_HAND["non_saturating"], "r2": BY_HAND["non_saturating"]}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("column", [False, True])
def test_against_numpy(name, column, rng):
    real, fake = 2 * rng.normal(size=(2, 9)).astype("float32")
    distance = rng.uniform(0.5, 2, size=9).astype("float32")
    critic, generator = BY_HAND.get(name) or (
        lambda r, f: (r - f) ** 2 / (2 * 10 * distance) - (r - f),
        lambda r, f: r - f,
    )
    loss, shape = gan_loss(name), (9, 1) if column else (9,)
    given = ops.convert_to_tensor(real.reshape(shape)), ops.convert_to_tensor(fake.reshape(shape))
    found = number(loss.critic(*given, distance=ops.convert_to_tensor(distance)))
    assert found == pytest.approx(critic(real, fake).mean(), rel=1e-5)
    if not loss.compares:
        given = (None, given[1])
    assert number(loss.generator(*given)) == pytest.approx(generator(real, fake).mean(), rel=1e-5)


def test_penalties_that_belong_to_a_loss():
    between = {"at": "between"}
    expected = {
        "wgan_gp": GradientPenalty(**between, weight=10.0, target=1.0),
        "wgan_div": GradientPenalty(**between, weight=2.0, power=6.0),
        "r1": GradientPenalty("real", 5.0),
        "r2": GradientPenalty("fake", 5.0),
    }
    assert {name: gan_loss(name).penalty for name in LOSSES if gan_loss(name).penalty} == expected
    assert gan_loss("r1", gamma=3.0, base="hinge").on_generated is not None
    assert gan_loss("r1", gamma=3.0).penalty.weight == 1.5


DIRAC = [
    ("vanilla", {}, "gan", {}),
    ("non_saturating", {}, "nsgan", {}),
    ("rsgan", {}, "rsgan", {}),
    ("wgan", {}, "wgan", {}),
    ("r1", {"gamma": 0.8, "base": "vanilla"}, "gan_r1", {"gamma": 0.8}),
    ("r2", {"gamma": 0.8}, "nsgan_r1", {"gamma": 0.8}),
    ("wgan_gp", {"weight": 0.4, "target": 1.0}, "wgan_gp", {"weight": 0.8, "target": 1.0}),
    ("wgan_div", {"weight": 2.0, "power": 6.0}, "wgan_div", {}),
    ("wgan_div", {"weight": 0.5, "power": 3.0}, "wgan_div", {"weight": 0.5, "power": 3.0}),
]


@pytest.mark.parametrize(("name", "settings", "system", "parameters"), DIRAC)
def test_dirac_gan_follows_the_gradients_of_the_losses(name, settings, system, parameters):
    """D = psi x with real label 1; the dynamics call -psi what is psi here."""
    loss, field = gan_loss(name, **settings), dirac_gan(system, **parameters)
    for at_theta, at_psi in ((0.7, -0.4), (1.3, 0.9)):
        theta, psi = keras.Variable(at_theta), keras.Variable(at_psi)
        real = ops.zeros((1, 1))

        def critic(x):
            return psi * x[:, 0]

        def critic_loss():
            fake = ops.reshape(ops.stop_gradient(theta * 1.0), (1, 1))
            penalty = loss.penalty(critic, real, fake, ops.ones((1,)) / 2) if loss.penalty else 0
            return loss.critic(critic(real), critic(fake)) + penalty

        def generator_loss():
            return loss.generator(critic(real), critic(ops.reshape(theta, (1, 1))))

        by_psi = number(loss_and_gradients(critic_loss, [psi])[1][0])
        by_theta = number(loss_and_gradients(generator_loss, [theta])[1][0])
        np.testing.assert_allclose([-by_theta, by_psi], field([at_theta, -at_psi]), rtol=1e-5, atol=1e-6)


def bowl(x):
    """Gradient x: its length is the sample's own."""
    return ops.sum(ops.reshape(x, (x.shape[0], -1)) ** 2, axis=1, keepdims=True) / 2


@pytest.mark.parametrize(
    ("penalty", "cost"),
    [
        (GradientPenalty("real", 1.5), lambda real, fake, mid: 1.5 * (real**2).sum((1, 2))),
        (GradientPenalty("fake", 0.5), lambda real, fake, mid: 0.5 * (fake**2).sum((1, 2))),
        (GradientPenalty("between", 2.0, power=6.0), lambda real, fake, mid: 2 * (mid**2).sum((1, 2)) ** 3),
        (GradientPenalty("between", 2.0, power=3.0), lambda real, fake, mid: 2 * (mid**2).sum((1, 2)) ** 1.5),
        (
            GradientPenalty("between", 10.0, target=1.0),
            lambda real, fake, mid: 10 * (np.sqrt((mid**2).sum((1, 2))) - 1) ** 2,
        ),
    ],
)
def test_penalty_by_hand(penalty, cost, rng):
    real, fake = rng.normal(size=(2, 5, 2, 3)).astype("float32")
    mix = rng.uniform(size=5).astype("float32")
    mid = mix[:, None, None] * real + (1 - mix[:, None, None]) * fake
    assert number(penalty(bowl, real, fake, mix)) == pytest.approx(cost(real, fake, mid).mean(), rel=1e-4)


def test_penalty_of_a_flat_critic_has_a_gradient():
    """The root of 0 has no derivative; a critic that starts flat must still be trained."""
    for penalty in (GradientPenalty("real", 1.0, target=1.0), GradientPenalty("real", 1.0, power=3.0)):
        w, x = keras.Variable([0.0, 0.0]), np.ones((4, 2), "float32")
        loss, (gradient,) = loss_and_gradients(lambda: penalty(lambda x: ops.sum(w * x, 1), x, x, None), [w])
        assert number(loss) == penalty.target and np.isfinite(numpy(gradient)).all()


def test_pair_distance():
    real = ops.convert_to_tensor(np.float32([[3, 4], [1, 1]]))
    np.testing.assert_allclose(numpy(pair_distance(real, ops.zeros_like(real))), [5, 2**0.5], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("ns", {}, "`name` must be one of 'vanilla', 'non_saturating', .*'gan_qp'.*name='ns'"),
        ("hinge", {"gamma": 1.0}, "'hinge' takes the settings: none.*gamma=1.0"),
        ("r1", {"weight": 1.0}, "takes the settings: gamma, base.*weight=1.0"),
        ("r1", {"gamma": -1.0}, "non-negative number.*weight=-0.5"),
        ("r1", {"base": "ns"}, "`name` must be one of 'vanilla'"),
        ("wgan_gp", {"target": float("nan")}, "target=nan"),
        ("wgan_div", {"power": 0.5}, "`power` must be at least 1.*0.5"),
    ],
)
def test_unknown_losses_and_settings(name, settings, message):
    with pytest.raises(ValueError, match=message):
        gan_loss(name, **settings)


def test_unknown_divergence():
    with pytest.raises(ValueError, match="'kl', .*name='js'"):
        f_gan_loss("js")


def test_bad_logits():
    two, three = ops.ones((2,)), ops.ones((3,))
    with pytest.raises(ValueError, match=r"one logit per sample.*\(2, 3\).*Dense\(1\)"):
        gan_loss("hinge").critic(ops.ones((2, 3)), two)
    with pytest.raises(ValueError, match="'rsgan' compares pairs.*must have one size.*2 real and 3 fake"):
        gan_loss("rsgan").critic(two, three)
    with pytest.raises(ValueError, match="'ragan' compares.*real_logits"):
        gan_loss("ragan").generator(None, two)
    with pytest.raises(ValueError, match="'gan_qp' needs `distance`.*pair_distance"):
        gan_loss("gan_qp").critic(two, two)
    assert number(gan_loss("hinge").critic(two, three)) == 2  # means need no pairs


def test_bad_penalties():
    with pytest.raises(ValueError, match="`at` must be one of 'real', 'fake', 'between'.*at='mid'"):
        GradientPenalty("mid", 1.0)
    with pytest.raises(ValueError, match="even integer.*power=3, target=1"):
        GradientPenalty("real", 1.0, target=1, power=3)
    with pytest.raises(ValueError, match="floating point.*int32"):
        GradientPenalty("real", 1.0)(bowl, np.ones((2, 3), "int32"), None, None)
    if BACKEND != "jax":  # which cannot tell from a flat critic
        with pytest.raises(ValueError, match="differentiable way"):
            GradientPenalty("real", 1.0)(
                lambda x: bowl(ops.round(ops.stop_gradient(x))), np.ones((2, 3), "float32"), None, None
            )
