"""A program that gets a letter on its standard input and answers with its exit status, within a time limit.

Never: what the status means; what the program prints, for it may be somebody's letter.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from core.errors import ConfigError


async def answer(words: Sequence[str], message: bytes, seconds: float, folder: Path) -> int | None:
    """The exit status (the negative number of the signal that ended it); None: it took too long, and was ended.

    Raises:
        ConfigError: the program cannot be run.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, cwd=folder, process_group=0
        )
    except OSError as error:
        raise ConfigError(f"{words[0]} cannot be run: {error.strerror}; is it installed?") from None
    try:
        await asyncio.wait_for(process.communicate(message), seconds)
    except TimeoutError:
        return None
    finally:
        await _ended(process)
    return process.returncode


async def _ended(process: Process) -> None:
    """Nothing of it is left, nor of what it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
