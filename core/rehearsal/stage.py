"""The rehearsal set up: a modem that answers, a line behind it, a provider at its end, and the house at its beginning.

    async with stage(folder) as scene:
        ...  # run the household in `folder`; it dials scene.modem, and scene.provider keeps what it sends

Traffic passes only while the modem is connected: the line is opened when a call connects and cut when it ends.

Never: a real modem, a packet that leaves this machine.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from core import config
from core.rehearsal import house
from core.rehearsal.modem import Behaviour, Modem
from core.rehearsal.provider import HOST, Account, Provider, provider
from core.rehearsal.relay import Course, Relay
from core.store.settings import Keys

RATE = 33600  # bit/s
DELAY = 0.1  # seconds that every byte takes, each way
DIAL_SECONDS = 3.0  # short for a telephone, but long enough to be seen
ANSWERS: Mapping[str, Behaviour] = MappingProxyType({house.NUMBER: "answers"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands on the stage; ``folder`` is the household's."""

    folder: Path
    modem: Modem
    line: Relay
    provider: Provider


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    now: datetime | None = None,
    rate: int = RATE,
    delay: float = DELAY,
    dial_seconds: float = DIAL_SECONDS,
    numbers: Mapping[str, Behaviour] = ANSWERS,
    letters: Sequence[bytes] | None = None,
    changes: Mapping[Keys, object] = MappingProxyType({}),
) -> AsyncIterator[Scene]:
    """Furnish ``folder`` as a household and set up the world around it until the block ends.

    Args:
        folder: the household's; it need not be there.
        now: the time that the letters are dated back from, by default this moment.
        rate: bit/s each way (0: no limit).
        delay: seconds that each byte is on its way.
        dial_seconds: from the dial command to the modem's answer.
        numbers: what happens when one is dialled.
        letters: what waits at the provider (lines end in LF), by default the letters of the made-up house and Mia's.
        changes: keys of household.toml that are to be different, as in ``store.settings.edit``.

    Raises:
        StoreError: the disk refused.
    """
    now = now or datetime.now().astimezone()
    login, mia = (Account(box.user, box.password.reveal(), messages) for box, messages in _boxes(now, letters))
    device = folder / "modem"

    def hook(connected: bool) -> None:
        line.open() if connected else line.shut()

    modem = Modem(device, numbers, rate=rate or RATE, seconds=dial_seconds, hook=hook)
    line = Relay(Course(rate, delay), dropped=modem.drop)
    async with (
        provider(login.user, login.password, login.messages, others=[mia]) as far,
        line.forward(HOST, far.smtp) as smtp,
        line.forward(HOST, far.pop) as pop,
    ):
        ends = house.ends(device, smtp, pop) | {("line", "redial_seconds"): dial_seconds} | dict(changes)
        await asyncio.to_thread(house.furnish, folder, now, ends)
        async with modem:
            yield Scene(folder, modem, line, far)


def _boxes(now: datetime, letters: Sequence[bytes] | None) -> Iterator[tuple[config.Maildrop, Sequence[bytes]]]:
    """The house's box and Mia's, as the household file has them, and what waits in each."""
    boxes = config.parse((house.SOURCE / config.FILE).read_text(encoding="utf-8")).maildrop
    waiting = (house.waiting(now), house.library(now)) if letters is None else (letters, ())
    yield from zip(boxes, waiting, strict=True)
