"""What every kind of line shares: the account of one connection, and work that a cancellation must not stop.

Never: how a line comes up.
"""

import asyncio
import time
from collections.abc import Coroutine

from core import events
from core.events import Emit


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

    @property
    def seconds(self) -> float:
        """For how long it has cost."""
        return (self._ended or time.monotonic()) - self._began if self._began else 0.0

    def over(self, why: str = "") -> None:
        """The line is down; the first reason counts."""
        self._ended, self._why = self._ended or time.monotonic(), self._why or why

    def tell(self, emit: Emit) -> None:
        """Tell that the line is down, if it was not told yet."""
        if self._open:
            self.over()
            self._open = False
            emit(events.HungUp(self.seconds, self._why))


async def finish(work: Coroutine[None, None, None]) -> None:
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
