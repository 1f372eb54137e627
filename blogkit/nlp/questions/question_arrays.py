"""Questions and their tables' headers as one sequence each, and what four heads should say of them."""

import numpy as np

from blogkit.nlp.padded import padded
from blogkit.nlp.questions.question_labels import NO_VALUE, label_question

IGNORED = -1


def sequence_length(question, header):
    """Tokens of `[CLS] question [SEP] [CLS] name [SEP] ...`.

    >>> sequence_length("谁最高", ["姓名", "身高"])
    13
    """
    return len(question) + 2 + sum(len(str(name)) + 2 for name in header)


def question_arrays(tokenizer, questions, tables, length=None, columns=None):
    """The inputs of `NL2SQL`: `[CLS] question [SEP] [CLS] name [SEP] [CLS] name [SEP] ...` in ids.

    Args:
        tokenizer: `CharTokenizer`.
        questions: Have `question` and `table_id`, as `blogkit.datasets.TableQuestion`.
        tables: Tables by id; have `header`.
        length: Of all sequences, that of the longest by default. One number for all calls spares
            recompilations.
        columns: Likewise of the lists of headers.

    Returns:
        A dict of int32 arrays: `token_ids` `(questions, length)`, 0 behind the end;
        `header_positions` `(questions, columns)`, where each column's own `[CLS]` stands, 0 behind
        the last; `question_lengths` `(questions,)` in characters.

    Raises:
        ValueError: If a question is no text, its table is missing or has no columns, or either is
            too long.

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


def label_arrays(questions, tables, length=None, columns=None, compat=False):
    """What `NL2SQL` should say of questions; -1 where nothing is asked of it.

    Args:
        questions, tables, length, columns: As for `question_arrays`; the questions also have `sql`.
        compat: As for `label_question`.

    Returns:
        A dict of int32 arrays: `select` `(questions, columns)`, `connective` `(questions,)`;
        `operator` and `column`, `(questions, length)`: position 1 is the question's first character.

    Raises:
        ValueError: As `question_arrays`, and if a question has no SQL or it does not fit the table.
    """
    headers, length, columns = _sizes(questions, tables, length, columns)
    count = len(questions)
    select = np.full((count, columns), IGNORED, "int32")
    operator, column = np.full((2, count, length), IGNORED, "int32")
    connective = np.zeros(count, "int32")
    for row, (question, header) in enumerate(zip(questions, headers)):
        if not question.sql:
            raise ValueError(
                f"A question to learn from has its SQL. Received: {question.question!r} without."
            )
        labels = label_question(question.question, question.sql, len(header), compat)
        end = 1 + len(question.question)
        select[row, : len(header)] = labels.select
        connective[row] = labels.connective
        operator[row, 1:end] = labels.operators
        column[row, 1:end] = np.where(labels.operators == NO_VALUE, IGNORED, labels.columns)
    return {"select": select, "connective": connective, "operator": operator, "column": column}


def _sizes(questions, tables, length, columns):
    """Each question's headers, and the arrays' sizes: those given, else those needed."""
    check_questions(questions, tables)
    headers = [[str(name) for name in tables[question.table_id].header] for question in questions]
    lengths = [sequence_length(question.question, header) for question, header in zip(questions, headers)]
    widths = list(map(len, headers))
    _check_room("length", length, lengths, "tokens", questions)
    _check_room("columns", columns, widths, "columns", questions)
    return headers, length or max(lengths, default=0), columns or max(widths, default=0)


def check_questions(questions, tables):
    """Refuse questions that are no text, and those without a table or with one that has no columns."""
    for question in questions:
        if not isinstance(question.question, str):
            raise ValueError(f"A question is text. Received: {question.question!r}.")
        if question.table_id not in tables:
            raise ValueError(f"Every question's table is in `tables`. Missing: {question.table_id!r}.")
        if not tables[question.table_id].header:
            raise ValueError(
                f"A table has one column or more. Received: table {question.table_id!r} without."
            )


def _check_room(name, room, needed, what, questions):
    longest = max(range(len(needed)), key=needed.__getitem__, default=None)
    if room is not None and needed and needed[longest] > room:
        raise ValueError(
            f"{questions[longest].question!r} and its table need {needed[longest]} {what}, more than "
            f"{name}={room}. "
            "Leave such questions out, or give more room if the encoder has it."
        )
