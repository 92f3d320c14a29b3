"""Rows: the list of a folder, one letter a row, in one of several orders; only the rows that are looked at are read.

Never: a change to a mailbox.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, overload

from core.mail.split import Routed

Order = Literal["threads", "date", "sender", "subject", "size", "file"]
Scope = Literal["me", "list", "house", ""]


@dataclass(frozen=True, slots=True)
class Row:
    """One letter as a line of the list; ``size`` in bytes, ``flags`` of R O A F P D, ``sender`` and ``to`` for people.

    ``failed``: the member sent it, and somebody did not get it. ``depth``: in its thread, where the list is in threads;
    ``replies``: how many letters are below it there. ``mixed``: something is attached. ``scope``: to whom it was: to
    the member, to a list, to several of the house. An empty ``id``: the letter is gone since the list was made.
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


class Rows(Sequence[Row]):
    """Letters in an order; what is done to them later does not show here, but for ``flagged``."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        return self._rows[at]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def unread(self) -> int:
        """How many letters are unread."""
        return sum("R" not in row.flags for row in self._rows)

    def find(self, id_: str) -> int | None:
        """Where the letter with this id is."""
        return next((at for at, row in enumerate(self._rows) if row.id == id_), None)

    def first_unread(self) -> int | None:
        """Where the first unread letter is."""
        return next((at for at, row in enumerate(self._rows) if "R" not in row.flags), None)

    def collapsed(self, roots: Collection[str]) -> "Rows":
        """The same, without what is below these letters in their threads."""
        shown, hidden = [], 0
        for row in self._rows:
            if hidden:
                hidden -= 1
                continue
            shown.append(row)
            hidden = row.replies if row.id in roots else 0
        return Rows(shown)

    def flagged(self, ids: Collection[str], flags: str) -> "Rows":
        """The same, as it is when these letters have these flags."""
        return Rows(replace(row, flags=flags) if row.id in ids else row for row in self._rows)


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
