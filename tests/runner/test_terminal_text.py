"""Streams as a terminal shows them."""

import tracemalloc

import pytest

from blogkit.runner.terminal_text import TerminalText

RED, BOLD, RESET = "\x1b[31m", "\x1b[1m", "\x1b[0m"


def shown(*pieces, most=1_000_000):
    text = TerminalText(most)
    for piece in pieces:
        text.write(piece)
    return text.text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain\ntext", "plain\ntext"),
        ("abc\rX\n", "Xbc\n"),
        ("abc\r\nd\r\r\n", "abc\nd\n"),
        ("1/3\r2/3\r3/3\ndone", "3/3\ndone"),
        ("a\nlong\rb\r", "a\nbong"),
        ("abc\b\bX", "aXc"),
        ("\b\ba\b", "a"),
        ("ab\n\bc", "ab\nc"),
        ("10 %\b\b\b\b20 %\n", "20 %\n"),
        ("a long line\r\x1b[Kshort", "short"),
        ("ab\x1b[2Kc", "  c"),
        ("a\x1b[1Ab\rc", "cb"),
        (f"{RED}good{RESET}\rba", f"{RESET}ba{RESET}{RED}od{RESET}"),
        (f"plain\r{RED}ab{RESET}\nc", f"{RED}ab{RESET}ain{RESET}\nc"),
        (f"{RED}whole{RESET} line\n", f"{RED}whole{RESET} line\n"),
        ("准确率 1\b2", "准确率 2"),
    ],
)
def test_shows_what_a_terminal_shows_however_it_is_cut_in_pieces(written, expected):
    assert shown(written) == expected
    for cut in range(len(written)):
        assert shown(written[:cut], written[cut:]) == expected
    assert shown(*written) == expected


def test_of_much_text_start_and_end_stay_and_a_note_counts_the_rest():
    lines = [f"line {number}\n" for number in range(1000)]
    written = "".join(lines)
    for pieces in ([written], lines, written):
        start, _, rest = shown(*pieces, most=400).partition("\n[")
        note, closed, end = rest.partition("]\n")
        assert written.startswith(start) and len(start) == 200
        assert written.endswith(end) and len(end) == 200
        left_out = len(written) - 400
        assert note == f"{left_out:,} characters left out here: 400 of a stream are kept" and closed


@pytest.mark.parametrize("most", [10, 11])
def test_text_of_just_the_length_is_whole(most):
    for text in ("x" * most, "x" * 6 + "\n" + "y" * (most - 7), "\n" * most):
        assert shown(text, most=most) == text
        assert shown(*text, most=most) == text
        assert "left out" in shown(text, "z", most=most)


PATTERNS = [
    "x",
    "\n",
    "\r",
    "x\r",
    "x\b",
    "\b",
    f"{RED}x",
    f"{RED}x\r",
    "x" * 99 + "\r",
    "x\n\r",
    "\x1b",
    "\r\x1b[",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("piece", [7, 10**9])
@pytest.mark.parametrize("most", [5_000, 10**9])
def test_the_work_grows_linearly_with_the_text(pattern, piece, most, monkeypatch):
    """Counted are the characters that are looked at, overwritten and kept, for a text four times as long."""
    work = []
    for size in (20_000, 80_000):
        count = 0

        def counted(name):
            real = getattr(TerminalText, name)

            def call(text, *arguments):
                nonlocal count
                count += sum(map(len, arguments))
                found = real(text, *arguments)
                count += len(found or "")
                return found

            return call

        with monkeypatch.context() as patched:
            for name in ("write", "_put", "_overwrite", "_overwritten", "_open_line", "_keep"):
                patched.setattr(TerminalText, name, counted(name))
            text = (pattern * size)[:size]
            shown(*(text[start : start + piece] for start in range(0, size, piece)), most=most)
        work.append(count)
    assert work[1] < 5 * work[0]


@pytest.mark.parametrize("pattern", ["x", "x\n", "x\r", "\n"])
def test_what_is_left_out_takes_no_memory(pattern):
    text, piece = TerminalText(10_000), pattern * 500
    tracemalloc.start()
    try:
        for _ in range(1_000):
            text.write(piece)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 250_000 and len(text.text) < 10_200  # of half a million characters and more


@pytest.mark.parametrize("line", ["x" * 2_000_000, "x\r" * 1_000_000, "x\b" * 1_000_000])
def test_a_line_of_two_million_characters_is_done(line):
    """As one message and as many; a quadratic time would be hours."""
    expected = shown(line)
    assert len(expected) <= 1_000_200
    assert shown(*(line[start : start + 80] for start in range(0, len(line), 80))) == expected
