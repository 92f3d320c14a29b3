"""mbox -> mbox: a member's letters into another folder of theirs, a copy of them, and back again.

Both mailboxes are locked at once, and a letter is on disk where it goes before it is taken from where it was: a crash
in between leaves it in both. It goes as it is, to the byte: with its From_ line, its flags and its quoting.

Never: into another member's mail (``triage``).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.folder import place
from core.household import Household
from core.store import index, mbox
from core.store.mbox import Box, Entry


@dataclass(frozen=True, slots=True)
class Moved:
    """Letters that went from one folder into another, and their ids there: all that ``back`` needs."""

    folder: str
    to: str
    ids: tuple[str, ...]


def move(house: Household, member: str, folder: str, ids: Collection[str], to: str) -> Moved:
    """Put the letters of these ids that are still there into another folder, in one change of each mailbox.

    Raises:
        InputError: a folder cannot be called so.
        BusyError, StoreError: a mailbox could not be changed; no letter is lost.
    """
    here, there = place(house, member, folder), place(house, member, to)
    if here == there:
        return Moved(folder, to, ())
    known = index.places(here, ids)
    with _both(house, member, folder, to) as (source, target):
        gone = source.chosen(ids, known)
        digests = _carried(source, target, gone)
        source.remove([entry.id for entry in gone], gone)
    return Moved(folder, to, _named(there, digests))


def copy(house: Household, member: str, folder: str, ids: Collection[str], to: str) -> Moved:
    """Put copies of these letters into another folder; the same ``Moved`` as of ``move``, to tell how many.

    Raises:
        InputError, BusyError, StoreError: as ``move``.
    """
    here, there = place(house, member, folder), place(house, member, to)
    if here == there:
        return Moved(folder, to, ())
    known = index.places(here, ids)
    with _both(house, member, folder, to) as (source, target):
        digests = _carried(source, target, source.chosen(ids, known))
    return Moved(folder, to, _named(there, digests))


def back(house: Household, member: str, moved: Moved) -> Moved:
    """Take a move back, as far as the letters are where it put them; another program may have moved some on.

    Raises:
        InputError, BusyError, StoreError: as ``move``.
    """
    return move(house, member, moved.to, moved.ids, moved.folder)


@contextmanager
def _both(house: Household, member: str, folder: str, to: str) -> Iterator[tuple[Box, Box]]:
    """Both mailboxes, always locked in the same order: two programs never wait for each other."""
    first, second = sorted((folder, to))
    with mbox.locked(place(house, member, first)) as one, mbox.locked(place(house, member, second)) as other:
        yield (one, other) if first == folder else (other, one)


def _carried(source: Box, target: Box, entries: Sequence[Entry]) -> list[str]:
    """Put letters of one mailbox into another, durably; their ids, but for the number that tells letters alike."""
    for entry in entries:
        target.take(source.bytes_at(entry.offset, entry.length))
    if entries:
        target.sync()
    return [entry.id.partition("-")[0] for entry in entries]


def _named(path: Path, digests: Sequence[str]) -> tuple[str, ...]:
    """The ids of letters that were just put at the end of a mailbox; of those alike to the byte, the last ones."""
    there = index.alike(path, set(digests))
    wanted, found = Counter(digests), []
    for entry in reversed(there):
        digest = entry.id.partition("-")[0]
        if wanted[digest]:
            wanted[digest] -= 1
            found.append(entry.id)
    return tuple(reversed(found))
