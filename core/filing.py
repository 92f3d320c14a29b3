"""A member's own rules: tried on letters that have come, made of a letter, and written into household.toml.

Never: what a rule means (``mail.filing``), a letter moved.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core import config as settings
from core import read
from core.config import Filing
from core.deliver import DUPLICATES, INBOX, came
from core.errors import InputError
from core.events import letters
from core.household import Household
from core.mail import filing
from core.mail.filing import Filed, Seen
from core.mail.text import safe
from core.read import Row
from core.store import files, index, mbox
from core.store.settings import Keys, Place, edit

PAST = 100  # letters on which rules are tried
MANY = 5000  # of an inbox, the newest are looked at
OWN = ("sent", "drafts", "trash", DUPLICATES)  # folders of letters that did not come, or shall not be seen
_NO_DATE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fate:
    """A letter that has come: in which folder it is, and what the rules would make of it if it came now.

    ``fits``: of one rule that is tried, whether it is like this; ``kept``: whether an earlier one would take it.
    """

    row: Row
    folder: str
    filed: Filed
    fits: bool = False
    kept: bool = False

    @property
    def to(self) -> str:
        """The folder that it would go into."""
        return self.filed.folder or INBOX


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that a letter would make, in words, and the letters of the inbox that are like it."""

    rule: Filing
    words: str
    caught: tuple[str, ...]


def rules(house: Household, member: str) -> tuple[Filing, ...]:
    """A member's rules, in their order.

    Raises:
        InputError: there is no such member.
    """
    if member not in house.config.members:
        there = ", ".join(house.config.members)
        raise InputError(f"{safe(member)} is no member of this house; the members are {there}")
    return house.config.members[member].rules


def tried(
    house: Household, member: str, asked: Sequence[Filing], limit: int = PAST, place: int | None = None
) -> list[Fate]:
    """What these rules would make of the last letters that came for a member, the newest first.

    ``place``: which of them is to be told apart from the others.

    Raises:
        BusyError, StoreError: a mailbox could not be read.
        InputError: there is no such member.
    """
    found = [
        Fate(row, folder, filing.file(asked, seen), *_alone(asked, place, seen))
        for row, folder, seen in _last(house, member, limit)
    ]
    return sorted(found, key=lambda fate: fate.row.date or _NO_DATE, reverse=True)


def _alone(asked: Sequence[Filing], place: int | None, seen: Seen) -> tuple[bool, bool]:
    """Whether one rule fits, and whether an earlier one would not let it be asked."""
    if place is None or not filing.fits(asked[place], seen):
        return False, False
    return True, not filing.reached(asked, place, seen)


def summary(fates: Sequence[Fate]) -> list[str]:
    """How many of these letters would go into which folder, a sentence each."""
    if not fates:
        return ["no letters have come yet"]
    counts = Counter(fate.filed.folder for fate in fates if fate.filed.folder)
    counts[INBOX] += len(fates) - sum(counts.values())
    of = f"of the last {letters(len(fates))}"
    return [f"{of} {count} would {_goes(name)}" for name, count in counts.most_common()]


def _goes(folder: str) -> str:
    return "stay in the inbox" if folder == INBOX else f"go to {safe(folder)}"


def told(fates: Sequence[Fate], rule: Filing) -> str:
    """What one rule that was tried would do with these letters, in a sentence or two."""
    if not fates:
        return "No letters have come yet."
    taken = sum(fate.fits and not fate.kept for fate in fates)
    kept = sum(fate.kept for fate in fates)
    into = filing.JUNK if rule.junk else rule.folder
    also = f" {kept} more are like it, but an earlier rule takes them." if kept else ""
    where = f"would {_goes(into)}" if into else f"are like it ({filing.action(rule)})"
    return f"Of the last {letters(len(fates))} {taken or 'none'} {where}.{also}"


def elsewhere(house: Household, member: str, after: Sequence[Filing], limit: int = PAST) -> list[tuple[Fate, Fate]]:
    """The last letters that would go into other folders with other rules: by those of now, and by the others."""
    before = rules(house, member)
    pairs = [
        (Fate(row, folder, filing.file(before, seen)), Fate(row, folder, filing.file(after, seen)))
        for row, folder, seen in _last(house, member, limit)
    ]
    return [(old, new) for old, new in pairs if old.to != new.to]


def _last(house: Household, member: str, limit: int) -> Iterator[tuple[Row, str, Seen]]:
    """The letters that came last, in whatever folder they are; what nobody claimed is not filed, and left out."""
    names = [folder.name for folder in read.folders(house, member) if folder.name not in OWN]
    rows = [(row, name) for name in names for row in read.rows(house, member, name)[-limit:]]
    rows = [(row, name) for row, name in rows if row.routed is None or row.routed.how != "postmaster"]
    rows = sorted(rows, key=lambda one: one[0].date or _NO_DATE, reverse=True)[:limit]
    for name in names:
        mine = [row for row, folder in rows if folder == name]
        yield from ((row, name, seen) for row, seen in _seen(house, member, name, mine))


def _seen(house: Household, member: str, folder: str, rows: Sequence[Row]) -> Iterator[tuple[Row, Seen]]:
    """Letters of a folder as rules look at them, as they came; those that are gone meanwhile are left out."""
    path = house.box(member, folder)
    places = {entry.id: entry for entry in index.places(path, [row.id for row in rows])}
    for row in rows:
        if row.id in places:
            yield row, filing.see(came(mbox.head(path, places[row.id]))[1], row.size)


def propose(house: Household, member: str, folder: str, id_: str) -> list[Proposal]:
    """The rules that a letter would make, the closest first, each with what it catches of the inbox.

    Raises:
        BusyError, StoreError: a mailbox could not be read.
        InputError: there is no such letter.
    """
    letter = read.letter(house, member, folder, id_)
    found = filing.propose(filing.see(came(letter.raw)[1]))
    caught: list[list[str]] = [[] for _ in found]
    newest = read.rows(house, member, INBOX)[-MANY:] if found else []
    for row, seen in _seen(house, member, INBOX, newest):
        for rule, ids in zip(found, caught, strict=True):
            ids.extend([row.id] if filing.fits(rule, seen) else [])
    return [Proposal(rule, filing.condition(rule), tuple(ids)) for rule, ids in zip(found, caught, strict=True)]


def always(house: Household, member: str, rule: Filing, folder: str, id_: str) -> Household:
    """Write a rule into household.toml; the house with it. It stands before any other that would take this letter.

    Where there is one for the same letters, it gets the new folder.

    Raises:
        BusyError: somebody else is changing the file.
        ConfigError: with this rule the file could not be used; nothing was changed.
        InputError: there is no such letter.
        StoreError: the disk refused.
    """
    seen = filing.see(came(read.letter(house, member, folder, id_).raw)[1])
    path = house.folder / settings.FILE
    with files.faults(path):
        text = path.read_text(encoding="utf-8")
    there = settings.parse(text, str(path)).members[member].rules
    changes = _changes(("members", member, "rules"), there, rule, seen)
    return replace(house, config=settings.parse(edit(path, changes, text), str(path)))


def _changes(keys: Keys, there: Sequence[Filing], rule: Filing, seen: Seen) -> dict[Keys, object | None]:
    """What the file has to be changed in."""
    alike = next((n for n, other in enumerate(there) if filing.condition(other) == filing.condition(rule)), None)
    if alike is not None:
        gone = {"junk": None} if there[alike].junk else {}
        return {(*keys, str(alike), key): value for key, value in ({"folder": rule.folder} | gone).items()}
    last = str(len(there))
    changes: dict[Keys, object | None] = {(*keys, last, key): value for key, value in filing.entries(rule).items()}
    before = next((n for n, other in enumerate(there) if filing.fits(other, seen)), len(there))
    return changes | ({(*keys, last): Place(before)} if before < len(there) else {})
