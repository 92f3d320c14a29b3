"""What connects the house: a line that is always there, one that commands bring up, or a modem.

Each keeps the promises of ``household.Line``: ``up`` returns when IP works, ``lost`` when it has ended by itself,
``down`` hangs up whatever was, even while it is cancelled, and ``probe`` looks without dialling.

Never: mail.
"""

import asyncio
from pathlib import Path

from core import config, events
from core.events import Emit
from core.net.call import Call
from core.net.command import Command
from core.net.dialup import Dialup


class Always:
    """A line that is always there."""

    def __init__(self) -> None:
        self._call = Call()

    async def up(self, emit: Emit) -> None:
        """Nothing to do."""
        self._call.start()
        self._call.connected()
        emit(events.Connected("", 0))

    async def named(self) -> None:
        """They are."""

    async def lost(self) -> str:
        """Wait for ever: whether this line works only the servers can tell."""
        await asyncio.Event().wait()
        return ""

    async def down(self, emit: Emit) -> None:
        """Nothing to do but tell."""
        self._call.tell(emit)

    async def probe(self) -> str:
        """Nothing to look at."""
        return "the line is always there"


Line = Always | Command | Dialup


def line(settings: config.Line, folder: Path) -> Line:
    """The line of the settings; commands are run in the household ``folder``."""
    match settings.kind:
        case "always":
            return Always()
        case "command":
            return Command(settings, folder)
        case "modem":
            return Dialup(settings)
