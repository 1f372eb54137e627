"""Check TableQA's questions against its tables once, before training."""

import json
import os

from blogkit.datasets.catalogue import DataSet
from blogkit.datasets.tableqa import question_fault, read_questions, read_tables
from data_download.fetch import Transfer
from data_download.fresh import removed

MARK = ".checked.json"


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    return (entry.folder / MARK).is_file()


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Report for each part the number of questions that do not fit their table."""
    if done(entry):
        return
    counts = {}
    for part in ("train", "val", "test"):
        questions = read_questions(entry.folder / part / f"{part}.json")
        tables = read_tables(entry.folder / part / f"{part}.tables.json")
        faults = [fault for question in questions if (fault := question_fault(question, tables))]
        counts[part] = {"questions": len(questions), "tables": len(tables), "faults": len(faults)}
        transfer.say(
            f"{entry.name}, {part}: {len(questions):,} questions to {len(tables):,} tables, "
            f"{len(faults):,} do not fit{': ' * bool(faults)}{faults[0] if faults else ''}"
        )
    partial = removed(entry.folder / f"{MARK}.partial")
    partial.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, entry.folder / MARK)
