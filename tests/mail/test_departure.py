from datetime import datetime, timedelta, timezone

import pytest

from core.errors import InputError
from core.mail.departure import NEXT, Departure, moment, words

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=timezone(timedelta(hours=1)))  # a Friday


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("19:00", "2026-11-20 19:00"),
        ("7:30", "2026-11-21 07:30"),
        ("20h15", "2026-11-20 20:15"),
        ("tomorrow", "2026-11-21 00:00"),
        ("Tomorrow 18:00", "2026-11-21 18:00"),
        ("fri", "2026-11-27 00:00"),
        ("Saturday, 9:05", "2026-11-21 09:05"),
        ("2026-12-24 09:00", "2026-12-24 09:00"),
        ("2026-12-24T09:00:00", "2026-12-24 09:00"),
        ("24.12.", "2026-12-24 00:00"),
        ("1.2.2027 12:00", "2027-02-01 12:00"),
        ("24 Dec 9:00", "2026-12-24 09:00"),
        ("3 january", "2027-01-03 00:00"),
    ],
)
def test_times_are_understood_as_people_type_them(typed: str, meant: str) -> None:
    """The next such time counts, in the zone of the house."""
    assert f"{moment(typed, NOW):%Y-%m-%d %H:%M}" == meant
    assert moment(typed, NOW).utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "31 apr", "32.1.", "7", "24 foo 9:00", "2026-13-01", "\x1b[2J"])
def test_what_is_no_time_is_one_sentence(typed: str) -> None:
    """It shows how a time is written."""
    with pytest.raises(InputError, match="is no time; write 18:00"):
        moment(typed, NOW)


@pytest.mark.parametrize("typed", ["today 9:00", "2026-11-20 18:30", "2020-01-01", "today"])
def test_a_time_that_is_past_is_refused(typed: str) -> None:
    """It would mean nothing."""
    with pytest.raises(InputError, match="is past"):
        moment(typed, NOW)


@pytest.mark.parametrize(
    ("departure", "due", "said"),
    [
        (NEXT, True, "with the next run"),
        (Departure(urgent=True), True, "urgent, with the next run"),
        (Departure(held=True), False, "held"),
        (Departure(held=True, urgent=True), False, "held"),
        (Departure(not_before=NOW), True, "with the next run"),
        (Departure(not_before=NOW + timedelta(minutes=1)), False, "from 18:31"),
        (Departure(not_before=NOW + timedelta(days=2)), False, "from Sun 18:30"),
        (Departure(not_before=NOW + timedelta(days=30)), False, "from 20 Dec, 18:30"),
        (Departure(not_before=NOW + timedelta(days=60)), False, "from 19 Jan 2027"),
    ],
)
def test_a_letter_is_due_or_says_when(departure: Departure, due: bool, said: str) -> None:
    """What is held or put off is not due; the words fit a column."""
    assert departure.due(NOW) is due
    assert words(departure, NOW) == said
