"""What became of one recipient, as one mail program tells another (RFC 3464 section 2): the fields, read.

Programs write these fields in many a wrong way; what can be understood is read, and what names nobody is passed over.

Never: the words for people (``mail.notice``, ``mail.bounce``); which letter of ours it is about (``mail.report``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from core.mail.addresses import mailboxes
from core.mail.clean import safe
from core.mail.headers import Field, decode, fields, first

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

LONGEST = 900  # characters of a reply, well under the longest line of RFC 5322

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"\s*(\d{3})\b")
_GROUPS = re.compile(rb"\n[ \t]*(?:\n[ \t]*)+")
_BY_CLASS: dict[str, Action] = {"2": "delivered", "4": "delayed"}


@dataclass(frozen=True, slots=True)
class Fate:
    """One recipient: the final address, the one that the sender wrote (empty: not told), and what became of it.

    ``status`` is an enhanced status code (RFC 3463), ``reply`` what the server said, on one line and safe to show.
    """

    address: str
    original: str
    action: Action
    status: str
    reply: str


def code(reply: str) -> str:
    """The enhanced status of a reply (RFC 3463), made from its first digit where the server gave none."""
    enhanced, plain = _ENHANCED.search(reply), _CODE.match(reply)
    if enhanced:
        return enhanced[1]
    return "4.0.0" if plain and plain[1].startswith("4") else "5.0.0"


def fates(text: bytes) -> list[Fate]:
    """The recipients that the groups of fields in some text tell about."""
    groups = _GROUPS.split(text.replace(b"\r\n", b"\n"))
    return [fate for group in groups if (fate := _fate(fields(group.lstrip(b"\n"))))]


def _fate(group: list[Field]) -> Fate | None:
    final, original = _address(group, "Final-Recipient"), _address(group, "Original-Recipient")
    if not final and not original:
        return None
    reply = " ".join(_untyped(_text(group, "Diagnostic-Code")).split())
    said, exact = _ENHANCED.search(_text(group, "Status")), _ENHANCED.search(reply)
    status = said[1] if said else code(reply)
    if exact and status.endswith(".0.0") and exact[1].startswith(status[0]):
        status = exact[1]
    return Fate(final or original, original, _action(_text(group, "Action"), status), status, reply[:LONGEST])


def _action(text: str, status: str) -> Action:
    """What was done: as told, else by the class of the status."""
    word = re.match(r"[a-z]*", text.lower())
    actions: Iterable[Action] = get_args(Action)
    named = next((action for action in actions if word and action == word[0]), None)
    return named or _BY_CLASS.get(status[0], "failed")


def _address(group: list[Field], name: str) -> str:
    """An address after its type ("rfc822; grandma@far.example"); empty where there is none."""
    text = _untyped(_text(group, name))
    found = [box.address for box in mailboxes(text.encode()) if "@" in box.address]
    return safe(found[0]) if found else ""


def _untyped(text: str) -> str:
    """A value without the type before it."""
    return re.sub(r"^[A-Za-z0-9 -]{1,30};", "", text, count=1).strip()


def _text(group: list[Field], name: str) -> str:
    field = first(group, name)
    return safe(decode(field.value)) if field else ""
