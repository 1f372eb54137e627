"""CodePrior: who sees whom, cached steps against the whole pass, samples against their exact law."""

import itertools

import keras
import numpy as np
import pytest

from blogkit.layers import CausalBlock
from blogkit.models import CodePrior

SIZES = dict(num_codes=4, height=3, width=5, dim=8, num_layers=2, num_heads=2)
SMALL = dict(num_codes=2, height=2, width=3, dim=8, num_layers=1, num_heads=2)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def made(sizes, scale=1.0, **options):
    """A model whose weights are random and large: its conditional laws differ from cell to cell."""
    model = CodePrior(**{**sizes, **options})
    model.build()
    generator = np.random.default_rng(5)
    model.set_weights([scale * generator.normal(size=w.shape) for w in model.get_weights()])
    return model


def every_map(num_codes, height, width):
    maps = itertools.product(range(num_codes), repeat=height * width)
    return np.array(list(maps), "int32").reshape(-1, height, width)


@pytest.fixture(scope="module")
def model():
    return made(SIZES)


@pytest.fixture(scope="module")
def small():
    return made(SMALL, 0.6)


@pytest.fixture(scope="module")
def codes():
    return np.random.default_rng(1).integers(0, 4, (6, 3, 5)).astype("int32")


def changed_cells(model, codes, before):
    """Which cells' logits differ from `before` in any map."""
    after = array(model(codes)).reshape(len(codes), 15, -1)
    return (np.abs(after - before.reshape(after.shape)) > 1e-4).any(axis=(0, 2))


def test_a_code_changes_later_cells_only(model, codes):
    before = array(model(codes))
    for cell in range(15):
        other = codes.copy().reshape(6, 15)
        other[:, cell] = (other[:, cell] + 1) % 4
        changed = changed_cells(model, other.reshape(codes.shape), before)
        # the very next one, too: the start token shifts by one cell and no more
        np.testing.assert_array_equal(changed, np.arange(15) > cell)


@pytest.mark.parametrize(("name", "index", "first"), [("row", 1, 5), ("row", 2, 10), ("column", 3, 3), ("column", 4, 4)])
def test_positions_are_those_of_the_cell_that_is_guessed(model, codes, name, index, first):
    before, table = array(model(codes)), getattr(model, f"{name}_embedding")
    values = array(table).copy()
    moved = values.copy()
    moved[index] += np.random.default_rng(2).normal(size=values.shape[1])
    table.assign(moved)
    try:
        np.testing.assert_array_equal(changed_cells(model, codes, before), np.arange(15) >= first)
    finally:
        table.assign(values)


def test_every_cell_of_a_map_that_is_not_square_has_its_own_position(model):
    rows, columns = array(model.row_embedding), array(model.column_embedding)
    assert rows.shape == (3, 8) and columns.shape == (5, 8)
    expected = [rows[row] + columns[column] for row in range(3) for column in range(5)]
    table = array(model.position_embedding())
    np.testing.assert_allclose(table, expected, rtol=1e-6)
    assert len(np.unique(table, axis=0)) == 15


def test_cached_steps_give_the_logits_of_the_whole_pass(model, codes):
    whole = array(model(codes)).reshape(6, 15, 4)
    caches, tokens = model.empty_caches(6), np.zeros(6, "int32")
    for cell in range(15):
        logits, caches = model.step(tokens, cell, caches)
        np.testing.assert_allclose(array(logits), whole[:, cell], rtol=1e-4, atol=1e-4)
        tokens = codes.reshape(6, 15)[:, cell] + 1
    assert whole[:, 1:].std(axis=0).min() > 0.01  # the codes matter in every cell but the first


def test_near_temperature_0_every_cell_takes_its_most_probable_code(model):
    """All of the compiled loop against the whole pass: no random number matters."""
    drawn = model.sample(3, seed=0, temperature=1e-6)
    np.testing.assert_array_equal(drawn, array(model(drawn)).argmax(axis=-1))
    assert (drawn == drawn[0]).all() and len(np.unique(drawn)) > 1


def test_probabilities_of_all_maps_sum_to_one(small):
    likelihood = small.log_likelihood(every_map(2, 2, 3))
    np.testing.assert_allclose(np.exp(likelihood.astype("float64")).sum(), 1, rtol=1e-5)
    loss = LOSS(every_map(2, 2, 3), small(every_map(2, 2, 3)))
    np.testing.assert_allclose(-likelihood.mean() / 6, array(loss), rtol=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_samples_follow_the_exact_law(small, temperature):
    """All 64 maps, counted; their law is the product of each cell's softmax(logits / temperature)."""
    maps, count = every_map(2, 2, 3), 20_000
    logits = array(small(maps)).astype("float64") / temperature
    each = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(each, maps[..., None], axis=-1)
    law = np.exp(chosen.sum(axis=(1, 2, 3)))
    assert law.max() > 3 * np.median(law)  # far from uniform: a wrong law would show
    drawn = small.sample(count, seed=7, temperature=temperature)
    number = drawn.reshape(count, 6) @ 2 ** np.arange(6)[::-1]
    counts = np.bincount(number, minlength=64)
    often = count * law > 10
    z = (counts - count * law)[often] / np.sqrt(count * law * (1 - law))[often]
    assert np.abs(z).max() < 4
    rare = law[~often].sum()
    assert abs(counts[~often].sum() - count * rare) < 4 * np.sqrt(count * rare) + 1


def test_equal_seeds_draw_equal_maps(small):
    one = small.sample(50, seed=3)
    np.testing.assert_array_equal(one, small.sample(50, seed=3))
    assert (one != small.sample(50, seed=4)).any()
    assert one.dtype == "int32" and one.shape == (50, 2, 3)


def test_learns_that_the_first_cell_decides_the_rest():
    """Codes that count on from a random first one: log P = -log 3, and every sample counts on."""
    keras.utils.set_random_seed(0)
    first = np.random.default_rng(0).integers(0, 3, 192)
    codes = ((first[:, None, None] + np.arange(6).reshape(2, 3)) % 3).astype("int64")
    model = CodePrior(3, 2, 3, dim=16, num_layers=1, num_heads=2, dropout=0.1, seed=0)
    untrained = model.sample(64, seed=0)
    model.compile(keras.optimizers.Adam(0.01), LOSS)
    losses = model.fit(codes, codes, batch_size=32, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.4 < 0.6 < losses[0]
    assert abs(model.log_likelihood(codes).mean() + np.log(3)) < 0.15

    def counting_on(maps):
        return (np.diff(maps.reshape(-1, 6), axis=1) % 3 == 1).mean()

    # The loop was compiled before any training and has the present weights all the same.
    assert counting_on(untrained) < 0.6
    assert counting_on(model.sample(64, seed=0)) > 0.95


def test_dropout_acts_in_training_only():
    model = made(SMALL, 0.6, dropout=0.5, seed=1)
    same = made(SMALL, 0.6)
    maps = every_map(2, 2, 3)
    # With drop-out Keras' attention is another code, hence not to the last digit.
    np.testing.assert_allclose(array(model(maps)), array(same(maps)), atol=1e-4)
    one, other = (array(model(maps, training=True)) for _ in range(2))
    assert np.abs(one - other).max() > 0.1


def test_saves_and_loads(tmp_path, small):
    small.save(tmp_path / "prior.keras")
    loaded = keras.saving.load_model(tmp_path / "prior.keras")
    maps = every_map(2, 2, 3)
    np.testing.assert_array_equal(array(loaded(maps)), array(small(maps)))
    np.testing.assert_array_equal(loaded.sample(20, seed=1), small.sample(20, seed=1))
    assert CausalBlock.from_config(small.blocks[0].get_config()).get_config() == small.blocks[0].get_config()


def test_half_precision_inside_keeps_float32_logits(small, codes):
    half = made(SMALL, 0.6, dtype="mixed_bfloat16")
    maps = every_map(2, 2, 3)
    logits = half(maps)
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    np.testing.assert_allclose(array(logits), array(small(maps)), atol=0.5)  # bfloat16: 8 bits
    assert half.sample(5, seed=0).shape == (5, 2, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_codes": 1}, "num_codes=1"),
        ({"height": 0}, "height=0"),
        ({"width": 2.5}, "width=2.5"),
        ({"num_layers": 0}, "num_layers=0"),
        ({"num_heads": 3}, "must divide `dim`.*dim=8, num_heads=3"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_settings(options, message):
    with pytest.raises(ValueError, match=message):
        CodePrior(**{**SIZES, **options})


def test_says_which_codes_do_not_fit(model, codes):
    for wrong, message in [
        (codes.transpose(0, 2, 1), r"\(batch, 3, 5\).*\(6, 5, 3\)"),
        (codes.reshape(6, 15), r"\(batch, 3, 5\).*\(6, 15\)"),
        (codes + 1, "from 1 to 4"),
        (codes - 1, "from -1 to 2"),
        (codes + 0.5, "must be integers"),
    ]:
        with pytest.raises(ValueError, match=message):
            model(wrong)
        with pytest.raises(ValueError, match=message):
            model.log_likelihood(wrong)


def test_says_what_cannot_be_drawn(small):
    for options, message in [
        ({"count": 0}, "count=0"),
        ({"temperature": 0.0}, "temperature=0.0"),
        ({"temperature": float("nan")}, "temperature=nan"),
        ({"seed": -1}, "seed=-1"),
    ]:
        with pytest.raises(ValueError, match=message):
            small.sample(**{"count": 2, "seed": 0, **options})


def test_heads_that_do_not_divide_a_block():
    with pytest.raises(ValueError, match="dim=6, num_heads=4"):
        CausalBlock(6, 4)
