import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail import headers
from core.mail.clean import BAD, safe
from core.mail.summary import Summary, gathered, picked, summary

HEAD = b"""\
Received: from a
 From: not me
FROM : "Anna =?utf-8?q?M=C3=BCller?=" <anna@x.example>
To: paul@home.example,
\t"Luc" <luc@home.example>
Subject: =?utf-8?q?Apples?=
 and pears \x1b[2J
Subject: another
Date: Sat, 21 Nov 2026 11:59:57 +0100
Message-ID: <1@x.example>
References: <a@x> <b@x>
\t<c@x>
In-Reply-To: Your letter of yesterday <c@x> <d@x>
CC: Mia <Mia@Home.example>
List-Id: Friends <friends.x.example>
Content-Type: Multipart/Mixed; boundary=x
X-Mailrun-Routed: how=guess
X-Mailrun-Stub: 7
"""
NAMES = st.sampled_from([b"From", b"to", b"SUBJECT", b"Subject ", b"Received", b">From ", b" From", b"rubbish"])
LINES = st.lists(st.builds(lambda *parts: b"".join(parts), NAMES, st.sampled_from([b":", b" :", b""]), st.binary()))


def test_a_summary_says_who_wrote_what_when() -> None:
    """Folded, encoded and doubled fields are read as everywhere; what is shown is safe."""
    assert summary(HEAD) == Summary(
        sender="Anna Müller",
        address="anna@x.example",
        to="paul@home.example, Luc",
        cc="Mia",
        addresses="paul@home.example luc@home.example mia@home.example",
        subject="Apples and pears \N{REPLACEMENT CHARACTER}[2J",
        date=int(datetime(2026, 11, 21, 10, 59, 57, tzinfo=UTC).timestamp()),
        zone=60,
        message_id="<1@x.example>",
        in_reply_to="<c@x>",
        references="<a@x> <b@x> <c@x>",
        list_id="Friends <friends.x.example>",
        routed=b"how=guess",
        stub=7,
        mixed=True,
    )


def test_an_empty_head_has_an_empty_summary() -> None:
    """There is always something to show, if only nothing."""
    assert summary(b"") == Summary("", "", "", "", "", "", None, 0, "", "", "", "", None, stub=0, mixed=False)


@given(LINES)
def test_the_quick_look_at_a_head_finds_the_same_or_says_that_it_is_odd(lines: list[bytes]) -> None:
    """Odd is what mutt takes for the end of the head, and what readers write into one."""
    head = b"\n" + b"\n".join(line.replace(b"\n\n", b"\n") for line in lines) + b"\n"
    found, single = gathered(head)

    assert b"" in found or (found, single) == picked(head)
    assert (b"" in found) >= bool(re.search(rb"\n(?![!-9;-~]+:|[ \t]|>From )(?=[^\n])", head))


def dated(text: str) -> datetime | None:
    """The date of a letter with such a field."""
    found = summary(f"Date: {text}\n".encode())
    return None if found.date is None else datetime.fromtimestamp(found.date, timezone(timedelta(minutes=found.zone)))


def test_a_date_without_a_zone_is_taken_for_utc() -> None:
    """RFC 5322 section 3.3: -0000 tells no zone; a date that nobody can read is none."""
    assert dated("Sat, 21 Nov 2026 11:59:57 -0000") == datetime(2026, 11, 21, 11, 59, 57, tzinfo=UTC)
    assert dated("tomorrow") is None


def test_a_long_thread_keeps_its_first_and_last_ids() -> None:
    """Enough to find its place; no head makes the index grow without end."""
    ids = [f"<{number}@x>" for number in range(99)]

    assert summary(b"References: " + "\n ".join(ids).encode() + b"\n").references.split() == [ids[0], *ids[-29:]]


@given(LINES)
def test_fields_are_found_where_the_parser_of_heads_finds_them(lines: list[bytes]) -> None:
    """The one regular expression and the careful reading agree on any bytes."""
    head = b"\n".join(line.replace(b"\n\n", b"\n") for line in lines)
    field = headers.first(headers.fields(head), "Subject")

    assert summary(head).subject == (safe(headers.decode(field.value)) if field else "")
    assert not any(BAD.search(value) for value in summary(head) if isinstance(value, str))


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 (hypothesis wants them naive)
def test_plain_dates_are_what_the_careful_reading_says(when: datetime) -> None:
    """Any date that programs write."""
    text = format_datetime(when.replace(microsecond=0))

    assert dated(text) == parsedate_to_datetime(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1 Feb 2026 01:02:03 -0000", "2026-02-01T01:02:03+00:00"),
        ("Sun, 01 Feb 2026 01:02:03 +0000 (UTC)", "2026-02-01T01:02:03+00:00"),
        ("Sat, 31 Feb 2026 01:02:03 +0100", ""),
        ("31 Jan 2026 01:02 +0100", "2026-01-31T01:02:00+01:00"),
        ("Sun, 1 Feb 2026 01:02:03 -0930", "2026-02-01T01:02:03-09:30"),
        ("31 Dec 9999 23:59:59 -1400", ""),
    ],
)
def test_dates_of_every_kind_are_read(text: str, date: str) -> None:
    """Without a weekday or seconds, with a comment; one that is in no calendar, or nearly out of it, is none."""
    found = dated(text)

    assert (found.isoformat() if found else "") == date
