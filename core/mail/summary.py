"""What a list shows of a letter, out of its head: who, to whom, what about, when, and a few marks.

Heads are long and lists are longer, so the few fields are picked out of the bytes by one regular expression, and what
most letters have in common (people, days) is read once.

Never: the letter's text; raising over what a head holds.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from core.mail import addresses, headers
from core.mail.clean import safe

NAMES = (
    b"from",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"list-id",
    b"content-type",
    b"x-mailrun-routed",
    b"x-mailrun-stub",
    b"status",
    b"x-status",
)
_WANTED = re.compile(rb"\n(%b)([ \t]*:.*(?:\n[ \t].*)*)" % b"|".join(NAMES), re.IGNORECASE)
_RARE = ("Keywords", "UID", "IMAP", "Content-Length", "Lines", "Mozilla-")
_EITHER = "|".join(re.sub("[A-Za-z]", lambda one: f"[{one[0].upper()}{one[0].lower()}]", name) for name in _RARE)
# The same; and also, as two empty texts, lines that are no field, and fields that readers change and few letters have.
_QUICK = re.compile(
    rb"\n(?:((?i:%b))(:.*(?:\n[ \t].*)*)|(?=[^\n\t ])(?![!-9;-~]+:|>From )|(?:[Xx]-)?(?:%b))"
    % (b"|".join(NAMES), _EITHER.encode())
)
_LOWER = {
    name: name.lower() for lower in NAMES for name in (lower, lower.title(), lower.title().replace(b"-Id", b"-ID"))
}
_PLAIN_DATE = re.compile(
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ?)?(\d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [12]\d\d\d)"
    rb" ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([+-])(0\d|1[0-4])([0-5]\d)(?: \([A-Z]+\))?"
)
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_ID = re.compile(rb"<[^<>\s]{1,900}>")
_ANCESTORS = 30  # of a thread's ids, the first and the last of them: enough to find a letter's place in it
_DAY = 86400  # seconds
# Nearly the first and the last second that a date can have, wherever on earth.
_FIRST, _LAST = (int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((1, 1, 3), (9999, 12, 29)))


class Summary(NamedTuple):
    """Safe text of a letter's head; a tuple, for there are a hundred thousand of them.

    ``sender``, ``to`` and ``cc`` are names where there are any, else addresses; ``address`` is the sender's,
    ``addresses`` those of To and Cc with spaces between, as they are compared; ``date`` is in seconds since 1970, None
    where there is none, and ``zone`` the minutes by which the sender's clock was ahead; ids have their brackets;
    ``routed`` is the raw value of X-Mailrun-Routed, if any; ``stub``: how many bytes the whole letter has of which only
    a beginning is here (0: it is whole); ``mixed``: by its type, something is attached.
    """

    sender: str
    address: str
    to: str
    cc: str
    addresses: str
    subject: str
    date: int | None
    zone: int
    message_id: str
    in_reply_to: str
    references: str
    list_id: str
    routed: bytes | None
    stub: int
    mixed: bool


def summary(head: bytes) -> Summary:
    """The summary of a letter, by its head; of a field that is there twice, the topmost counts."""
    return summed(picked(b"\n" + head)[0])


def picked(head: bytes) -> tuple[dict[bytes, bytes], bool]:
    """The fields of ``NAMES`` in a head that has a line end before it, and whether each was there but once.

    By their names in lower case, what comes after the name, colon and all.
    """
    fields = _WANTED.findall(head)
    found = {_LOWER.get(name) or name.lower(): rest for name, rest in reversed(fields)}
    return found, len(found) == len(fields)


def gathered(head: bytes) -> tuple[dict[bytes, bytes], bool]:
    """As ``picked``, but quicker: where anything is odd, there is a key b"", and fields may be missing."""
    fields = _QUICK.findall(head)
    found = {_LOWER.get(name) or name.lower(): rest for name, rest in reversed(fields)}
    return found, len(found) == len(fields)


def summed(found: dict[bytes, bytes]) -> Summary:
    """The summary out of ``picked`` fields."""
    get = found.get
    sender, address = _person(get(b"from", b""))
    to, to_addresses = _people(get(b"to", b""))
    cc, cc_addresses = _people(get(b"cc", b"")) if b"cc" in found else ("", "")
    date, zone = _date(_value(get(b"date", b"")))
    before, references = get(b"in-reply-to", b""), get(b"references", b"")
    answered = _first_id(before)
    return Summary(
        sender,
        address,
        to,
        cc,
        f"{to_addresses} {cc_addresses}" if cc_addresses else to_addresses,
        _text(get(b"subject", b"")),
        date,
        zone,
        _first_id(get(b"message-id", b"")),
        answered,
        answered if references == before else _references(references),
        _text(found[b"list-id"]) if b"list-id" in found else "",
        _value(found[b"x-mailrun-routed"]) if b"x-mailrun-routed" in found else None,
        _stub(found[b"x-mailrun-stub"]) if b"x-mailrun-stub" in found else 0,
        _mixed(get(b"content-type", b"")),
    )


def _value(rest: bytes) -> bytes:
    """A field's value on one line, out of what comes after its name."""
    if rest.startswith(b":") and b"\n" not in rest:
        return rest[1:].strip(b" \t\r")
    return headers.unfold(rest[rest.find(b":") + 1 :])


def _text(rest: bytes) -> str:
    value = _value(rest)
    if b"=?" not in value and value.isascii():  # most are plain, and need not be decoded
        text = value.decode("ascii")
        return text if text.isprintable() else safe(text)
    return safe(headers.decode(value))


def _stub(rest: bytes) -> int:
    """The size of the whole letter; 1 where that cannot be read."""
    found = re.match(rb"[1-9][0-9]{0,14}(?=;|$)", _value(rest))
    return int(found[0]) if found else 1


@lru_cache(maxsize=4096)
def _mixed(rest: bytes) -> bool:
    return _value(rest)[:15].lower() == b"multipart/mixed"


@lru_cache(maxsize=4096)  # most letters are from, and to, the same few people
def _person(rest: bytes) -> tuple[str, str]:
    """The sender by name, else by address, else whatever stands there; and the first address."""
    people, there = _people(rest)
    return people, there.partition(" ")[0]


@lru_cache(maxsize=4096)
def _people(rest: bytes) -> tuple[str, str]:
    """Names where there are names, else addresses, else whatever stands there; and the addresses alone."""
    found = addresses.mailboxes(_value(rest))
    names = ", ".join(safe(mailbox.name or mailbox.address) for mailbox in found) or _text(rest)
    return names, " ".join(safe(addresses.normal(mailbox.address)).replace(" ", "") for mailbox in found)


def _date(value: bytes) -> tuple[int | None, int]:
    plain = _PLAIN_DATE.fullmatch(value)
    if plain is None:
        return _any_date(value)
    day, hour, minute, second, sign, hours, minutes = plain.groups()
    start = day_of(day)
    zone = int(hours) * 60 + int(minutes)
    if start is None:
        return None, 0
    if sign == b"-":
        zone = -zone
    return start + int(hour) * 3600 + int(minute) * 60 + int(second) - zone * 60, zone


@lru_cache(maxsize=4096)  # most days have many letters
def day_of(text: bytes) -> int | None:
    """When a day in the form "1 Nov 2026" began at Greenwich; None: it is in no calendar."""
    day, month, year = text.split()
    try:
        return (date(int(year), _MONTHS.index(month) + 1, int(day)).toordinal() - date(1970, 1, 1).toordinal()) * _DAY
    except ValueError:
        return None


def _any_date(value: bytes) -> tuple[int | None, int]:
    if not value:
        return None, 0
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to load, and seldom needed

    try:
        when = parsedate_to_datetime(_text(b":" + value))
        zone = when.utcoffset()
        seconds = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
        minutes = int(zone.total_seconds() // 60) if zone else 0
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, 0
    return (seconds, minutes) if _FIRST < seconds < _LAST else (None, 0)


def _first_id(rest: bytes) -> str:
    found = _ID.search(rest) if rest else None
    return found[0].decode("utf-8", "replace") if found else ""


def _references(rest: bytes) -> str:
    if not rest:
        return ""
    ids = _ID.findall(rest)
    if len(ids) > _ANCESTORS:
        ids = [ids[0], *ids[1 - _ANCESTORS :]]
    return b" ".join(ids).decode("utf-8", "replace")
