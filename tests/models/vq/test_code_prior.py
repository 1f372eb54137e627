"""CodePrior: causality, cached steps against the full pass, samples against exact probabilities."""

import itertools

import keras
import numpy as np
import pytest

from blogkit.layers import CausalBlock
from blogkit.models import CodePrior
from blogkit.models.saved_seeds import seed_states

SIZES = dict(num_codes=4, height=3, width=5, dim=8, num_layers=2, num_heads=2)
SMALL = dict(num_codes=2, height=2, width=3, dim=8, num_layers=1, num_heads=2)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def made(sizes, scale=1.0, **options):
    """A model whose weights are random and large: its conditional distributions differ from cell to cell."""
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
    return made(SIZES, dropout=0.3, seed=1)  # which may show in training only


@pytest.fixture(scope="module")
def small():
    return made(SMALL, 0.6)


@pytest.fixture(scope="module")
def codes():
    return np.random.default_rng(1).integers(0, 4, (6, 3, 5)).astype("int32")


def changed_cells(model, codes, before):
    """Which cells' logits differ from `before` in any map."""
    after = model.predict_on_batch(codes).reshape(len(codes), 15, -1)
    return (np.abs(after - before.reshape(after.shape)) > 1e-4).any(axis=(0, 2))


def test_a_code_changes_later_cells_only(model, codes):
    before = model.predict_on_batch(codes)
    for cell in range(15):
        other = codes.copy().reshape(6, 15)
        other[:, cell] = (other[:, cell] + 1) % 4
        changed = changed_cells(model, other.reshape(codes.shape), before)
        # the very next one, too: the start token shifts by one cell and no more
        np.testing.assert_array_equal(changed, np.arange(15) > cell)


@pytest.mark.parametrize(
    ("name", "index", "first"), [("row", 1, 5), ("row", 2, 10), ("column", 3, 3), ("column", 4, 4)]
)
def test_positions_are_those_of_the_cell_that_is_guessed(model, codes, name, index, first):
    before, table = model.predict_on_batch(codes), getattr(model, f"{name}_embedding")
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
    whole = model.predict_on_batch(codes).reshape(6, 15, 4)
    caches, tokens = model.empty_caches(6), np.zeros(6, "int32")
    for cell in range(15):
        logits, caches = model.step(tokens, cell, caches)
        np.testing.assert_allclose(array(logits), whole[:, cell], rtol=1e-4, atol=1e-4)
        tokens = codes.reshape(6, 15)[:, cell] + 1
    assert whole[:, 1:].std(axis=0).min() > 0.01  # the codes matter in every cell but the first


def test_near_temperature_0_every_cell_takes_its_most_probable_code(model):
    """All of the compiled loop against the whole pass: no random number matters."""
    drawn = model.sample(6, seed=0, temperature=1e-6)
    np.testing.assert_array_equal(drawn, model.predict_on_batch(drawn).argmax(axis=-1))
    assert (drawn == drawn[0]).all() and len(np.unique(drawn)) > 1


def probabilities(model, maps, temperature=1.0):
    """The product of each cell's softmax(logits / temperature), in float64."""
    logits = model.predict_on_batch(maps).astype("float64") / temperature
    each = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return np.exp(np.take_along_axis(each, maps[..., None], axis=-1).sum(axis=(1, 2, 3)))


def test_probabilities_of_all_maps_sum_to_one(small):
    maps = every_map(2, 2, 3)
    likelihood = small.log_likelihood(maps)
    np.testing.assert_allclose(np.exp(likelihood.astype("float64")).sum(), 1, rtol=1e-5)
    np.testing.assert_allclose(likelihood, np.log(probabilities(small, maps)), rtol=1e-4)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_samples_follow_the_exact_distribution(small, temperature):
    """All 64 maps, counted."""
    count = 20_000
    expected = count * probabilities(small, every_map(2, 2, 3), temperature)
    assert expected.max() > 3 * np.median(expected)  # far from uniform: a wrong distribution would show
    drawn = small.sample(count, seed=7, temperature=temperature)
    counts = np.bincount(drawn.reshape(count, 6) @ 2 ** np.arange(6)[::-1], minlength=64)
    often = expected > 10
    z = (counts - expected) / np.sqrt(expected * (1 - expected / count))
    assert often.sum() > 20 and np.abs(z[often]).max() < 4
    rare = expected[~often].sum()
    assert abs(counts[~often].sum() - rare) < 4 * np.sqrt(rare) + 1


def test_four_codes_follow_the_exact_distribution(model, codes):
    """In the first cell. With two codes a mirrored Gumbel distribution would give equal samples."""
    logits = model.predict_on_batch(codes)[0, 0, 0].astype("float64")
    expected = 2000 * np.exp(logits) / np.exp(logits).sum()
    counts = np.bincount(model.sample(2000, seed=2)[:, 0, 0], minlength=4)
    assert np.abs((counts - expected) / np.sqrt(expected * (1 - expected / 2000))).max() < 4


def test_equal_seeds_draw_equal_maps(small):
    one = small.sample(50, seed=3)
    np.testing.assert_array_equal(one, small.sample(50, seed=3))
    assert (one != small.sample(50, seed=4)).any()
    assert one.dtype == "int32" and one.shape == (50, 2, 3)


def test_learns_that_the_first_cell_decides_the_rest():
    """Codes that take turns from a random first one: log P = -log 2, and every sample takes turns."""
    keras.utils.set_random_seed(0)
    first = np.arange(192) % 2
    codes = ((first[:, None, None] + np.arange(6).reshape(2, 3)) % 2).astype("int64")
    model = CodePrior(**SMALL, seed=0)
    untrained = model.sample(64, seed=0)
    model.compile(keras.optimizers.Adam(0.02), LOSS)
    losses = model.fit(codes, codes, batch_size=32, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.2 < 0.4 < losses[0]
    assert abs(model.log_likelihood(codes[:64]).mean() + np.log(2)) < 0.1

    def turns(maps):
        return (np.diff(maps.reshape(-1, 6), axis=1) != 0).mean()

    # The loop was compiled before any training and has the present weights all the same.
    assert turns(untrained) < 0.8 and turns(model.sample(64, seed=0)) > 0.95


def test_dropout_acts_in_training():
    """That it does not otherwise is seen above: cached steps drop nothing and give the same."""
    model = made(SMALL, 0.6, dropout=0.3, seed=1)
    model.compile(keras.optimizers.SGD(0.0), LOSS)
    maps = every_map(2, 2, 3)
    one, both = (float(model.train_on_batch(maps, maps)) for _ in range(2))  # a running mean
    assert abs(one - both) > 1e-3


def test_resumed_training_has_the_same_weights(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    model, maps = made(SMALL, 0.6, dropout=0.3, seed=1), every_map(2, 2, 3)
    model.compile(keras.optimizers.SGD(0.1), LOSS)

    def fit(*callbacks, **options):  # of one model, which compiles once
        model.fit(
            maps,
            maps,
            batch_size=32,
            epochs=2,
            shuffle=False,
            verbose=0,
            callbacks=list(callbacks),
            **options,
        )
        return [array(variable) for variable in model.variables]

    backup = str(tmp_path / "backup")
    with pytest.raises(KeyboardInterrupt):
        fit(keras.callbacks.BackupAndRestore(backup), Stop())
    went_on = fit(initial_epoch=1)
    resumed = fit(keras.callbacks.BackupAndRestore(backup))
    assert len(seed_states(model)) == 4  # the embedding's, the attention's, after it, the network's
    for variable, ours, theirs in zip(model.variables, went_on, resumed):
        np.testing.assert_array_equal(ours, theirs, err_msg=variable.path)


def test_saves_and_loads(tmp_path, model, small):
    assert CodePrior.from_config(model.get_config()).get_config() == model.get_config()
    assert {**SIZES, "dropout": 0.3, "seed": 1}.items() <= model.get_config().items()
    small.save(tmp_path / "prior.keras")
    loaded = keras.saving.load_model(tmp_path / "prior.keras")
    maps = every_map(2, 2, 3)
    np.testing.assert_array_equal(loaded.predict_on_batch(maps), small.predict_on_batch(maps))
    np.testing.assert_array_equal(loaded.sample(50, seed=3), small.sample(50, seed=3))
    assert CausalBlock.from_config(small.blocks[0].get_config()).get_config() == small.blocks[0].get_config()


def test_half_precision_inside_keeps_float32_logits(small):
    half = made(SMALL, 0.6, dtype="mixed_bfloat16")
    maps = every_map(2, 2, 3)
    logits = half.predict_on_batch(maps)
    assert logits.dtype == "float32"
    np.testing.assert_allclose(logits, small.predict_on_batch(maps), atol=0.5)  # bfloat16: 8 bits
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
