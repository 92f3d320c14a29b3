"""The seams to the world, and one frozen bundle of a household's opened stores.

The four Protocols are all that a run knows of the world; ``net`` implements them, the tests fake them.

Never: logic.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from core import config as settings
from core.events import Emit
from core.mail.envelope import Outcome
from core.store.ledger import Ledger
from core.store.spool import Spool
from core.wire.hosts import Found
from core.wire.offers import Known, Learn
from core.wire.pace import FREE, Pace
from core.wire.passage import Letter
from core.wire.pop3 import Listing, Want

Told = Callable[[str, Mapping[str, Outcome]], None]


class Line(Protocol):
    """What connects the house."""

    async def up(self, emit: Emit) -> None:
        """Bring the line up; returns when IP works.

        Raises:
            LineError: it did not come up; all tries were told to ``emit``.
        """

    async def named(self) -> None:
        """Wait a little until this machine knows the line's name servers: who has a question waits, and nobody else."""

    async def lost(self) -> str:
        """Wait until the line comes down by itself (for ever, if need be); returns why."""

    async def down(self, emit: Emit) -> None:
        """Hang up, whatever state the line is in; tells ``emit`` and never raises. May be called twice."""

    async def probe(self) -> str:
        """Look, without dialling, whether there is a line; what answered, in words.

        Raises:
            LineError: nothing answered.
        """


class Sending(Protocol):
    """One open connection to the smart host."""

    @property
    def slower(self) -> Sequence[str]:
        """Why this session takes longer than it need: what the server lacks, as far as that has been found out."""

    async def send(self, letters: AsyncIterator[Letter], begun: Callable[[str], None], told: Told) -> None:
        """Hand over letters in one stream, each taken from ``letters`` when there is room for it.

        ``begun`` is called with the id of a letter whose first byte is about to leave. ``told`` is called once for each
        letter that was taken, also where this ends in an exception: a recipient without an outcome has not been tried.

        Raises:
            PartingError: the server ended it by its own word; another session may carry what is left.
            ProtocolError, LineError: the connection ended.
        """

    def pace(self, pace: Pace) -> None:
        """From now on let letters leave at this pace."""

    async def accepts(self, sender: str) -> Outcome:
        """Whether letters from this address would be taken, and the server's words; nothing is sent.

        Raises:
            ProtocolError, LineError: the connection ended.
        """


class SmartHost(Protocol):
    """Where all outgoing mail goes."""

    async def prepare(self) -> None:
        """Have at hand what needs no line, as the password.

        Raises:
            ConfigError: it cannot be had.
        """

    def session(
        self, pace: Pace = FREE, known: Known | None = None, learn: Learn | None = None
    ) -> AbstractAsyncContextManager[Sending]:
        """Connect, TLS, EHLO, AUTH; QUIT at the end. ``known`` and ``learn``: as a maildrop's."""


class Fetching(Protocol):
    """One open login to a maildrop."""

    @property
    def slower(self) -> Sequence[str]:
        """Why this session takes longer than it need: what the server lacks, as far as that has been found out."""

    @property
    def top(self) -> bool:
        """Whether it is worth asking for beginnings of letters."""

    @property
    def turn(self) -> float:
        """Seconds for a packet to go there and another one back when nothing else is on the line; 0: unknown."""

    async def listing(self) -> Sequence[Listing]:
        """What waits: number, size by LIST, unique id (empty where the server has no UIDL)."""

    def retrieve(self, wanted: Iterable[Want]) -> AsyncIterator[tuple[Want, bytes]]:
        """The letters, whole or their beginnings (lines end in LF), in this order; each is asked for late."""

    async def delete(self, gone: Sequence[Listing]) -> None:
        """Mark for deletion; may be called while ``retrieve`` goes on. Done only when ``quit`` was answered."""

    async def quit(self) -> None:
        """End the session; returns when the server has confirmed the deletions."""


class Maildrop(Protocol):
    """A POP3 box at the provider."""

    settings: settings.Maildrop

    async def prepare(self) -> None:
        """As a smart host's."""

    def session(
        self, pace: Pace = FREE, known: Known | None = None, learn: Learn | None = None
    ) -> AbstractAsyncContextManager[Fetching]:
        """Connect, TLS, log in. Leaving without ``quit`` drops the connection, and nothing is deleted.

        ``known`` is what earlier calls have learned of this server (None: nothing); ``learn`` hears at the end what
        this one has, however it ended.
        """


class Resolver(Protocol):
    """The domain name system, asked by ``check`` on a line that is up."""

    async def mx(self, domain: str) -> Sequence[str]:
        """Hosts that take mail for a domain, best first; empty when there are none."""

    async def addresses(self, host: str) -> Sequence[str]:
        """IP addresses of a host; empty when there are none."""


class Names(Protocol):
    """Where the hosts of the settings are."""

    known: dict[str, Found]
    """What to remember until the next call."""

    def learn(self, known: Mapping[str, Found]) -> None:
        """Take over what earlier calls have left."""

    async def close(self) -> None:
        """Wait for no more answers."""


@dataclass(slots=True)
class Traffic:
    """What passes on the line: bytes of mail protocol each way, and what was odd; the only value here that changes."""

    up: int = 0
    down: int = 0
    odd: Callable[[str], object] = str

    def count(self, direction: Literal["up", "down"], size: int) -> None:
        """Add ``size`` bytes to one direction."""
        if direction == "up":
            self.up += size
        else:
            self.down += size

    def tell(self, text: str) -> None:
        """Something odd that a server said, which does not end the session."""
        self.odd(text)


@dataclass(frozen=True, slots=True)
class World:
    """What a run reaches outside the house."""

    line: Line
    smarthost: SmartHost | None
    maildrops: Sequence[Maildrop]
    names: Names
    resolver: Resolver
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class Household:
    """The settings and the opened stores of one household folder."""

    folder: Path
    config: settings.Config
    spool: Spool
    ledger: Ledger

    def box(self, member: str, folder: str = "inbox") -> Path:
        """The mbox of one folder of a member's."""
        return self.folder / "mail" / member / folder
