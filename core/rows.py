"""Rows: the list of a folder, one letter a row, in one of several orders; only the rows that are looked at are read.

Never: a change to a mailbox.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, Literal, Protocol, TypeVar, overload

from core.mail.split import Routed
from core.store import orders

Order = Literal["threads", "date", "sender", "subject", "size", "file"]
Scope = Literal["me", "list", "house", ""]


@dataclass(frozen=True, slots=True)
class Sorting:
    """The order of a list, perhaps the other way round."""

    order: Order = "date"
    backward: bool = False


_PAGE = 128  # rows that are looked up at once
_PAGES = 16  # of them are remembered


@dataclass(frozen=True, slots=True)
class Row:
    """One letter as a line of the list; ``size`` in bytes, ``flags`` of R O A F P D, ``sender`` and ``to`` for people.

    ``failed``: the member sent it, and somebody did not get it. ``depth``: in its thread, where the list is in threads;
    ``replies``: how many letters are below it there. ``mixed``: something is attached. ``scope``: to whom it was: to
    the member, to a list, to several of the house. ``whole``: of a stub, the bytes of the letter at the provider. An
    empty ``id``: the letter is gone since the list was made.
    """

    id: str
    sender: str
    to: str
    subject: str
    date: datetime | None
    size: int
    flags: str
    stub: bool
    routed: Routed | None
    failed: bool = False
    folder: str = "inbox"
    depth: int = 0
    replies: int = 0
    mixed: bool = False
    scope: Scope = ""
    whole: int = 0


GONE = Row("", "", "", "(no longer here)", None, 0, "R", stub=False, routed=None)


class _Listed:
    """Rows that somebody has made already; the same questions as ``Viewed``."""

    whole = sure = True
    left = 0

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)
        self.unread = sum("R" not in row.flags for row in self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, place: int) -> Row:
        return self._rows[place]

    def places(self, ids: Collection[str]) -> dict[str, int]:
        return {row.id: place for place, row in reversed(list(enumerate(self._rows))) if row.id in ids}

    def fresh(self) -> set[int]:
        return {place for place, row in enumerate(self._rows) if "R" not in row.flags}

    def roots(self) -> list[str]:
        return [row.id for row in self._rows if row.replies and not row.depth]

    def ids(self) -> list[str]:
        return [row.id for row in self._rows]

    def replies(self, place: int) -> int:
        return self._rows[place].replies


Kept = TypeVar("Kept")
Kept_co = TypeVar("Kept_co", covariant=True)


class Seen(Protocol[Kept_co]):
    """What an index gives for a list: see ``store.index.View`` and ``store.find.Found``."""

    @property
    def order(self) -> orders.Order:
        """The numbers of the letters."""

    @property
    def whole(self) -> bool:
        """As ``Rows.whole``."""

    @property
    def sure(self) -> bool:
        """As ``Rows.sure``."""

    @property
    def unread(self) -> int:
        """How many letters are unread."""

    def some(self, numbers: Sequence[int]) -> Mapping[int, Kept_co]:
        """What is known of these letters, as far as they are there."""

    def numbers(self, ids: Collection[str]) -> Mapping[str, int]:
        """The numbers of the letters with these ids."""

    def ids(self, numbers: Collection[int]) -> list[str]:
        """The ids of these letters."""

    def unread_numbers(self) -> list[int]:
        """The numbers of the unread letters."""


class Viewed(Generic[Kept]):
    """Rows of an index, made in pages when they are looked at; ``left``: letters of which only heads were looked at."""

    def __init__(self, view: Seen[Kept], make: Callable[[Kept], Row], left: int = 0) -> None:
        self._view = view
        self._make = make
        self.left = left
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._places: Mapping[int, int] | None = None
        self.whole = view.whole
        self.sure = view.sure
        self.unread = view.unread

    def __len__(self) -> int:
        return len(self._view.order.numbers)

    def row(self, place: int) -> Row:
        """The row at a place; it and its neighbours are looked up at once."""
        page = place // _PAGE
        if page not in self._pages:
            self._pages[page] = self._read(page * _PAGE)
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page][place % _PAGE]

    def _read(self, begin: int) -> list[Row]:
        numbers, depths, replies = (column[begin : begin + _PAGE] for column in self._view.order)
        found = self._view.some(numbers)
        rows = [self._make(found[number]) if number in found else GONE for number in numbers]
        if not depths:
            return rows
        return [
            replace(row, depth=depth, replies=below) if depth or below else row
            for row, depth, below in zip(rows, depths, replies, strict=True)
        ]

    def places(self, ids: Collection[str]) -> dict[str, int]:
        """Where these letters are, as far as they are there."""
        where, found = self._where(), self._view.numbers(ids)
        return {id_: where[number] for id_, number in found.items() if number in where}

    def fresh(self) -> set[int]:
        """Where unread letters are."""
        where = self._where()
        return {where[number] for number in self._view.unread_numbers() if number in where}

    def roots(self) -> list[str]:
        """The ids of the letters that begin a thread of more than one."""
        numbers, depths, replies = self._view.order
        begun = [number for number, depth, below in zip(numbers, depths, replies, strict=False) if below and not depth]
        return self._view.ids(begun)

    def ids(self) -> list[str]:
        """The ids of all letters."""
        return self._view.ids(self._view.order.numbers)

    def replies(self, place: int) -> int:
        """How many letters are below the one at a place."""
        replies = self._view.order.replies
        return replies[place] if replies else 0

    def _where(self) -> Mapping[int, int]:
        if self._places is None:
            self._places = {number: place for place, number in enumerate(self._view.order.numbers)}
        return self._places


class Rows(Sequence[Row]):
    """Letters in an order; what is done to them later does not show here, but for ``flagged``.

    ``whole``: these are all letters of the folder, not the newest only; ``sure``: all of them were compared with the
    mailbox. Where either is wrong, somebody is to make good for it (``store.index.update``) and to ask again.
    """

    def __init__(
        self,
        rows: "Iterable[Row] | Viewed[Any] | _Listed" = (),
        shown: Sequence[int] | None = None,
        flags: Mapping[int, str] | None = None,
    ) -> None:
        self._source = rows if isinstance(rows, Viewed | _Listed) else _Listed(rows)
        self._shown = shown if shown is not None else range(len(self._source))
        self._flags = flags or {}

    @property
    def left(self) -> int:
        """Of how many letters only the heads could be searched."""
        return self._source.left

    @property
    def whole(self) -> bool:
        """Whether these are all letters of the folder."""
        return self._source.whole

    @property
    def sure(self) -> bool:
        """Whether all letters were compared with the mailbox."""
        return self._source.sure

    def __len__(self) -> int:
        return len(self._shown)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if isinstance(at, slice):
            return [self._row(place) for place in self._shown[at]]
        return self._row(self._shown[at])

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self._shown)

    def _row(self, place: int) -> Row:
        row = self._source.row(place)
        return replace(row, flags=self._flags[place]) if place in self._flags else row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def unread(self) -> int:
        """How many letters are unread."""
        changes = (("R" in self._source.row(at).flags) - ("R" in flags) for at, flags in self._flags.items())
        return self._source.unread + sum(changes)

    def find(self, id_: str) -> int | None:
        """Where the letter with this id is."""
        return self.places([id_]).get(id_) if id_ else None

    def places(self, ids: Collection[str]) -> dict[str, int]:
        """Where the letters with these ids are, as far as they are shown."""
        found = {id_: self._place(place) for id_, place in self._source.places(ids).items()}
        return {id_: at for id_, at in found.items() if at is not None}

    def _place(self, place: int) -> int | None:
        """Where a letter is shown; None: it is folded away."""
        at = bisect_left(self._shown, place)
        return at if at < len(self._shown) and self._shown[at] == place else None

    def first_unread(self) -> int | None:
        """Where the first unread letter is."""
        return self.unread_after(-1)

    def unread_after(self, at: int) -> int | None:
        """Where the next unread letter after a place is, and round the end the first."""
        if not self.unread:
            return None
        fresh = self._source.fresh().difference(self._flags)
        fresh.update(place for place, flags in self._flags.items() if "R" not in flags)
        if not isinstance(self._shown, range):
            fresh = {place for place in fresh if self._place(place) is not None}
        here = self._shown[at] if at >= 0 else -1
        return self._place(min((place for place in fresh if place > here), default=min(fresh))) if fresh else None

    def ids(self) -> list[str]:
        """The ids of all letters, also of those that are folded away."""
        return self._source.ids()

    def roots(self) -> list[str]:
        """The letters that begin a thread of more than one, by their ids."""
        return self._source.roots()

    def collapsed(self, roots: Collection[str]) -> "Rows":
        """The same, without what is below these letters in their threads."""
        shown, last = [], 0
        for place in sorted(self._source.places(roots).values()):
            if place >= last:
                shown.append(range(last, place + 1))
                last = place + 1 + self._source.replies(place)
        shown.append(range(last, len(self._source)))
        return Rows(self._source, [place for some in shown for place in some], self._flags)

    def flagged(self, ids: Collection[str], flags: str) -> "Rows":
        """The same, as it is when these letters have these flags."""
        changed = dict.fromkeys(self._source.places(ids).values(), flags)
        return Rows(self._source, self._shown, {**self._flags, **changed})


_NEW = datetime.max.replace(tzinfo=UTC)  # a letter without a date is taken for new
_KEYS: Mapping[Order, Callable[[Row], tuple[object, ...]]] = {
    "date": lambda row: (row.date or _NEW,),
    "threads": lambda row: (row.date or _NEW,),
    "sender": lambda row: (row.sender.casefold(), row.date or _NEW),
    "subject": lambda row: (row.subject.casefold(), row.date or _NEW),
    "size": lambda row: (row.size,),
    "file": lambda _: (),
}


def ordered(rows: Iterable[Row], order: Order = "date") -> Rows:
    """The rows in this order."""
    return Rows(sorted(rows, key=_KEYS[order]))
