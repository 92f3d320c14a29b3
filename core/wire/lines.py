"""Bytes and lines: LF at home and CRLF on the wire, dot-stuffing, and splitting a stream into lines.

A message at home ends its lines in LF; SMTP and POP3 end them in CRLF and end the message with a lone dot
(RFC 5321 section 4.5.2, RFC 1939 section 3). A CR that no LF follows belongs to the text and is left alone.
Only ``CRLF . CRLF`` ends a message: were ``LF . LF`` taken too, a letter could end itself early and go on in
the server's name.

Never: what a line means. No limit on a line's length, and no work twice: each byte is searched and copied a
fixed number of times, however the stream was cut.
"""

_END = b"\r\n.\r\n"


def to_wire(message: bytes) -> bytes:
    """The message with every line ended by CRLF; a line that has its CR already keeps just that one."""
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def to_disk(data: bytes) -> bytes:
    """The message with every line ended by LF."""
    return data.replace(b"\r\n", b"\n")


def stuff(message: bytes) -> bytes:
    """A whole message (LF) as it goes over the wire: CRLF, dots doubled, and the lone dot at the end."""
    stuffing = Stuffing()
    return stuffing.feed(message) + stuffing.end()


class Stuffing:
    """Turns a message (LF) into its dot-stuffed form (CRLF), piece by piece."""

    def __init__(self) -> None:
        self._held = b""  # a last CR, as long as nobody knows whether LF follows
        self._fresh = True  # at the start of a line

    def feed(self, piece: bytes) -> bytes:
        """The next piece, as it goes over the wire."""
        data = self._held + piece
        self._held = b"\r" if data.endswith(b"\r") else b""
        data = data[: len(data) - len(self._held)]
        if not data:
            return b""
        dot = b"." if self._fresh and data.startswith(b".") else b""
        self._fresh = data.endswith(b"\n")
        return dot + to_wire(data.replace(b"\n.", b"\n.."))

    def end(self) -> bytes:
        """The end of the message: of its last line if that has none, and the lone dot."""
        last = b"" if self._fresh and not self._held else self._held + b"\r\n"
        return last + b".\r\n"


class Unstuffing:
    """Turns a dot-stuffed message (CRLF) back into lines that end in LF, piece by piece."""

    def __init__(self) -> None:
        self._held = b"\r\n"  # what may yet be part of the end; the line before the first one "ends" here
        self._begun = False

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """The next piece of the message, and what follows its end (None: it has not ended yet)."""
        data = self._held + data
        end = data.find(_END)
        if end >= 0:
            return self._piece(data[: end + 2]), data[end + len(_END) :]
        cut = len(data) - _overlap(data)
        self._held = data[cut:]
        return self._piece(data[:cut]), None

    def _piece(self, data: bytes) -> bytes:
        """Without the doubled dots; ``_overlap`` keeps a line's end and the next dot together."""
        piece = data.replace(b"\r\n.", b"\r\n").replace(b"\r\n", b"\n")
        if self._begun or not piece:
            return piece
        self._begun = True
        return piece[1:]


def _overlap(data: bytes) -> int:
    """How many of the last bytes may be the beginning of the end."""
    return next((size for size in range(len(_END) - 1, 0, -1) if data.endswith(_END[:size])), 0)


class Lines:
    """Splits a stream into lines without their ends (CRLF or LF).

    Lines are taken one by one, for what follows a line may be no lines at all: ``rest`` takes it.
    """

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        self._begun: list[bytes] = []  # pieces of a line whose end has not come yet
        self.held = 0  # how many bytes these are

    def feed(self, data: bytes) -> None:
        """More of the stream."""
        self._data = self._data[self._at :] + data
        self._at = 0

    def line(self) -> bytes | None:
        """The next line; None: its end has not come yet."""
        end = self._data.find(b"\n", self._at)
        if end < 0:
            self._hold(self.rest())
            return None
        line = b"".join([*self._begun, self._data[self._at : end]])
        self._begun, self.held = [], 0
        self._at = end + 1
        return line.removesuffix(b"\r")

    def rest(self) -> bytes:
        """Everything after the last line that was taken; it is gone from here then."""
        rest = self._data[self._at :]
        self._data, self._at = b"", 0
        return rest

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._begun.append(piece)
            self.held += len(piece)
