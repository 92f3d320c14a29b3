"""A line that is dialled: a modem, and the program that makes an IP link of its connection.

Never: a second call without being asked. Whatever fails after CONNECT is told, not tried again.
"""

import os
import time

from core import config, events
from core.events import Emit
from core.net import ppp
from core.net.call import Call, finish
from core.net.modem import Modem


class Dialup:
    """A modem, and the program that makes an IP link of its connection (none where ``line.link`` is empty)."""

    def __init__(self, settings: config.Line) -> None:
        self._settings = settings
        self._call = Call()
        self._modem: Modem | None = None
        self._link: ppp.Link | None = None

    async def up(self, emit: Emit) -> None:
        """Dial, log in, bring IP up.

        Raises:
            LineError: every call was refused, or the link failed; nothing is retried that costs a call.
            NoLineError: no port, modem or link program; a wrong password.
        """
        began = time.monotonic()
        self._call.start()
        words = ppp.program(self._settings.link) if self._settings.link else []  # before a call costs money
        self._modem = Modem(self._settings, emit)
        await self._modem.start()
        number, answer = await self._modem.dial()
        self._call.connected()
        await self._modem.login(number)
        if words:
            self._link = await self._linked(words, self._modem, emit)
        emit(
            events.Connected(
                number,
                answer.rate,
                self._link.interface if self._link else "",
                self._link.address if self._link else "",
                time.monotonic() - began,
                self._call.seconds,
            )
        )

    async def _linked(self, words: list[str], modem: Modem, emit: Emit) -> ppp.Link:
        """The link program on the connected port, with IP up."""
        settings, port = self._settings, modem.port
        carrier, root = port.carrier(), os.geteuid() == 0
        self._link = ppp.Link(ppp.command(words, settings.speed, settings.flow, carrier=carrier, root=root), emit)
        port.blocking(on=True)
        await self._link.start(port.fileno())
        await self._link.up(settings.link_seconds)
        return self._link

    async def named(self) -> None:
        """The link program tells the provider's name servers, and a script of the system writes them down."""
        if self._link:
            await self._link.named()

    async def lost(self) -> str:
        """Wait until the link program ends, or without one until the carrier is lost."""
        if self._link:
            why = str(await self._link.ended())
        elif self._modem:
            why = await self._modem.lost()
        else:
            why = "the line is not up"
        self._call.over(why)
        return why

    async def down(self, emit: Emit) -> None:
        """End the link, hang up, give the port back, even while we are cancelled."""
        await finish(self._down(emit))

    async def probe(self) -> str:
        """Whether the modem answers and takes its init strings, and the link program is there. Dials nothing.

        Raises:
            NoLineError: one of these is not so.
            LineError: the port is in use.
        """
        words = ppp.program(self._settings.link) if self._settings.link else []
        modem = Modem(self._settings, _nobody)
        try:
            await modem.start()
        finally:
            await finish(_hung_up(modem))
        program = f", {words[0]} is there" if words else ""
        return f"the modem at {self._settings.device} answers{program}"

    async def _down(self, emit: Emit) -> None:
        modem, self._modem = self._modem, None
        link, self._link = self._link, None
        try:
            ended = await link.end() if link else True
            if modem:
                modem.emit = emit
                if not await modem.down():
                    emit(events.Trouble("line", f"{self._settings.device}: the modem does not confirm that it hung up"))
            if link and not ended:
                await link.kill()
        finally:
            if modem:
                modem.close()
            self._call.tell(emit)


def _nobody(_: events.Event) -> None:
    """Nobody is told."""


async def _hung_up(modem: Modem) -> None:
    await modem.down()
