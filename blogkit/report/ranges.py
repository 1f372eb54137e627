"""The values that a parameter of a notebook takes, read from its help.

A help is prose and rules, parted by commas and semicolons: `passes over the digits, at least 1`. The rules:

- `at least X`, `more than X`, `at most X`, `less than X`, `0 to 1`: bounds.
- `a multiple of X`, `divides X`: of whole numbers.
- `or X for all`, with any words after "for": X is allowed besides what the bounds allow.
- `each RULE`: for text of whole numbers with commas between them, such as "1,2,5".
- `one of: a, b (what it is), c`: text that is one of these words.
- `any of: a, b`: some of these words with commas between them, or none.

X is a number or the name of another parameter. A list of words reaches to the next semicolon.
"""

import dataclasses
import operator
import re
from collections.abc import Callable, Mapping

NUMBER = r"-?\d+(?:\.\d*)?(?:e-?\d+)?"
BOUND = rf"(?P<bound>{NUMBER}|[A-Za-z_]\w*)"
COMPARISONS = {
    "at least": operator.ge,
    "more than": operator.gt,
    "at most": operator.le,
    "less than": operator.lt,
    "a multiple of": lambda value, base: base != 0 and value % base == 0,
    "divides": lambda value, whole: value != 0 and whole % value == 0,
}
COMPARISON = re.compile(rf"(?P<word>{'|'.join(COMPARISONS)}) {BOUND}")
INTERVAL = re.compile(rf"(?P<low>{NUMBER}) to (?P<high>{NUMBER})")
BESIDES = re.compile(rf"or (?P<value>{NUMBER}) for \S.*")
WORDS = re.compile(r"(?:^|,)\s*(?P<how>one|any) of: (?P<words>.*)$")
LOOKS_LIKE_A_RULE = re.compile(rf"(?:{'|'.join(COMPARISONS)}|each|(?:one|any) of)\b|or {NUMBER}\b")

Rule = Callable[[object, Mapping], bool]


@dataclasses.dataclass(frozen=True)
class Range:
    """What a value may be.

    Args:
        text: The rules as they stand in the help; empty if there is none.
        rules: Functions of the value and of all parameters' values; each must hold.
        besides: Numbers that are allowed whatever the rules say.
        names: The other parameters that the rules name.

    Example:

    >>> some = read_range("rows to train on, at least 100, or 0 for all")
    >>> some.text, [some.holds(rows, {}) for rows in (500, 0, 7)]
    ('at least 100, or 0 for all', [True, True, False])
    """

    text: str = ""
    rules: tuple[Rule, ...] = ()
    besides: tuple[float, ...] = ()
    names: tuple[str, ...] = ()

    def holds(self, value: object, values: Mapping) -> bool:
        """Whether `value` is allowed where the other parameters have `values`."""
        return value in self.besides or all(rule(value, values) for rule in self.rules)


def read_range(help: str) -> Range:
    """The rules that stand in the help of a parameter.

    Raises:
        ValueError: If a part of the help begins like a rule and is none.
    """
    texts, rules, besides, names = [], [], [], []
    for part in help.split(";"):
        words = WORDS.search(part)
        for clause in (part[: words.start()] if words else part).split(","):
            clause = clause.strip()
            extra = BESIDES.fullmatch(clause)
            if extra:
                besides.append(float(extra["value"]))
            else:
                rule = _number_rule(clause)
                if rule is None:
                    continue
                rules.append(rule)
                names += [name for name in _bounds(clause) if not re.fullmatch(NUMBER, name)]
            texts.append(clause)
        if words:
            texts.append(words[0].strip(" ,"))
            rules.append(_word_rule(words["how"], words["words"]))
    return Range(", ".join(texts), tuple(rules), tuple(besides), tuple(names))


def _number_rule(clause):
    """The rule for a number that `clause` states, or None for prose."""
    if clause.startswith("each "):
        inner = _number_rule(clause.removeprefix("each "))
        if inner:
            return lambda text, values: _each(inner, text, values)
    comparison = COMPARISON.fullmatch(clause)
    if comparison:
        holds, bound = COMPARISONS[comparison["word"]], comparison["bound"]
        if re.fullmatch(NUMBER, bound):
            return lambda value, values: holds(value, float(bound))
        return lambda value, values: holds(value, values[bound])
    interval = INTERVAL.fullmatch(clause)
    if interval:
        return lambda value, values: float(interval["low"]) <= value <= float(interval["high"])
    if LOOKS_LIKE_A_RULE.match(clause):
        raise ValueError(
            f"{clause!r} is not a rule. Valid rules: {', '.join(COMPARISONS)} (each with a number or the "
            "name of a parameter), 0 to 1, each RULE, one of: WORDS, any of: WORDS, or 0 for WORDS."
        )
    return None


def _bounds(clause):
    return [found["bound"] for found in [COMPARISON.search(clause)] if found]


def _each(rule, text, values):
    try:
        return all(rule(int(item), values) for item in text.split(","))
    except ValueError:  # not a whole number
        return False


def _word_rule(how, words):
    known = {re.sub(r"\(.*?\)", "", word).strip() for word in re.split(r",(?![^(]*\))", words)}
    if how == "one":
        return lambda text, values: text in known
    return lambda text, values: all(word.strip() in known for word in text.split(",") if text)
