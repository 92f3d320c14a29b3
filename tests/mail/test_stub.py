"""What a stub says of itself in its head."""

import pytest

from core.mail import stub
from core.mail.stub import Mark


@pytest.mark.parametrize("uid", ["00000001", "a;b=c", "% \u00fc\n", "~" * 70])
def test_a_mark_is_read_as_it_was_written(uid: str) -> None:
    """Whatever a server calls a letter, it stays on one line and comes back."""
    mark = Mark(2_400_000, 2_398_000, "our isp; really", uid)

    head = b"Received: x\n" + stub.field(mark) + b"Subject: pears\n"

    assert stub.mark(head) == mark
    assert head.count(b"\n") == 3


@pytest.mark.parametrize(
    "value", ["", "7", "7; left=x; maildrop=a; uid=b", "x; left=1; maildrop=a; uid=b", "7; left=1; maildrop=; uid=b"]
)
def test_what_is_no_mark_is_none(value: str) -> None:
    """A field that is not as we write it tells nothing."""
    assert stub.mark(f"X-Mailrun-Stub: {value}\n".encode()) is None
    assert stub.mark(b"Subject: pears\n") is None


@pytest.mark.parametrize(
    ("body", "lines", "size", "missing"),
    [
        (b"one\ntwo\n", 60, 22, 0),  # head of 10, empty line of 2, body of 10 bytes, as they travel
        (b"one\ntwo\n", 2, 22, 1),  # as many as were asked for: there may be more
        (b"one\ntwo\n", 60, 1000, 978),  # fewer than were asked for, but far too small
        (b"one\ntwo\n", 2, 10, 1),  # the server's sizes are too small
        (b"", 0, 100, 88),
    ],
)
def test_a_letter_is_whole_only_beyond_doubt(body: bytes, lines: int, size: int, missing: int) -> None:
    """It ended before the lines that were asked for, and is no smaller than promised; else something is missing."""
    assert stub.missing(b"From: xy\n\n" + body, lines, size) == missing
