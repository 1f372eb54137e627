"""Why a notebook must run again: what its result depends on and what is different now."""

import contextlib
import json
from pathlib import Path

from blogkit.datasets import data_folder
from blogkit.files_read import changes

SHOWN = 3  # reasons in one line
HASHES = {
    "cells": "the notebook's cells changed",
    "blogkit": "blogkit's sources changed",
    "constraints": "constraints.txt changed",
}


def reasons(result: dict, inputs: dict, notebook: Path) -> list[str]:
    """What differs between the inputs that `result` lists and those of today, each in a few words.

    Args:
        result: Content of a result file.
        inputs: `sources` and `machine` of today.
        notebook: Its folder is the working folder of its runs.
    """
    there = result.get("inputs")
    if not isinstance(there, dict) or not isinstance(result.get("files"), list):
        return ["its result does not list its inputs"]
    if there.get("changed"):
        return [f"{there['changed']} while it ran"]
    found = []
    for name in dict.fromkeys([*inputs, *there]):
        now, before = inputs.get(name), there.get(name)
        if _text(now) == _text(before):
            continue
        if name in HASHES:
            found.append(HASHES[name])
        elif isinstance(now, dict) and isinstance(before, dict):
            found += _entries(before, now)
        else:
            found.append(f"{name} {before} -> {now}")
    with contextlib.suppress(ModuleNotFoundError):  # without platformdirs no run has found the folder
        data_folder()  # to which paths in the result are relative
    return found + changes(result["files"], notebook.resolve().parent)


def in_one_line(found: list[str]) -> str:
    """The first reasons, and how many more there are.

    >>> in_one_line(["seed 0 -> 1", "a.npz changed", "b.npz changed", "numpy 2.3.5 -> 2.4.0"])
    'seed 0 -> 1, a.npz changed, b.npz changed and 1 more'
    """
    more = len(found) - SHOWN
    return ", ".join(found[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _entries(before, now):
    for name in dict.fromkeys([*before, *now]):
        one, other = (values.get(name, "none") for values in (before, now))
        if _text(one) != _text(other):
            yield f"{name} {_shown(one)} -> {_shown(other)}"


def _text(value):
    return json.dumps(value, sort_keys=True)  # 1, 1.0 and True are equal in Python


def _shown(value):
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
