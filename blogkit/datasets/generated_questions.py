"""Generated tables and Chinese questions about them, each with its SQL query as a form."""

import dataclasses

import numpy as np

from blogkit.checks import check_count
from blogkit.datasets.generated_topics import TOPICS, UNSEEN_TOPICS
from blogkit.datasets.tableqa import Table, TableQuestion, TableQuestions

# Shares of TableQA's validation questions; AVG to SUM and != are far rarer there (0.1 to 2 %).
CONDITIONS = (0.36, 0.61, 0.03)
OR, TWO_COLUMNS, COUNT, OTHER_AGGREGATION = 0.37, 0.12, 0.07, 0.06
OPERATORS = (0.25, 0.08, 0.63, 0.04)
SHARED = 0.10
OWN_NAME = 0.5  # probability of the name in the header; else any name of the column, that one included
SAYS = (("大于", "超过", "高于"), ("小于", "低于", "不到"), ("是", "为", "等于"), ("不是", "不为"))
AGGREGATED = ("平均{}是多少", "最高的{}是多少", "最低的{}是多少", "有多少个{}", "{}一共是多少")


@dataclasses.dataclass(frozen=True)
class GeneratedQuestions(TableQuestions):
    """`TableQuestions`, and `unseen`: questions about topics that `train` and `valid` do not contain."""

    unseen: list


def generated_questions(
    train: int = 4000, valid: int = 500, unseen: int = 500, questions_per_table: int = 8, seed: int = 0
) -> GeneratedQuestions:
    """Draw questions about tables of eight topics (films, flats, weather, ...), two more for `unseen`.

    A table has 5 of the 6 or 7 columns of its topic in random order, each under one of its names, and
    6 to 12 rows. A question may use another name of a column (a quarter do), or no name where the value
    identifies the column. The frequencies of connectives, operators, aggregations and numbers of
    conditions are about those of TableQA's validation part. So are the shares of values written
    differently in question and table (about 17 %: `"北京"` for `"北京市"`, `"3.5万"` for 35000) and of
    questions with two conditions on one value (about 10 %). No table occurs in two parts. Every form
    has a non-empty result.

    Args:
        train, valid, unseen: Numbers of questions, at least 1, 1 and 0.
        questions_per_table: Number of questions per table, at least 1.
        seed: Non-negative integer.

    Raises:
        ValueError: If a number is out of range.

    Example:

    >>> found = generated_questions(train=1, valid=1, unseen=1, seed=14)
    >>> question, table_id, sql = found.train[0]
    >>> question, found.tables[table_id].header
    ('我想知道区域是江南且面积大于200的房龄是多少', ['层数', '户型', '城区', '面积', '房龄'])
    >>> sql["sel"], sql["conds"]
    ([4], [[2, 2, '江南区'], [3, 0, '200']])
    """
    for name, value, low in (
        ("train", train, 1),
        ("valid", valid, 1),
        ("unseen", unseen, 0),
        ("questions_per_table", questions_per_table, 1),
        ("seed", seed, 0),
    ):
        check_count(name, value, low)
    tables, parts = {}, []
    for number, (count, topics) in enumerate(((train, TOPICS), (valid, TOPICS), (unseen, UNSEEN_TOPICS))):
        rng = np.random.default_rng([seed, number])
        parts.append(_questions(rng, count, topics, questions_per_table, tables))
    return GeneratedQuestions(
        parts[0],
        parts[1],
        name="generated tables and questions",
        stand_in=True,
        tables=tables,
        unseen=parts[2],
    )


def _questions(rng, count, topics, per_table, tables):
    """`count` shuffled questions about new tables, which are added to `tables`."""
    questions = []
    while len(questions) < count:
        topic = _pick(rng, list(topics))
        columns = [topics[topic][number] for number in _columns(rng, topics[topic])]
        rows = [[column.cell(rng) for column in columns] for _ in range(rng.integers(6, 13))]
        header = [column.names[0] if rng.random() < 0.6 else _pick(rng, column.names) for column in columns]
        id = f"g{len(tables)}"
        tables[id] = Table(id, f"Table_{id}", topic, header, [column.kind for column in columns], rows)
        writer = _Writer(rng, columns, header, rows)
        questions += [
            TableQuestion(text, id, sql) for text, sql in (writer.question() for _ in range(per_table))
        ]
    return [questions[number] for number in rng.permutation(count)]


def _columns(rng, pool):
    """Indices of 5 columns in random order, at least two of text and two of numbers."""
    while True:
        chosen = rng.permutation(len(pool))[:5]
        kinds = [pool[number].kind for number in chosen]
        if kinds.count("text") >= 2 and kinds.count("real") >= 2:
            return chosen


class _Writer:
    """Writer of questions about one table."""

    def __init__(self, rng, columns, header, rows):
        self.rng, self.columns, self.header, self.rows = rng, columns, header, rows
        self.real = [number for number, column in enumerate(columns) if column.kind == "real"]
        self.text = [number for number, column in enumerate(columns) if column.kind == "text"]

    def question(self):
        """`(text, form)`. One row fulfils all conditions, so the result is not empty."""
        row = _pick(self.rng, self.rows)
        says, conditions, connective = self._conditions(row)
        asks, select, aggregations = self._selection({column for column, _, _ in conditions})
        style = self.rng.random()
        if style < 0.8:
            text = f"{_pick(self.rng, ('', '', '请问', '我想知道'))}{says}的{asks}"
        else:
            text = f"{asks}，{_pick(self.rng, ('', '要求', '条件是'))}{says}{'' if style < 0.9 else '的'}"
        form = {"agg": aggregations, "cond_conn_op": connective, "sel": select, "conds": conditions}
        return text + _pick(self.rng, ("", "", "？")) * (style < 0.8), form

    def _conditions(self, row):
        """Draw `(words, conditions, connective)` that a row fulfils."""
        rng = self.rng
        count = int(rng.choice((1, 2, 3), p=CONDITIONS))
        connective = 0 if count == 1 else 2 if rng.random() < OR else 1
        if count == 2 and rng.random() < SHARED / CONDITIONS[1]:
            return *self._shared(row, connective), connective
        if connective == 2 and rng.random() < 0.35:
            return *self._either(row, count), connective
        used, words, conditions = [], [], []
        for _ in range(count):
            operator = int(rng.choice(4, p=OPERATORS))
            free = [number for number in (self.real if operator < 2 else self.text) if number not in used]
            column = _pick(rng, free or [number for number in range(len(row)) if number not in used])
            kind = self.columns[column].kind
            if (operator < 2) != (kind == "real"):
                operator = 2 if kind == "text" else 0
            value, said = self._value(row, column, operator)
            used.append(column)
            conditions.append([column, operator, value])
            words.append(self._says(column, operator, said))
        joint = _pick(rng, ("而且", "并且", "且") if connective == 1 else ("或者", "或"))
        return joint.join(words), conditions, connective

    def _shared(self, row, connective):
        """Two real columns compared with one value."""
        first, second = (self.real[number] for number in self.rng.permutation(len(self.real))[:2])
        value = _below(self.rng, min(row[first], row[second]))
        names = _pick(self.rng, ("和", "与")).join(self._name(number) for number in (first, second))
        both = "都" if connective == 1 else "有一个"
        return f"{names}{both}{_pick(self.rng, SAYS[0])}{value}", [[first, 0, value], [second, 0, value]]

    def _either(self, row, count):
        """One column equal to one of several values."""
        column = _pick(self.rng, self.text)
        cells = sorted({other[column] for other in self.rows} - {row[column]})
        cells = [row[column], *(cells[number] for number in self.rng.permutation(len(cells))[: count - 1])]
        words = "或者".join(self._short(column, cell) for cell in cells)
        return f"{self._name(column)}{_pick(self.rng, SAYS[2])}{words}", [[column, 2, cell] for cell in cells]

    def _value(self, row, column, operator):
        """`(value in the form, value in the question)` of a condition that `row` fulfils."""
        cell = row[column]
        if operator == 2:
            return _number_text(cell), self._short(column, cell)
        if operator == 3:
            others = sorted({other[column] for other in self.rows} - {cell}) or [cell + "外"]
            other = _pick(self.rng, others)
            return other, self._short(column, other)
        value = _below(self.rng, cell, above=operator == 1)
        said = value
        if float(value) >= 10000 and float(value) % 1000 == 0 and self.rng.random() < 0.8:
            said = f"{_number_text(float(value) / 10000)}万"
        return value, said

    def _short(self, column, cell):
        """The cell as a question words it, often without its last part."""
        column = self.columns[column]
        if column.short and self.rng.random() < 0.8:
            return next((cell.removesuffix(end) for end in column.parts[-1] if cell.endswith(end)), cell)
        return _number_text(cell)

    def _says(self, column, operator, said):
        if operator == 2 and self.columns[column].bare and self.rng.random() < 0.4:
            return said
        return f"{self._name(column)}{_pick(self.rng, SAYS[operator])}{said}"

    def _selection(self, used):
        """Draw the selected `(words, columns, aggregations)`."""
        rng = self.rng
        free = [number for number in range(len(self.columns)) if number not in used]
        draw = rng.random()
        numbers = [number for number in free if number in self.real]
        if draw < TWO_COLUMNS and len(free) > 1:
            first, second = (free[number] for number in rng.permutation(len(free))[:2])
            ask = _pick(rng, ("各是多少", "分别是什么"))
            return f"{self._name(first)}和{self._name(second)}{ask}", sorted((first, second)), [0, 0]
        if draw < TWO_COLUMNS + COUNT:
            column = _pick(rng, free)
            return AGGREGATED[3].format(self._name(column)), [column], [4]
        if draw < TWO_COLUMNS + COUNT + OTHER_AGGREGATION and numbers:
            column, aggregation = _pick(rng, numbers), _pick(rng, (1, 2, 3, 5))
            return AGGREGATED[aggregation - 1].format(self._name(column)), [column], [aggregation]
        column = _pick(rng, free)
        real = ("{}是多少", "{}多少") if column in self.real else ("{}是什么", "{}有哪些", "是哪些{}")
        return _pick(rng, real).format(self._name(column)), [column], [0]

    def _name(self, column):
        own = self.rng.random() < OWN_NAME
        return self.header[column] if own else _pick(self.rng, self.columns[column].names)


def _pick(rng, options):
    return options[rng.integers(len(options))]


def _below(rng, cell, above=False):
    """A round number below the cell (or above it), as text."""
    step = 500 if abs(cell) >= 1000 else 1
    places = int(rng.integers(1, 9))
    value = (np.ceil(cell / step) - places) * step if not above else (np.floor(cell / step) + places) * step
    return _number_text(float(value))


def _number_text(cell):
    return cell if isinstance(cell, str) else f"{cell:g}" if cell != int(cell) else str(int(cell))
