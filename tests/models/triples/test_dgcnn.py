"""DGCNN against its formulas in NumPy, padding, receptive field and seeds."""

import keras
import numpy as np
import pytest
from dgcnn_reference import dgcnn

from blogkit.models import DGCNN
from blogkit.ops import value_and_gradient

SIZES = dict(
    vocabulary_size=12, num_predicates=3, max_length=9, dim=6, dilations=(1, 2), num_heads=2, head_dim=3
)
TOKENS = np.array([[3, 5, 6, 7, 8, 9, 10, 4, 0], [3, 6, 11, 4, 0, 0, 0, 0, 0], [3, 4] + [0] * 7, [0] * 9])
LENGTHS, SUBJECTS = (8, 4, 2), np.array([[1, 4], [2, 2], [0, 1], [0, 0]])


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def made(**options):
    """A network of random weights, so large that every product matters."""
    network = DGCNN(**{**SIZES, **options})
    network.build(TOKENS.shape)
    generator = np.random.default_rng(1)
    network.set_weights([generator.normal(size=w.shape) * 0.6 for w in network.get_weights()])
    return network


def outputs(network, tokens=TOKENS, training=False):
    mask = tokens > 0
    x = network.encode(tokens, mask, training)
    return [
        array(t)
        for t in (x, network.subjects(x, mask, training), network.objects(x, mask, *SUBJECTS.T, training))
    ]


@pytest.fixture(scope="module")
def network():
    return made()


@pytest.mark.parametrize("options", ({}, {"priors": False}, {"conditioned": False}))
def test_against_numpy(options):
    network = made(dropout=0.3, **options)  # dropout acts in training only
    found = outputs(network)
    for row, length in enumerate(LENGTHS):
        for part, wanted in zip(found, dgcnn(network, TOKENS[row, :length], *SUBJECTS[row])):
            np.testing.assert_allclose(part[row, :length], wanted, rtol=2e-4, atol=2e-5)
    assert np.abs(found[0][1, 4:]).max() == 0 and np.isfinite(found[2]).all()


def test_padding_and_neighbours_change_nothing(network):
    for whole, cut in zip(outputs(network), outputs(network, TOKENS[:, :8])):
        np.testing.assert_allclose(whole[:, :8], cut, atol=1e-6)
    other = TOKENS.copy()
    other[0] = other[0, [0, 3, 2, 1, 4, 5, 6, 7, 8]]
    for whole, changed in zip(outputs(network), outputs(network, other)):
        np.testing.assert_allclose(whole[1], changed[1], atol=1e-6)
        assert np.abs(whole[0] - changed[0]).max() > 1e-3


def test_objects_depend_on_the_subject_unless_told_not_to(network):
    mask = TOKENS > 0
    for part, depends in ((network, True), (made(conditioned=False), False)):
        x = part.encode(TOKENS, mask)
        one, two = (array(part.objects(x, mask, *(SUBJECTS + shift).T)) for shift in (0, 1))
        assert (np.abs(one - two)[:2].max(axis=(1, 2, 3)) > 1e-4).all() == depends
        assert depends or (one == two).all()


def test_sees_55_characters():
    """A change of the input reaches 27 positions on either side and no further."""
    network = DGCNN(vocabulary_size=5, num_predicates=1, max_length=80, dim=2)
    network.build((1, 80))
    mask = np.ones((1, 80), bool)

    def middle(x):  # through the blocks as `encode` goes
        for layer in network.blocks:
            x = layer(x, mask=mask)
        return keras.ops.sum(x[:, 40], axis=-1)

    _, gradient = value_and_gradient(
        middle, np.random.default_rng(0).normal(size=(1, 80, 2)).astype("float32")
    )
    reached = np.flatnonzero(np.abs(array(gradient)[0]).sum(axis=-1))
    assert (reached.min(), reached.max()) == (40 - 27, 40 + 27)


def test_positions_begin_with_zeros_and_drops_depend_on_the_seed():
    networks = [made(dropout=0.5, gate_dropout=0.5, seed=seed) for seed in (1, 1, 2)]
    fresh = DGCNN(**SIZES)
    fresh.build(TOKENS.shape)
    assert (array(fresh.positions.weights[0]) == 0).all() and (array(fresh.embedding.weights[0]) != 0).any()
    one, same, other = (outputs(network, training=True)[0] for network in networks)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3 and np.abs(one - outputs(networks[0])[0]).max() > 1e-3


def test_half_precision_has_no_infinite_number():
    network = made(dtype="mixed_float16")
    found, wanted = outputs(network), outputs(made())
    for part in found:
        assert np.isfinite(part).all()
    assert found[1].dtype == found[2].dtype == np.float32
    np.testing.assert_allclose(found[2][:3], wanted[2][:3], atol=0.02)


@pytest.mark.parametrize("name", ("vocabulary_size", "num_predicates", "max_length", "dim"))
def test_says_which_size_is_wrong(name):
    with pytest.raises(ValueError, match=f"{name}=0"):
        DGCNN(**{**SIZES, name: 0})
