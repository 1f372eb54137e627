"""Convert Google's BERT checkpoint to a folder in the format of Hugging Face."""

from pathlib import Path

from blogkit.datasets.bert_weights import PRESET
from blogkit.datasets.catalogue import DataSet
from blogkit.datasets.google_bert import convert_google_bert
from data_download.fetch import DownloadError, Transfer


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    return (entry.folder / PRESET / "config.json").is_file()


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Write `preset/`, which `blogkit.models.bert_encoder` reads."""
    convert_folder(entry.folder / entry.files[0].unpack, entry.folder / PRESET)


def convert_folder(source: Path, place: Path) -> None:
    """Convert any BERT folder of Google's, unless it has been converted.

    Raises:
        DownloadError: If TensorFlow or a file of the folder is missing.
    """
    if (place / "config.json").is_file():
        return
    try:
        convert_google_bert(source, place)
    except (ValueError, ModuleNotFoundError) as error:
        raise DownloadError(str(error)) from error
