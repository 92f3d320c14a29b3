import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.lines import Lines, Stuffing, Unstuffing, stuff, to_disk, to_wire

TRICKY = st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"\r\n.", b"a", b"From ", b"\xff"])).map(b"".join)

STUFFED = [
    (b"", b".\r\n"),
    (b"a\n", b"a\r\n.\r\n"),
    (b"no end", b"no end\r\n.\r\n"),
    (b".\n", b"..\r\n.\r\n"),
    (b"a\n.\n..\n.b\n", b"a\r\n..\r\n...\r\n..b\r\n.\r\n"),
    (b"\n\n", b"\r\n\r\n.\r\n"),
    (b"a\r\nb\n", b"a\r\nb\r\n.\r\n"),
    (b"bare\rreturn\n", b"bare\rreturn\r\n.\r\n"),
    (b"last\r", b"last\r\r\n.\r\n"),
    (b"\r.\n", b"\r.\r\n.\r\n"),
]


def pieces(data: bytes, size: int) -> list[bytes]:
    """The bytes, cut."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def ended(message: bytes) -> bytes:
    """The message with LF everywhere, and at its end."""
    disk = to_disk(message)
    return disk if disk.endswith(b"\n") or not disk else disk + b"\n"


def unstuffed(data: bytes, size: int) -> tuple[bytes, bytes]:
    """The message, and what follows it, from a stream that comes in pieces."""
    unstuffing, message, parts = Unstuffing(), b"", pieces(data, size)
    for nth, part in enumerate(parts, 1):
        piece, rest = unstuffing.feed(part)
        message += piece
        if rest is not None:
            return message, rest + b"".join(parts[nth:])
    raise AssertionError("the message has no end")


@pytest.mark.parametrize(("message", "wire"), STUFFED)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_stuffing(message: bytes, wire: bytes, size: int) -> None:
    """A message is stuffed alike, however it is cut."""
    stuffing = Stuffing()

    assert b"".join([*map(stuffing.feed, pieces(message, size)), stuffing.end()]) == wire
    assert stuff(message) == wire


@pytest.mark.parametrize(("message", "wire"), STUFFED)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_unstuffing(message: bytes, wire: bytes, size: int) -> None:
    """A stuffed message comes back with LF and with an end to its last line, and what follows it is handed on."""
    assert unstuffed(wire + b"+OK next\r\n", size) == (ended(message), b"+OK next\r\n")


@pytest.mark.parametrize(
    "inner", [b"\n.\n", b"\n.\r\nx", b"\r.\r\nx", b"\r\n.\rx", b"\r\n.\n", b"\r\n..\r\n", b"\r\r\n.x"]
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_only_crlf_dot_crlf_ends(inner: bytes, size: int) -> None:
    """A letter cannot end itself early with half a line end."""
    message, rest = unstuffed(b"a" + inner + b"b\r\n.\r\n", size)

    assert message.startswith(b"a")
    assert message.endswith(b"b\n")
    assert rest == b""


@given(message=TRICKY, size=st.integers(1, 7))
def test_there_and_back(message: bytes, size: int) -> None:
    """Whatever goes out stuffed comes back the same, but for CRLF and the end of the last line."""
    back, rest = unstuffed(stuff(message) + b"rest", size)

    assert (back, rest) == (ended(message), b"rest")


def test_line_ends() -> None:
    """Only what ends a line changes; a line that has its CR keeps just that one."""
    assert to_wire(b"a\nb\r\nc\rd") == b"a\r\nb\r\nc\rd"
    assert to_disk(b"a\r\nb\nc\rd\r\r\n") == b"a\nb\nc\rd\r\n"


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_lines(size: int) -> None:
    """Lines come without their ends, LF or CRLF, and the last one only when its end has come."""
    lines = Lines()
    found: list[bytes] = []
    for piece in pieces(b"one\r\ntwo\n\r\nfo\rur\r\nfive", size):
        lines.feed(piece)
        found += iter(lines.line, None)

    assert found == [b"one", b"two", b"", b"fo\rur"]
    assert lines.held == len(b"five")


def test_rest() -> None:
    """What follows a line can be taken as it is."""
    lines = Lines()
    lines.feed(b"+OK\r\nbody\r\n.\r\n")

    assert lines.line() == b"+OK"
    assert lines.rest() == b"body\r\n.\r\n"
    assert lines.line() is None


def test_long_line() -> None:
    """A line of four million bytes, in small pieces, is kept once and costs no more than its length."""
    lines, piece = Lines(), b"x" * 64
    tracemalloc.start()
    for _ in range(65_536):
        lines.feed(piece)
        assert lines.line() is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    lines.feed(b"\r\n")

    assert lines.line() == piece * 65_536
    assert peak < 3 * 64 * 65_536
