"""Junk: told from letters by a program that the house names, and taught to it with the junk key.

New letters are delivered first, and asked about only once the line is down: no call lasts longer for it, and a program
that hangs or fails holds up nothing. What is junk then goes from the inbox into the folder for it, journalled as
"junk/MEMBER/ID", with the flags that it has by then. Not asked about is what a member's own rule has caught, what was
written in the house, and what nobody claimed.

Never: what makes a letter junk; a letter's text in a fault, or what the program printed.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import move, read
from core.check import Finding
from core.config import Junk
from core.deliver import INBOX, came
from core.errors import ConfigError, MailrunError
from core.events import Emit, Junked, Trouble
from core.household import Household
from core.mail import filing, headers
from core.net.filter import answer
from core.store import arrivals, index, mbox
from core.store.arrivals import Intent
from core.surely import surely

FOLDER = "junk"
SOURCE = "junk"  # of what is on its way from the inbox, in the journal
MOST = 300.0  # seconds for all letters of a run: the next one waits for it
RECENT = 1000  # letters at the end of an inbox among which those of a run are looked for


@dataclass(frozen=True, slots=True)
class Program:
    """How a program is asked and taught, and which exit status says what; any other is a fault."""

    check: tuple[str, ...]
    train_junk: tuple[str, ...]
    train_good: tuple[str, ...]
    junk: tuple[int, ...]
    good: tuple[int, ...]
    trained: tuple[int, ...] = (0,)


PROGRAMS = {
    "bogofilter": Program(("bogofilter",), ("bogofilter", "-s"), ("bogofilter", "-n"), junk=(0,), good=(1, 2)),
    "spamc": Program(
        *(("spamc", "-x", "-c"), ("spamc", "-x", "-L", "spam"), ("spamc", "-x", "-L", "ham")),
        junk=(1,),
        good=(0,),
        trained=(0, 5, 6),
    ),
}


def program(settings: Junk) -> Program | None:
    """The program of these settings; None where junk is told by people only."""
    usual = PROGRAMS.get(settings.kind)
    if usual is None:
        return None
    return Program(
        settings.check or usual.check,
        settings.train_junk or usual.train_junk,
        settings.train_good or usual.train_good,
        usual.junk,
        usual.good,
        usual.trained,
    )


async def sift(house: Household, emit: Emit, now: datetime) -> None:
    """Ask about the letters that came into inboxes at this time, and put what is junk where it belongs.

    The first fault ends it: all that has not been asked about stays in the inbox, and a sentence says why.
    """
    tool = program(house.config.junk)
    if tool is None:
        return
    try:
        async with asyncio.timeout(MOST):
            for member in house.config.members:
                await _sift(house, tool, member, emit, now)
    except (MailrunError, TimeoutError) as error:
        why = str(error) or f"it took more than {MOST:.0f} s in all"
        emit(Trouble("junk", f"{why}; the letters that were not asked about are in the inbox"))


async def _sift(house: Household, tool: Program, member: str, emit: Emit, now: datetime) -> None:
    """One member's letters; what is known to be junk goes, even when the rest cannot be asked about any more."""
    ids: list[str] = []
    try:
        for id_, message in await asyncio.to_thread(_new, house, member, now):
            if await _asks(house, house.config.junk, tool, message):
                ids.append(id_)
    finally:
        if ids:
            await surely(asyncio.to_thread(_take, house, member, ids, now), _counted(emit, member))


def _counted(emit: Emit, member: str) -> Callable[[int], None]:
    return lambda count: emit(Junked(member, count))


async def _asks(house: Household, settings: Junk, tool: Program, message: bytes) -> bool:
    """Whether a letter is junk.

    Raises:
        ConfigError: the program cannot be run, takes too long, or fails.
    """
    status = await answer(tool.check, message, settings.seconds, house.folder)
    if status in tool.junk or status in tool.good:
        return status in tool.junk
    raise ConfigError(_fault("junk.check", tool.check, status, settings))


def _fault(key: str, words: Sequence[str], status: int | None, settings: Junk) -> str:
    if status is None:
        return f"{key}: {words[0]} did not answer within {settings.seconds:g} s"
    new = settings.kind == "bogofilter" and status == 3
    first = "; it knows no letters yet: `mailrun mail junk --for MEMBER --teach` teaches it yours" if new else ""
    return f"{key}: {words[0]} failed with status {status}{first}"


def _new(house: Household, member: str, now: datetime) -> list[tuple[str, bytes]]:
    """The letters that came from outside at this time and that no rule caught: their ids, and as they came."""
    wanted = arrivals.brought(house.ledger, member, INBOX, now)
    boxes = {box.name for box in house.config.maildrop}
    wanted = {source for source in wanted if source.partition("/")[0] in boxes}
    found: list[tuple[str, bytes]] = []
    for id_, raw in _last(house, member):
        if not wanted:
            break
        source, message = came(raw)
        if source in wanted:
            wanted.discard(source)
            found += [(id_, message)] if _asked(raw) else []
    return found


def _asked(raw: bytes) -> bool:
    """Whether a letter is asked about: somebody claimed it, and no rule of theirs did."""
    fields = headers.fields(headers.split(raw)[0])
    routed = headers.first(fields, "X-Mailrun-Routed")
    return not filing.told(fields) and not (routed and routed.value.startswith(b"how=postmaster;"))


def _last(house: Household, member: str) -> Iterator[tuple[str, bytes]]:
    """The letters at the end of an inbox, the last first."""
    path = house.box(member, INBOX)
    ids = [row.id for row in read.rows(house, member, INBOX, "file")[-RECENT:]]
    for entry in reversed(index.places(path, ids)):
        yield entry.id, mbox.read(path, entry)


def _take(house: Household, member: str, ids: Collection[str], now: datetime) -> int:
    """Out of the inbox, into junk: whenever the power fails, ``recover`` makes good that each is in one of them."""
    notes = [Intent(f"{SOURCE}/{member}/{id_}", member, FOLDER, 0, 0) for id_ in ids]
    arrivals.intend(house.ledger, notes)
    arrivals.done(house.ledger, notes, now)
    moved = move.move(house, member, INBOX, ids, FOLDER)
    arrivals.forget(house.ledger, SOURCE, [f"{member}/{id_}" for id_ in ids])
    return len(moved.ids)


def recover(house: Household) -> None:
    """After a crash: what is in junk already leaves the inbox; what is not stays there."""
    for source in arrivals.sources(house.ledger, SOURCE):
        _, member, id_ = source.split("/")
        if index.places(house.box(member, FOLDER), [id_]):
            mbox.remove(house.box(member, INBOX), [id_])
        arrivals.forget(house.ledger, SOURCE, [f"{member}/{id_}"])


def letters(house: Household, member: str, folder: str, ids: Collection[str]) -> tuple[bytes, ...]:
    """Letters as they came, for the program to learn from; none where there is no program.

    Raises:
        BusyError, StoreError: the mailbox could not be read.
    """
    if program(house.config.junk) is None:
        return ()
    path = house.box(member, folder)
    return tuple(came(mbox.read(path, entry))[1] for entry in index.places(path, ids))


async def train(house: Household, messages: Sequence[bytes], *, good: bool) -> None:
    """Teach the program that these are junk, or that they are good; does nothing where there is none.

    Raises:
        ConfigError: it cannot be run, takes too long, or fails.
    """
    settings, tool = house.config.junk, program(house.config.junk)
    if tool is None:
        return
    key, words = ("junk.train_good", tool.train_good) if good else ("junk.train_junk", tool.train_junk)
    for message in messages:
        status = await answer(words, message, settings.seconds, house.folder)
        if status not in tool.trained:
            raise ConfigError(_fault(key, words, status, settings))


async def teach(house: Household, member: str) -> tuple[int, int]:
    """Teach the program all of a member's junk as junk, and what was read in inbox and archive as good; how many each.

    A program that knows nothing yet needs both kinds; do it once.

    Raises:
        ConfigError: there is no program, or it fails.
        BusyError, StoreError: a mailbox could not be read.
    """
    if program(house.config.junk) is None:
        raise ConfigError("household.toml names no program that tells junk; set kind in [junk]")
    counts = []
    for good, names in ((False, (FOLDER,)), (True, (INBOX, "archive"))):
        counts.append(0)
        for name in names:
            ids = [row.id for row in read.rows(house, member, name, "file") if not good or "R" in row.flags]
            counts[-1] += len(ids)
            for entry in await asyncio.to_thread(index.places, house.box(member, name), ids):
                await train(house, [came(mbox.read(house.box(member, name), entry))[1]], good=good)
    return counts[0], counts[1]


async def look(house: Household, settings: Junk) -> Finding:
    """Ask the program about a letter of no meaning; what came of it, with the remedy."""
    tool = program(settings)
    if tool is None:
        return Finding("ok", "no program tells junk; the junk key puts letters there")
    try:
        await _asks(house, settings, tool, b"Subject: test\n\ntest\n")
    except ConfigError as error:
        return Finding("warn", str(error), "letters are delivered all the same; look at [junk] in household.toml")
    return Finding("ok", f"{tool.check[0]} tells junk")
