"""Recorded runs in a notebook: the table, then each recorded figure with its caption."""

import html
from pathlib import Path

from blogkit.extras import import_extra
from blogkit.report.record import FOLDER, figure_bytes, read_records
from blogkit.report.records_table import ThisRun, html_records, text_records, title


def show_records(notebook: str, run: ThisRun, folder: Path | None = None, figures: bool = True) -> None:
    """Display the records of `notebook` beside `run`; arguments and errors as `Report.records`."""
    display = import_extra("IPython.display", needed_by="Report.records").display
    folder = find_folder(folder)
    records = read_records(folder, notebook) if folder else []
    # All files are read before anything is shown.
    pictures = [
        (record, figure, figure_bytes(folder, record, figure))
        for record in records
        for figure in record.figures
        if figures
    ]
    if not records:
        command = f"python -m blogkit record {notebook.partition('_')[0]} --profile evening"
        text = f"No recorded run yet. Make one with: {command}"
        display({"text/plain": text}, raw=True)
        return
    display({"text/html": html_records(run, records), "text/plain": text_records(run, records)}, raw=True)
    for record, figure, png in pictures:
        caption = f"{figure.caption} ({title(record)})"
        display({"text/html": f"<em>{html.escape(caption)}</em>", "text/plain": caption}, raw=True)
        shown = {"alt": figure.alt, "width": figure.width, "height": figure.height}
        metadata = {name: value for name, value in shown.items() if value is not None}
        bundle = {"image/png": png, "text/plain": f"Figure: {figure.alt}"}
        display(bundle, raw=True, metadata={"image/png": metadata})


def find_folder(folder: Path | None = None) -> Path | None:
    """The folder of the records; None if there is none yet.

    Without `folder`: of a kernel that runs in the notebook's folder, in the clone, or
    anywhere with blogkit imported from a clone.

    Raises:
        ValueError: If `folder` is given and does not exist.
    """
    if folder is not None:
        if not Path(folder).is_dir():
            raise ValueError(f"`folder` must be a folder with records. Received: folder={str(folder)!r}.")
        return Path(folder)
    clone = Path(__file__).parents[2]
    places = (Path(FOLDER), Path("notebooks", FOLDER), clone / "notebooks" / FOLDER)
    return next((place for place in places if place.is_dir()), None)
