"""Photographs inside packages: sizes, whole held-out photographs; places and frequencies of patches."""

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest
from official_files import claiming, jpeg

from blogkit.datasets import MissingDataset, Photographs, patches, photographs
from blogkit.extras import install_command

# (height, width) as scikit-image's and scikit-learn's documentation give them.
TRAIN = {
    "china": (427, 640),
    "flower": (427, 640),
    "astronaut": (512, 512),
    "motorcycle": (500, 741),
    "rocket": (427, 640),
}
HELD = {"chelsea": (300, 451), "coffee": (400, 600)}


@pytest.fixture(scope="module")
def pictures():
    return photographs()


def test_the_photographs_are_those_of_the_packages(pictures):
    for part, sides in ((pictures.train, TRAIN), (pictures.held, HELD)):
        assert {name: picture.shape for name, picture in part.items()} == {
            n: (*s, 3) for n, s in sides.items()
        }
        assert all(picture.dtype == np.uint8 and picture.flags.writeable for picture in part.values())
    assert pictures.stand_in and pictures.name == "7 photographs of scikit-learn and scikit-image"
    everything = [picture.tobytes() for picture in (pictures.train | pictures.held).values()]
    assert len(set(everything)) == 7


def test_scikit_learn_reads_the_same_pixels(pictures):
    from sklearn.datasets import load_sample_image

    for name in ("china", "flower"):
        np.testing.assert_array_equal(pictures.train[name], load_sample_image(f"{name}.jpg"))


def test_channels_are_red_green_blue(pictures):
    red, green, blue = range(3)
    # A red cup on brown wood, an evening sky, an orange suit, leaves out of focus.
    means = {name: picture.mean(axis=(0, 1)) for name, picture in (pictures.train | pictures.held).items()}
    assert means["coffee"].argmax() == red and means["coffee"].argmin() == blue
    assert means["rocket"].argmax() == blue and means["rocket"].argmin() == red
    suit = pictures.train["astronaut"][350:450, 50:110].mean(axis=(0, 1))
    assert suit.argmax() == red and suit.argmin() == blue
    corner = pictures.train["flower"][:100, :100].mean(axis=(0, 1))
    assert corner[green] > 2 * corner[red]


@pytest.mark.parametrize("shrink", [2, np.int64(7)])
def test_shrinking_is_the_mean_of_whole_squares(pictures, shrink):
    small = photographs(shrink=shrink)
    assert small.name == f"{pictures.name}, shrunk by {shrink}"
    for name, (height, width) in (TRAIN | HELD).items():
        picture, found = (pictures.train | pictures.held)[name], (small.train | small.held)[name]
        assert found.shape == (height // shrink, width // shrink, 3) and found.dtype == np.uint8
        for row, column in ((0, 0), (3, 5), (height // shrink - 1, width // shrink - 1)):
            square = picture[row * shrink : (row + 1) * shrink, column * shrink : (column + 1) * shrink]
            exact = [sum(map(int, square[..., channel].ravel())) / shrink**2 for channel in range(3)]
            assert abs(found[row, column] - np.array(exact)).max() <= 0.5  # rounded, not cut off


@pytest.mark.parametrize("shrink", [0, -2, 1.5, 2.0, True, "2", None])
def test_a_shrink_that_is_no_count_is_refused(shrink):
    with pytest.raises(ValueError, match=f"`shrink` must be a positive integer. Received: shrink={shrink!r}"):
        photographs(shrink=shrink)


def test_a_shrink_that_leaves_nothing_is_refused():
    with pytest.raises(
        ValueError,
        match=r"must be at most the shortest side of chelsea.png, \(300, 451\). Received: shrink=301",
    ):
        photographs(shrink=301)


@pytest.fixture
def replace(monkeypatch):
    """Function that moves a module to another folder; None simulates a missing package."""
    find = importlib.util.find_spec

    def replace(module, folder):
        spec = folder and SimpleNamespace(submodule_search_locations=[str(folder)])
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec if name == module else find(name))

    return replace


@pytest.mark.parametrize(("module", "package"), [("sklearn", "scikit-learn"), ("skimage", "scikit-image")])
def test_a_missing_package_or_file_is_named_with_its_extra(replace, tmp_path, module, package):
    for folder in (None, tmp_path):
        replace(module, folder)
        with pytest.raises(MissingDataset) as error:
            photographs()
        remedy = f"inside the package {package}. {install_command('embedded')}"
        assert str(error.value).endswith(remedy)
        assert error.value.path.is_relative_to(folder or module)


def test_a_damaged_photograph_is_named(replace, tmp_path):
    folder = tmp_path / "datasets" / "images"
    folder.mkdir(parents=True)
    (folder / "flower.jpg").touch()
    replace("sklearn", tmp_path)
    bomb = claiming(jpeg(np.zeros((8, 8, 3), "uint8")), 60_000, 60_000)
    for content in (b"", b"<html>404</html>", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", bomb):
        (folder / "china.jpg").write_bytes(content)
        with pytest.raises(
            ValueError, match=r"china\.jpg is not a complete photograph: .*Install its package again"
        ):
            photographs()


def numbered(number, height, width):
    """A picture whose pixels encode its number and their position."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([np.full_like(rows, number), rows, columns], axis=-1).astype("uint8")


SIDES = [(9, 12), (20, 5), (6, 6)]
SMALL = {f"picture {number}": numbered(number, *side) for number, side in enumerate(SIDES)}


def test_patches_lie_anywhere_in_a_picture_as_often_as_its_area():
    size, count = 4, 20_000
    found = patches(SMALL, size=size, count=count, seed=0)
    assert found.shape == (count, size, size, 3) and found.dtype == np.uint8
    number, top, left = found[:, 0, 0].astype(int).T
    for row in range(size):
        for column in range(size):
            np.testing.assert_array_equal(
                found[:, row, column], np.stack([number, top + row, left + column], axis=1)
            )
    areas = np.array([height * width for height, width in SIDES])
    for which, (height, width) in enumerate(SIDES):
        expected = areas[which] / areas.sum()
        rows = number == which
        assert abs(rows.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / count)
        places = [(t, l) for t in range(height - size + 1) for l in range(width - size + 1)]
        seen = np.array([(rows & (top == t) & (left == l)).sum() for t, l in places])
        even = rows.sum() / len(places)
        assert seen.sum() == rows.sum() and (abs(seen - even) < 4.5 * np.sqrt(even)).all()  # up to 54 places


def test_patches_depend_on_the_seed_alone():
    first, second, other = (patches(SMALL, size=5, count=50, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
    np.testing.assert_array_equal(
        patches({"one": SMALL["picture 2"]}, size=6, count=3, seed=0)[2], SMALL["picture 2"]
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(size=6), r"size=6 pixels. Received: picture 1, uint8 \(20, 5, 3\)"),
        (dict(size=0), "`size` must be a positive integer. Received: size=0"),
        (dict(count=0), "`count` must be a positive integer. Received: count=0"),
        (dict(pictures={}), "non-empty mapping of names to pictures. Received: dict"),
        (dict(pictures=list(SMALL.values())), "names to pictures. Received: list"),
        (dict(pictures={"real": numbered(0, 9, 9) / 255}), "real, float64"),
        (dict(pictures={"grey": numbered(0, 9, 9)[..., 0]}), r"grey, uint8 \(9, 9\)"),
        (dict(pictures={"grey": numbered(0, 9, 9)[..., :1]}), r"grey, uint8 \(9, 9, 1\)"),
    ],
)
def test_pictures_that_do_not_fit_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        patches(**(dict(pictures=SMALL, size=2, count=3, seed=0) | change))


def test_held_photographs_are_whole_ones(pictures):
    assert isinstance(pictures, Photographs) and not set(pictures.train) & set(pictures.held)
