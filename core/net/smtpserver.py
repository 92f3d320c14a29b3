"""An SMTP server for a short call: aiosmtpd, with commands sent ahead and letters in pieces.

aiosmtpd answers commands that were sent ahead (PIPELINING, RFC 2920) one after the other as it is, it only does not
say so. CHUNKING (RFC 3030) is added here: BDAT says how many bytes come, so that nothing is stuffed, and nobody
waits for leave to send.

Never: what becomes of a letter; that is the handler's.
"""

import re
from collections.abc import Collection
from typing import Any, AnyStr

from aiosmtpd.smtp import MISSING, SMTP, Envelope

EXTENSIONS = ("PIPELINING", "CHUNKING", "8BITMIME", "SIZE")  # what ``lacks`` may name, besides verbs
BLOCK = 65_536


class Letter(Envelope):
    """A letter that is being handed in: the ``chunks`` that have come, or ``why`` it cannot be taken any more."""

    def __init__(self) -> None:
        super().__init__()
        self.chunks: list[bytes] = []
        self.size = 0
        self.why = ""


class Server(SMTP):
    """One connection. Long lines pass, as they do at most providers.

    ``lacks`` names verbs and extensions to do without, as some servers do. A ``deaf`` server hears nothing of what is
    sent ahead of its replies, whatever it said before.
    """

    line_length_limit = 1_000_000
    envelope: Letter

    def __init__(self, handler: Any, *, lacks: Collection[str] = (), deaf: bool = False, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._lacks = lacks
        self._deaf = deaf
        # aiosmtpd collects both once; its own hook for EHLO belongs to the handler, which knows no protocol.
        self._handle_hooks["EHLO"], self._ehlo_hook_ver = self._offers, "new"
        for verb in {"BDAT" if name == "CHUNKING" else name for name in lacks}:
            self._smtp_methods.pop(verb, None)

    def _create_envelope(self) -> Letter:
        return Letter()

    async def _offers(self, _server: SMTP, session: Any, _letter: Letter, name: str, said: list[str]) -> list[str]:
        """The reply to EHLO, whose last line is aiosmtpd's "250 HELP"."""
        session.host_name = name
        offers = [*said[:-1], "250-PIPELINING", "250-CHUNKING", said[-1]]
        return [line for line in offers if line[4:].split()[0] not in self._lacks]

    async def push(self, status: AnyStr) -> None:
        """A reply."""
        if self._deaf:
            self._reader._buffer.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - as aiosmtpd does at STARTTLS
        await super().push(status)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd finds commands by name
        """A letter up to a lone dot; never one that has begun in pieces."""
        if self.envelope.chunks or self.envelope.why:
            await self.push("503 5.5.1 this letter comes by BDAT")
        else:
            await super().smtp_DATA(arg)

    async def smtp_BDAT(self, arg: str | None) -> None:  # noqa: N802 - as above
        """A piece of a letter, and with LAST the end of it. Its bytes are heard even if nobody wants them.

        What cannot be taken leaves the transaction open until RSET, as a refused DATA does, for more may be on its way.
        """
        found = re.fullmatch(r"(\d{1,12})( +LAST)?", (arg or "").strip(), re.IGNORECASE)
        if not found:
            await self.push("501 5.5.4 Syntax: BDAT size [LAST]")
            self._writer.close()  # what is letter and what is command cannot be told any more
            return
        size, last = int(found[1]), bool(found[2])
        self.envelope.why = self.envelope.why or self._obstacle(size)
        await self._hear(size)
        if self.envelope.why:
            await self.push(self.envelope.why)
        elif last:
            await self._taken()
        else:
            await self.push(f"250 2.0.0 {size} bytes have come")

    def _obstacle(self, size: int) -> str:
        """The reply to a piece that cannot be taken; empty: it can."""
        limit = self.data_size_limit
        if not self.envelope.rcpt_tos:
            return "554 5.5.1 no valid recipients" if self.envelope.mail_from else "503 5.5.1 MAIL and RCPT first"
        if limit and self.envelope.size + size > limit:
            return "552 5.3.4 the letter is too big"
        return ""

    async def _hear(self, size: int) -> None:
        """So many bytes of the letter, kept where it can still be taken."""
        while size:
            self._reset_timeout()
            block = await self._reader.readexactly(min(size, BLOCK))
            size -= len(block)
            if not self.envelope.why:
                self.envelope.chunks.append(block)
                self.envelope.size += len(block)

    async def _taken(self) -> None:
        """The letter has come whole: the handler's word on it."""
        self.envelope.content = self.envelope.original_content = b"".join(self.envelope.chunks)
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push("250 2.0.0 OK" if status is MISSING else status)
