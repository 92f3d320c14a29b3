"""Where the screens begin: the household is opened, or founded; at the end the line is down.

Never: a screen.
"""

import asyncio
import gc
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import Popen

from textual.screen import Screen

from core.config import FILE
from tui.app import Mailrun
from tui.bridge import Bridge, open_bridge
from tui.theme import fitting

SHOWN = 1.0  # seconds until the first screen is there


async def show(folder: Path, member: str = "", learner: Popen[bytes] | None = None) -> int:
    """Open the screens on a household folder, in a loop that is running already; the exit status.

    ``learner``: a process that has begun to bring the index up to date.

    Without a household there, the guide founds one.

    Raises:
        ConfigError, StoreError, InputError: the household cannot be opened, or nobody of that name lives there.
    """
    if not _lives(folder):
        return await _guide(folder)
    bridge = open_bridge(folder, member)
    bridge.learner = learner
    return await _run(bridge)


def _lives(folder: Path) -> bool:
    """Whether there is a household, or something in its way, of which opening it tells."""
    try:
        return (folder / FILE).exists()
    except OSError:
        return True


async def _guide(folder: Path) -> int:
    from tui.screens.guide import Guide  # noqa: PLC0415 - once in the life of a house
    from tui.verbs.guide import draft  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="mailrun-guide-") as scratch:
        bridge = Bridge(draft(Path(scratch)))
        return await _run(bridge, partial(Guide, bridge, folder))


async def _run(bridge: Bridge, first: Callable[[], Screen[str]] | None = None) -> int:
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)  # empty it asks for nothing, but Textual would take the colours away
    app = Mailrun(bridge, bridge.config.keys, fitting(os.environ), first)
    asyncio.get_running_loop().call_later(SHOWN, _tidy)
    try:
        await app.run_async()
    finally:
        await bridge.close()  # even when the screens crashed
    return app.return_code or 0


def _tidy() -> None:
    """From now on there is garbage to be looked for; what has been loaded is none, and costs no key a moment."""
    gc.freeze()
    gc.enable()
