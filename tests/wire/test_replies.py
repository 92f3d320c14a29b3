import pytest

from core.errors import ProtocolError
from core.wire.replies import LONGEST, Replies, Reply

CASES = {
    "a line": (b"250 ok\r\n", [Reply(250, "ok")]),
    "a code": (b"250\r\n", [Reply(250, "")]),
    "lines": (b"250-one\r\n250-\r\n250 two\r\n354 go\r\n", [Reply(250, "one  two"), Reply(354, "go")]),
    "bare line feeds": (b"220-a\n220 b\n", [Reply(220, "a b")]),
    "letters": ("550 nö\r\n".encode(), [Reply(550, "nö")]),
    "no letters": (b"550 \xff\r\n", [Reply(550, "\N{REPLACEMENT CHARACTER}")]),
    "half a line": (b"250 ok\r\n250-and", [Reply(250, "ok")]),
}


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("step", [1, 1000])
def test_replies(data: bytes, expected: list[Reply], step: int) -> None:
    """A reply is there when its last line is, however the bytes came."""
    replies, found = Replies(), list[Reply]()
    for at in range(0, len(data), step):
        replies.feed(data[at : at + step])
        found += iter(replies.next, None)
    assert found == expected


@pytest.mark.parametrize(
    "data",
    [b"hello\r\n", b"\r\n", b"25 ok\r\n", b"2500 ok\r\n", b"150 ok\r\n", b"650 ok\r\n", b"250_ok\r\n", b" 250 ok\r\n"],
)
def test_no_smtp(data: bytes) -> None:
    """What is no reply is told, and how it began."""
    replies = Replies()
    replies.feed(data)
    with pytest.raises(ProtocolError, match="does not speak SMTP: it said"):
        replies.next()


@pytest.mark.parametrize("line", [b"x", b"250-more\r\n"])
def test_without_end(line: bytes) -> None:
    """A reply that never ends fills no memory."""
    replies = Replies()
    replies.feed(line * (LONGEST // len(line) - len(line)))
    assert replies.next() is None
    replies.feed(line * LONGEST)
    with pytest.raises(ProtocolError, match="has no end"):
        replies.next()
