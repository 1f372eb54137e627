"""What `get` makes of the files of a set afterwards.

A conversion is a module with two functions: `done(entry)` says whether there
is nothing left to do, and `convert(entry, transfer)` does it, going on where
an earlier call was interrupted.
"""

from data_download.conversions import celeba, cifar10, google_bert, ptb_package, tableqa

CONVERSIONS = {
    "celeba": celeba,
    "cifar10": cifar10,
    "google_bert": google_bert,
    "ptb_package": ptb_package,
    "tableqa": tableqa,
}
