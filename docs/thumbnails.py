"""Pictures for the READMEs, redrawn from the figures in the committed notebooks.

    python docs/thumbnails.py                                   # redraw all
    python docs/thumbnails.py docs/thumbnails/NOTEBOOK.CELL.png # add one

A picture is named after its source: the notebook, and the id of the cell that shows the figure.
`thumbnails/` holds small ones for the list of articles, `figures/` those that stand alone.
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
from PIL import Image

from blogkit.report.images import small_png

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WIDTHS = {"thumbnails": 480, "figures": 1280}  # at most, in pixels: twice what the READMEs show
VISIBLE = 2.0  # grey levels, see `small_png`; a thumbnail need not show every shade


def figure(name: str) -> Image.Image:
    """The figure that a picture called `NOTEBOOK.CELL` is made from.

    Raises:
        ValueError: If the cell of the committed notebook shows no figure.
    """
    notebook, _, cell_id = name.partition(".")
    path = ROOT / "notebooks" / f"{notebook}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if cell.id == cell_id and "image/png" in output.get("data", {}):
                return Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB")
    raise ValueError(
        f"`name` must be NOTEBOOK.CELL, a cell of a committed notebook that shows a figure. "
        f"Received: name={name!r}. Refresh the notebook first: python -m blogkit refresh {notebook[:2]}."
    )


def shrink(figure: Image.Image, width: int) -> Image.Image:
    """`figure` at `width` if it is wider, its proportions kept."""
    width = min(width, figure.width)
    height = round(figure.height * width / figure.width)
    return figure.resize((width, height), Image.Resampling.LANCZOS)


def picture(path: Path) -> bytes:
    """The PNG bytes that belong at `path`, in `docs/thumbnails/` or `docs/figures/`."""
    return small_png(shrink(figure(path.stem), WIDTHS[path.resolve().parent.name]), visible=VISIBLE)


if __name__ == "__main__":
    there = (path for folder in WIDTHS for path in sorted((DOCS / folder).glob("*.png")))
    for path in map(Path, sys.argv[1:] or there):
        path.write_bytes(picture(path))
