"""household.toml: read, weighed, tried, changed.

Never: a password in an answer.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from textual.message import Message

from core import check, config, passphrase, simulate
from core.check import Finding
from core.config import Config, Secret
from core.errors import ConfigError, InputError
from core.household import World
from core.mail import routed, rules
from core.mail.text import safe
from core.store import settings as file
from core.store.settings import Keys
from core.world import world
from tui import messages
from tui.keymap import misread
from tui.messages import Moving
from tui.verbs.desk import Desk

Changes = Mapping[Keys, object | None]
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
    moves = after is not None and not told and any(keys[0] in ROUTING for keys in changes)
    return messages.Weighed(tuple(told), tuple(_moving(desk, after)) if moves and after is not None else ())


def _moving(desk: Desk, after: Config) -> Iterator[Moving]:
    for change in simulate.compare(desk.house, after):
        yield Moving(change.row.sender, change.row.subject, change.before.members, change.after.members)


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
    found = [finding async for finding in _tried(desk, after, outside, table)]
    return messages.Tested(tuple((each.level == "ok", each.what) for each in found))


async def _tried(desk: Desk, after: Config, outside: World, table: Keys) -> AsyncIterator[Finding]:
    if table[0] == "line":
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
