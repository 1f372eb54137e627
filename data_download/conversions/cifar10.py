"""Convert CIFAR-10's pickled batches to memory-mapped arrays."""

from blogkit.datasets.arrays import MANIFEST
from blogkit.datasets.catalogue import DataSet
from blogkit.datasets.cifar10 import cifar10
from data_download.conversions.array_file import write_array, write_manifest
from data_download.fetch import Transfer


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    return (entry.folder / "arrays" / MANIFEST).is_file()


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Write `arrays/x_train.npy`, `y_train.npy`, `x_test.npy` and `y_test.npy`."""
    folder = entry.folder / "arrays"
    if done(entry):
        return
    folder.mkdir(exist_ok=True)
    images = cifar10(entry.path(entry.files[0]))
    for part, (x, y) in {
        "train": (images.x_train, images.y_train),
        "test": (images.x_valid, images.y_valid),
    }.items():
        write_array(folder / f"x_{part}.npy", x)
        write_array(folder / f"y_{part}.npy", y)
    write_manifest(folder, official=not images.stand_in)
