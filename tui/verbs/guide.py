"""A household founded: old set-ups and ports looked at, what was told weighed and tried, household.toml written.

Never: a file written before the end of the guide.
"""

import getpass
import pwd
from collections.abc import Mapping
from pathlib import Path

from textual.message import Message

from core import config
from core.adopt import adopt
from core.config import Secret
from core.errors import ConfigError, InputError
from core.forecast import forecast
from core.household import Household
from core.mail import rules
from core.net import port
from core.open import open_household
from core.store import files
from core.store import settings as file
from core.store.settings import Keys
from core.template import founded, template
from core.world import world
from tui import messages
from tui.verbs.desk import Desk
from tui.verbs.settings import trials

Told = Mapping[Keys, object | None]


def draft(folder: Path) -> Household:
    """A household for the guide to work with until there is one, in a folder that is thrown away.

    Raises:
        StoreError: the folder cannot be written.
    """
    file.write(folder / config.FILE, template(getpass.getuser()))
    return open_household(folder)


def begin(desk: Desk) -> Message:  # noqa: ARG001 - every verb takes the desk
    """Who sits here, and the ports of this machine."""
    login = getpass.getuser()
    try:
        name = pwd.getpwnam(login).pw_gecos.partition(",")[0]
    except KeyError:
        name = ""
    return messages.Seated(login, name if name != login else "", tuple(port.found()))


def old(desk: Desk, names: str) -> Message:  # noqa: ARG001 - every verb takes the desk
    """What the files of another set-up tell, as ``mailrun init --from``."""
    paths = [Path(name.strip()).expanduser() for name in names.split(",") if name.strip()]
    adopted = adopt({str(path): files.text(path) for path in paths}, getpass.getuser())
    left = [note for note in adopted.notes if note.verdict != "understood" and note.file != config.FILE]
    remarks = tuple(f"{Path(note.file).name}:{note.line}: {note.text}: {note.meaning}" for note in left)
    return messages.Adopted(config.parse(adopted.text), Secret(adopted.text), remarks)


def weigh(desk: Desk, base: Secret, told: Told) -> Message:  # noqa: ARG001 - every verb takes the desk
    """What would be wrong with a household.toml of this."""
    after, faults = config.check(_text(base, told))
    found = [(tuple(str(part) for part in fault.path), fault.sentence) for fault in faults]
    found += [((), sentence) for sentence in rules.check(after)] if after is not None else []
    return messages.Weighed(tuple(found), ())


async def test(desk: Desk, base: Secret, told: Told, tables: tuple[Keys, ...]) -> Message:
    """Try the provider, or the line, for real; nothing is dialled."""
    after, faults = config.check(_text(base, told))
    if after is None:
        raise ConfigError("; ".join(fault.sentence for fault in faults))
    outside = world(after, desk.house.folder)
    found = [finding for table in tables async for finding in trials(desk, after, outside, table)]
    return messages.Tested(tuple((each.level == "ok", each.what) for each in found))


def write(desk: Desk, folder: Path, base: Secret, told: Told) -> Message:
    """Write household.toml (0600), and open the house."""
    path = folder / config.FILE
    if path.exists():
        raise InputError(f"{path} is there already; leave the guide, and start mailrun again")
    file.write(path, _text(base, told))
    house = open_household(folder)
    return messages.Founded(house, forecast(house, desk.now))


def _text(base: Secret, told: Told) -> str:
    return file.changed(base.reveal(), told) if base else founded(told)
