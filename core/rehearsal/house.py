"""The made-up house of the rehearsal: four people under a lighthouse, and a week of letters after a storm.

The letters lie beside this module, one file each: ``letters/waiting`` at the provider, as they would arrive, and
``letters/library`` in a box of Mia's own, whose letters are longer than what they say;
``letters/older/MEMBER/FOLDER`` in the members' mboxes; ``letters/outgoing/MEMBER``, as their writers left them, for
the next call. They were written around one evening; their dates are moved so that it is the last one before now.

Never: a letter's text in code; a name, address or host that exists (RFC 2606, RFC 5737).
"""

import base64
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from core import searches
from core.config import FILE
from core.open import open_household
from core.rehearsal import past
from core.rehearsal.photograph import photograph
from core.store import mbox, settings
from core.store.settings import Keys
from core.submit import submit

SOURCE = Path(__file__).parent
LETTERS = SOURCE / "letters"
EVENING = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # when the last of the letters had come
NUMBER = "5550199"  # the provider's telephone number, as the household file of the rehearsal has it
SEARCH = ("paul", "The lamp", "from:vesta-lamps.example")  # what a member has looked for before, under its name
LINK = (sys.executable, "-m", "core.rehearsal.link")

_DATE = re.compile(rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\b")
_PHOTOGRAPH = re.compile(rb"\(a photograph is put here when the house is made: (\w+)\)\n")
_STYLE = re.compile(rb"\((\d+) kB of style are put here when the house is made\)\n")


def ends(device: Path, smtp: int, pop: int) -> dict[Keys, object]:
    """What household.toml must have to reach the make-believe world: the modem's port, and ports on loopback."""
    return {
        ("line", "device"): str(device),
        ("line", "link"): list(LINK),
        ("smarthost", "port"): smtp,
        ("maildrop", "0", "port"): pop,
        ("maildrop", "1", "port"): pop,
    }


def furnish(folder: Path, now: datetime, changes: Mapping[Keys, object]) -> None:
    """Make a household folder: settings with ``changes``, older letters and calls, a saved search, letters to go out.

    ``now`` is the time that letters are dated back from.

    Raises:
        StoreError: the disk refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = (SOURCE / FILE).read_text(encoding="utf-8")
    settings.write(folder / FILE, settings.changed(plan, changes))
    for source in sorted((LETTERS / "older").glob("*/*/")):
        _fill(folder / "mail" / source.parent.name / source.name, source, now)
    house = open_household(folder)
    searches.save(house, *SEARCH)
    past.call_up(house, now)
    for source in sorted((LETTERS / "outgoing").iterdir()):
        for message in _read(source):
            submit(house, _dated(message, now), source.name, None, now)
    house.ledger.close()


def waiting(now: datetime) -> list[bytes]:
    """What waits at the provider (lines end in LF), in the order in which it came."""
    return [_whole(message, now) for message in _read(LETTERS / "waiting")]


def library(now: datetime) -> list[bytes]:
    """What waits in Mia's own box at the library."""
    return [_whole(message, now) for message in _read(LETTERS / "library")]


def _read(source: Path) -> list[bytes]:
    return sorted((path.read_bytes() for path in source.glob("*.eml")), key=_arrived)


def _arrived(message: bytes) -> datetime:
    """The first date in a letter: of its Received line, or else its Date."""
    found = _DATE.search(message)
    assert found, "each letter of the rehearsal is dated"
    return parsedate_to_datetime(found[0].decode())


def _whole(message: bytes, now: datetime) -> bytes:
    """A letter as it is today."""
    message = _PHOTOGRAPH.sub(lambda found: base64.encodebytes(photograph(found[1].decode())), message)
    return _dated(_STYLE.sub(lambda found: _style(1000 * int(found[1])), message), now)


def _dated(message: bytes, now: datetime) -> bytes:
    """With every date moved by the same number of days, to the last days before ``now``."""
    days = timedelta(days=(now - EVENING).days)
    return _DATE.sub(lambda found: format_datetime(parsedate_to_datetime(found[0].decode()) + days).encode(), message)


def _style(size: int) -> bytes:
    """What programs that write such letters put into each of them: rules for hundreds of things that are not there."""
    rule = ".c%04x td { padding: 0 %dpx; font-family: Georgia, 'Times New Roman', serif; line-height: 1.%d }\n"
    rules = (rule % (n, n % 24, n % 9) for n in range(size // 80))
    return "".join(rules).encode()[:size].rpartition(b"\n")[0] + b"\n"


def _fill(path: Path, source: Path, now: datetime) -> None:
    """One mbox of letters that were read long ago."""
    with mbox.locked(path) as box:
        for message in _read(source):
            letter = _dated(message, now)
            box.append([letter], "", _arrived(letter))
        box.sync()
    mbox.flag(path, [entry.id for entry in mbox.entries(path)], add="RO")
