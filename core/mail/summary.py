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
_PLAIN_DATE = re.compile(
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(0?[1-9]|1\d|2[0-8]) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    rb" ([12]\d\d\d) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([+-])(0\d|1[0-4])([0-5]\d)(?: \([A-Z]+\))?"
)
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_NUMBERS = {name: b"%02d" % number for number, name in enumerate(_MONTHS, 1)}
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
    value = found.get
    return Summary(
        _people(value(b"from", b"")),
        _people(value(b"to", b"")),
        _text(value(b"subject", b"")),
        _date(value(b"date", b"")),
        "".join(_ids(value(b"message-id", b""))[:1]),
        " ".join(_ancestors(_ids(value(b"references", b"")))),
        _text(value(b"list-id", b"")),
        value(b"x-mailrun-routed"),
        b"x-mailrun-stub" in found,
        value(b"content-type", b"")[:15].lower() == b"multipart/mixed",
    )


def _text(value: bytes) -> str:
    if value.isascii() and b"=?" not in value:  # most are plain, and need not be decoded
        return safe(value.decode("ascii"))
    return safe(headers.decode(value))


@lru_cache(maxsize=4096)  # most letters are from, and to, the same few people
def _people(value: bytes) -> str:
    """Names where there are names, else addresses, else whatever stands there."""
    found = addresses.mailboxes(value)
    return ", ".join(safe(mailbox.name or mailbox.address) for mailbox in found) or _text(value)


def _date(value: bytes) -> str:
    plain = _PLAIN_DATE.fullmatch(value)
    return _plain_date(plain) if plain else _any_date(value)


def _plain_date(date: re.Match[bytes]) -> str:
    """A date as nearly all programs write it, which need not be calculated."""
    day, month, year, hour, minute, second, sign, hours, minutes = date.groups()
    text = b"%b-%b-%bT%b:%b:%b" % (year, _NUMBERS[month], day.zfill(2), hour, minute, second)
    zone = b"%b%b:%b" % (sign, hours, minutes)
    return (text + (b"+00:00" if zone == b"-00:00" else zone)).decode("ascii")


def _any_date(value: bytes) -> str:
    try:
        date = parsedate_to_datetime(_text(value))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _ids(value: bytes) -> list[str]:
    return [one.decode("utf-8", "replace") for one in _ID.findall(value)] if value else []


def _ancestors(ids: list[str]) -> list[str]:
    return ids if len(ids) <= _ANCESTORS else [ids[0], *ids[1 - _ANCESTORS :]]
