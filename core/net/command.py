"""A line that commands bring up and take down: ``line.up``, ``line.down`` and ``line.check``.

Never: what the commands do.
"""

import asyncio
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from core import config, events
from core.errors import LineError, NoLineError
from core.events import Emit
from core.mail.text import safe
from core.net.call import Call, finish
from core.net.program import Program, start

CHECK_SECONDS = 5.0  # how often a line is looked at
TRY_SECONDS = 0.5  # how often while it comes up
STOP_SECONDS = 2.0


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
        emit(events.Connected("", 0, seconds=time.monotonic() - began, online=self._call.seconds))

    async def _checked(self) -> None:
        seconds = self._settings.command_seconds
        end = time.monotonic() + seconds
        while why := await self._run("check"):
            if time.monotonic() > end:
                raise LineError(f"line.up succeeded, but the line is not up after {seconds:g} s: {why}")
            await asyncio.sleep(TRY_SECONDS)

    async def named(self) -> None:
        """Whatever brought the line up has seen to that."""

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
        await finish(self._down(emit))

    async def probe(self) -> str:
        """Whether the commands are on this machine.

        Raises:
            NoLineError: one is not.
        """
        wanted = {key: getattr(self._settings, key) for key in ("up", "down", "check")}
        for key, words in wanted.items():
            if words and not shutil.which(self._folder / words[0] if "/" in words[0] else words[0]):
                raise NoLineError(f"line.{key}: {words[0]} is not on this machine, or may not be run")
        return f"the line's commands are there ({', '.join(words[0] for words in wanted.values() if words)})"

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
            return str(error)

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
        try:
            program = await start(words, hear, folder=self._folder)
        except NoLineError as error:
            raise NoLineError(f"line.{key}: {error}") from None
        try:
            status = await program.wait(seconds)
        finally:
            await _stop(program)
        if status is None:
            return f"line.{key}: {words[0]} did not end within {seconds:g} s"
        return f"line.{key}: {words[0]} failed with status {status}{_last(said)}" if status else ""


def _last(said: Sequence[str]) -> str:
    return f": {said[-1]}" if said else ""


async def _stop(program: Program) -> None:
    """End a command that has not ended, and what it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if await program.wait(0) is not None:
            return
        program.kill(number)
        await program.wait(STOP_SECONDS)
