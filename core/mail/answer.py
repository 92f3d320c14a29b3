"""Answers: a reply, a forwarded letter or one that is sent again, begun for the person who writes on.

Never: changing the letter that is answered.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime

from core.config import Config
from core.mail import parts
from core.mail.addresses import Mailbox, mailboxes, normal
from core.mail.clean import safe
from core.mail.draft import Draft, carried, parse_draft, typeable
from core.mail.headers import Field, decode, every, fields, first, split
from core.mail.masquerade import public
from core.mail.names import Names, fold, names, who
from core.mail.text import readable

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# "Re" and what programs in other languages write for it.
_RE = re.compile(r"^(?:(?:re|aw|sv|vs|antw|rép|odp|ynt)(?:\[\d+\]|\(\d+\))?\s*:\s*)+", re.IGNORECASE)
_FWD = re.compile(r"^(?:(?:fwd?|wg|tr|doorst)\s*:\s*)+", re.IGNORECASE)
_ID = re.compile(r"<[^<>\s]+>")
_ROUTED = re.compile(rb"address=([^;\s]+)")
_REACHED = ("To", "Cc", "X-Original-To", "X-Envelope-To", "Envelope-To", "Delivered-To")
_REFERENCES = 20  # ids that are kept of a long thread: the first, and the last ones


def reply(message: bytes, member: str, config: Config, everyone: bool = False) -> Draft:
    """An answer to the sender, or to all by their public addresses; the text is quoted, the thread goes on."""
    found, house = fields(split(message)[0]), names(config)
    to, cc = _addressees(found, member, house, everyone=everyone)
    ids = _ID.findall(_text(found, "Message-ID"))
    thread = _ID.findall(_text(found, "References")) or _ID.findall(_text(found, "In-Reply-To"))[:1]
    return Draft(
        sender=member,
        to=_listed(to, config),
        cc=_listed(cc, config),
        subject=f"Re: {_RE.sub('', _subject(found), count=1)}".strip(),
        text=f"{_attribution(found)}\n{_quoted(readable(message))}\n\n",
        in_reply_to="".join(ids[:1]),
        references=" ".join(_shortened([*thread, *ids[:1]])),
        address=_reached(found, member, config),
    )


def forward(message: bytes, member: str, config: Config) -> Draft:
    """The letter for somebody else: its main fields, its text and its attached files."""
    found = fields(split(message)[0])
    lines = [
        f"{name}: {safe(text)}" for name in ("From", "Date", "Subject", "To", "Cc") if (text := _text(found, name))
    ]
    return Draft(
        sender=member,
        subject=f"Fwd: {_FWD.sub('', _subject(found), count=1)}".strip(),
        text="\n".join(["", "", "-------- Forwarded letter --------", *lines, "", readable(message), ""]),
        attachments=carried(parts.tree(message)),
        address=_reached(found, member, config),
    )


def again(message: bytes, member: str, config: Config, to: str) -> Draft:
    """A sent letter once more, to the address that it should have gone to, and to nobody else."""
    found = fields(split(message)[0])
    draft = parse_draft(message)
    author = next((box.address for box in _boxes(found, "From")), "")
    own = {normal(address): address for address in config.members[member].also}
    return replace(
        draft,
        sender=member,
        to=to,
        cc="",
        bcc="",
        text=draft.text or readable(message),
        address=own.get(normal(author), ""),
    )


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
    own = config.members[member]
    also = {normal(address): address for address in own.also}
    also |= {
        f"{fold(name)}@{config.household.domain.lower()}": f"{fold(name)}@{config.household.domain}"
        for name, targets in config.aliases.items()
        if tuple(map(fold, targets)) == (member,) and re.fullmatch(r"[\w.+-]+", fold(name))
    }
    for address in map(normal, _written(found)):
        if address == normal(own.address):
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


def _quoted(text: str) -> str:
    """The text with a mark before each line, without the signature and the empty lines at its end."""
    body = re.split(r"^-- $", text, maxsplit=1, flags=re.MULTILINE)[0].rstrip() or text.rstrip()
    return "\n".join(f"> {line}".rstrip() for line in body.split("\n"))


def _shortened(ids: list[str]) -> list[str]:
    distinct = list(dict.fromkeys(ids))
    return distinct if len(distinct) <= _REFERENCES else [distinct[0], *distinct[1 - _REFERENCES :]]
