"""An event's subject as a span of characters: the input, its labels, and what is read off two heads.

The task and its tricks are those of subject_extract.py in bojone/bert_in_keras.
"""

import re

import numpy as np

FRAME = "___"
# Characters of which names consist; others only where a training name has them.
PLAIN = re.compile(r"[\u4e00-\u9fa5a-zA-Z0-9*]")
LARGEST_TEXT = 128


def event_prompt(text, event_type, max_length=LARGEST_TEXT):
    """`(prompt, offset)`: the type, then the text's first characters; the text begins at `offset`.

    One string holds both inputs of the question, so one encoder attends from each to the other.

    Example:

    >>> event_prompt("甲公司虚增收入", "财务造假")
    ('___财务造假___甲公司虚增收入', 10)
    """
    head = f"{FRAME}{event_type}{FRAME}"
    return head + text[:max_length], len(head)


def subject_span(text, event_type, subject, max_length=LARGEST_TEXT):
    """Tokens `(first, last)` of the subject in `CharTokenizer.encode(prompt)`, both included.

    The first occurrence in the text counts, never one in the type. Tokens count from 1 here,
    as `[CLS]` is token 0.

    Returns:
        The pair, or None where there is nothing to learn: the subject is empty or does not
        stand in the first `max_length` characters.

    Example:

    >>> subject_span("甲公司虚增收入", "公司造假", "公司")
    (12, 13)
    """
    prompt, offset = event_prompt(text, event_type, max_length)
    start = prompt.find(subject, offset) if subject else -1
    return None if start < 0 else (start + 1, start + len(subject))


def name_characters(subjects):
    """Characters besides letters, digits, `*` and Chinese ones that names have, the comma ， never.

    Args:
        subjects: Names of the training rows; others would tell what is to be guessed.

    Example:

    >>> sorted(name_characters(["中国（上海）", "A·B，C"]))
    ['·', '（', '）']
    """
    return frozenset(one for name in subjects for one in name if not PLAIN.match(one)) - {"，"}


def decode_subject(prompt, offset, start_logits, end_logits, allowed=frozenset(), compat=False):
    """The name that two heads point at.

    The name starts at the likeliest character that may be in a name. It ends at the likeliest
    one from there on, before the first that may not.

    Args:
        prompt, offset: What `event_prompt` gave; `prompt` cut to what the model saw.
        start_logits, end_logits: A number for each token, `[CLS]` first; what is behind the
            prompt's last character is not looked at.
        allowed: What `name_characters` gave.
        compat: Choose as the original does: the start may also be in the type, at `[CLS]` (the
            answer is then empty) or behind the text, the end may be the character that stops
            the name, and a forbidden start is only made unlikely.

    Returns:
        A string; empty if no character of the text may be in a name.

    Raises:
        ValueError: If there are fewer numbers than tokens, or one is NaN.

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
                f"`{name}` needs {len(prompt) + 2} numbers, one a token. Received: shape {logits.shape}."
            )
        if np.isnan(logits).any():
            raise ValueError(f"`{name}` must be numbers. Received: NaN. Did the training diverge?")
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
    chances = np.exp(start - start.max())
    chances /= chances.sum()
    chances[1 : len(prompt) + 1] -= 10.0 * ~named
    first = int(np.argmax(chances))
    stop = next((i for i in range(max(first, 1), len(prompt) + 1) if not named[i - 1]), len(prompt) + 1)
    last = first + int(np.argmax(end[first : stop + 1]))
    return prompt[first - 1 : last] if first else ""
