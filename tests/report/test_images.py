"""Figures are sharp, small, opaque and of the right colours."""

import io

import numpy as np
import pytest
from matplotlib import colormaps, rcParams
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure
from PIL import Image

from blogkit.report import images
from blogkit.report.images import animation_gif, figure_png


def drawn(picture=None):
    """A figure with a line or with `picture`, which fills it."""
    figure = Figure(figsize=(4, 2))
    if picture is None:
        figure.subplots().plot([0, 1, 0.5], label="line")
    else:
        figure.add_axes((0, 0, 1, 1)).imshow(picture, aspect="auto", interpolation="nearest")
        figure.axes[0].axis("off")
    return figure


def opened(png):
    return Image.open(io.BytesIO(png))


def margins_cut(image):
    """Without the tenth of an inch that a figure gets on each side."""
    assert image.size == pytest.approx((840, 440), abs=2)
    return image.crop((20, 20, image.width - 20, image.height - 20))


def photograph(rng, height=50, width=100):
    """Colours that change smoothly, with a little noise: no 256 of them are enough."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    smooth = np.stack([x, y, 1 - x * y], axis=-1)
    return np.clip(255 * smooth + rng.normal(0, 4, smooth.shape), 0, 255).astype("uint8")


def test_line_art_has_two_pixels_per_pixel_of_the_page_and_a_palette():
    png, shown = figure_png(drawn())
    image = opened(png)
    assert image.mode == "P" and image.size == pytest.approx((2 * shown["width"], 2 * shown["height"]), abs=1)
    assert shown["width"] == pytest.approx(400, abs=30)  # 4 inches at 100 pixels, the margins cut off
    plain = io.BytesIO()
    drawn().savefig(plain, format="png", dpi=200, bbox_inches="tight")
    assert len(png) < len(plain.getvalue()) / 2
    exact = np.asarray(opened(plain.getvalue()).convert("RGB"), int)
    assert np.abs(np.asarray(image.convert("RGB"), int) - exact).max() <= 16


def test_a_photograph_keeps_its_colours(rng):
    picture = photograph(rng)
    image = opened(figure_png(drawn(picture))[0])
    assert image.mode == "RGB"
    inside = margins_cut(image).resize((100, 50), Image.Resampling.BOX)
    assert np.abs(np.asarray(inside, int) - picture).mean() < 2  # a palette of 256 is off by 7


def test_a_colour_scale_shows_no_bands():
    scale = np.tile(np.linspace(0, 1, 400), (2, 1))
    figure = Figure(figsize=(4, 2))
    for bottom, name in ((0, "viridis"), (0.5, "RdBu")):
        axis = figure.add_axes((0, bottom, 1, 0.5))
        axis.imshow(scale, aspect="auto", cmap=name)
        axis.axis("off")
    image = np.asarray(margins_cut(opened(figure_png(figure)[0])).convert("RGB"), int)
    for row, name in ((100, "RdBu"), (300, "viridis")):
        wanted = 255 * colormaps[name](np.linspace(0, 1, image.shape[1]))[:, :3]
        assert np.abs(image[row] - wanted)[5:-5].max() <= 8  # a step of the scale


def test_what_would_be_too_large_is_drawn_at_a_smaller_scale(rng):
    noise = rng.integers(0, 256, (110, 180, 3), "uint8")
    sizes = {}
    for scale in images.SCALES:
        buffer = io.BytesIO()
        drawn(noise).savefig(buffer, format="png", dpi=100 * scale, bbox_inches="tight", transparent=False)
        sizes[scale] = len(images.small_png(opened(buffer.getvalue()).convert("RGB")))
    for scale in images.SCALES:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(images, "LARGEST", sizes[scale])
            png, shown = figure_png(drawn(noise))
        assert opened(png).width == pytest.approx(scale * shown["width"], abs=1)
        assert len(png) == sizes[scale]


def test_the_ground_is_opaque_and_light_under_dark_text(monkeypatch):
    """On a dark page black labels on a transparent ground could not be read."""
    monkeypatch.setitem(rcParams, "savefig.transparent", True)
    image = opened(figure_png(drawn())[0])
    assert "transparency" not in image.info and image.mode in ("P", "RGB")
    assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_equal_figures_give_equal_bytes_without_a_version():
    png, _ = figure_png(drawn())
    assert png == figure_png(drawn())[0] and b"tEXt" not in png


def moving(frames=5, dpi=50):
    figure = Figure(figsize=(4, 2), dpi=dpi)
    axis = figure.subplots()
    axis.set(xlim=(0, 1), ylim=(0, 9))
    (line,) = axis.plot([0, 1], [0, 0], color="tab:red")
    return FuncAnimation(figure, lambda i: line.set_ydata([0, i]), frames=frames)


def test_an_animation_is_sharp_and_its_frames_differ():
    gif, shown = animation_gif(moving(), 10)
    image = opened(gif)
    assert shown == {"width": 200, "height": 100} and image.size == (400, 200)
    assert (image.n_frames, image.info["duration"], image.info["loop"]) == (5, 100, 0)
    frames = []
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB"), int))
    assert all((one != other).any() for one, other in zip(frames, frames[1:]))
    red = np.array([214, 39, 40])  # tab:red
    assert all(np.abs(frame - red).max(axis=-1).min() <= 8 for frame in frames[1:])  # 0: on the axis


def test_an_animation_that_would_be_too_large_is_drawn_at_a_smaller_scale(monkeypatch):
    large = len(animation_gif(moving(), 10)[0])
    monkeypatch.setattr(images, "LARGEST", large - 1)
    gif, shown = animation_gif(moving(), 10)
    assert opened(gif).size == (300, 150) and shown == {"width": 200, "height": 100}
