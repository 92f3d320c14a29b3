"""The process that brings the index up to date while the screens are on, and what it tells.

Never: an index, a mailbox; a worker (the bridge has them).
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import core
from core.learn import Learned

_ROOT = Path(core.__file__).parents[1]  # the process finds the same program, wherever it was started


async def learn(boxes: Path, folder: str, emit: Callable[[Learned], object]) -> None:
    """Have the index of the mailboxes in a folder brought up to date; ends the process when it is cancelled.

    Where there can be no process, the index stays as it is: nobody depends on it.
    """
    with suppress(OSError):
        await _learn(boxes, folder, emit)


async def _learn(boxes: Path, folder: str, emit: Callable[[Learned], object]) -> None:
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "core.learn", str(boxes), folder),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            emit(Learned(**json.loads(line)))
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
