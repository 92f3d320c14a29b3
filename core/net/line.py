"""What connects the house: a line that is always there, one that commands bring up, or a modem.

Each keeps the three promises of ``household.Line``: ``up`` returns when IP works, ``lost`` when it has ended by
itself, and ``down`` hangs up whatever was, even while it is cancelled.

Never: mail.
"""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path

from core import config, events
from core.errors import LineError, NoLineError
from core.events import Emit
from core.mail.text import safe
from core.net import ppp
from core.net.modem import Modem
from core.net.program import Program, start

CHECK_SECONDS = 5.0  # how often a command line is looked at
TRY_SECONDS = 0.5  # how often while it comes up
STOP_SECONDS = 2.0


def line(settings: config.Line, folder: Path) -> "Line":
    """The line of the settings; commands are run in the household ``folder``."""
    match settings.kind:
        case "always":
            return Always()
        case "command":
            return Command(settings, folder)
        case "modem":
            return Dialup(settings)


class Call:
    """The account of one connection: how long it was up, and why it ended; told once."""

    __slots__ = ("_began", "_ended", "_open", "_why")

    def __init__(self) -> None:
        self._began = self._ended = 0.0
        self._open, self._why = False, ""

    def start(self) -> None:
        """Somebody wants the line up; from here on its end will be told."""
        self._began = self._ended = 0.0
        self._open, self._why = True, ""

    def connected(self) -> None:
        """From now on it costs."""
        self._began = self._began or time.monotonic()

    def over(self, why: str = "") -> None:
        """The line is down; the first reason counts."""
        self._ended, self._why = self._ended or time.monotonic(), self._why or why

    def tell(self, emit: Emit) -> None:
        """Tell that the line is down, if it was not told yet."""
        if self._open:
            self.over()
            self._open = False
            emit(events.HungUp(self._ended - self._began if self._began else 0.0, self._why))


class Always:
    """A line that is always there."""

    def __init__(self) -> None:
        self._call = Call()

    async def up(self, emit: Emit) -> None:
        """Nothing to do."""
        self._call.start()
        self._call.connected()
        emit(events.Connected("", 0))

    async def lost(self) -> str:
        """Wait for ever: whether this line works only the servers can tell."""
        await asyncio.Event().wait()
        return ""

    async def down(self, emit: Emit) -> None:
        """Nothing to do but tell."""
        self._call.tell(emit)


class Command:
    """A line that commands bring up and take down."""

    def __init__(self, settings: config.Line, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._call = Call()

    async def up(self, emit: Emit) -> None:
        """Run ``line.up``, and wait until ``line.check`` succeeds where there is one.

        Raises:
            LineError: the command failed, or the line was not up in time.
            NoLineError: there is no such command.
        """
        began = time.monotonic()
        self._call.start()
        emit(events.Dialing("", 1))
        self._call.connected()  # it may cost from the first moment
        if why := await self._run("up", emit):
            raise LineError(why)
        if self._settings.check:
            await self._checked()
        emit(events.Connected("", 0, seconds=time.monotonic() - began))

    async def _checked(self) -> None:
        seconds = self._settings.command_seconds
        end = time.monotonic() + seconds
        while why := await self._run("check"):
            if time.monotonic() > end:
                raise LineError(f"line.up succeeded, but the line is not up after {seconds:g} s: {why}")
            await asyncio.sleep(TRY_SECONDS)

    async def lost(self) -> str:
        """Run ``line.check`` every few seconds until it fails; wait for ever where there is none."""
        if not self._settings.check:
            await asyncio.Event().wait()
        why = ""
        while not why:
            await asyncio.sleep(CHECK_SECONDS)
            why = await self._tried("check")
        self._call.over(why)
        return why

    async def down(self, emit: Emit) -> None:
        """Run ``line.down``, even while we are cancelled."""
        await _finish(self._down(emit))

    async def _down(self, emit: Emit) -> None:
        try:
            if self._settings.down and (why := await self._tried("down", emit)):
                emit(events.Trouble("line", why))
        finally:
            self._call.tell(emit)

    async def _tried(self, key: str, emit: Emit | None = None) -> str:
        """The same as ``_run``, but a command that cannot be run has failed, too."""
        try:
            return await self._run(key, emit)
        except NoLineError as error:
            return f"line.{key}: {error}"

    async def _run(self, key: str, emit: Emit | None = None) -> str:
        """Run the command of one key to its end; why it failed, or nothing.

        Raises:
            NoLineError: it cannot be run.
        """
        words, seconds = getattr(self._settings, key), self._settings.command_seconds
        said: list[str] = []

        def hear(text: str) -> None:
            if text := safe(text):
                said[:] = [text]
                tell(events.Modem(text))

        tell = emit or (lambda _: None)
        tell(events.Modem(safe(" ".join(words)), sent=True))
        program = await start(words, hear, folder=self._folder)
        try:
            status = await program.wait(seconds)
        finally:
            await _stop(program)
        if status is None:
            return f"line.{key}: {words[0]} did not end within {seconds:g} s"
        return f"line.{key}: {words[0]} failed with status {status}{_last(said)}" if status else ""


def _last(said: Sequence[str]) -> str:
    return f": {said[-1]}" if said else ""


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
        await _finish(self._down(emit))

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


Line = Always | Command | Dialup


async def _finish(work: Coroutine[None, None, None]) -> None:
    """Do ``work`` to its end; when we are cancelled meanwhile, say so afterwards."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


async def _stop(program: Program) -> None:
    """End a command that has not ended, and what it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if await program.wait(0) is not None:
            return
        program.kill(number)
        await program.wait(STOP_SECONDS)
