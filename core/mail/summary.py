"""What a list shows of a letter, out of its head: who, to whom, what about, when, and a few marks.

Heads are long and lists are longer, so the few fields are picked out of the bytes by one regular expression.

Never: the letter's text; raising over what a head holds.
"""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from core.mail import addresses, headers
from core.mail.clean import safe

_WANTED = re.compile(
    rb"\n(From|To|Subject|Date|Message-ID|References|List-Id|Content-Type|X-Mailrun-Routed|X-Mailrun-Stub)"
    rb"[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE,
)
_ID = re.compile(rb"<[^<>\s]{1,900}>")
_ANCESTORS = 30  # of a thread's ids, the first and the last of them: enough to find a letter's place in it


class Summary(NamedTuple):
    """Safe text of a letter's head; a tuple, for there are a hundred thousand of them.

    ``sender`` and ``to`` are names where there are any, else addresses; ``date`` is ISO 8601, empty where there is
    none; ``message_id`` and ``references`` have their brackets; ``routed`` is the raw value of X-Mailrun-Routed, if
    any; ``mixed``: by its type, something is attached.
    """

    sender: str
    to: str
    subject: str
    date: str
    message_id: str
    references: str
    list_id: str
    routed: bytes | None
    stub: bool
    mixed: bool


def summary(head: bytes) -> Summary:
    """The summary of a letter, by its head; of a field that is there twice, the topmost counts."""
    # Topmost last, so that it is the one that stays.
    found = {name.lower(): headers.unfold(value) for name, value in reversed(_WANTED.findall(b"\n" + head))}
    return Summary(
        sender=_people(found.get(b"from", b"")),
        to=_people(found.get(b"to", b"")),
        subject=_text(found.get(b"subject", b"")),
        date=_date(found.get(b"date", b"")),
        message_id="".join(_ids(found.get(b"message-id", b""))[:1]),
        references=" ".join(_ancestors(_ids(found.get(b"references", b"")))),
        list_id=_text(found.get(b"list-id", b"")),
        routed=found.get(b"x-mailrun-routed"),
        stub=b"x-mailrun-stub" in found,
        mixed=found.get(b"content-type", b"")[:15].lower() == b"multipart/mixed",
    )


def _text(value: bytes) -> str:
    return safe(headers.decode(value)) if value else ""


@lru_cache(maxsize=4096)  # most letters are from, and to, the same few people
def _people(value: bytes) -> str:
    """Names where there are names, else addresses, else whatever stands there."""
    found = addresses.mailboxes(value)
    return ", ".join(safe(mailbox.name or mailbox.address) for mailbox in found) or _text(value)


def _date(value: bytes) -> str:
    try:
        date = parsedate_to_datetime(_text(value))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _ids(value: bytes) -> list[str]:
    return [one.decode("utf-8", "replace") for one in _ID.findall(value)] if value else []


def _ancestors(ids: list[str]) -> list[str]:
    return ids if len(ids) <= _ANCESTORS else [ids[0], *ids[1 - _ANCESTORS :]]
