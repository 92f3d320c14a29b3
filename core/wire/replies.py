"""A server's answers in SMTP: lines into whole replies (RFC 5321 section 4.2).

Never: what a reply is about (``smtp``).
"""

import re
from dataclasses import dataclass

from core.errors import ProtocolError
from core.wire.lines import Lines

LONGEST = 65_536  # bytes of one reply, all its lines together


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; its lines are joined."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        """A yes."""
        return self.code // 100 == 2

    @property
    def odd(self) -> bool:
        """Neither a yes nor a no."""
        return self.code // 100 == 3

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class Replies:
    """Takes bytes as they come, gives replies."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._begun: list[bytes] = []  # lines of a reply of which more are to come

    def feed(self, data: bytes) -> None:
        """More of what the server says."""
        self._lines.feed(data)

    def next(self) -> Reply | None:
        """The next reply; None: it has not come whole.

        Raises:
            ProtocolError: this is no SMTP.
        """
        while (line := self._lines.line()) is not None:
            found = re.fullmatch(rb"([2-5][0-9]{2})(?:([ -])(.*))?", line, re.DOTALL)
            if not found:
                raise ProtocolError(f"does not speak SMTP: it said {line[:60].decode('latin-1')!a}")
            self._begun.append((found[3] or b"").strip())
            if found[2] != b"-":
                text, self._begun = b" ".join(self._begun), []
                return Reply(int(found[1]), text.decode("utf-8", "replace").strip())
        if self._lines.held + sum(map(len, self._begun)) > LONGEST:
            raise ProtocolError("does not speak SMTP: its answer has no end")
        return None
