"""Generated events: two rows per text that differ in the type, and disjoint pools of names."""

from collections import defaultdict

import pytest

from blogkit.datasets import event_sentences, event_subjects


@pytest.mark.parametrize("names", ["seen", "new"])
def test_only_the_type_tells_the_subject(names):
    by_text = defaultdict(list)
    for event in event_sentences(4000, names=names, seed=5):
        assert event.text.count(event.subject) == 1
        by_text[event.text].append(event)
    assert len(by_text) == 4000
    for events in by_text.values():
        assert len(events) == 2
        assert len({event.type for event in events}) == len({event.subject for event in events}) == 2


def test_no_new_name_shares_its_pair_with_a_seen_one():
    seen, new = (
        {event.subject[:2] for event in event_sentences(1000, names=names)} for names in ("seen", "new")
    )
    assert not seen & new and len(seen) > 400 and len(new) > 150
    assert set("".join(new)) <= set("".join(seen))  # but no character is new


def test_the_seed_decides():
    assert event_sentences(5, seed=1) == event_sentences(6, seed=1)[:10]
    assert event_sentences(5, seed=1) != event_sentences(5, seed=2)
    assert event_sentences(0) == []


def test_as_the_embedded_default():
    found = event_subjects("embedded")
    assert found.stand_in and found.name == "generated events"
    assert len(found.train) == 12_000 and len(found.valid) == 1_000
    assert not {event.subject for event in found.train} & {event.subject for event in found.valid}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-1,), "sentences=-1"),
        ((True,), "sentences=True"),
        ((1, "old"), "'seen', 'new'. Received: names='old'"),
    ],
)
def test_what_it_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        event_sentences(*arguments)
