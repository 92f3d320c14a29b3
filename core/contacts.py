"""Contacts of one member: the house, the address book, everyone the member wrote to, and everyone answered.

The letters are found through the index; of each the head is read once as long as the program runs.

Never: another member's letters; which contact is meant (``mail.contacts``).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from core.household import Household
from core.mail.addresses import Mailbox, mailboxes, normal
from core.mail.book import Book
from core.mail.clean import safe
from core.mail.contacts import Contact, contact
from core.mail.draft import typeable
from core.mail.headers import every, fields
from core.mail.names import fold, names, who
from core.read import book
from core.store import index, mbox
from core.store.mbox import Entry

NEWEST = 3000  # letters of a folder that are looked at
HALF = 180  # days in which a letter counts half
NEAR = 2.0  # what those count for whom a person has noted, or lives with: as two letters of today


def contacts(house: Household, member: str, now: datetime) -> tuple[Contact, ...]:
    """Everyone, each address once, with how often and how lately the member wrote there.

    Raises:
        BusyError, StoreError: a folder cannot be read.
    """
    weights: dict[str, float] = {}
    named: dict[str, Mailbox] = {}
    people = names(house.config)
    for box, when in _written(house, member):
        key = who(box.address, people) or normal(box.address)
        weights[key] = weights.get(key, 0.0) + 0.5 ** (max(0, (now - when).days) / HALF)
        if box.name or key not in named:
            named[key] = box
    found = {text: contact(text, about, NEAR + weights.pop(key, 0.0)) for text, about, key in _near(house, member)}
    far = (contact(typeable(named[key]), "", weight) for key, weight in weights.items())
    return (*found.values(), *far)


def _near(house: Household, member: str) -> Iterator[tuple[str, str, str]]:
    """Who lives here, the aliases of the house, and the member's nicknames: text, meaning, address."""
    for login, one in house.config.members.items():
        yield typeable(Mailbox(one.name, one.address, 0, 0)), login, login
    for name, targets in house.config.aliases.items():
        yield name, safe(", ".join(targets)), fold(name)
    yield from _noted(book(house, member))


def _noted(noted: Book) -> Iterator[tuple[str, str, str]]:
    """Nicknames: of one person the address itself, of several the nickname."""
    for name, entries in noted.items():
        boxes = mailboxes(entries[0].encode()) if len(entries) == 1 else []
        if len(boxes) == 1 and "@" in boxes[0].address:
            yield safe(typeable(boxes[0])), safe(name), normal(boxes[0].address)
        else:
            yield safe(name), safe(", ".join(entries)), safe(name)


def _written(house: Household, member: str) -> Iterator[tuple[Mailbox, datetime]]:
    """Everyone to whom a letter of the member went, and everyone whose letter was answered; the older first."""
    yield from _found(house.box(member, "sent"), "", ("To", "Cc", "Bcc"))
    yield from _found(house.box(member), "A", ("From",))


def _found(path: Path, flag: str, wanted: tuple[str, ...]) -> Iterator[tuple[Mailbox, datetime]]:
    for entry, moment in index.marked(path, flag, NEWEST) if path.exists() else []:
        when = datetime.fromtimestamp(moment, UTC)
        for box in _people(path, entry, wanted):
            yield box, when


@lru_cache(maxsize=4 * NEWEST)
def _people(path: Path, entry: Entry, wanted: tuple[str, ...]) -> tuple[Mailbox, ...]:
    """The people in some fields of a letter."""
    head = fields(mbox.head(path, entry))
    found = [box for name in wanted for field in every(head, name) for box in mailboxes(field.value)]
    return tuple(Mailbox(safe(box.name), safe(box.address), 0, 0) for box in found if "@" in box.address)
