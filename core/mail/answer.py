"""Answers: a reply, a forwarded letter or one that is sent again, begun for the person who writes on.

Never: changing the letter that is answered; the wrapping of what is quoted (``mail.quote``).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal
from urllib.parse import unquote

from core.config import Config
from core.errors import InputError
from core.mail import lists, parts
from core.mail.addresses import Mailbox, mailboxes, normal, written
from core.mail.body import Attachment
from core.mail.clean import editable, safe
from core.mail.departure import NEXT
from core.mail.draft import Draft, carried, mailbox, parse_draft, signed, typeable
from core.mail.finish import stays
from core.mail.headers import Field, decode, every, fields, first, split
from core.mail.masquerade import public
from core.mail.names import Names, fold, names, who
from core.mail.quote import bearable, quoted
from core.mail.text import quotable

Whom = Literal["sender", "everyone", "list"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# "Re" and what programs in other languages write for it.
_RE = re.compile(r"^(?:(?:re|aw|sv|vs|antw|rép|odp|ynt)(?:\[\d+\]|\(\d+\))?\s*:\s*)+", re.IGNORECASE)
_FWD = re.compile(r"^(?:(?:fwd?|wg|tr|doorst)\s*:\s*)+", re.IGNORECASE)
_ID = re.compile(r"<[^<>\s]+>")
_ROUTED = re.compile(rb"address=([^;\s]+)")
_REACHED = ("To", "Cc", "X-Original-To", "X-Envelope-To", "Envelope-To", "Delivered-To")
_MAILTO = re.compile(rb"<\s*mailto:([^?<>\s]+)", re.IGNORECASE)
_REFERENCES = 20  # ids that are kept of a long thread: the first, and the last ones


def reply(message: bytes, member: str, config: Config, whom: Whom = "sender") -> Draft:
    """An answer to the sender, to all, or to the list; the text is quoted, the thread goes on.

    Raises:
        InputError: the letter came over no list, or over one that takes no letters.
    """
    found, house = fields(split(message)[0]), names(config)
    if whom == "list":
        to, cc = _list(found), list[Mailbox]()
    else:
        to, cc = _addressees(found, member, house, everyone=whom == "everyone")
    ids = _ID.findall(_text(found, "Message-ID"))
    thread = _ID.findall(_text(found, "References")) or _ID.findall(_text(found, "In-Reply-To"))[:1]
    return Draft(
        sender=member,
        to=_listed(to, config),
        cc=_listed(cc, config),
        subject=f"Re: {_RE.sub('', _subject(found), count=1)}".strip(),
        text=signed(f"{_attribution(found)}\n{quoted(quotable(message))}\n\n", config.members[member].signature),
        in_reply_to="".join(ids[:1]),
        references=" ".join(_shortened([*thread, *ids[:1]])),
        address=_reached(found, member, config),
    )


def forward(message: bytes, member: str, config: Config, *, whole: bool = False) -> Draft:
    """The letter for somebody else: its main fields, its text and its attached files; or ``whole``, as one file."""
    found = fields(split(message)[0])
    subject = f"Fwd: {_FWD.sub('', _subject(found), count=1)}".strip()
    signature = config.members[member].signature
    if whole:
        name = re.sub(r"[^\w -]+", "", _subject(found)).strip()[:60] or "letter"
        letter = Attachment(f"{name}.eml", "message/rfc822", travelling(message))
        return Draft(member, subject=subject, text=signed("", signature), attachments=(letter,))
    lines = [
        f"{name}: {safe(text)}" for name in ("From", "Date", "Subject", "To", "Cc") if (text := _text(found, name))
    ]
    return Draft(
        sender=member,
        subject=subject,
        text=signed(
            "\n".join(["", "", "-------- Forwarded letter --------", *lines, "", bearable(quotable(message)), ""]),
            signature,
        ),
        attachments=carried(parts.tree(message)),
        address=_reached(found, member, config),
    )


def travelling(message: bytes) -> bytes:
    """A letter without what is for the mailbox that it lies in; all else byte for byte."""
    head, _ = split(message)
    found = fields(head)
    kept = found[1:] if found and not found[0].name else found
    return b"".join(field.raw for field in kept if not stays(field)) + message[len(head) :]


def resend(message: bytes, member: str, config: Config, to: str, now: datetime, unique: str) -> bytes:
    """The letter once more, to somebody else and as it is (RFC 5322 section 3.6.6): answers go to its author."""
    own = config.members[member]
    head = (
        f"Resent-From: {mailbox(own.name, own.address)}\n"
        f"Resent-To: {', '.join(mailbox(box.name, box.address) for _, box in written(to) if box)}\n"
        f"Resent-Date: {format_datetime(now)}\n"
        f"Resent-Message-ID: <{unique}@{config.household.domain}>\n"
    )
    return head.encode() + travelling(message)


def renew(message: bytes, member: str, config: Config) -> Draft:
    """A letter as the beginning of a new one: to the same people, with the same text and files, in no thread."""
    draft = parse_draft(message)
    return replace(
        draft,
        sender=member,
        text=bearable(editable(draft.text) or quotable(message)),
        in_reply_to="",
        references="",
        address=_own_address(fields(split(message)[0]), member, config),
        origin=None,
        departure=NEXT,
    )


def again(message: bytes, member: str, config: Config, to: str) -> Draft:
    """A sent letter once more, to the address that it should have gone to, and to nobody else."""
    draft = parse_draft(message)
    return replace(
        draft,
        sender=member,
        to=to,
        cc="",
        bcc="",
        text=bearable(draft.text or quotable(message)),
        address=_own_address(fields(split(message)[0]), member, config),
    )


def addresses(member: str, config: Config) -> tuple[str, ...]:
    """The addresses that a member may write from: the usual one, further ones, and aliases that are theirs alone."""
    own = config.members[member]
    also = {normal(address): address for address in (own.address, *own.also)}
    also |= {
        f"{fold(name)}@{config.household.domain.lower()}": f"{fold(name)}@{config.household.domain}"
        for name, targets in config.aliases.items()
        if tuple(map(fold, targets)) == (member,) and re.fullmatch(r"[\w.+-]+", fold(name))
    }
    return tuple(also.values())


def _own_address(found: list[Field], member: str, config: Config) -> str:
    """The member's further address that a letter was written from; empty for the usual one, and for another's."""
    author = normal(next((box.address for box in _boxes(found, "From")), ""))
    return next((one for one in addresses(member, config)[1:] if normal(one) == author), "")


def _list(found: list[Field]) -> list[Mailbox]:
    """Where letters to a list go: as it says itself, as its readers say, or as its letters are marked."""
    post = b" ".join(field.value for field in every(found, "List-Post"))
    if match := _MAILTO.search(post):
        return [Mailbox("", unquote(match[1].decode("utf-8", "replace")), 0, 0)]
    if re.match(rb"\s*NO\b", post):
        raise InputError("this list takes no letters; r replies to the sender")
    named = {normal(mark) for header, mark in lists.marks(found) if header != "List-Id"}
    marked = [box for name in ("To", "Cc") for box in _boxes(found, name) if normal(box.address) in named]
    if wanted := _boxes(found, "Mail-Followup-To") or marked[:1]:
        return _distinct(wanted)
    if named:
        return [Mailbox("", min(named), 0, 0)]
    raise InputError("this letter came over no list; r replies to the sender, g to everyone")


def _addressees(
    found: list[Field], member: str, house: Names, *, everyone: bool
) -> tuple[list[Mailbox], list[Mailbox]]:
    """To whom, and who gets a copy. An answer to one's own letter goes to those whom it was for."""
    sender = _boxes(found, "Mail-Reply-To") or _boxes(found, "Reply-To") or _boxes(found, "From")
    if everyone and (wanted := _boxes(found, "Mail-Followup-To")):
        return _others(wanted, member, house), []
    if sender and all(who(box.address, house) == member for box in sender):
        own = _others(_boxes(found, "To"), member, house)
        return own or sender, _others(_boxes(found, "Cc"), member, house) if everyone else []
    to = _distinct(sender)
    told = {normal(box.address) for box in to}
    rest = _others([*_boxes(found, "To"), *_boxes(found, "Cc")], member, house) if everyone else []
    return to, [box for box in rest if normal(box.address) not in told]


def _boxes(found: list[Field], name: str) -> list[Mailbox]:
    return [box for field in every(found, name) for box in mailboxes(field.value)]


def _others(boxes: Iterable[Mailbox], member: str, house: Names) -> list[Mailbox]:
    return _distinct(box for box in boxes if who(box.address, house) != member)


def _distinct(boxes: Iterable[Mailbox]) -> list[Mailbox]:
    each: dict[str, Mailbox] = {}
    for box in boxes:
        each.setdefault(normal(box.address), box)
    return list(each.values())


def _listed(boxes: list[Mailbox], config: Config) -> str:
    seen = {
        public(box.address, config): typeable(Mailbox(safe(box.name), safe(public(box.address, config)), 0, 0))
        for box in boxes
    }
    return ", ".join(seen.values())


def _reached(found: list[Field], member: str, config: Config) -> str:
    """The member's further address to which a letter came; empty where it came to the usual one, or none is named."""
    usual, *further = addresses(member, config)
    also = {normal(address): address for address in further}
    for address in map(normal, _written(found)):
        if address == normal(usual):
            return ""
        if address in also:
            return also[address]
    return ""


def _written(found: list[Field]) -> Iterator[str]:
    """The addresses to which a letter came: those that people see, then the evidence of its delivery."""
    for name in _REACHED:
        yield from (box.address for box in _boxes(found, name))
    for field in every(found, "X-Mailrun-Routed"):
        yield from (match[1].decode("utf-8", "replace") for match in _ROUTED.finditer(field.value))


def _text(found: list[Field], name: str) -> str:
    field = first(found, name)
    return decode(field.value) if field else ""


def _subject(found: list[Field]) -> str:
    return " ".join(safe(_text(found, "Subject")).split())


def _attribution(found: list[Field]) -> str:
    """The line before a quote, such as "On Mon 4 Nov 2024, Grandma wrote:", as far as the letter tells."""
    sender = next(iter(_boxes(found, "From")), None)
    name = safe(sender.name or sender.address) if sender else "somebody"
    date = _date(_text(found, "Date"))
    if date is None:
        return f"{name} wrote:"
    return f"On {_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]} {date.year}, {name} wrote:"


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):  # what it raises over dates that are none
        return None


def _shortened(ids: list[str]) -> list[str]:
    distinct = list(dict.fromkeys(ids))
    return distinct if len(distinct) <= _REFERENCES else [distinct[0], *distinct[1 - _REFERENCES :]]
