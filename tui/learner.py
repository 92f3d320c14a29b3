"""What the process tells that brings the index up to date while the screens are on.

Never: an index, a mailbox; a worker (the bridge has them).
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen

from core.learn import Learned
from tui import ahead


async def learn(
    boxes: Path, folder: str, emit: Callable[[Learned], object], process: "Popen[bytes] | None" = None
) -> None:
    """Have the index brought up to date, by a ``process`` that has begun or a new one; it ends when this is cancelled.

    Where there can be no process, the index stays as it is: nobody depends on it.
    """
    with suppress(OSError):
        process = process or ahead.start(boxes, folder)
        try:
            await _heard(process, emit)
        finally:
            process.terminate()
            process.wait()  # it ends at once, whatever it does


async def _heard(process: "Popen[bytes]", emit: Callable[[Learned], object]) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), process.stdout)
    try:
        async for line in reader:
            emit(Learned(**json.loads(line)))
    finally:
        transport.close()
