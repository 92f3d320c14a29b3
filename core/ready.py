"""What needs no line, before the line is up: passwords, certificates, and where the servers were at the last call.

Never: anything sent or asked over the line.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from core.errors import MailrunError, StoreError
from core.household import Household, Maildrop, SmartHost, World
from core.store import names

Server = SmartHost | Maildrop


async def ready(
    house: Household, world: World, servers: Mapping[str, Server], fault: Callable[[str, MailrunError], None]
) -> list[Server]:
    """The servers for which all is at hand; ``fault`` hears of the others, and no call is made for them."""
    world.names.learn(names.recall(house.ledger))
    able: list[Server] = []

    async def prepare(what: str, server: Server) -> None:
        try:
            await server.prepare()
            able.append(server)
        except MailrunError as error:
            fault(what, error)

    await asyncio.gather(*(prepare(what, server) for what, server in servers.items()))
    return able


async def remember(house: Household, world: World) -> None:
    """After the call: where its servers were found. Nothing is lost where that cannot be written down."""
    await world.names.close()
    boxes = {box.host for box in house.config.maildrop}
    hosts = boxes | ({house.config.smarthost.host} if house.config.smarthost else set())
    with suppress(StoreError):
        names.remember(house.ledger, {host: found for host, found in world.names.known.items() if host in hosts})
