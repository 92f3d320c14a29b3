"""A TCP connection to a server of the settings, over whichever of its addresses answers first (RFC 8305).

Never: TLS itself, a protocol.
"""

import asyncio
import errno
import os
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from core.net.names import Names

STAGGER = 5.0  # seconds until another of a host's addresses is tried beside the first; a satellite takes one

Option = tuple[int, int, int]  # level, name and value, as of setsockopt
Try = Callable[[], Coroutine[Any, Any, socket.socket]]
T = TypeVar("T")


async def reach(
    host: str,
    port: int,
    names: Names,
    begin: Callable[[socket.socket], Awaitable[T]],
    options: Sequence[Option] = (),
    *,
    proven: bool = False,
) -> T:
    """What ``begin`` makes of a connected socket, which is its own from then on.

    ``proven``: TLS tells who answered (see ``connect``). Where somebody else lives now, the host is looked for anew.

    Raises:
        OSError, UnicodeError: as ``connect``; and whatever ``begin`` raises.
    """
    old = names.old(host)
    try:
        return await begin(await connect(host, port, names, options, proven=proven))
    except ssl.SSLCertVerificationError:
        names.forget(host)
        if not old:
            raise
    return await begin(await connect(host, port, names, options, proven=proven))


async def connect(
    host: str, port: int, names: Names, options: Sequence[Option] = (), *, proven: bool = False
) -> socket.socket:
    """A connected socket; ``options`` are set before it connects, as some have no effect later.

    ``proven``: TLS will tell who answered, so an address of long ago is good enough to begin with. Where none that is
    remembered answers, the DNS is asked after all.

    Raises:
        OSError: nobody answers at any address, or none is known.
        UnicodeError: the name can be none.
    """
    known = await names.recall(host, proven=proven)

    async def dial(address: str) -> socket.socket:
        dialled = await _dial(address, port, options)
        names.answered(host, address)
        return dialled

    async def anew() -> socket.socket:
        found = await names.ask(host)
        return await _first([partial(dial, address) for address in found if address not in known])

    return await _first([*(partial(dial, address) for address in known), anew])


async def _dial(address: str, port: int, options: Sequence[Option]) -> socket.socket:
    """One address."""
    loop = asyncio.get_running_loop()
    # Numeric, so that nobody is asked; and the scope of a link-local address is told by the system only.
    family, kind, protocol, _, where = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    )[0]
    dialled = socket.socket(family, kind, protocol)
    try:
        dialled.setblocking(False)
        for option in options:
            dialled.setsockopt(*option)
        await loop.sock_connect(dialled, where)
    except BaseException:
        dialled.close()
        raise
    return dialled


async def _first(tries: Sequence[Try]) -> socket.socket:
    """What succeeds first; each begins when the one before has failed, or was given ``STAGGER`` seconds.

    Raises:
        OSError, UnicodeError: none did. Of several faults the first is told: it is of the address that should work.
    """
    waiting, running = deque(tries), set[asyncio.Task[socket.socket]]()
    faults: list[BaseException] = []
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(waiting.popleft()()))
            limit = STAGGER if waiting else None
            ended, _ = await asyncio.wait(running, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                if (fault := task.exception()) is None:
                    running.remove(task)
                    return task.result()
                faults.append(fault)
            running -= ended
        raise faults[0] if faults else OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
    finally:
        await _give_up(running)


async def _give_up(tries: Iterable[asyncio.Task[socket.socket]]) -> None:
    """End what nobody waits for any more."""
    for task in tries:
        task.cancel()
    for ended in await asyncio.gather(*tries, return_exceptions=True):
        if isinstance(ended, socket.socket):
            ended.close()
