import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store import mboxrd, status

WHEN = datetime(2026, 11, 1, 8, 5, 9, tzinfo=UTC)
LINES = st.lists(
    st.one_of(st.sampled_from([b"From ", b">From ", b">>From x\n", b"\n", b"\n\n", b"From", b" ", b">"]), st.binary())
)


@pytest.mark.parametrize(
    ("sender", "line"),
    [
        ("a@x.example", b"From a@x.example Sun Nov  1 08:05:09 2026\n"),
        ("", b"From MAILER-DAEMON Sun Nov  1 08:05:09 2026\n"),
        ('"a b"@x\nFrom ', b'From "a-b"@x-From- Sun Nov  1 08:05:09 2026\n'),
        ("\u00e4@x", b"From -@x Sun Nov  1 08:05:09 2026\n"),
    ],
)
def test_opening_is_one_line_in_utc(sender: str, line: bytes) -> None:
    """The From_ line has the sender without blanks, and the time as asctime has it."""
    assert mboxrd.opening(sender, WHEN) == line
    assert mboxrd.opening(sender, WHEN.astimezone(timezone(timedelta(hours=5)))) == line


@pytest.mark.parametrize(
    ("letter", "quoted"),
    [
        (b"a\nFrom b\n", b"a\n>From b\n\n"),
        (b"From a\n", b">From a\n\n"),
        (b"a\n>From b\n>>From c\n", b"a\n>>From b\n>>>From c\n\n"),
        (b"a From b\n From c\nFrom\nFromage\nfrom d\n", b"a From b\n From c\nFrom\nFromage\nfrom d\n\n"),
        (b"From From a\nFrom From a\n", b">From From a\n>From From a\n\n"),
        (b"no end", b"no end\n\n"),
        (b"", b"\n"),
        (b"a\n\n\n", b"a\n\n\n\n"),
    ],
)
def test_quoting_is_mboxrd(letter: bytes, quoted: bytes) -> None:
    """Each line that matches ^>*From_ gets one more >; the letter ends in an empty line."""
    assert b"".join(mboxrd.quoted([letter])) == quoted


@given(LINES)
def test_quoting_is_undone_for_any_bytes(parts: list[bytes]) -> None:
    """Whatever a letter holds comes back, but that its last line gets an end."""
    letter = b"".join(parts)
    raw = b"From a\n" + b"".join(mboxrd.quoted([letter]))

    assert mboxrd.contents(raw) == letter + (b"\n" if letter and not letter.endswith(b"\n") else b"")
    assert b"\nFrom " not in raw


def test_pieces_are_whole_lines() -> None:
    """A From_ line cannot hide on the border of two pieces."""
    with pytest.raises(ValueError, match="whole lines"):
        list(mboxrd.quoted([b"Fr", b"om a\n"]))


def test_a_big_piece_is_not_copied() -> None:
    """Slices of a letter share its memory."""
    letter = b"x" * 1000 + b"\nFrom a\n"

    slices = [one for one in mboxrd.quoted([letter]) if isinstance(one, memoryview)]
    assert all(one.obj is letter for one in slices)


A = b"From a@x Sat Nov 21 00:38:00 2026\n"


@pytest.mark.parametrize(
    ("data", "offsets"),
    [
        (b"", []),
        (A, [0]),
        (A + b"Subject: a\n\nbody\n\n" + A + b"\n", [0, 52]),
        (A + b"\n" + A + b"\n", [0, 35]),
        (b"\n\n" + A + b"\n", [2]),
        (A + b"Subject: a\n\nbody\n" + A, [0]),
        (A + b"\nFrom my window I see Mon Jan the sea\n\n", [0]),
        (A + b"\nFrom now on\n\nFrom Sat Nov 21\n\n", [0]),
        (b"From - Sat Nov 21 00:38:00 2026\n\n", [0]),
        (b"From a Sat Nov 21 00:38 2026\n\n", [0]),
        (b"From a@x Sat Nov 21 00:38:00 +0100 2026\n\n", [0]),
        (b"From a@x Sat Nov 21 00:38:00 CET 2026 remote from b\n\n", [0]),
        (b'From "a b"@x Sat, Nov  1 0:38:00 2026\n\n', [0]),
        (b"From a@x Sat Nov 21 00:38:00 2026", []),
        (b"Subject: a\n\nbody\n", []),
    ],
)
@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_letters_begin_at_plausible_from_lines(
    data: bytes, offsets: list[int], block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A From_ line counts at the start or after an empty line, with a date; however the file is cut into blocks."""
    monkeypatch.setattr(mboxrd, "BLOCK", block)
    path = tmp_path / "box"
    path.write_bytes(data)
    fd = os.open(path, os.O_RDONLY)

    assert list(mboxrd.starts(fd)) == offsets
    os.close(fd)


@pytest.mark.parametrize(
    ("head", "flags"),
    [
        (status.ROOM + b"Subject: a\n", ""),
        (b"Subject: a\nStatus: RO\nX-Status: AF\n", "ROAF"),
        (b"status:OR\nX-STATUS:  D \n", "ROD"),
        (status.ROOM + b"Status: RO\nX-Status: D\n", ""),
        (b"X-Status: T\nStatus: U\n", ""),
        (b"Subject: Status: RO\n Status: RO\n", ""),
        (b"", ""),
    ],
)
def test_flags_are_of_the_first_fields(head: bytes, flags: str) -> None:
    """Status and X-Status are read once each; a sender's own come behind and do not count."""
    assert status.flags(head) == flags


@pytest.mark.parametrize(
    ("head", "want"),
    [
        (status.ROOM + b"Subject: a\n", "ROAFPD"),
        (status.ROOM + b"Subject: a\n", "F"),
        (b"Subject: a\nStatus: RO\nX-Status: AF\n", ""),
        (b"Subject: a\nStatus: RO\n", "R"),
        (b"Status:\nX-Status:\n", ""),
        (b"Subject: a\n", ""),
    ],
)
def test_flags_fit_into_their_room(head: bytes, want: str) -> None:
    """Where there is room the head keeps its length, and every other byte."""
    writes = status.in_place(head, want)
    assert writes is not None
    changed = bytearray(head)
    for at, text in writes:
        changed[at : at + len(text)] = text

    assert (status.flags(bytes(changed)), len(changed)) == (want, len(head))
    assert mboxrd.digest((bytes(changed), b"")) == mboxrd.digest((head, b""))


@pytest.mark.parametrize(
    "head", [b"Subject: a\n", b"Status: O\nSubject: a\n", b"Subject: a\nX-Status:\nStatus: R\n", b""]
)
def test_a_head_without_room_gets_some(head: bytes) -> None:
    """A new head has the flags, the same id, and room for all other flags."""
    assert status.in_place(head, "ROAF") is None
    new = status.with_flags(head, "ROAF")

    assert status.flags(new) == "ROAF"
    assert mboxrd.digest((new, b"")) == mboxrd.digest((head, b""))
    assert status.in_place(new, "ROAFPD") is not None


def test_a_drafts_mark_stays() -> None:
    """A letter of X-Status that is not ours is kept in place and in a new head."""
    assert status.in_place(b"X-Status: FT  \n", "") == [(9, b" T   ")]
    assert b"X-Status: AT " in status.with_flags(b"X-Status: T\n", "A")


@pytest.mark.parametrize(
    "rewritten",
    [
        (b"From: a\nSubject: b\nStatus: RO\nContent-Length: 5\nLines: 1\n", b"text\n"),
        (b"X-UID: 5\nFrom: a\nX-Keywords: Junk\n  and more\nSubject: b\n", b"text\n\n"),
        (b"X-IMAPbase: 1 2\n" + status.ROOM + b"From: a\nSubject: b\n", b"text\n"),
    ],
)
def test_ids_survive_what_readers_do(rewritten: tuple[bytes, bytes]) -> None:
    """Fields that readers add or drop do not change who a letter is."""
    assert mboxrd.digest(rewritten) == mboxrd.digest((b"From: a\nSubject: b\n", b"text\n"))


def test_ids_survive_a_reader_that_mends_a_broken_head() -> None:
    """Readers as mutt end a head at the first line that is no field; that is the same letter."""
    broken = (b"From: a\nno field\nTo: b\n", b"text\n")
    mended = (b"From: a\nStatus: O\n", b"no field\nTo: b\n\ntext\n")

    assert mboxrd.digest(broken) == mboxrd.digest(mended)


@pytest.mark.parametrize("other", [(b"From: a\nSubject: c\n", b"text\n"), (b"From: a\nSubject: b\n", b"more text\n")])
def test_other_letters_have_other_ids(other: tuple[bytes, bytes]) -> None:
    """A difference in head or body is another letter."""
    assert mboxrd.digest(other) != mboxrd.digest((b"From: a\nSubject: b\n", b"text\n"))
