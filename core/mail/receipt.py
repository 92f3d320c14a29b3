"""What mail programs tell each other about a letter, as cards for people: delivery reports, receipts of reading.

Never: which letter of ours it is about (``report``).
"""

import re

from core.mail.blocks import Card, Text
from core.mail.clean import safe, safe_lines
from core.mail.headers import decode, fields, first
from core.mail.status import Fate, fates

_MOST = 50
_LONGEST = 5000
_WHAT = {
    "failed": "did not get it",
    "delayed": "has not got it yet; it is still being tried",
    "delivered": "has it",
    "relayed": "it was passed on to a server that does not report",
    "expanded": "is a list; it was passed on to its members",
}
_READ = {
    "displayed": "was opened",
    "deleted": "was deleted",
    "dispatched": "was passed on",
    "processed": "was handled by a program",
    "denied": "nobody is told whether it was opened",
    "failed": "could not be shown",
}


def delivery(status: bytes) -> Card:
    """A delivery report (RFC 3464): what became of the letter for each recipient."""
    told = fates(status)
    if not told:
        return _raw("Delivery report", status)
    short = f"Delivery report: {told[0].address} {_WHAT[told[0].action]}"
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return Card("Delivery report", short + more, tuple(map(_fate, told[:_MOST])))


def _fate(fate: Fate) -> tuple[str, str]:
    reply = f": {fate.reply}" if fate.reply else f" ({fate.status})" if fate.action in ("failed", "delayed") else ""
    return fate.address, _WHAT[fate.action] + reply


def disposition(notice: bytes) -> Card:
    """A receipt of reading (RFC 8098)."""
    found = fields(notice.replace(b"\r\n", b"\n"))
    what, who = (first(found, name) for name in ("Disposition", "Final-Recipient"))
    word = re.search(r";\s*([a-z-]+)", safe(decode(what.value)).lower()) if what else None
    if word is None or word[1] not in _READ:
        return _raw("Receipt", notice)
    person = re.sub(r"^[A-Za-z0-9 -]{1,30};\s*", "", safe(decode(who.value))) if who else "somebody"
    sentence = f"the letter {_READ[word[1]]}" if word[1] != "denied" else _READ["denied"]
    return Card("Receipt of reading", f"Receipt of reading: {person}: {sentence}", ((person, sentence),))


def _raw(title: str, text: bytes) -> Card:
    """What could not be understood, as it stands."""
    shown = safe_lines(text[:_LONGEST].decode("utf-8", "replace")).strip("\n")
    return Card(title, title, (), (Text(tuple(shown.split("\n"))),) if shown else ())
