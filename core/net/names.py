"""Where the servers of the settings are: asked once, and remembered as long as the DNS allows, from call to call.

A question costs a turn, 0.6 seconds over a satellite. So a remembered address is used without asking. One that has run
out is used as well where the server proves its name by TLS, and asked again beside the rest; nobody waits for it.

Never: a name that is not in the settings.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from core.errors import ProtocolError
from core.net.resolver import Resolver
from core.wire import hosts
from core.wire.hosts import Found

HOSTS = Path("/etc/hosts")


def clock() -> datetime:
    """The time here."""
    return datetime.now().astimezone()


class Names:
    """What is known of where hosts are; ``known`` is what to remember until the next call.

    ``resolver`` asks the DNS, once ``ready`` is over; ``file`` goes before it, as everywhere.
    """

    def __init__(
        self,
        resolver: Resolver | None = None,
        ready: Callable[[], Awaitable[None]] | None = None,
        *,
        file: Path = HOSTS,
        clock: Callable[[], datetime] = clock,
    ) -> None:
        self.known: dict[str, Found] = {}
        self._resolver = resolver or Resolver()
        self._ready = ready
        self._file = file
        self._clock = clock
        self._asking: dict[str, asyncio.Task[Sequence[str]]] = {}

    def learn(self, known: Mapping[str, Found]) -> None:
        """Take over what earlier calls have left."""
        self.known.update(known)

    async def recall(self, host: str, *, proven: bool) -> Sequence[str]:
        """The addresses at which to try at once, without asking anybody on the line; none: ``ask``.

        ``proven``: who answers there will have to prove to be the host, so that an old answer does no harm.
        """
        if here := await self._here(host):
            return here
        found, now = self.known.get(host), self._clock()
        if found is None or not (found.fresh(now) or (proven and found.usable(now))):
            return ()
        if not found.fresh(now):
            self._ask(host)
        return found.addresses

    async def ask(self, host: str) -> Sequence[str]:
        """The addresses by the hosts file, the DNS, or whatever else this machine knows; a call asks once.

        Raises:
            OSError, UnicodeError: nobody knows any.
        """
        return await self._here(host) or await asyncio.shield(self._ask(host))

    def old(self, host: str) -> bool:
        """Whether what is remembered has run out."""
        found = self.known.get(host)
        return found is not None and not found.fresh(self._clock())

    def answered(self, host: str, address: str) -> None:
        """A server answered at this address, so it is tried first from now on."""
        if found := self.known.get(host):
            self.known[host] = Found(hosts.leading(found.addresses, address), found.until)

    def forget(self, host: str) -> None:
        """What was remembered is wrong: somebody else answers there."""
        self.known.pop(host, None)

    async def close(self) -> None:
        """Wait for no more answers."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ask(self, host: str) -> asyncio.Task[Sequence[str]]:
        task = self._asking.get(host)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._asking[host] = asyncio.create_task(self._found(host))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be waiting for it
        return task

    async def _found(self, host: str) -> Sequence[str]:
        if self._ready:
            await self._ready()
        if hosts.asked(host):
            with suppress(ProtocolError):
                if (found := await self._resolver.find(host, self._clock())).addresses:
                    self.known[host] = found
                    return found.addresses
        there = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in there))

    async def _here(self, host: str) -> Sequence[str]:
        """The addresses of a host that needs no DNS."""
        return (host,) if hosts.numeric(host) else hosts.listed(await asyncio.to_thread(self._listed), host)

    def _listed(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
