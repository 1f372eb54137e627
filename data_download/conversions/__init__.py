"""Conversions of data sets after the download.

A conversion is a module with two functions: `done(entry)` says whether the
conversion is complete, and `convert(entry, transfer)` completes it, continuing
where an earlier call was interrupted.
"""

from data_download.conversions import celeba, cifar10, google_bert, ptb_package, tableqa

CONVERSIONS = {
    "celeba": celeba,
    "cifar10": cifar10,
    "google_bert": google_bert,
    "ptb_package": ptb_package,
    "tableqa": tableqa,
}
