"""What a terminal shows of a stream, at a cost that grows linearly with the stream."""

import collections
import re

TOKEN = re.compile(r"(\x1b\[[0-?]*[ -/]*[@-~])|[\s\S]")  # an escape sequence, or a character
LONGEST_SEQUENCE = 64  # characters
CUT = re.compile(r"(?:\r|\x1b(?:\[[0-?]*[ -/]*)?)\Z")  # the start of such a sequence, or of `\r\n`
COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
RESET = "\x1b[0m"
ERASE = ("\x1b[K", "\x1b[0K", "\x1b[2K")  # up to the end of the line, and all of it
PIECE = 4096  # characters; what is left out goes in whole pieces until the text is asked for
OVERWRITES = re.compile(r"[\r\b]|\x1b\[[02]?K")
MOST_COLOURS = 8  # sequences in force at one place; those before them are forgotten


class TerminalText:
    r"""The text of a stream that is written piece by piece.

    A carriage return goes to the start of the line and a backspace one place to the left; what follows
    overwrites what is there. Colours stay with their characters. Of a longer stream the start and the end
    are kept, and a line between them says how much was left out.

    Args:
        most: Number of characters that are kept.

    Example:

    >>> text = TerminalText(1000)
    >>> for step in range(3):
    ...     text.write(f"\rstep {step}")
    >>> text.write("\ndone?\b!\n")
    >>> text.text
    'step 2\ndone!\n'
    """

    def __init__(self, most: int):
        self.most = most
        self._dropped = 0  # characters
        self._start, self._start_room = [], most // 2
        self._end, self._end_size, self._end_room = collections.deque(), 0, most - most // 2
        self._plain, self._plain_size = [], 0  # the open line, while nothing in it has been overwritten
        self._line = None  # else its places: pairs of the colours in force and a character
        self._cursor, self._colours = 0, ()
        self._cut = ""  # the end of what was written, if what follows may belong to it

    def write(self, text: str) -> None:
        """Append `text`."""
        text = self._cut + text
        cut = CUT.search(text, max(0, len(text) - LONGEST_SEQUENCE))
        self._cut = cut[0] if cut else ""
        text = text[: len(text) - len(self._cut)].replace("\r\n", "\n")
        if self._line is None and not OVERWRITES.search(text):
            whole, newline, text = text.rpartition("\n")
            if newline:
                self._close(whole + newline)
        first, *others = text.split("\n")
        self._put(first)
        for line in others:
            self._close("\n")
            self._put(line)

    @property
    def text(self) -> str:
        """What a terminal would show now."""
        line = self._open_line() + self._cut.removesuffix("\r")
        start, end = [*self._start, line[: self._start_room]], "".join(self._end) + line[self._start_room :]
        surplus = max(0, len(end) - self._end_room)
        left_out = self._dropped + surplus
        note = f"\n[{left_out:,} characters left out here: {self.most:,} of a stream are kept]\n"
        return "".join([*start, note if left_out else "", end[surplus:]])

    def _open_line(self):
        return "".join(self._plain) if self._line is None else self._overwritten()

    def _put(self, text):
        """Write to the open line."""
        if self._line is None and not OVERWRITES.search(text):
            self._plain.append(text)
            self._plain_size += len(text)
        else:
            if self._line is None:
                self._line, self._cursor, self._colours = [], 0, ()
                self._overwrite("".join(self._plain))
            self._overwrite(text)
        if self._plain_size > self.most or len(self._line or ()) > self.most:
            self._close("")  # a line without end

    def _overwrite(self, text):
        for match in TOKEN.finditer(text):
            token = match[0]
            if token == "\r":
                self._cursor = 0
            elif token == "\b":
                self._cursor = max(0, self._cursor - 1)
            elif match[1]:
                self._escape(token)
            else:
                place = (self._colours, token)
                if self._cursor < len(self._line):
                    self._line[self._cursor] = place
                else:
                    self._line.append(place)
                self._cursor += 1

    def _escape(self, sequence):
        """Colours hold from here on; an erased line loses its places; other movements are ignored."""
        if COLOUR.fullmatch(sequence):
            kept = () if sequence in (RESET, "\x1b[m") else self._colours
            self._colours = (*kept, sequence)[-MOST_COLOURS:]
        elif sequence == ERASE[-1]:
            self._line[:] = [((), " ")] * self._cursor
        elif sequence in ERASE:
            del self._line[self._cursor :]

    def _overwritten(self):
        """The text of the open line, with the sequences between places of different colours."""
        shown, now = [], ()
        for colours, character in self._line:
            shown.append(_change(now, colours) + character)
            now = colours
        return "".join([*shown, _change(now, self._colours)])

    def _close(self, end):
        """Keep the open line, followed by `end`, and open another."""
        line = self._open_line()
        self._plain, self._plain_size, self._line = [], 0, None
        self._keep(line + end)

    def _keep(self, text):
        if self._start_room:
            self._start.append(text[: self._start_room])
            text = text[self._start_room :]
            self._start_room -= len(self._start[-1])
        for piece in (text[at : at + PIECE] for at in range(0, len(text), PIECE)):
            self._end.append(piece)
            self._end_size += len(piece)
        while self._end and self._end_size - len(self._end[0]) >= self._end_room:
            dropped = len(self._end.popleft())
            self._end_size -= dropped
            self._dropped += dropped


def _change(before, after):
    """The sequences that lead from the colours `before` to `after`."""
    if after[: len(before)] == before:
        return "".join(after[len(before) :])
    return "".join(after) if after[:1] == (RESET,) else RESET + "".join(after)
