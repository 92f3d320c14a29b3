"""mbox -> read: folders, the list, the letter, search, marks and drafts of one member.

All text that comes out of here has been made safe for a terminal.

Never: another member's mail; sending.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache, partial
from pathlib import Path

from core import fail
from core.errors import InputError, MailrunError
from core.fail import About
from core.folder import USUAL, place
from core.household import Household
from core.mail import book as nicknames
from core.mail import compose, filing, headers
from core.mail.blocks import Block, File
from core.mail.book import Book
from core.mail.lines import written
from core.mail.names import Names, names, who
from core.mail.query import Query
from core.mail.report import identity
from core.mail.split import parse_routed, words
from core.mail.text import Part, blocks, content, forms, safe
from core.rows import Order, Row, Rows, Scope, Viewed, ordered
from core.store import failures, files, find, index, mbox
from core.store.failures import Failure
from core.store.known import Known, seen
from core.store.mbox import Entry

__all__ = [
    "Folder",
    "Letter",
    "Order",
    "Row",
    "Rows",
    "add_to_book",
    "again",
    "all_folders",
    "attachment",
    "book",
    "expunge",
    "folders",
    "heads",
    "letter",
    "lists",
    "mark",
    "ordered",
    "over",
    "rows",
    "save_draft",
    "search",
    "unclaimed",
]

BOOK = ".addressbook"  # beside the inbox; lines of a .mailrc, so that mailx can source it
FOLDERS = USUAL
_SEVERAL = 3  # letters over a mailing list before it is shown as one
_LISTS = 9  # shown at most: every shop calls its advertisements a list


@dataclass(frozen=True, slots=True)
class Folder:
    """One mbox of a member's, with its letters counted; ``fault`` says why they could not be."""

    name: str
    unread: int
    total: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to be read: its head as (name, value), what it says, why it came, and its bytes.

    Of a letter that the member sent, ``failed`` tells who did not get it; of a report, ``about`` which letter it means.
    ``forms``: it is both text, which is shown, and page.
    """

    row: Row
    head: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    why: str
    raw: bytes
    failed: tuple[Failure, ...] = ()
    about: About | None = None
    forms: bool = False

    @property
    def text(self) -> str:
        """What it says, nothing folded up."""
        return written(self.blocks)

    @property
    def attachments(self) -> tuple[Part, ...]:
        """What can be saved of it."""
        return tuple(block.part for block in self.blocks if isinstance(block, File))


def folders(house: Household, member: str, *, trust: bool = False) -> list[Folder]:
    """The usual folders, and whatever other mboxes stand beside the inbox; ``trust`` as in ``rows``."""
    return [_counted(house.box(member, name), name, trust=trust) for name in all_folders(house, member)]


def _counted(path: Path, name: str, *, trust: bool) -> Folder:
    """One of them; a file that is no mailbox does not keep a person from the others."""
    try:
        return Folder(name, *index.counts(path, trust=trust))
    except MailrunError as error:
        return Folder(name, 0, 0, safe(str(error)))


def book(house: Household, member: str) -> Book:
    """The member's own address book: nicknames, and whom each stands for.

    Raises:
        StoreError: it cannot be read.
    """
    path = _box(house, member, "inbox").with_name(BOOK)
    with files.faults(path):
        return nicknames.parse(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else {}


def add_to_book(house: Household, member: str, mailrc: str) -> Book:
    """Take the alias lines of a .mailrc into the member's address book; a name that it has already is replaced.

    Raises:
        StoreError: it cannot be written; it is as it was before.
    """
    path = _box(house, member, "inbox").with_name(BOOK)
    whole = {**book(house, member), **nicknames.parse(mailrc)}
    with files.faults(path):
        files.make_folder(path.parent)
        files.replace(path, nicknames.text(whole).encode())
    return whole


def rows(
    house: Household,
    member: str,
    folder: str = "inbox",
    order: Order = "date",
    *,
    backward: bool = False,
    trust: bool = False,
) -> Rows:
    """The list of one folder, the newest last; threads, each with its answers below it, by their newest letter.

    ``backward``: the other way round. ``trust``: of a large folder what was known before is good enough for now, or
    the newest letters (``Rows.whole``).
    """
    view = index.view(_box(house, member, folder), order, trust=trust)
    return Rows(Viewed(view.backward() if backward else view, _maker(house, member, folder)))


def lists(house: Household, member: str, *, trust: bool = False) -> list[Folder]:
    """The mailing lists of which several letters are in the inbox, the busiest few, by their names (List-Id)."""
    found = index.lists(_box(house, member, "inbox"), trust=trust)
    busy = sorted((one for one in found if one[2] >= _SEVERAL), key=lambda one: -one[2])[:_LISTS]
    return [Folder(*one) for one in sorted(busy, key=lambda one: one[0].casefold())]


def over(house: Household, member: str, list_id: str, *, trust: bool = False) -> Rows:
    """The letters in the inbox that came over one mailing list, the newest last."""
    view = index.over(_box(house, member, "inbox"), list_id, trust=trust)
    return Rows(Viewed(view, _maker(house, member, "inbox")))


def unclaimed(house: Household, *, trust: bool = False) -> Rows:
    """What waits in the postmaster's inbox because nobody claimed it, in the order of its coming."""
    member = house.config.household.postmaster
    found = index.unclaimed(house.box(member), trust=trust)
    return Rows(map(_maker(house, member, "inbox"), found))


def heads(house: Household, member: str, folder: str = "inbox") -> list[tuple[Row, bytes]]:
    """The list of one folder, with the letters' heads."""
    path, make = _box(house, member, folder), _maker(house, member, folder)
    return [(make(seen(entry, head)), head) for entry, head in mbox.heads(path)]


def _box(house: Household, member: str, folder: str) -> Path:
    """The mbox of a folder, whose name must not lead elsewhere."""
    return place(house, member, folder)


def _maker(house: Household, member: str, folder: str) -> Callable[[Known], Row]:
    """What makes a row of a letter in a folder of a member's."""
    scope = lru_cache(maxsize=1024)(partial(_scope, member, names(house.config)))
    return partial(_row, failures.named(house.ledger, member), folder, scope)


def _row(lost: Collection[str], folder: str, scope: Callable[[str, str], Scope], one: Known) -> Row:
    return Row(
        id=one.id,
        sender=one.sender,
        to=one.to,
        subject=one.subject,
        date=None if one.date is None else datetime.fromtimestamp(one.date, timezone(timedelta(minutes=one.zone))),
        size=one.length,
        flags=one.flags,
        stub=bool(one.stub),
        routed=None if one.routed is None else _routed(one.routed),
        failed=one.message_id in lost,
        folder=folder,
        mixed=bool(one.mixed),
        scope=scope(one.addresses, one.list_id),
        whole=one.stub,
    )


def _scope(member: str, house: Names, addresses: str, list_id: str) -> Scope:
    """To whom a letter was, by the addresses in To and Cc."""
    there = {who(address, house) for address in addresses.split(" ")}
    members = there & house.members.keys()
    if len(members) > 1 or there & house.aliases - members:
        return "house"
    return "me" if member in members else "list" if list_id else ""


_routed = lru_cache(parse_routed)  # most letters of a folder came for the same reason


def letter(house: Household, member: str, folder: str, id_: str) -> Letter:
    """One letter, by its id or the unique beginning of it.

    Raises:
        InputError: there is no such letter.
    """
    path = _box(house, member, folder)
    entry = _entry(path, folder, id_)
    raw = mbox.read(path, entry)
    head, _ = headers.split(raw)
    row = _maker(house, member, folder)(seen(entry, head))
    shown = tuple((safe(field.name), safe(headers.decode(field.value))) for field in headers.fields(head) if field.name)
    why = " ".join(filter(None, (words(row.routed) if row.routed else "", filing.told(headers.fields(head)))))
    failed = fail.known(house, member, identity(head)) if row.failed else ()
    about = fail.about(house, member, raw, row.date or datetime.now(UTC))
    return Letter(row, shown, blocks(raw), why, raw, failed, about, forms(raw))


def _entry(path: Path, folder: str, id_: str) -> Entry:
    found = index.beginning(path, id_) if id_ else []
    exact = [entry for entry in found if entry.id == id_] or found
    if len(exact) != 1:
        which = "no letter" if not exact else f"{len(exact)} letters whose id begins with"
        raise InputError(f"{safe(folder)} has {which} {safe(id_)}; `mailrun mail list` shows the ids")
    return exact[0]


def search(
    house: Household,
    member: str,
    wanted: Query,
    folder: str | None = "inbox",
    *,
    trust: bool = False,
    most: int | None = None,
    once: bool = False,
) -> Rows:
    """The letters that are looked for, the newest last; without a ``folder``, or where the query names some, in all.

    Before, letters that nobody has read for their words are read, all or about ``most``; of the others only the heads
    are searched (``Rows.left``). ``trust`` as in ``rows``; ``once``: a letter in several folders is told once.
    """
    names = all_folders(house, member) if folder is None or wanted.folders else [folder]
    makers = {name: _maker(house, member, name) for name in names}
    boxes, person = [(name, _box(house, member, name)) for name in names], house.config.members[member]
    found = find.found(boxes, wanted, (person.address, *person.also), trust=trust, most=most, once=once)
    return Rows(Viewed(found, lambda one: makers[one[0]](one[1]), found.left))


def all_folders(house: Household, member: str) -> list[str]:
    """The names of the usual folders, and of whatever other mboxes stand beside the inbox."""
    return list(dict.fromkeys((*FOLDERS, *mbox.folders(_box(house, member, "inbox").parent))))


def mark(house: Household, member: str, folder: str, ids: Collection[str], add: str = "", remove: str = "") -> None:
    """Set and clear flags (R O A F P D) of letters, as every mail program in the house sees them."""
    path = _box(house, member, folder)
    known = index.places(path, ids)
    if not known:
        return
    with mbox.locked(path) as box, files.faults(path):
        before = path.stat()
        box.flag(ids, add, remove, known)
        after = path.stat()
    index.flagged(path, ids, before, after)


def expunge(house: Household, member: str, folder: str, ids: Collection[str]) -> None:
    """Take letters out of a folder for good."""
    path = _box(house, member, folder)
    mbox.remove(path, ids, index.places(path, ids))


def save_draft(house: Household, member: str, draft: compose.Draft, now: datetime, replaces: str = "") -> str:
    """Keep a draft in the drafts folder, in place of an earlier state of it; its new id."""
    path = _box(house, member, "drafts")
    message = compose.write(draft, house.config, now)
    with mbox.locked(path) as box:
        box.append([b"Status: RO\n", message], "mailrun", now)
        box.sync()
    if replaces:
        mbox.remove(path, [replaces])
    return mbox.entries(path)[-1].id


def again(house: Household, member: str, folder: str, id_: str, to: str) -> compose.Draft:
    """A draft of a sent letter to the address that it should have gone to: by the letter itself, or by a report of it.

    Raises:
        InputError: there is no such letter, or the letter that the report is about is nowhere any more.
    """
    found = letter(house, member, folder, id_)
    raw = found.raw if found.about is None else _sent(house, member, found.about) or fail.returned(found.raw)
    if not raw:
        raise InputError("the letter that this report is about is not in the sent folder any more; write it once more")
    return compose.again(raw, member, house.config, to)


def _sent(house: Household, member: str, about: About) -> bytes:
    """The sent letter that a report is about; empty where it is not in the sent folder."""
    path = house.box(member, "sent")
    found = (one for one in index.known(path) if about.message_id and one.message_id == about.message_id)
    return next((mbox.read(path, one.entry) for one in found), b"")


def attachment(house: Household, member: str, folder: str, id_: str, path: str) -> bytes:
    """The content of one attached file, decoded."""
    return content(letter(house, member, folder, id_).raw, path)
