"""Work that is seen through, however often it is cancelled: half a step is never left behind.

Never: what the work is.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def surely(work: Coroutine[Any, Any, T], then: Callable[[T], None] = lambda _: None) -> None:
    """See this through, and ``then`` tell what came of it, however often we are cancelled meanwhile.

    Half a delivery is never left behind, and the line always comes down.
    """
    task, cancelled = asyncio.create_task(work), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    then(task.result())
    if cancelled:
        raise asyncio.CancelledError
