"""SMTP for the programs of this house: what they hand in goes to a function, which accepts or refuses it.

``dialogue`` speaks on two file descriptors, as ``sendmail -bs`` does for mail programs that start it themselves.

Never: a letter that goes on from here to another host; who may write as whom.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import SMTP

from core.errors import DeniedError, InputError, MailrunError
from core.mail.text import safe
from core.net.smtpserver import BLOCK, Server
from core.wire import lines

LIMIT = 50_000_000  # bytes of a letter
GOODBYE = b"\nQUIT\n"

Accept = Callable[[str, Sequence[str], bytes], str]
"""Called in a thread with sender, recipients and letter (lines end in LF); returns its id, or raises our errors."""


class Desk:
    """What is done with letters: aiosmtpd's handler."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """The letter: on disk before the 250, or refused in one sentence."""
        letter = lines.to_disk(envelope.content)
        try:
            id_ = await asyncio.to_thread(self._accept, envelope.mail_from or "", envelope.rcpt_tos, letter)
        except (InputError, DeniedError) as error:
            return f"550 5.1.0 {safe(str(error))}"
        except MailrunError as error:
            return f"451 4.3.0 {safe(str(error))}"
        return f"250 2.0.0 {id_}"


async def dialogue(accept: Accept, name: str, hear: int = 0, say: int = 1) -> None:
    """Speak SMTP with whoever is at these two file descriptors, until QUIT or the end of what there is to hear.

    ``name`` is what the house calls itself in the greeting.
    """
    ours, theirs = socket.socketpair()
    server = Server(Desk(accept), hostname=name, ident="ESMTP", data_size_limit=LIMIT, enable_SMTPUTF8=True)
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: server, sock=ours)
    # A thread that reads a terminal cannot be ended; nobody waits for it once the server has said goodbye.
    loop.run_in_executor(None, _listen, hear, theirs)
    await asyncio.to_thread(_speak, theirs, say)


def _listen(hear: int, theirs: socket.socket) -> None:
    last = b""
    with suppress(OSError):
        while data := os.read(hear, BLOCK):
            theirs.sendall(data)
            last = (last + data).replace(b"\r\n", b"\n")[-len(GOODBYE) :]
        # At the end of a stream aiosmtpd drops what it has not answered yet; after QUIT it ends by itself.
        if not last.upper().endswith(GOODBYE):
            theirs.shutdown(socket.SHUT_WR)


def _speak(theirs: socket.socket, say: int) -> None:
    with suppress(OSError):
        while data := theirs.recv(BLOCK):
            os.write(say, data)
    theirs.close()
