"""Thumbnails of figures in the committed notebooks, for the READMEs.

    python docs/thumbnails.py                                   # redraw all
    python docs/thumbnails.py docs/thumbnails/NOTEBOOK.CELL.png # add one

A thumbnail is named after the notebook and the id of the cell that shows the figure.
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
from PIL import Image

from blogkit.report.images import small_png

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "thumbnails"
WIDTH = 480  # pixels; the READMEs show 240, high-density screens have two pixels for each
VISIBLE = 2.0  # grey levels, see `small_png`; a thumbnail need not show every shade


def figure(name: str) -> Image.Image:
    """The figure from which the thumbnail `NOTEBOOK.CELL` is made.

    Raises:
        ValueError: If the cell of the committed notebook shows no figure.
    """
    notebook, _, cell_id = name.partition(".")
    path = ROOT / "notebooks" / f"{notebook}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if cell.id == cell_id and "image/png" in output.get("data", {}):
                png = base64.b64decode(output.data["image/png"])
                return Image.open(io.BytesIO(png)).convert("RGB")
    raise ValueError(
        f"`name` must be NOTEBOOK.CELL, a cell of a committed notebook that shows a figure. "
        f"Received: name={name!r}. Refresh the notebook first: python -m blogkit refresh {notebook[:2]}."
    )


def thumbnail(figure: Image.Image) -> Image.Image:
    """`figure` scaled to `WIDTH`, in proportion."""
    height = round(figure.height * WIDTH / figure.width)
    return figure.resize((WIDTH, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or sorted(FOLDER.glob("*.png"))):
        path.write_bytes(small_png(thumbnail(figure(path.stem)), visible=VISIBLE))
