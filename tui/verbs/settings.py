"""household.toml: read, weighed, tried, changed.

Never: a password in an answer.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

from textual.message import Message

from core import check, config, filing, junk, passphrase, simulate
from core.check import Finding
from core.config import Config, Filing, Secret
from core.errors import ConfigError, InputError
from core.household import World
from core.mail import routed, rules
from core.mail.text import safe
from core.store import settings as file
from core.store.settings import Keys
from core.world import world
from tui import messages
from tui.keymap import misread
from tui.values import Moving
from tui.verbs.desk import Desk

Changes = Mapping[Keys, object | None]
SOME = 5  # of the letters that a rule takes, in a form
ROUTING = ("household", "members", "aliases", "maildrop", "routing")  # tables that decide whose a letter is


def configured(desk: Desk) -> Message:
    """The settings as the file has them."""
    path = desk.house.folder / config.FILE
    config.load(path)  # refuses a file that others can read
    text = path.read_text(encoding="utf-8")
    return messages.Settings(config.parse(text, str(path)), Secret(text))


def weigh(desk: Desk, seen: Secret, changes: Changes) -> Message:
    """What would be wrong with the file after these changes; if nothing, which of the last letters would move."""
    after, faults = config.check(file.changed(seen.reveal(), changes))
    told = [(tuple(str(part) for part in fault.path), fault.sentence) for fault in faults]
    told += [((), sentence) for sentence in rules.check(after)] if after is not None else []
    if after is not None and any(keys[0] == "keys" for keys in changes):
        told += [(("keys", id_), sentence) for id_, sentence in misread(after.keys) if ("keys", id_) in changes]
    if after is None or told:
        return messages.Weighed(tuple(told), ())
    ruled = any(ruling(keys) and keys[1] == desk.member for keys in changes)  # nobody looks at others' letters
    routed = any(keys[0] in ROUTING and not ruling(keys) for keys in changes)
    return messages.Weighed((), (*(_moving(desk, after) if routed else ()), *(_refiled(desk, after) if ruled else ())))


def ruling(keys: Keys) -> bool:
    """Whether a key belongs to a member's own rules."""
    return keys[0] == "members" and keys[2:3] == ("rules",)


def _refiled(desk: Desk, after: Config) -> Iterator[Moving]:
    for old, new in filing.elsewhere(desk.house, desk.member, after.members[desk.member].rules):
        yield Moving(old.row.sender, old.row.subject, (old.to,), (new.to,))


def _moving(desk: Desk, after: Config) -> Iterator[Moving]:
    for change in simulate.compare(desk.house, after):
        yield Moving(change.row.sender, change.row.subject, change.before.members, change.after.members)


def tried(desk: Desk, member: str, place: int | None = None) -> Message:
    """What a member's rules, or the one in this place, would do with the letters that came last."""
    return _tried_rules(desk, member, desk.house.config.members[member].rules, place)


def tried_so(desk: Desk, seen: Secret, changes: Changes, rule: Keys) -> Message:
    """The same of a rule as it would be after these changes, for its form."""
    after, faults = config.check(file.changed(seen.reveal(), changes))
    if after is None:
        raise ConfigError(faults[0].sentence)
    told = _tried_rules(desk, rule[1], after.members[rule[1]].rules, int(rule[3]))
    return messages.Tested(tuple((True, sentence) for sentence in (*told.sentences, *map(_subject, told.taken[:SOME]))))


def _subject(letter: Moving) -> str:
    return f"  {letter.sender}: {letter.subject or '(no subject)'}"


def _tried_rules(desk: Desk, member: str, rules: Sequence[Filing], place: int | None) -> messages.Tried:
    if member != desk.member:
        raise InputError(f"these are the letters of {member}; only {member} can try rules on them")
    fates = filing.tried(desk.house, member, rules, place=place)
    taken = [fate for fate in fates if (fate.filed.by if place is None else fate.fits and not fate.kept)]
    sentences = filing.summary(fates) if place is None else [filing.told(fates, rules[place])]
    found = (Moving(fate.row.sender, fate.row.subject, (fate.folder,), (fate.to,)) for fate in taken)
    return messages.Tried(tuple(one[0].upper() + one[1:].removesuffix(".") + "." for one in sentences), tuple(found))


def move(desk: Desk, seen: Secret, table: Keys, place: int) -> Message:
    """Put one of several tables (a member's rules, prices) into another place among them."""
    return save(desk, seen, {table: file.Place(place)})


def save(desk: Desk, seen: Secret, changes: Changes) -> Message:
    """Change the file; its comments stay, and its earlier version is kept beside it."""
    path = desk.house.folder / config.FILE
    file.edit(path, changes, seen.reveal())
    return configured(desk)


def set_passphrase(desk: Desk, seen: Secret, words: str) -> Message:
    """Set this member's passphrase; an empty one takes it away."""
    hashed = passphrase.hash(words) if words else None
    return save(desk, seen, {("members", desk.member, "passphrase"): hashed})


def colours(desk: Desk, theme: str) -> Message:
    """Keep the theme that this member chose, whatever else was changed in the file meanwhile."""
    path = desk.house.folder / config.FILE
    return save(desk, Secret(path.read_text(encoding="utf-8")), {("members", desk.member, "theme"): theme})


def why(desk: Desk, path: str) -> Message:
    """Who would get the message in this file, and by which evidence."""
    source = Path(path.strip()).expanduser()
    try:
        message = source.read_bytes()
    except OSError as error:
        raise InputError(f"{safe(str(source))} cannot be read: {error.strerror}") from None
    found = simulate.judge(message, desk.house.config)
    return messages.Done(f"For {', '.join(found.members)}. {routed.words(found)}")


async def test(desk: Desk, seen: Secret, changes: Changes, table: Keys) -> Message:
    """Try the changed table for real; what needs a line that is up is asked only then, and nothing is dialled."""
    after, faults = config.check(file.changed(seen.reveal(), changes))
    if after is None:
        raise ConfigError(faults[0].sentence)
    outside = world(after, desk.house.folder)
    found = [finding async for finding in trials(desk, after, outside, table)]
    return messages.Tested(tuple((each.level == "ok", each.what) for each in found))


async def trials(desk: Desk, after: Config, outside: World, table: Keys) -> AsyncIterator[Finding]:
    """What a real trial of one table finds."""
    if table[0] == "junk":
        yield await junk.look(desk.house, after.junk)
    elif table[0] == "line":
        busy = Finding("ok", "the line is in use by the run that is on, so it is there")
        yield busy if desk.line != "down" else await check.line(outside)
    elif after.line.kind != "always" and desk.line != "up":
        yield Finding("warn", "The line is down, and a test does not dial. Make a run, and test while it is on.")
    elif table[0] == "maildrop":
        box = outside.maildrops[int(table[1])]
        yield await check.name(box.settings.host, outside)
        yield await check.login(box)
    else:
        async for finding in _sending(after, outside):
            yield finding


async def _sending(after: Config, outside: World) -> AsyncIterator[Finding]:
    """The public domain, the smart host, and every address that the house writes from."""
    yield await check.domain_of(after, outside)
    if after.smarthost is not None and outside.smarthost is not None:
        yield await check.name(after.smarthost.host, outside)
        async for finding in check.relay(outside.smarthost, [member.address for member in after.members.values()]):
            yield finding
