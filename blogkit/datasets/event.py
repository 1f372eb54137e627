"""Row of the task event subject extraction."""

from typing import NamedTuple


class Event(NamedTuple):
    """A sentence, the type of an event in it, and the subject of that event."""

    id: str
    text: str
    type: str
    subject: str
