"""Readers of the official formats, with defaults that need no network.

A reader takes the path of a file in the official format, or a word:
`"embedded"` for the rows inside an installed package, `"official"` for the
full set in the data folder (`data_folder()`). What is not there raises
`MissingDataset`, which says what to fetch and where to put it.
"""

from blogkit.datasets.cifar10 import cifar10
from blogkit.datasets.folder import MissingDataset, data_folder
from blogkit.datasets.images import Images
from blogkit.datasets.mnist import Digits, mnist

__all__ = ["Digits", "Images", "MissingDataset", "cifar10", "data_folder", "mnist"]
