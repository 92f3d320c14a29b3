"""The index: what is known of the letters in a member's mailboxes, kept beside them in one SQLite file.

It is a cache and never the truth. Each use compares size, inode and times of the mailbox with those of the last
look; after a change, whoever made it, every letter's beginning is compared, and what is new is read. Who only shows a
list may ``trust``: then letters from before are believed for now, and only what came behind them is read; of a large
mailbox that nobody has looked at the newest letters are all that is told. ``update`` makes good for both.
A damaged index is thrown away; where there can be none (a read-only disk, another process that builds it) one in memory
takes its place. ctime counts, not mtime: mutt puts the old mtime back after it has set flags.

Never: a letter's text; a write to a mailbox.
"""

import os
import sqlite3
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

from core.errors import BusyError
from core.store import files, hands, mbox, orders, rewrite, tables
from core.store.box import check
from core.store.hands import LARGE, Tell
from core.store.known import Known, Place, letters, verified
from core.store.mboxrd import Entry
from core.store.orders import Relation
from core.store.tables import Box, Stamp

NAME = ".index.db"

# A change within one tick of the file system's clock after the last look would not show; then nothing is believed.
_TICK = 10**8  # nanoseconds; ext4 and others count in 10 ms at most
_COARSE = 2 * 10**9  # file systems that know whole seconds, or every second one
_TAIL = 1 << 20  # bytes: the newest letters of a large mailbox
_MANY = 100  # letters taken out at once
_SHORT = 0.05  # seconds that somebody who trusts waits for another process
Answer = TypeVar("Answer")


class View:
    """The list of a mailbox in one order: numbers of letters, of which some can be looked up at a time.

    ``whole``: these are all letters, not the newest only; ``sure``: all of them were compared with the mailbox.
    """

    __slots__ = ("_rows", "box", "order", "sure", "unread", "whole")

    def __init__(self, rows: sqlite3.Connection, box: Box, order: orders.Order, *, whole: bool) -> None:
        self._rows = rows
        self.box = box.number
        self.order = order
        self.unread = box.unread
        self.sure = bool(box.sure) and whole
        self.whole = whole

    def some(self, numbers: Sequence[int]) -> dict[int, Known]:
        """These letters by their numbers; those that are gone meanwhile are left out."""
        with suppress(sqlite3.Error):
            return tables.some(self._rows, numbers)
        return {}

    def numbers(self, ids: Collection[str]) -> dict[str, int]:
        """The numbers of the letters with these ids."""
        with suppress(sqlite3.Error):
            return tables.numbered(self._rows, self.box, ids)
        return {}

    def ids(self, numbers: Collection[int]) -> list[str]:
        """The ids of these letters."""
        with suppress(sqlite3.Error):
            return tables.ids(self._rows, numbers)
        return []

    def backward(self) -> "View":
        """The same, the other way round."""
        self.order = orders.backward(self.order)
        return self

    def of_list(self, list_id: str) -> "View":
        """The same, of one mailing list only."""
        with suppress(sqlite3.Error):
            there = tables.of_list(self._rows, self.box, list_id)
            self.order = orders.flat(number for number in self.order.numbers if number in there)
            self.unread = sum(there.values())
        return self

    def unread_numbers(self) -> list[int]:
        """The numbers of the unread letters."""
        with suppress(sqlite3.Error):
            return tables.unread(self._rows, self.box)
        return []


def view(path: Path, order: orders.Name = "date", *, trust: bool = False) -> View:
    """The list of a mailbox.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    rows, box = _current(path, trust=trust)
    try:
        found = orders.order(rows, box.number, order, anew=order == "threads" and not (box.threaded or trust))
        rows.execute("COMMIT")
    except BaseException:
        rows.close()
        raise
    return View(rows, box, found, whole=box.stamp is not None)


def over(path: Path, list_id: str, *, trust: bool = False) -> View:
    """The letters of a mailbox that came over a mailing list, by date.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return view(path, "date", trust=trust).of_list(list_id)


def lists(path: Path, *, trust: bool = False) -> list[tuple[str, int, int]]:
    """The mailing lists over which letters came: how each calls itself, how many are unread, and all.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(path, tables.lists, trust=trust)


def stubs(path: Path) -> list[Entry]:
    """The letters of a mailbox of which only a beginning is here.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(path, tables.stubs)


def each(path: Path, make: Callable[[Known], Answer]) -> list[Answer]:
    """What ``make`` makes of each letter of a mailbox, in the order of the file, as ``mbox.entries``.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(path, lambda rows, box: [make(one) for one in tables.letters(rows, box)])


def known(path: Path) -> list[Known]:
    """All letters of a mailbox, as ``each``.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return each(path, lambda one: one)


def unclaimed(path: Path, *, trust: bool = False) -> list[Known]:
    """The letters of a mailbox that came there because nobody claimed them.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(path, tables.unclaimed, trust=trust)


def marked(path: Path, flag: str, most: int) -> list[tuple[Entry, int]]:
    """The last letters with a flag (all have ""), in the order of the file, each with its moment; as in ``places``.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(path, lambda rows, box: tables.marked(rows, box, flag, most), trust=True)


def counts(path: Path, *, trust: bool = False) -> tuple[int, int]:
    """How many letters are unread, and how many there are.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    rows, box = _current(path, trust=trust)
    rows.close()
    return box.unread, box.total


def beginning(path: Path, id_: str) -> list[Entry]:
    """The letters whose ids begin so; a whole id is looked for where the letter was, which ``mbox`` compares anyway.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return places(path, [id_]) or _asked(path, lambda rows, box: tables.beginning(rows, box, id_))


def alike(path: Path, digests: Iterable[str]) -> list[Entry]:
    """The letters that have one of these ids, or one of them and a number, in the order of the file.

    What was known of a large mailbox is believed, as in ``places``; letters that were just added are found.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """

    def question(rows: sqlite3.Connection, box: int) -> list[Entry]:
        return [entry for digest in digests for entry in tables.beginning(rows, box, digest)]

    return sorted(_asked(path, question, trust=True), key=lambda entry: entry.offset)


def places(path: Path, ids: Collection[str]) -> list[Entry]:
    """Where the letters with these ids were at the last look, in the order of the file; who uses it looks again.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    found = _asked(path, lambda rows, box: tables.these(rows, box, ids), trust=True)
    return found if len(found) == len(set(ids)) else _asked(path, lambda rows, box: tables.these(rows, box, ids))


def flagged(path: Path, ids: Collection[str], before: os.stat_result, after: os.stat_result) -> None:
    """Learn that these letters have other flags, which is all that happened to the mailbox meanwhile.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    with suppress(sqlite3.Error, OSError), closing(tables.opened(path.with_name(NAME), _SHORT)) as rows:
        box = tables.box(rows, path.name) if tables.ours(rows) else tables.UNKNOWN
        if box.stamp != Stamp.of(before):
            return
        with mbox.reading(path) as fd, files.faults(path):
            numbers = [*tables.numbered(rows, box.number, ids).values()]
            found = sorted(tables.some(rows, numbers).items(), key=lambda one: one[1].offset)
            places = [(one.place, number) for number, one in found]
            changed = _other_flags(fd, [place for place, _ in places], after.st_size - before.st_size)
        rows.execute("BEGIN IMMEDIATE")
        if changed is not None and tables.box(rows, path.name) == box:
            for (old, number), new in zip(reversed(places), reversed(changed), strict=True):
                tables.offsets(rows, box.number, old.offset + 1, new.length - old.length)
                tables.change(rows, [(number, new)])
            tables.note(rows, box.number, Stamp.of(after), min(box.sure, 1))
        rows.execute("COMMIT")


def _other_flags(fd: int, places: Sequence[Place], grown: int) -> list[Place] | None:
    """Letters, in their order, as they are now, at the old offsets; None: more has happened than that flags changed.

    A letter that had no room for flags has grown, and all behind it have moved.
    """
    if not grown:
        held, others = verified(fd, places)
        changed = {one.offset: one for one in others}
        return [changed.get(old.offset, old) for old in places] if held == len(places) else None
    now: list[Place] = []
    shift = 0
    for old in places[: _MANY + 1]:
        new = next(letters(fd, old.offset + shift), None)
        if new is None or new.offset != old.offset + shift or _digest(new.id) != _digest(old.id):
            return None
        now.append(new.place._replace(id=old.id, offset=old.offset))
        shift += new.length - old.length
    return now if shift == grown and len(now) == len(places) else None


def update(path: Path, tell: Tell | None = None, known: Callable[[int], object] = int) -> None:
    """Learn all about a mailbox, threads too.

    Args:
        path: The mailbox.
        tell: Hears how far it is with what it reads.
        known: Hears how many letters there are, as soon as a list of them can be had; some work is done after that.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    rows, box = _current(path, tell=tell)
    with closing(rows), suppress(sqlite3.Error):
        if not box.threaded:
            orders.order(rows, box.number, "threads", anew=True)
        rows.execute("COMMIT")
        known(box.total)
        rows.execute("BEGIN IMMEDIATE")
        tables.make_indexes(rows)
        rows.execute("COMMIT")


def unbuilt(path: Path) -> bool:
    """Whether a mailbox is so large that a first look takes its time, and nobody has looked yet."""
    if not path.exists() or path.stat().st_size < LARGE:
        return False
    try:
        with closing(tables.opened(path.with_name(NAME), _SHORT)) as rows:
            return not (tables.ours(rows) and tables.box(rows, path.name).stamp)
    except (sqlite3.Error, OSError) as error:
        return tables.busy(error)  # somebody makes it in this moment


def _asked(path: Path, question: Callable[[sqlite3.Connection, int], Answer], *, trust: bool = False) -> Answer:
    rows, box = _current(path, trust=trust)
    with closing(rows):
        return question(rows, box.number)


def together(paths: Sequence[Path], *, trust: bool = False) -> tuple[sqlite3.Connection, list[Box]]:
    """One index that knows all about several mailboxes of a folder, in a transaction that sees them so.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """

    def look(rows: sqlite3.Connection, trust: bool) -> tuple[sqlite3.Connection, list[Box]]:
        for path in there:
            _looked(rows, path, trust=trust and _large(path), tell=None)
            rows.execute("COMMIT")
        rows.execute("BEGIN")
        return rows, [tables.box(rows, path.name) for path in paths]

    if not (there := [path for path in paths if path.exists()]):
        return look(tables.in_memory(), False)
    return _tried(there[0].with_name(NAME), look, trust=trust)


def _current(path: Path, *, trust: bool = False, tell: Tell | None = None) -> tuple[sqlite3.Connection, Box]:
    """An index that knows all about a mailbox, in a transaction that sees it so."""
    if not path.exists():
        rows, box = _opened(tables.in_memory(), path.name)
        return rows, box._replace(stamp=Stamp(0, 0, 0, 0), sure=2)
    trust = trust and _large(path)
    if trust and unbuilt(path):
        return _recent(path)

    def look(rows: sqlite3.Connection, trust: bool) -> tuple[sqlite3.Connection, Box]:
        try:
            return _looked(rows, path, trust=trust, tell=tell)
        except sqlite3.Error as error:
            if not (trust and tables.busy(error)):
                raise
            return _recent(path)

    return _tried(path.with_name(NAME), look, trust=trust)


def _tried(file: Path, use: Callable[[sqlite3.Connection, bool], Answer], *, trust: bool) -> Answer:
    """What ``use`` makes of the index, of one made anew where it is damaged, or of one in memory, without trust."""
    for _ in range(2):
        try:
            return use(tables.opened(file, _SHORT if trust else 0), trust)
        except OSError:
            break
        except sqlite3.Error as error:
            if not tables.damaged(error):
                break
            with suppress(OSError):
                tables.throw_away(file)
    return use(tables.in_memory(), False)


def _large(path: Path) -> bool:
    """Whether it takes a while to compare all letters of a mailbox."""
    return path.stat().st_size >= LARGE


def _opened(rows: sqlite3.Connection, name: str) -> tuple[sqlite3.Connection, Box]:
    """A transaction in which the mailbox has a number."""
    rows.execute("BEGIN")
    if not tables.box(rows, name).number:
        tables.add(rows, name)
    return rows, tables.box(rows, name)


def _recent(path: Path) -> tuple[sqlite3.Connection, Box]:
    """The newest letters of a mailbox, in an index of their own; it has no stamp."""
    rows = tables.in_memory()
    with mbox.reading(path) as fd, files.faults(path):
        now = Stamp.of(os.fstat(fd))
        found = list(_numbered(letters(fd, max(0, now.size - _TAIL)), Counter()))
    number = tables.add(rows, path.name)
    tables.put(rows, number, enumerate(found, 1))
    orders.make(rows, number)
    tables.note(rows, number, now, 0)
    rows, box = _opened(rows, path.name)
    return rows, box._replace(stamp=None)


def _looked(rows: sqlite3.Connection, path: Path, *, trust: bool, tell: Tell | None) -> tuple[sqlite3.Connection, Box]:
    """Look at a mailbox; the connection is closed where that fails."""
    try:
        look(rows, path, trust=trust, tell=tell)
        return _opened(rows, path.name)
    except BaseException:
        rows.close()
        raise


def look(rows: sqlite3.Connection, path: Path, *, trust: bool = False, tell: Tell | None = None) -> None:
    """Look at a mailbox, again if it has changed, in an index that is open and in no transaction.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
        sqlite3.OperationalError: another process writes for long.
    """
    rows.execute("BEGIN")
    box = tables.box(rows, path.name) if tables.ours(rows) else tables.UNKNOWN
    rows.execute("COMMIT")
    if not _same(box, path, trust=trust):
        try:
            _refresh(rows, path, trust=trust, tell=tell)
        except (BusyError, sqlite3.OperationalError):
            if not (trust and box.stamp):  # else what was known is good enough for now
                raise


def _same(box: Box, path: Path, *, trust: bool) -> bool:
    """Whether a mailbox is as it was at the last look."""
    with files.faults(path):
        return box.stamp == Stamp.of(path.stat()) and (box.sure > 1 or trust) and not rewrite.left(path)


def _refresh(rows: sqlite3.Connection, path: Path, *, trust: bool, tell: Tell | None) -> None:
    """Learn what has changed in a mailbox, in one transaction."""
    with mbox.reading(path) as fd, files.faults(path):
        now = Stamp.of(os.fstat(fd))
        rows.execute("BEGIN IMMEDIATE")
        try:
            _learn(rows, path, fd, now, trust=trust, tell=tell)
            rows.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                rows.execute("ROLLBACK")
            raise


def _learn(rows: sqlite3.Connection, path: Path, fd: int, now: Stamp, *, trust: bool, tell: Tell | None) -> None:
    if not tables.ours(rows):
        tables.make(rows)
    box = tables.box(rows, path.name)
    if box.stamp == now and (box.sure > 1 or trust):  # another process has learned it meanwhile
        return
    number, sure = box.number, 2 if _settled(now) else 1
    if not number:
        tables.forget(rows, [name for name in tables.names(rows) if not path.with_name(name).exists()])
        number = tables.add(rows, path.name)
    if not box.total:
        _first(rows, number, path, fd, tell)
    elif not trust:
        _compare(rows, number, path, fd)
    elif _more(rows, number, fd, now) or _less(rows, number, fd, now):
        sure = 0
    else:
        return  # what was known is good enough for now
    tables.note(rows, number, now, sure)


def _first(rows: sqlite3.Connection, box: int, path: Path, fd: int, tell: Tell | None) -> None:
    """Read a mailbox that nobody has looked at."""
    rows.execute("PRAGMA wal_autocheckpoint=0")  # the disk can wait until this connection is closed
    seen: Counter[str] = Counter()
    numbers = count(tables.last(rows) + 1)
    first = None
    relations: list[Relation] = []
    for found in hands.read(fd, tell):
        if found and first is None:
            first = found[0].offset
        new = [(next(numbers), one) for one in _numbered(found, seen)]
        tables.put(rows, box, new)
        relations += [
            Relation(number, one.message_id, one.references or one.in_reply_to, one.subject, one.moment)
            for number, one in new
        ]
    check(path, fd, first)
    if os.fstat(fd).st_size < LARGE:
        tables.make_indexes(rows)
    orders.make(rows, box, relations)


def _more(rows: sqlite3.Connection, box: int, fd: int, now: Stamp) -> bool:
    """Learn what letters came behind the last one that is known; False: that one is not there any more."""
    (number, last), *_ = tables.some(rows, orders.order(rows, box, "file").numbers[-1:]).items()
    end = last.offset + last.length
    held, changed = verified(fd, [last.place])
    if not held or now.size < end:
        return False
    if now.size > end:
        it, *new = letters(fd, last.offset)
        if it.id != _digest(last.id):  # it was cut off when it was read
            return False
        changed = [it.place]
        seen = Counter({one.id: tables.alike(rows, box, one.id) for one in new})
        _add(rows, box, list(_numbered(new, seen)))
    tables.change(rows, [(number, place) for place in changed])
    return True


def _less(rows: sqlite3.Connection, box: int, fd: int, now: Stamp) -> bool:
    """Learn what letters were taken out, if that is all that happened; a few are looked at, the others believed."""
    file = orders.order(rows, box, "file").numbers
    gone: list[tuple[int, Place]] = []
    shift = at = 0
    while len(gone) < _MANY:
        at = bisect_left(range(len(file)), True, at, key=lambda one: not _holds(rows, fd, file[one], shift))
        if at == len(file):
            break
        place = _place(rows, file[at])
        gone.append((file[at], place))
        shift, at = shift - place.length, at + 1
    last = _place(rows, file[-1])
    if at < len(file) or not gone or last.offset + last.length + shift != now.size:
        return False
    if any(tables.alike(rows, box, _digest(place.id)) > 1 for _, place in gone):
        return False  # those that were alike have other numbers now
    for number, place in reversed(gone):
        tables.drop(rows, [number])
        tables.offsets(rows, box, place.offset, -place.length)
    orders.removed(rows, box, [number for number, _ in gone])
    return True


def _holds(rows: sqlite3.Connection, fd: int, number: int, shift: int) -> bool:
    """Whether a letter is where it was, or so far away."""
    place = _place(rows, number)
    return place.offset + shift >= 0 and bool(verified(fd, [place._replace(offset=place.offset + shift)])[0])


def _place(rows: sqlite3.Connection, number: int) -> Place:
    return tables.some(rows, [number])[number].place


def _compare(rows: sqlite3.Connection, box: int, path: Path, fd: int) -> None:
    """Compare all letters that are known with the mailbox, and read what is new."""
    old = tables.places(rows, box)
    held, changed = verified(fd, [place for _, place in old])
    numbers = {place.offset: number for number, place in old} if changed else {}
    tables.change(rows, [(numbers[place.offset], place) for place in changed])
    if held == len(old) and old[-1][1].offset + old[-1][1].length == os.fstat(fd).st_size:
        return
    kept, rest = old[: max(0, held - 1)], old[max(0, held - 1) :]  # the last of them may have another length now
    begin = rest[0][1].offset if kept else 0
    found = list(_numbered(letters(fd, begin), Counter(_digest(place.id) for _, place in kept)))
    if not kept:
        check(path, fd, found[0].offset if found else None)
    if [one.id for one in found[: len(rest)]] == [place.id for _, place in rest]:
        tables.change(rows, [(number, one.place) for (number, _), one in zip(rest, found, strict=False)])
        _add(rows, box, found[len(rest) :])
        return
    _exchange(rows, box, rest, found)


def _exchange(rows: sqlite3.Connection, box: int, rest: Sequence[tuple[int, Place]], found: Iterable[Known]) -> None:
    """Put letters in the place of others; those that are the same keep their numbers."""
    same = {place.id: number for number, place in rest}
    tables.drop(rows, same.values())
    free = count(tables.last(rows) + 1)
    tables.put(rows, box, ((same.pop(one.id, 0) or next(free), one) for one in found))
    orders.make(rows, box)


def _add(rows: sqlite3.Connection, box: int, new: Sequence[Known]) -> None:
    """Put letters behind all others."""
    if new:
        numbers = range(tables.last(rows) + 1, tables.last(rows) + 1 + len(new))
        tables.put(rows, box, zip(numbers, new, strict=True))
        orders.added(rows, box, numbers)


def _numbered(found: Iterable[Known], seen: Counter[str]) -> Iterator[Known]:
    """Letters that are alike to the byte get numbers; ``seen``: how many there are before of each."""
    for one in found:
        seen[one.id] += 1
        yield one._replace(id=f"{one.id}-{seen[one.id]}") if seen[one.id] > 1 else one


def _digest(id_: str) -> str:
    return id_.partition("-")[0]


def _settled(now: Stamp) -> bool:
    """Whether a later change to the mailbox must show in its times."""
    return now.changed + (_TICK if now.changed % 10**9 else _COARSE) < time.time_ns()
