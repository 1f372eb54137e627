"""Inputs and labels of `NL2SQL`: a question and the headers of its table as one sequence."""

from collections.abc import Mapping, Sequence

import numpy as np

from blogkit.nlp.char_tokenizer import CharTokenizer
from blogkit.nlp.padded import padded
from blogkit.nlp.questions.protocols import QuestionLike, TableLike
from blogkit.nlp.questions.question_labels import NO_VALUE, label_question

IGNORED = -1


def sequence_length(question: str, header: Sequence[str]) -> int:
    """Number of tokens of `[CLS] question [SEP] [CLS] name [SEP] ...`.

    Example:

    >>> sequence_length("谁最高", ["姓名", "身高"])
    13
    """
    return len(question) + 2 + sum(len(str(name)) + 2 for name in header)


def question_arrays(
    tokenizer: CharTokenizer,
    questions: Sequence[QuestionLike],
    tables: Mapping[str, TableLike],
    length: int | None = None,
    columns: int | None = None,
) -> dict[str, np.ndarray]:
    """Inputs of `NL2SQL`: the ids of `[CLS] question [SEP] [CLS] name [SEP] [CLS] name [SEP] ...`.

    Args:
        tokenizer: Tokenizer of the questions and headers.
        questions: Questions with `question` and `table_id`, such as
            `blogkit.datasets.TableQuestion`.
        tables: Tables by id, with `header`.
        length: Length of all sequences, by default that of the longest. A constant avoids
            recompilations.
        columns: Number of columns of all tables, by default that of the widest.

    Returns:
        A dict of int32 arrays: `token_ids` `(questions, length)`, padded with 0;
        `header_positions` `(questions, columns)`, the position of each column's `[CLS]`, padded
        with 0; `question_lengths` `(questions,)` in characters.

    Raises:
        ValueError: If a question is not a string, its table is missing or has no columns, or
            `length` or `columns` is too small.

    Example:

    >>> from types import SimpleNamespace
    >>> from blogkit.nlp import CharTokenizer
    >>> tokenizer = CharTokenizer.from_texts(["谁最高姓名身"])
    >>> arrays = question_arrays(
    ...     tokenizer, [SimpleNamespace(question="谁最高", table_id="t")],
    ...     {"t": SimpleNamespace(header=["姓名", "身高"])},
    ... )
    >>> arrays["token_ids"].shape, arrays["header_positions"].tolist(), arrays["question_lengths"].tolist()
    ((1, 13), [[5, 9]], [3])
    """
    headers, length, columns = _sizes(questions, tables, length, columns)
    names = {name: tokenizer.encode(name) for header in headers for name in header}
    sequences, positions = [], []
    for question, header in zip(questions, headers):
        sequence, place = list(tokenizer.encode(question.question)), []
        for name in header:
            place.append(len(sequence))
            sequence += names[name]
        sequences.append(sequence)
        positions.append(place)
    return {
        "token_ids": padded(sequences, length),
        "header_positions": padded(positions, columns),
        "question_lengths": np.array([len(question.question) for question in questions], "int32"),
    }


def label_arrays(
    questions: Sequence[QuestionLike],
    tables: Mapping[str, TableLike],
    length: int | None = None,
    columns: int | None = None,
    compat: bool = False,
) -> dict[str, np.ndarray]:
    """Labels of questions for `NL2SQL`; -1 marks positions without a label.

    Args:
        questions, tables, length, columns: As in `question_arrays`; the questions also have `sql`.
        compat: As in `label_question`.

    Returns:
        A dict of int32 arrays: `select` `(questions, columns)`, `connective` `(questions,)`;
        `operator` and `column`, `(questions, length)`: position 1 is the first character of the
        question.

    Raises:
        ValueError: As in `question_arrays`, or if a question has no SQL or it does not fit the
            table.
    """
    headers, length, columns = _sizes(questions, tables, length, columns)
    count = len(questions)
    select = np.full((count, columns), IGNORED, "int32")
    operator, column = np.full((2, count, length), IGNORED, "int32")
    connective = np.zeros(count, "int32")
    for row, (question, header) in enumerate(zip(questions, headers)):
        if not question.sql:
            raise ValueError(f"`questions` must have SQL. Received: {question.question!r} without.")
        labels = label_question(question.question, question.sql, len(header), compat)
        end = 1 + len(question.question)
        select[row, : len(header)] = labels.select
        connective[row] = labels.connective
        operator[row, 1:end] = labels.operators
        column[row, 1:end] = np.where(labels.operators == NO_VALUE, IGNORED, labels.columns)
    return {"select": select, "connective": connective, "operator": operator, "column": column}


def _sizes(questions, tables, length, columns):
    """Headers of each question, and the sizes of the arrays: those given, else those needed."""
    check_questions(questions, tables)
    headers = [[str(name) for name in tables[question.table_id].header] for question in questions]
    lengths = [sequence_length(question.question, header) for question, header in zip(questions, headers)]
    widths = list(map(len, headers))
    _check_room("length", length, lengths, questions)
    _check_room("columns", columns, widths, questions)
    return headers, length or max(lengths, default=0), columns or max(widths, default=0)


def check_questions(questions: Sequence[QuestionLike], tables: Mapping[str, TableLike]) -> None:
    """Refuse questions that are not strings, or whose table is missing or has no columns."""
    for question in questions:
        if not isinstance(question.question, str):
            raise ValueError(f"A question must be a string. Received: {question.question!r}.")
        if question.table_id not in tables:
            raise ValueError(
                f"`tables` must contain the table of every question. Missing: {question.table_id!r}."
            )
        if not tables[question.table_id].header:
            raise ValueError(
                f"A table must have at least one column. "
                f"Received: table {question.table_id!r} without columns."
            )


def _check_room(name, room, needed, questions):
    longest = max(range(len(needed)), key=needed.__getitem__, default=None)
    if room is not None and needed and needed[longest] > room:
        raise ValueError(
            f"`{name}` must be at least {needed[longest]} for {questions[longest].question!r}. "
            f"Received: {name}={room}. "
            f"Drop such questions, or increase `{name}` if the encoder allows it."
        )
