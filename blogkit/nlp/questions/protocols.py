"""Attributes of the questions and tables that this folder accepts, such as those of `blogkit.datasets`."""

from typing import Protocol


class TableLike(Protocol):
    """A table; `types` has "text" or "real" for each column. Not every function needs all attributes."""

    header: list[str]
    types: list[str]
    rows: list[list]


class QuestionLike(Protocol):
    """A question about the table with the id `table_id`, and its SQL as a form."""

    question: str
    table_id: str
    sql: dict
