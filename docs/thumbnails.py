"""Pictures for the READMEs, redrawn from the figures in the committed notebooks.

    python docs/thumbnails.py                                   # those that are there
    python docs/thumbnails.py docs/thumbnails/NOTEBOOK.CELL.png # a new one

A picture is named after its source: the notebook, and the id of the cell that shows the figure.
`thumbnails/` holds small ones for the table of articles, `figures/` those that stand alone.
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WIDTHS = {"thumbnails": 360, "figures": 1280}  # at most, in pixels: twice what the READMEs show


def figure(name: str) -> Image.Image:
    """The figure that a picture called `NOTEBOOK.CELL` is made from, on white.

    Raises:
        ValueError: If the committed notebook shows no figure in that cell.
    """
    notebook, _, cell_id = name.partition(".")
    path = ROOT / "notebooks" / f"{notebook}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if cell.id == cell_id and "image/png" in output.get("data", {}):
                shown = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGBA")
                ground = Image.new("RGBA", shown.size, "white")
                return Image.alpha_composite(ground, shown).convert("RGB")
    raise ValueError(f"{path.name} shows no figure in a cell with the id {cell_id!r}; refresh it first.")


def shrink(figure: Image.Image, width: int) -> Image.Image:
    """`figure` at `width` if it is wider, its proportions kept."""
    width = min(width, figure.width)
    height = round(figure.height * width / figure.width)
    return figure.resize((width, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    there = (path for folder in WIDTHS for path in sorted((DOCS / folder).glob("*.png")))
    for path in map(Path, sys.argv[1:] or there):
        shrink(figure(path.stem), WIDTHS[path.resolve().parent.name]).save(path, optimize=True)
