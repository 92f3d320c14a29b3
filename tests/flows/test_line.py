"""A household's second call over a slow line: what it costs is counted, and how long it takes is told, not judged.

A change that makes calls longer makes them of more turns or of more bytes. Both are written down here.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from core.config import FILE
from core.rehearsal.provider import HOST, Provider, provider
from core.rehearsal.relay import Course, Relay
from tests.flows.town import TOML, Town, letter

RATE, DELAY = 256_000, 0.05  # bit/s, seconds
PACKET, FRAMING = 1448, 57  # bytes of a full packet, and what TCP/IP and the link add to it
LIMIT = 1.05  # of what is written down here

TURNS = 6  # login and lists, RETR, DELE and QUIT; EHLO, AUTH, and the letter with QUIT
UP, DOWN = 34_300, 67_000  # bytes of 6 letters out and 12 in, with all that is said about them


@asynccontextmanager
async def distant(folder: Path) -> AsyncIterator[tuple[Town, Relay, Provider]]:
    """A town whose provider is at the end of such a line, and that has called once."""
    line = Relay(Course(RATE, DELAY, fifo=65_536, overhead=FRAMING, packet=PACKET))
    async with (
        provider("house", "secret", [letter("paul.dupont@home.example", "the first")]) as isp,
        line.forward(HOST, isp.smtp) as smtp,
        line.forward(HOST, isp.pop) as pop,
    ):
        line.open()
        (folder / FILE).write_text(TOML.format(pop=pop, smtp=smtp, maildrop="") + f"[line]\nrate = {RATE}\n")
        (folder / FILE).chmod(0o600)
        here = Town(folder, isp)
        here.write("paul", "grandma@far.example", "the first")
        await here.run()
        yield here, line, isp


def counted(line: Relay) -> tuple[int, int, int]:
    """Turns, bytes up and bytes down so far."""
    return line.turns, line.ways["up"].carried, line.ways["down"].carried


async def test_turns_of_a_call(tmp_path: Path) -> None:
    """A letter each way takes so many turns, both connections together, and no more."""
    async with distant(tmp_path) as (here, line, isp):
        isp.box.add(letter("luc.jackson@home.example", "to Luc"))
        here.write("paul", "grandma@far.example", "to Grandma")
        before = counted(line)

        account = await here.run()

        assert (account.sent, account.fetched) == (1, 1)
        assert counted(line)[0] - before[0] <= TURNS


async def test_bytes_of_a_call(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Twelve letters in and six out take so many bytes; the time is told beside what the line can carry at best."""
    text = "Of apples and pears, and of the week that they ripened in.\n" * 90
    async with distant(tmp_path) as (here, line, isp):
        inward = [letter("luc.jackson@home.example", f"number {nth}", text) for nth in range(12)]
        for one in inward:
            isp.box.add(one)
        for nth in range(6):
            here.write("paul", "grandma@far.example", f"number {nth}", text)
        before, began = counted(line), time.monotonic()

        account = await here.run()

        seconds = time.monotonic() - began
        _, up, down = (now - then for now, then in zip(counted(line), before, strict=True))
        least = max(6 * len(text), sum(map(len, inward))) * (1 + FRAMING / PACKET) * 8 / RATE + 3 * 2 * DELAY
        told = f"{up:,} bytes up and {down:,} down in {seconds:.2f} s, {seconds / least:.2f} of the limit"
        record_property("a call", told)
        assert (account.sent, account.fetched) == (6, 12)
        assert up <= UP * LIMIT
        assert down <= DOWN * LIMIT
