"""Event subjects: labels of a row, and decoding of the two heads."""

import numpy as np
import pytest

from blogkit.nlp import CharTokenizer, decode_subject, event_prompt, name_characters, subject_span


def heads(prompt, **likely):
    """Start and end logits with one probable token each, given as a position in the prompt."""
    logits = np.zeros((2, len(prompt) + 4))  # two of padding
    for row, place in zip(logits, (likely["start"], likely["end"])):
        row[place + 1] = 5
    logits[:, len(prompt) + 2 :] = -1e9
    return logits


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        ("甲公司虚增收入", "造假", "甲公司"),
        ("传闻：A*B 集团", "公司违规", "A*B 集团"),
        ("丙", "丙", "丙"),
        ("乙甲甲", "", "甲"),
    ],
)
def test_the_span_of_a_row_is_its_subject_in_the_tokens(text, kind, subject):
    prompt, offset = event_prompt(text, kind)
    first, last = subject_span(text, kind, subject)
    assert (
        "".join(CharTokenizer.from_texts([prompt]).tokens(prompt)[first : last + 1]).replace("[unused1]", " ")
        == subject
    )
    assert first > offset and prompt[offset:] == text
    assert prompt[first - 1 :].startswith(subject) and subject not in text[: first - 1 - offset]


@pytest.mark.parametrize(
    ("text", "kind", "subject", "length"),
    [
        ("甲公司", "造假", "", 128),
        ("甲公司", "乙", "乙", 128),
        ("甲乙丙丁", "造假", "丙丁", 3),
        ("", "造假", "甲", 128),
    ],
)
def test_nothing_is_learnt_from_a_subject_that_is_not_seen(text, kind, subject, length):
    assert subject_span(text, kind, subject, length) is None


def test_a_long_text_is_cut_behind_the_type():
    prompt, offset = event_prompt("甲" * 500, "造假")
    assert prompt == "___造假___" + "甲" * 128 and offset == 8
    assert subject_span("甲乙丙", "造假", "乙丙", 3) == (10, 11)


def test_characters_of_names_come_from_names():
    assert name_characters(["中国（上海）", "A·B，C", "", "*ST9"]) == {"（", "）", "·"}
    assert name_characters([]) == frozenset()


def test_the_answer_begins_and_ends_inside_one_run_of_the_text():
    prompt, offset = event_prompt("甲公司，乙集团。", "造假")
    place = prompt.index
    assert decode_subject(prompt, offset, *heads(prompt, start=place("甲"), end=place("司"))) == "甲公司"
    # The likeliest end lies before the start, behind a comma, in the type, or nowhere: not there.
    for end in (place("甲"), place("造"), place("。"), len(prompt)):
        assert decode_subject(prompt, offset, *heads(prompt, start=place("乙"), end=end)) == "乙"
    assert decode_subject(prompt, offset, *heads(prompt, start=place("乙"), end=place("团"))) == "乙集团"
    # A start at [CLS], in the type, at a comma or behind the text gives way to the next best.
    for start in (-1, 3, place("，"), len(prompt)):
        assert decode_subject(prompt, offset, *heads(prompt, start=start, end=place("司"))) == "甲公司"


def test_allowed_characters_join_a_name():
    prompt, offset = event_prompt("中国（上海）银行", "造假")
    logits = heads(prompt, start=offset, end=len(prompt) - 1)
    assert decode_subject(prompt, offset, *logits) == "中"
    assert (
        decode_subject(prompt, offset, *logits, allowed=name_characters(["（上海）"])) == "中国（上海）银行"
    )


def test_whatever_the_heads_say_the_answer_is_a_piece_of_one_run(rng):
    texts = ["", "。，", "甲", "，甲乙。", "Aé *ST乙 丙（丁）", "甲" * 200]
    for text in texts * 20:
        prompt, offset = event_prompt(text, "造假")
        logits = rng.normal(size=(2, len(prompt) + 2)) * 10.0 ** rng.integers(-3, 300)
        logits[rng.random(logits.shape) < 0.2] = -np.inf
        answer = decode_subject(prompt, offset, *logits)
        assert answer in text and not set(answer) & set("。，（） é")
        assert bool(answer) == any(one not in "。，（） é" for one in text[:128])


def test_compat_is_the_original():
    prompt, offset = event_prompt("甲公司，乙", "造假")
    place = prompt.index
    assert decode_subject(prompt, offset, *heads(prompt, start=-1, end=2), compat=True) == ""
    assert (
        decode_subject(prompt, offset, *heads(prompt, start=place("甲"), end=place("，")), compat=True)
        == "甲公司，"
    )
    assert (
        decode_subject(prompt, offset, *heads(prompt, start=place("，"), end=place("乙")), compat=True)
        != "，乙"
    )
    assert (
        decode_subject(prompt, offset, *heads(prompt, start=place("造"), end=place("假")), compat=True)
        == "造假"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda logits: logits[:, :-5], r"`start_logits` must have 12 logits.*shape \(9,\)"),
        (lambda logits: logits[:, None], r"`start_logits` must have 12 logits.*shape \(1, 14\)"),
        (lambda logits: np.where([[False], [True]], np.nan, logits), "`end_logits` must not be NaN.*NaN"),
    ],
)
def test_numbers_that_do_not_fit(change, words):
    prompt, offset = event_prompt("甲公", "造假")
    with pytest.raises(ValueError, match=words):
        decode_subject(prompt, offset, *change(heads(prompt, start=8, end=8)))
