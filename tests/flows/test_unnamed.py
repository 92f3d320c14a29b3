"""A server that gives no unique ids: letters are known by their content."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from core import config
from core.events import Event, Fetched
from core.fetch import fetch
from core.household import Fetching
from core.wire.offers import Known, Learn
from core.wire.pace import FREE, Pace
from core.wire.pop3 import Listing, Want
from tests.flows.town import NOW, letter, town


class Nameless:
    """A maildrop without UIDL (``household.Maildrop`` and ``household.Fetching``)."""

    slower: Sequence[str] = ()
    top = True
    turn = 0.0

    def __init__(self, settings: config.Maildrop, letters: Sequence[bytes]) -> None:
        self.settings = settings
        self.letters = letters
        self.deleted: list[int] = []

    async def prepare(self) -> None:
        """All is at hand."""

    @asynccontextmanager
    async def session(
        self, pace: Pace = FREE, known: Known | None = None, learn: Learn | None = None
    ) -> AsyncIterator[Fetching]:
        """Log in."""
        yield self

    async def listing(self) -> Sequence[Listing]:
        """No ids."""
        return [Listing(number, len(message), "") for number, message in enumerate(self.letters, 1)]

    async def retrieve(self, wanted: Iterable[Want]) -> AsyncIterator[tuple[Want, bytes]]:
        """All at once."""
        for want in wanted:
            yield want, self.letters[want.item.number - 1]

    async def delete(self, gone: Sequence[Listing]) -> None:
        """Note them."""
        self.deleted += [item.number for item in gone]

    async def quit(self) -> None:
        """Nothing to confirm."""


async def test_one_letter_twice_in_a_box_without_ids_comes_once(tmp_path: Path) -> None:
    """Letters alike to the byte that come in together are one letter, as they are in two runs; both are deleted."""
    twice = letter("luc@home.example", "twice")
    async with town(tmp_path) as here:
        house, events = here.open(), list[Event]()
        box = Nameless(house.config.maildrop[0], [twice, letter("ann@home.example", "once"), twice])

        await fetch(house, box, events.append, NOW, str)

        house.ledger.close()
    assert (here.subjects("luc"), here.subjects("ann")) == ({"twice": 1}, {"once": 1})
    assert sum(isinstance(event, Fetched) for event in events) == 2
    assert sorted(box.deleted) == [1, 2, 3]
