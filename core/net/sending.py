"""One open SMTP connection, and the handing over of one letter (RFC 5321 section 3.3).

MAIL, RCPT for each recipient, DATA, one step after the other, so that what became of each recipient is known
exactly. A letter is in doubt only from the moment its last piece has left until the server has spoken: a server
may take a letter only after its final dot has come.

Never: which letters wait, what a refusal leads to, how the connection came about (``net.smarthost``).
"""

import asyncio
import re
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPResponse

from core.errors import LineError, MailrunError, ProtocolError
from core.mail.envelope import Bounced, Deferred, Envelope, Outcome, Sent, Uncertain
from core.mail.text import safe
from core.net import tls
from core.wire import lines
from core.wire.pace import Pace

Traffic = Callable[[Literal["up", "down"], int], None]

# Seconds. RFC 5321 section 4.5.3.2 asks for 300 for a command, 180 for a block, 600 for the word on a letter.
COMMAND = 300.0
BLOCK = 180.0
VERDICT = 600.0
GOODBYE = 10.0

PIECE = 4096  # bytes of a letter handed over at a time
SEND_BUFFER = 32768  # bytes that the kernel may hold: what is written must not run far ahead of a slow line
MAX_PACING_RATE = (
    47  # SO_MAX_PACING_RATE: bytes a second that TCP hands to the line; the socket module has no name for it
)
REPLY = 500  # characters of a server's reply that are kept


class Sending:
    """One open connection (``household.Sending``); ``net.smarthost`` makes it.

    ``where`` is host:port, for sentences. ``traffic`` is told the bytes of commands, letters and replies.
    ``doubtful``: a whole letter has left and nobody has said whether it was taken; so whoever cancels can tell.
    """

    def __init__(self, client: aiosmtplib.SMTP, where: str, traffic: Traffic) -> None:
        assert isinstance(client.transport, asyncio.Transport)
        assert client.protocol is not None
        self._client = client
        self._where = where
        self._traffic = traffic
        self.doubtful = False
        self._protocol = client.protocol
        self._transport = client.transport
        self._transport.set_write_buffer_limits(high=0)  # drain() then waits until the kernel has it all
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        # aiosmtplib's protocol has the flow control that a stream wants. The stream is kept for the whole
        # connection, because one that is dropped closes its transport.
        self._stream = asyncio.StreamWriter(self._transport, self._protocol, None, asyncio.get_running_loop())

    async def command(self, *words: bytes) -> SMTPResponse:
        """Say one command and hear the reply.

        Raises:
            LineError: no reply came.
            ProtocolError: what came is no SMTP, or says that the settings lack a login (530).
        """
        self._traffic("up", sum(map(len, words)) + len(words) + 1)
        try:
            reply = await self._client.execute_command(*words, timeout=COMMAND)
        except OSError as error:
            raise self._lost(error) from None
        except aiosmtplib.SMTPException as error:
            self.cut()
            raise ProtocolError(f"{self._where} does not speak SMTP: {safe(error.message)[:REPLY]}") from None
        self._heard(reply)
        if reply.code == 530:
            raise ProtocolError(f"{self._where} wants a login; set user in [smarthost]: {words_of(reply)}")
        return reply

    async def send(self, envelope: Envelope, message: bytes) -> Mapping[str, Outcome]:
        """Hand over one letter (lines end in LF); what became of each recipient.

        An 8-bit body goes as it is, also to a server without 8BITMIME: no letter is rewritten on its way.

        Raises:
            LineError, ProtocolError: the connection ended before the letter left; nothing is in doubt.
        """
        size = len(lines.to_wire(message))
        outcomes = self._unfit(envelope, size)
        wanted = [address for address in envelope.recipients if address not in outcomes]
        if not wanted:
            return outcomes
        options = self._options(envelope, size, ascii_only=message.isascii())
        reply = await self.command(b"MAIL", b"FROM:" + _path(envelope.sender), *options)
        if reply.code // 100 != 2:
            return outcomes | dict.fromkeys(wanted, verdict(reply))
        said = await self._recipients(wanted)
        accepted = [address for address in wanted if address not in said]
        if accepted:
            said |= dict.fromkeys(accepted, await self._data(message))
        else:
            await self._reset()
        return outcomes | said

    def pace(self, pace: Pace) -> None:
        """From now on let letters leave at this pace, where the system can hold one (Linux)."""
        if pace.rate and sys.platform == "linux":
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, MAX_PACING_RATE, pace.rate)

    async def accepts(self, sender: str) -> Outcome:
        """Ask whether letters from this address would be taken (MAIL, then RSET); nothing is sent.

        Raises:
            LineError, ProtocolError: the connection ended.
        """
        if not _sendable(sender, self._utf8()):
            return Bounced(f"{self._where} cannot take the sender's address {safe(sender)}")
        options = [] if sender.isascii() else [b"SMTPUTF8"]
        reply = await self.command(b"MAIL", b"FROM:" + _path(sender), *options)
        if reply.code // 100 != 2:
            return verdict(reply)
        await self._reset()
        return Sent(words_of(reply))

    async def quit(self) -> None:
        """Take leave; a server that has left already is no fault."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit(timeout=GOODBYE)
        self.cut()

    def cut(self) -> None:
        """End the connection at once; nothing that is still unsent goes out."""
        self._transport.abort()
        self._client.close()

    def _unfit(self, envelope: Envelope, size: int) -> dict[str, Outcome]:
        """The recipients that this server cannot serve, by what it said at EHLO (RFC 1870, RFC 6531)."""
        limit = self._client.esmtp_extensions.get("size", "")
        if limit.isdigit() and 0 < int(limit) < size:
            why = f"{self._where} takes letters of at most {int(limit):,} bytes, and this one has {size:,}"
            return dict.fromkeys(envelope.recipients, Bounced(why))
        if not _sendable(envelope.sender, self._utf8()):
            why = f"{self._where} cannot take the sender's address {safe(envelope.sender)}"
            return dict.fromkeys(envelope.recipients, Bounced(why))
        return {
            address: Bounced(f"{self._where} cannot take the address {safe(address)}")
            for address in envelope.recipients
            if not _sendable(address, self._utf8())
        }

    def _utf8(self) -> bool:
        return self._client.supports_extension("smtputf8")

    def _options(self, envelope: Envelope, size: int, *, ascii_only: bool) -> list[bytes]:
        """What MAIL tells of the letter, as far as the server has said that it listens."""
        offers = self._client.supports_extension
        plain = all(address.isascii() for address in (envelope.sender, *envelope.recipients))
        options = {
            b"SIZE=%d" % size: offers("size"),
            b"BODY=8BITMIME": offers("8bitmime") and not ascii_only,
            b"SMTPUTF8": offers("smtputf8") and not plain,
        }
        return [option for option, wanted in options.items() if wanted]

    async def _recipients(self, wanted: Sequence[str]) -> dict[str, Outcome]:
        """Those of ``wanted`` that were not accepted. After 421 the server is gone, and none are."""
        refused: dict[str, Outcome] = {}
        for asked, address in enumerate(wanted):
            reply = await self.command(b"RCPT", b"TO:" + _path(address))
            if reply.code == 421:
                return dict.fromkeys(wanted, verdict(reply)) | refused
            if reply.code == 552 and len(refused) < asked:
                # "Too many recipients", says RFC 5321 section 4.5.3.1.10: the rest goes with the next run.
                refused[address] = Deferred(words_of(reply))
            elif reply.code // 100 != 2:
                refused[address] = verdict(reply)
        return refused

    async def _data(self, message: bytes) -> Outcome:
        """DATA and the letter; one outcome for all recipients that were accepted."""
        reply = await self.command(b"DATA")
        if reply.code == 354:
            return await self._content(lines.stuff(message))
        await self._reset()
        return verdict(reply)

    async def _content(self, data: bytes) -> Outcome:
        """The letter itself, and the server's word on it.

        The word is awaited from the start: a server may refuse, or hang up, while the letter is on its way.
        """
        answer = asyncio.create_task(self._protocol.read_response())
        pouring = asyncio.create_task(self._pour(data[:-PIECE]))
        try:
            await asyncio.wait({answer, pouring}, return_when=asyncio.FIRST_COMPLETED)
            if answer.done() or pouring.exception():
                return self._cut_short(answer)
            return await self._end(data[-PIECE:], answer)
        except asyncio.CancelledError:
            self.cut()  # in the middle of a letter nothing else can be said
            raise
        finally:
            answer.cancel()
            pouring.cancel()
            await asyncio.gather(answer, pouring, return_exceptions=True)

    async def _pour(self, body: bytes) -> None:
        """All but the last piece, as fast as the line takes it.

        Raises:
            OSError: the line has gone, or takes nothing any more.
        """
        for at in range(0, len(body), PIECE):
            self._stream.write(body[at : at + PIECE])
            self._traffic("up", len(body[at : at + PIECE]))
            await asyncio.wait_for(self._stream.drain(), BLOCK)

    async def _end(self, piece: bytes, answer: asyncio.Task[SMTPResponse]) -> Outcome:
        """The last piece, and from here on there is doubt until the server has spoken."""
        self.doubtful = True
        self._stream.write(piece)
        self._traffic("up", len(piece))
        outcome = await self._word(answer)
        self.doubtful = False  # cancelled before this, the letter stays in doubt
        return outcome

    async def _word(self, answer: asyncio.Task[SMTPResponse]) -> Outcome:
        """What the server says of a letter that has left."""
        try:
            reply = await asyncio.wait_for(answer, VERDICT)
        except (OSError, aiosmtplib.SMTPException):
            self.cut()
            return Uncertain(f"the whole letter was on its way, but {self._where} did not say that it took it")
        self._heard(reply)
        return Sent(words_of(reply)) if reply.code // 100 == 2 else verdict(reply)

    def _cut_short(self, answer: asyncio.Task[SMTPResponse]) -> Outcome:
        """The letter had not left as a whole, so it was not taken; the connection is of no more use."""
        self.cut()
        if answer.done() and not answer.exception() and answer.result().code // 100 != 2:
            self._heard(answer.result())
            return verdict(answer.result())
        return Deferred(f"the line went before the whole letter had left for {self._where}")

    async def _reset(self) -> None:
        """Forget this letter's envelope; a connection that is gone is found out by the next letter."""
        with suppress(MailrunError):
            await self.command(b"RSET")

    def _heard(self, reply: SMTPResponse) -> None:
        said = reply.message.encode("utf-8", "surrogateescape").split(b"\n")
        self._traffic("down", sum(len(line) + len("250 \r\n") for line in said))

    def _lost(self, error: OSError) -> LineError:
        cause = TimeoutError() if isinstance(error, TimeoutError) else EOFError()
        self.cut()
        return LineError(tls.explain(cause, self._where))


def verdict(reply: SMTPResponse) -> Outcome:
    """What a refusal means: for good (5xx), else for now (RFC 5321 section 4.2.1)."""
    return (Bounced if reply.code // 100 == 5 else Deferred)(words_of(reply))


def words_of(reply: SMTPResponse) -> str:
    """A reply on one line, safe to show."""
    text = reply.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return f"{reply.code} {safe(text)[:REPLY]}".rstrip()


def _path(address: str) -> bytes:
    return b"<" + address.encode() + b">"


def _sendable(address: str, utf8: bool) -> bool:
    """Whether it can stand in a command: no control characters, and ASCII but for servers with SMTPUTF8."""
    return (utf8 or address.isascii()) and not re.search(r"[\x00-\x1f\x7f]", address)
