"""A row of event subject extraction."""

from typing import NamedTuple


class Event(NamedTuple):
    """A sentence, the type of an event in it, and that event's subject."""

    id: str
    text: str
    type: str
    subject: str
