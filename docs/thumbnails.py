"""Pictures for the READMEs, redrawn from the figures in the committed notebooks.

    python docs/thumbnails.py                                   # those that are there
    python docs/thumbnails.py docs/thumbnails/NOTEBOOK.CELL.png # a new one

A picture is named after its source: the notebook, and the id of the cell that shows the figure.
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "thumbnails"
WIDTH = 360  # pixels; the READMEs show 240, dense screens have more


def figure(name: str) -> Image.Image:
    """The figure that a picture called `NOTEBOOK.CELL` is made from.

    Raises:
        ValueError: If the committed notebook shows no figure in that cell.
    """
    notebook, _, cell_id = name.partition(".")
    path = ROOT / "notebooks" / f"{notebook}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if cell.id == cell_id and "image/png" in output.get("data", {}):
                png = base64.b64decode(output.data["image/png"])
                return Image.open(io.BytesIO(png)).convert("RGB")
    raise ValueError(f"{path.name} shows no figure in a cell with the id {cell_id!r}; refresh it first.")


def thumbnail(figure: Image.Image) -> Image.Image:
    """`figure` at `WIDTH`, its proportions kept."""
    height = round(figure.height * WIDTH / figure.width)
    return figure.resize((WIDTH, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or sorted(FOLDER.glob("*.png"))):
        thumbnail(figure(path.stem)).save(path, optimize=True)
