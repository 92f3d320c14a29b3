"""How a half-typed query could go on."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail import query
from core.mail.suggest import _KEYS, _STATES, MOST, Known, complete

KNOWN = Known(
    folders=("inbox", "sent", "Sailing club"),
    senders=("Marta Weber", "marta@island.example", "Grandma"),
    recipients=("Mia", "Luc Jackson"),
    lists=("nelug",),
)


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("", []),
        ("garden ", []),
        ("f", ["from:"]),
        ("garden s", ["subject:", "smaller:"]),
        ("-fr", ["from:"]),
        ("unr", ["is:unread"]),
        ("att", ["has:attachment"]),
        ('"f', []),
        ("from:", []),
        ("from:mar", ['from:"Marta Weber"', "from:marta@island.example"]),
        ("from:web", ['from:"Marta Weber"']),
        ('from:"marta w', ['from:"Marta Weber"']),
        ("from:isl", ["from:marta@island.example"]),
        ("to:m", ["to:me", "to:Mia"]),
        ("cc:jack", ['cc:"Luc Jackson"']),
        ("in:s", ["in:sent", 'in:"Sailing club"']),
        ("in:sent", []),
        ("list:", ["list:nelug"]),
        ("is:f", ["is:flagged", "is:forwarded"]),
        ("has:", ["has:attachment"]),
        ("before:y", ["before:yesterday"]),
        ("on:last", ['on:"last week"', 'on:"last month"', 'on:"last year"']),
        ("larger:1", ["larger:100k", "larger:1M"]),
        ("subject:s", []),
        ("before:2025", []),
    ],
)
def test_what_can_come_next_is_offered(typed: str, ways: list[str]) -> None:
    """Keys by their beginning, values by what the key takes, people by any word of theirs."""
    assert [way.shown for way in complete(typed, len(typed), KNOWN)] == ways


@pytest.mark.parametrize(
    ("typed", "cursor", "whole", "then"),
    [
        ("garden fr", 9, "garden from:", 12),
        ("fr garden", 2, "from: garden", 5),
        ("-is:unr", 7, "-is:unread ", 11),
        ("is:unr plum", 6, "is:unread plum", 10),
        ("from:mar", 8, 'from:"Marta Weber" ', 19),
        ('from:"mar" plum', 9, None, 0),
    ],
)
def test_only_the_piece_at_the_cursor_is_replaced(typed: str, cursor: int, whole: str | None, then: int) -> None:
    """What stands before and behind it stays; a quoted text that is closed is left alone."""
    ways = complete(typed, cursor, KNOWN)

    assert [(way.text, way.cursor) for way in ways[:1]] == ([] if whole is None else [(whole, then)])


def test_every_key_and_state_is_offered() -> None:
    """Whatever the language knows has its meaning here."""
    assert set(_KEYS) == set(query.KEYS)
    assert set(_STATES) == set(query.STATES)


@given(st.text(max_size=8) | st.sampled_from(["from:m", "in:", 'x from:"m y', "before:l z"]), st.integers(0, 12))
def test_what_is_offered_means_something(typed: str, cursor: int) -> None:
    """No text is an error; an offer changes the query, keeps the cursor in it, and has no fault but an empty key."""
    ways = complete(typed, min(cursor, len(typed)), KNOWN)

    assert len(ways) <= MOST
    for way in ways:
        assert way.text.strip() != typed.strip()
        assert 0 < way.cursor <= len(way.text)
        before = query.parse(typed, datetime.now(UTC)).faults
        after = query.parse(way.text, datetime.now(UTC)).faults
        assert all("stands alone" in fault for fault in set(after) - set(before))
