"""A letter that somebody writes: the draft as the screen has it, and the bytes that it becomes.

Headers are ASCII, with encoded words for the rest (RFC 2047).

Never: a letter that is on its way; who may send it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from textwrap import wrap

from core.config import Config
from core.errors import InputError
from core.mail import encoding, flowed, parts
from core.mail.addresses import Mailbox, domain, mailboxes, written
from core.mail.body import Attachment, body
from core.mail.clean import safe
from core.mail.departure import NEXT, Departure
from core.mail.headers import Field, decode, fields, first

# Of the draft, and taken out when it is sent: whose it is and from which address, what it answers, when it shall leave.
KEPT = "X-Mailrun-Draft"
_ORIGIN = "X-Mailrun-Origin"
_LEAVES = "X-Mailrun-Leaves"

_LONGEST = 998  # bytes of any line, RFC 5322 section 2.1.1
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_SPECIAL = re.compile(r'[()<>@,:;".\[\]\\]')


@dataclass(frozen=True, slots=True)
class Origin:
    """The letter that a draft answers or passes on: the flag that says so (A or P), its id and folder."""

    flag: str
    id: str
    folder: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as somebody writes it: ``sender`` is the member, the recipients are as typed.

    ``address`` is the address to write from, where it is not the member's public one: a reply goes out from the address
    to which the letter came.
    """

    sender: str
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    in_reply_to: str = ""
    references: str = ""
    attachments: tuple[Attachment, ...] = ()
    address: str = ""
    origin: Origin | None = None
    departure: Departure = NEXT


def author(draft: Draft, config: Config) -> str:
    """From whom a draft is, for people: the name, and the address that the world sees."""
    member = config.members.get(draft.sender)
    return typeable(Mailbox(member.name, draft.address or member.address, 0, 0)) if member else ""


def write(draft: Draft, config: Config, now: datetime) -> bytes:
    """The draft as a letter, Bcc and all; ``finish.complete`` makes it one that may leave.

    Raises:
        InputError: its sender is no member.
    """
    if draft.sender not in config.members:
        raise InputError(f'"{safe(draft.sender)}" is no member of this house, so nobody can answer the letter')
    member = config.members[draft.sender]
    lines = (
        f"From: {mailbox(member.name, draft.address or member.address)}",
        _listed("To", draft.to),
        _listed("Cc", draft.cc),
        _listed("Bcc", draft.bcc),
        said("Subject", draft.subject),
        f"Date: {format_datetime(now)}",
        _ids("In-Reply-To", draft.in_reply_to),
        _ids("References", draft.references),
        said(KEPT, f"{draft.sender} {draft.address}".strip()),
        said(_ORIGIN, f"{draft.origin.flag} {draft.origin.id} {draft.origin.folder}") if draft.origin else "",
        said(_LEAVES, _leaves(draft.departure)),
        "MIME-Version: 1.0",
    )
    return "\n".join(filter(None, lines)).encode() + b"\n" + body(draft.text, draft.attachments)


def parse_draft(message: bytes) -> Draft:
    """A saved draft opened again; its sender is empty where no mailrun wrote it."""
    whole = parts.tree(message)
    found = fields(whole.head)
    sender, _, address = _value(found, KEPT).partition(" ")
    text = next((part for part in parts.walk(whole) if part.kind == "text/plain" and not parts.attached(part)), None)
    return Draft(
        sender=sender,
        to=_typed(found, "To"),
        cc=_typed(found, "Cc"),
        bcc=_typed(found, "Bcc"),
        subject=_value(found, "Subject"),
        text=_text(text) if text else "",
        in_reply_to=_value(found, "In-Reply-To"),
        references=_value(found, "References"),
        attachments=carried(whole),
        address=address,
        origin=_origin(_value(found, _ORIGIN)),
        departure=_departure(_value(found, _LEAVES)),
    )


def signed(text: str, signature: str) -> str:
    """A text with a person's signature below it (RFC 3676 section 4.3)."""
    return f"{text}\n\n-- \n{signature.strip()}\n" if signature.strip() else text


def _origin(text: str) -> Origin | None:
    words = text.split(" ", 2)
    return Origin(words[0], words[1], words[2]) if len(words) == 3 else None


def _leaves(departure: Departure) -> str:
    at = departure.not_before
    words = ("held" * departure.held, "urgent" * departure.urgent, at.isoformat() if at else "")
    return " ".join(filter(None, words))


def _departure(text: str) -> Departure:
    """The departure that was noted; what nobody can read is the next run."""
    words = text.split()
    at = next((word for word in words if word[:1].isdigit()), "")
    try:
        return Departure("held" in words, "urgent" in words, datetime.fromisoformat(at) if at else None)
    except ValueError:
        return NEXT


def carried(whole: parts.Entity) -> tuple[Attachment, ...]:
    """The attached files of a letter; an attached letter is one, with all that is in it."""
    if parts.attached(whole):
        return (Attachment(parts.name(whole), whole.kind, whole.content()),)
    return tuple(attachment for part in whole.parts for attachment in carried(part))


def mailbox(name: str, address: str) -> str:
    """An address with its name for a header, in ASCII but for a local part that is not (RFC 6532)."""
    name, address = _clean(name), _clean(address)
    local, at, _ = address.rpartition("@")
    bare = address if address.isascii() or not at else f"{local}@{domain(address)}"
    if not name:
        return bare
    return f"{shown(name)} <{bare}>" if _is_simple(name) else f"{_encoded(name)} <{bare}>"


def shown(name: str) -> str:
    """A display name as a person types it: in quotes where it holds signs that mean something in an address."""
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"' if _SPECIAL.search(name) else name


def typeable(found: Mailbox) -> str:
    """An address with its name, as a person types it."""
    name = _clean(found.name)
    return f"{shown(name)} <{found.address}>" if name else found.address


def _clean(text: str) -> str:
    """Text that stays on its line of the head."""
    return _CONTROL.sub(" ", text).strip()


def _is_simple(text: str) -> bool:
    return text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) < _LONGEST // 2


def _encoded(text: str, name: str = "") -> str:
    return Header(text, "utf-8", header_name=name or None).encode(linesep="\n")


def said(name: str, text: str) -> str:
    """One field of free text; nothing for no text."""
    text = _clean(text)
    if not text:
        return ""
    if not _is_simple(text):
        return f"{name}: {_encoded(text, name)}"
    return _folded(f"{name}: {text}")


def _listed(name: str, text: str) -> str:
    """A field of addresses as typed, in ASCII."""
    entries = [_entry(entry, found) for entry, found in written(_clean(text))]
    return f"{name}: " + ",\n ".join(entries) if entries else ""


def _entry(entry: str, found: Mailbox | None) -> str:
    if _is_simple(entry):
        return _folded(entry)
    return mailbox(found.name, found.address) if found else _encoded(entry)


def _ids(name: str, text: str) -> str:
    ids = re.findall(r"<[^<>\s]+>", text)
    return f"{name}: " + "\n ".join(ids) if ids else ""


def _folded(line: str) -> str:
    return "\n ".join(wrap(line, 76, break_long_words=False, break_on_hyphens=False))


def _text(part: parts.Entity) -> str:
    text = encoding.characters(part.content(), part.parameter("charset")).removesuffix("\n")
    return flowed.unwrap(text) if part.parameter("format") == "flowed" else text


def _value(found: list[Field], name: str) -> str:
    field = first(found, name)
    return safe(decode(field.value)) if field else ""


def _typed(found: list[Field], name: str) -> str:
    """A field of addresses as it was typed."""
    field = first(found, name)
    if field is None or b"=?" not in field.value:
        return _value(found, name)
    return safe(", ".join(map(typeable, mailboxes(field.value))) or decode(field.value))
