"""A report from outside about a letter of ours: which letter, and what became of each recipient.

Reports are RFC 3464 (``status``), or notices for people (``notice``) that a mail program sent. A letter that a person
wrote, or a machine for one ("I am on holiday"), is none.

Never: raising over what a letter holds; writing reports (``bounce``); the ledger.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.mail import encoding, notice, parts
from core.mail.addresses import mailboxes, normal
from core.mail.headers import Field, decode, every, fields, first, split
from core.mail.status import Fate, fates
from core.mail.text import safe_lines

_STATUS = ("message/delivery-status", "message/global-delivery-status")
_LETTERS = ("message/rfc822", "message/global")
_HEADS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
_PROGRAM = re.compile(r"mail(?:er)?[-_ ]?(?:daemon|delivery|administrator)|po+st[-_]?master", re.IGNORECASE)
_ID = re.compile(rb"<[^<>\s]{1,900}>")
_WRITTEN_ID = re.compile(rb"^[> \t]{0,8}message-id:[ \t]*\n?[ \t]*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: the Message-ID of the letter (empty: not told), its recipients, its bytes (perhaps none)."""

    about: str
    fates: tuple[Fate, ...]
    returned: bytes


def likely(found: Sequence[Field]) -> bool:
    """Whether a mail program sent this, by its head alone: it says so, or it has no sender (RFC 5321 section 4.5.5)."""
    kind = _value(found, "Content-Type").lower()
    if "multipart/report" in kind:
        return "delivery-status" in kind or "report-type" not in kind
    if first(found, "X-Failed-Recipients"):
        return True
    return bool(_PROGRAM.search(_value(found, "From"))) or _value(found, "Return-Path").strip() == "<>"


def read(message: bytes) -> Report | None:
    """The report that a letter is; None where it is something else."""
    found = fields(split(message)[0])
    if not likely(found):
        return None
    pieces = list(_own(parts.tree(message)))
    told = [fate for piece in pieces if piece.kind in _STATUS for fate in fates(piece.content())]
    text, copy = notice.parted(_text(pieces))
    told = told or notice.read(
        text, _value(found, "Subject"), _listed(found, "X-Failed-Recipients"), _listed(found, "To")
    )
    returned = next(_returned(pieces), copy.encode("utf-8", "replace"))
    return Report(_about(found, pieces, returned), tuple(told), returned) if told else None


def failures(report: Report, recipients: Sequence[str]) -> dict[str, Fate]:
    """Which recipients of the letter will not get it, by the addresses as they were written.

    A letter to one address only may have been passed on to another one there, of which nobody here has heard.
    """
    known = {normal(address): address for address in recipients}
    failed = [fate for fate in report.fates if fate.action == "failed"]
    found = {
        known[address]: fate
        for fate in reversed(failed)
        for address in (normal(fate.address), normal(fate.original))
        if address in known
    }
    if found or not failed or len(recipients) != 1:
        return found
    return {recipients[0]: failed[0]}


def identity(message: bytes) -> str:
    """The Message-ID of a letter, or of its head alone, with its brackets; empty where there is none."""
    field = first(fields(split(message)[0]), "Message-ID")
    found = _ID.search(field.value) if field else None
    return found[0].decode("utf-8", "replace") if found else ""


def _own(entity: parts.Entity) -> Iterator[parts.Entity]:
    """The pieces of the report itself, not those inside a letter that it returns."""
    if entity.kind.startswith("multipart/") and entity.parts:
        for part in entity.parts:
            yield from _own(part)
    else:
        yield entity


def _text(pieces: Iterable[parts.Entity]) -> str:
    """What the program says to people."""
    for piece in pieces:
        if piece.kind == "text/plain":
            text = encoding.characters(piece.content(), piece.parameter("charset"))
            if text.strip():
                return safe_lines(text)
    return ""


def _returned(pieces: Iterable[parts.Entity]) -> Iterator[bytes]:
    """The letter that came back, or as much of it as did."""
    return (piece.content() for piece in pieces if piece.kind in (*_LETTERS, *_HEADS))


def _about(found: Sequence[Field], pieces: Iterable[parts.Entity], returned: bytes) -> str:
    """The Message-ID of the letter: as it came back, as a program noted it, or as what the report answers."""
    noted = (piece.content() for piece in pieces if piece.kind in _STATUS)
    written = (match for text in (returned, *noted) if (match := _WRITTEN_ID.search(text.replace(b"\r\n", b"\n"))))
    answered = (match for field in every(found, "In-Reply-To") if (match := _ID.search(field.value)))
    return next((match[match.lastindex or 0].decode("utf-8", "replace") for match in (*written, *answered)), "")


def _listed(found: Sequence[Field], name: str) -> list[str]:
    return [box.address for field in every(found, name) for box in mailboxes(field.value)]


def _value(found: Sequence[Field], name: str) -> str:
    field = first(found, name)
    return decode(field.value) if field else ""
