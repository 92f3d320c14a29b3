"""A house of three and its provider, for stories: real stores on disk, real servers on loopback."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from core.events import Event, Finished
from core.household import Household, World
from core.mail.departure import NEXT, Departure
from core.open import clock, open_household
from core.rehearsal.provider import Provider, provider
from core.run import run
from core.store import mbox
from core.submit import submit
from core.world import world

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

TOML = """\
[household]
host = "linuxpc.localdomain"
local_domains = ["linuxpc", "linuxpc.localdomain", "localhost"]
domain = "home.example"
postmaster = "paul"
[members.paul]
name = "Paul Dupont"
address = "Paul.Dupont@home.example"
[members.luc]
address = "Luc.Jackson@home.example"
[members.ann]
address = "ann@home.example"
[aliases]
family = ["paul", "luc", "ann", "grandma@far.example"]
[[maildrop]]
name = "isp"
host = "127.0.0.1"
port = {pop}
security = "none"
user = "house"
password = "secret"
{maildrop}
[smarthost]
host = "127.0.0.1"
port = {smtp}
security = "none"
user = "house"
password = "secret"
"""


T = TypeVar("T")


def some(moments: Sequence[T], share: int = 3) -> Sequence[T]:
    """Each third, or so, of the moments at which a call is cut; all of them with MAILRUN_CUTS=all, minutes longer."""
    return moments if os.environ.get("MAILRUN_CUTS") == "all" else moments[::share]


def letter(to: str, subject: str, text: str = "hello\n") -> bytes:
    """A letter from outside, as the provider keeps it: with the envelope recipient noted."""
    return f"X-Original-To: {to}\nFrom: grandma@far.example\nSubject: {subject}\n\n{text}".encode()


@dataclass
class Town:
    """The house, its provider, and what the last run told."""

    folder: Path
    provider: Provider
    maildrop: str = ""
    events: list[Event] = field(default_factory=list)

    def open(self) -> Household:
        """The house as a new process opens it."""
        path = self.folder / "household.toml"
        if not path.exists():
            text = TOML.format(pop=self.provider.pop, smtp=self.provider.smtp, maildrop=self.maildrop)
            path.write_text(text)
            path.chmod(0o600)
        return open_household(self.folder)

    def outside(self, house: Household) -> World:
        """What the house reaches."""
        return world(house.config, house.folder)

    async def run(self, *, send: bool = True, fetch: bool = True, now: datetime | None = None) -> Finished:
        """One mail run by a process of its own, at some other time where one is given."""
        house = self.open()
        self.events.clear()
        try:
            time = clock if now is None else lambda: now
            return await run(house, self.outside(house), self.events.append, send=send, fetch=fetch, clock=time)
        finally:
            house.ledger.close()

    def write(
        self, member: str, to: str, subject: str = "hello", text: str = "hello\n", departure: Departure = NEXT
    ) -> str:
        """A member submits a letter; its id."""
        house = self.open()
        message = f"From: {member}\nTo: {to}\nSubject: {subject}\n\n{text}".encode()
        try:
            return submit(house, message, member, None, NOW, departure=departure).id
        finally:
            house.ledger.close()

    async def submit(self, member: str, to: str, subject: str) -> None:
        """The same, to be awaited."""
        self.write(member, to, subject)

    def subjects(self, member: str, folder: str = "inbox") -> Counter[str]:
        """The subjects in a folder, each with how often it is there."""
        path = self.folder / "mail" / member / folder
        heads = [mbox.head(path, entry) for entry in mbox.entries(path)]
        return Counter(head.partition(b"\nSubject: ")[2].partition(b"\n")[0].decode() for head in heads)

    def taken(self) -> Counter[str]:
        """The subjects that the smart host has taken."""
        parts = [taken.message.partition(b"\nSubject: ")[2] for taken in self.provider.desk.taken]
        return Counter(part.partition(b"\n")[0].decode() for part in parts)


@asynccontextmanager
async def town(
    folder: Path, waiting: Sequence[bytes] = (), maildrop: str = "", pop_lacks: Collection[str] = ()
) -> AsyncIterator[Town]:
    """A house in ``folder`` whose provider has these letters; what the POP3 server lacks, if anything."""
    async with provider("house", "secret", waiting, pop_lacks=pop_lacks) as isp:
        yield Town(folder, isp, maildrop)
