"""Figures as small, sharp PNG images, and animations as GIFs."""

import io
import tempfile
from pathlib import Path

DOTS_PER_INCH = 100  # a figure of one inch is shown on a page as this many pixels
SCALES = (2, 1.5, 1)  # image pixels per pixel of the page; high-density screens show two
LARGEST = 140_000  # bytes; what exceeds them at one scale is drawn at the next
PALETTE = 256  # colours; an image that needs more keeps all of them
VISIBLE = 1.0  # root mean square error of a palette, in grey levels, above which it shows
GIF_PALETTE = 64  # colours of an animation, the same for all frames


def figure_png(figure) -> tuple[bytes, dict[str, int]]:
    """A matplotlib figure as PNG bytes, with the width and height at which to show it.

    The image has 2 pixels per pixel of the page, else 1.5 or 1: the first scale
    that needs at most 140 kB. Line art is stored with a palette of 256 colours;
    photographs and smooth colour scales, in which a palette would show, are not.
    The ground is opaque, so that black labels are readable on a dark page. No
    version or date is stored, so equal data give equal bytes.
    """
    from PIL import Image

    for scale in SCALES:
        buffer = io.BytesIO()
        figure.savefig(
            buffer, format="png", dpi=scale * DOTS_PER_INCH, bbox_inches="tight", transparent=False
        )
        image = Image.open(buffer).convert("RGB")
        png = small_png(image)
        if len(png) <= LARGEST:
            break
    return png, _shown(image.size, scale)


def animation_gif(animation, frames_per_second: int) -> tuple[bytes, dict[str, int]]:
    """A matplotlib animation as GIF bytes, with the width and height at which to show it.

    It has the scales of `figure_png`; the pixels per inch of the page are those of its figure.
    """
    for scale in SCALES:
        frames = _frames(animation, scale)
        gif = _small_gif(frames, round(1000 / frames_per_second))
        if len(gif) <= LARGEST:
            break
    return gif, _shown(frames[0].size, scale)


def small_png(image, visible: float = VISIBLE) -> bytes:
    """PNG bytes of an RGB image, with a palette of 256 colours where that changes little.

    Args:
        image: Of Pillow, in mode RGB.
        visible: Root mean square error in grey levels above which the image keeps all its colours.
    """
    import numpy as np
    from PIL import Image

    method = Image.Quantize.MAXCOVERAGE
    reduced = image.quantize(PALETTE, method=method, kmeans=1, dither=Image.Dither.NONE)
    error = np.asarray(image, "float32") - np.asarray(reduced.convert("RGB"), "float32")
    chosen = image if np.sqrt(np.mean(error**2)) > visible else reduced
    png = io.BytesIO()
    chosen.save(png, format="PNG", optimize=True)
    return png.getvalue()


def _frames(animation, scale):
    """The frames of `animation` as RGB images."""
    from matplotlib.animation import PillowWriter
    from PIL import Image, ImageSequence

    class Writer(PillowWriter):
        def setup(self, fig, outfile, dpi=None):
            super().setup(fig, outfile, dpi=scale * fig.dpi)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "animation.gif"
        animation.save(path, Writer())
        with Image.open(path) as gif:
            return [frame.convert("RGB") for frame in ImageSequence.Iterator(gif)]


def _small_gif(frames, milliseconds):
    """GIF bytes of `frames`, all with the palette of the first, middle and last one."""
    from PIL import Image

    width, height = frames[0].size
    sheet = Image.new("RGB", (width, 3 * height))
    for place, frame in enumerate((frames[0], frames[len(frames) // 2], frames[-1])):
        sheet.paste(frame, (0, place * height))
    palette = sheet.quantize(GIF_PALETTE, method=Image.Quantize.MAXCOVERAGE)
    first, *rest = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    gif = io.BytesIO()
    first.save(
        gif, format="GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0, optimize=True
    )
    return gif.getvalue()


def _shown(size, scale):
    """Width and height on the page of an image of `size` pixels."""
    width, height = (round(pixels / scale) for pixels in size)
    return {"width": width, "height": height}
