"""Event subjects as spans of characters: the prompt, its labels, and decoding of two pointer heads.

Follows subject_extract.py in bojone/bert_in_keras.
"""

import re
from collections.abc import Collection, Iterable

import numpy as np

FRAME = "___"
# Characters of names; a name may contain others only if names in the training data do.
PLAIN = re.compile(r"[\u4e00-\u9fa5a-zA-Z0-9*]")
LARGEST_TEXT = 128


def event_prompt(text: str, event_type: str, max_length: int = LARGEST_TEXT) -> tuple[str, int]:
    """`(prompt, offset)`: the event type followed by the start of the text, which begins at `offset`.

    Type and text share one string, so that an encoder attends from each to the other.

    Example:

    >>> event_prompt("甲公司虚增收入", "财务造假")
    ('___财务造假___甲公司虚增收入', 10)
    """
    head = f"{FRAME}{event_type}{FRAME}"
    return head + text[:max_length], len(head)


def subject_span(
    text: str, event_type: str, subject: str, max_length: int = LARGEST_TEXT
) -> tuple[int, int] | None:
    """Tokens `(first, last)` of the subject in `CharTokenizer.encode(prompt)`, both included.

    Occurrences in the event type do not count. Token 0 is `[CLS]`.

    Returns:
        The first occurrence in the text, or None if the subject is empty or does not occur in
        the first `max_length` characters.

    Example:

    >>> subject_span("甲公司虚增收入", "公司造假", "公司")
    (12, 13)
    """
    prompt, offset = event_prompt(text, event_type, max_length)
    start = prompt.find(subject, offset) if subject else -1
    return None if start < 0 else (start + 1, start + len(subject))


def name_characters(subjects: Iterable[str]) -> frozenset[str]:
    """Characters in names other than Latin letters, digits, `*`, Chinese characters and the comma ，.

    Args:
        subjects: Names in the training rows; names in the test rows would leak the answers.

    Example:

    >>> sorted(name_characters(["中国（上海）", "A·B，C"]))
    ['·', '（', '）']
    """
    return frozenset(one for name in subjects for one in name if not PLAIN.match(one)) - {"，"}


def decode_subject(
    prompt: str,
    offset: int,
    start_logits: np.ndarray,
    end_logits: np.ndarray,
    allowed: Collection[str] = frozenset(),
    compat: bool = False,
) -> str:
    """Decode the name that two pointer heads select.

    The name starts at the most probable character that may be part of a name. It ends at the
    most probable one from there on, before the first character that may not be part of a name.

    Args:
        prompt, offset: Result of `event_prompt`, with `prompt` cut to the length the model saw.
        start_logits, end_logits: One logit per token, `[CLS]` first. Logits after the last
            character of the prompt are ignored.
        allowed: Result of `name_characters`.
        compat: Decode as the original code does: the start may also be in the event type, at
            `[CLS]` (then the answer is empty) or after the text, the end may be the character
            that stops the name, and the probability of a forbidden start is only reduced.

    Returns:
        A string; empty if no character of the text may be part of a name.

    Raises:
        ValueError: If there are fewer logits than tokens, or a logit is NaN.

    Example:

    >>> prompt, offset = event_prompt("甲公司，乙", "造假")
    >>> start, end = np.zeros((2, len(prompt) + 2))
    >>> start[offset + 1], end[offset + 3], end[offset + 5] = 1, 1, 2
    >>> decode_subject(prompt, offset, start, end)
    '甲公司'
    """
    start, end = (np.asarray(logits, "float64") for logits in (start_logits, end_logits))
    for name, logits in (("start_logits", start), ("end_logits", end)):
        if logits.ndim != 1 or len(logits) < len(prompt) + 2:
            raise ValueError(
                f"`{name}` must have {len(prompt) + 2} logits, one per token. "
                f"Received: {name} of shape {logits.shape}."
            )
        if np.isnan(logits).any():
            raise ValueError(
                f"`{name}` must not be NaN. Received: {name} with NaN. Did the training diverge?"
            )
    named = np.array([bool(PLAIN.match(one)) or one in allowed for one in prompt], bool)
    if compat:
        return _decode_like_the_original(prompt, start, end, named)
    if not named[offset:].any():
        return ""
    first = offset + int(
        np.argmax(np.where(named, start[1 : len(prompt) + 1].clip(-1e300), -np.inf)[offset:])
    )
    stop = first + int(np.argmin(np.append(named[first:], False)))
    last = first + int(np.argmax(end[first + 1 : stop + 1]))
    return prompt[first : last + 1]


def _decode_like_the_original(prompt, start, end, named):
    probabilities = np.exp(start - start.max())
    probabilities /= probabilities.sum()
    probabilities[1 : len(prompt) + 1] -= 10.0 * ~named
    first = int(np.argmax(probabilities))
    stop = next((i for i in range(max(first, 1), len(prompt) + 1) if not named[i - 1]), len(prompt) + 1)
    last = first + int(np.argmax(end[first : stop + 1]))
    return prompt[first - 1 : last] if first else ""
