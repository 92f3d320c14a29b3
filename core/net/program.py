"""A program that we start: each line that it says is told while it runs.

It is waited for by its exit, not by the end of its output, which a child that it leaves behind may keep open.

Never: what the lines mean.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import NoLineError

LONGEST = 4096  # bytes of a line
REST_SECONDS = 0.3  # for what was said just before the end


class Program:
    """A started program."""

    __slots__ = ("_ended", "_process")

    def __init__(self, process: Process, reading: asyncio.Task[None]) -> None:
        self._process = process
        self._ended = asyncio.create_task(_ended(process, reading))

    async def wait(self, seconds: float | None = None) -> int | None:
        """The exit status (the negative number of the signal that killed it); None while it still runs."""
        await asyncio.wait([self._ended], timeout=seconds)
        return self._ended.result() if self._ended.done() else None

    def send(self, number: int) -> None:
        """Send the program a signal; nothing happens where it has ended, or is not ours to end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            self._process.send_signal(number)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """The same for the program and all that it has started."""
        if not self._ended.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


async def start(
    words: Sequence[str],
    hear: Callable[[str], None],
    *,
    tty: int | None = None,
    silent: bool = False,
    folder: Path | None = None,
) -> Program:
    """Start a program, with ``tty`` as its standard input and output; all else that it says goes to ``hear``.

    ``silent`` programs get no standard output.

    Raises:
        NoLineError: it cannot be run.
    """
    ours, theirs = os.pipe()
    out = theirs if tty is None else tty
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=DEVNULL if tty is None else tty,
            stdout=DEVNULL if silent else out,
            stderr=theirs,
            cwd=folder,
            process_group=0,  # Ctrl-C is for us; we end the program in our own time
        )
    except OSError as error:
        os.close(ours)
        raise NoLineError(f"{words[0]}: cannot be run: {error.strerror}") from None
    finally:
        os.close(theirs)
    return Program(process, asyncio.create_task(_read(ours, hear)))


async def _ended(process: Process, reading: asyncio.Task[None]) -> int:
    try:
        status = await process.wait()
        await asyncio.wait([reading], timeout=REST_SECONDS)
    finally:
        reading.cancel()
    return status


async def _read(log: int, hear: Callable[[str], None]) -> None:
    """Tell each line until the other end is closed."""
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(log, "rb", buffering=0)
    )
    rest = b""
    try:
        while data := await stream.read(LONGEST):
            *lines, rest = (rest[-LONGEST:] + data).split(b"\n")
            for line in lines:
                hear(line.decode("utf-8", "replace"))
        hear(rest.decode("utf-8", "replace"))
    finally:
        transport.close()
