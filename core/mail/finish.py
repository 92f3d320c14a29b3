"""A letter that may leave: with all that it must have, without what must not travel; and whom it says it is for.

Programs hand in letters with half a head or none. As in sendmail and Postfix, the first line that is no field ends the
head, and the text begins there.

Never: rewriting an address (``mail.masquerade``); the body.
"""

from datetime import datetime
from email.utils import format_datetime

from core.config import Config
from core.mail.addresses import domain, entries, mailboxes, normal
from core.mail.draft import mailbox
from core.mail.headers import Field, fields, split

# Bcc by its meaning; the rest is for the mailbox that a letter lay in (as Postfix' message_drop_headers).
_STAY = frozenset(("bcc", "resent-bcc", "return-path", "content-length", "status", "x-status", "x-uid", "x-keywords"))
_OURS = "x-mailrun-"
_NEEDED = ("from", "date", "message-id")
_RESENT = ("resent-to", "resent-cc", "resent-bcc")


def complete(message: bytes, sender: str, config: Config, now: datetime, unique: str) -> bytes:
    """The letter with From, Date and Message-ID where they are missing or empty, and without Bcc.

    Args:
        message: What a person or program handed in; its text stays byte for byte.
        sender: The member whose letter it is; an account that is no member's is the postmaster's.
        config: The household.
        now: The time of the letter.
        unique: What tells this letter from all others; the Message-ID is made of it.
    """
    found, text = _parted(message)
    kept = [field for field in found if not stays(field) and not _is_lacking(field)]
    there = {field.name.lower() for field in kept}
    member = config.members.get(sender) or config.members[config.household.postmaster]
    added = {
        "from": f"From: {mailbox(member.name, member.address)}\n",
        "date": f"Date: {format_datetime(now)}\n",
        "message-id": f"Message-ID: <{unique}@{domain('@' + config.household.domain)}>\n",
    }
    missing = "".join(line for name, line in added.items() if name not in there)
    head = missing.encode() + b"".join(field.raw for field in kept)
    return head + (b"" if head.endswith(b"\n") else b"\n") + b"\n" + text


def recipients(message: bytes) -> tuple[str, ...]:
    """The addresses in To, Cc and Bcc, each once; of a letter that was sent on, those of its newest Resent fields.

    What stands there and is no address is among them as written, so that it is refused and not passed over.
    """
    head, _ = _parted(message)
    named = _newest(head) or [field for field in head if field.name.lower() in ("to", "cc", "bcc")]
    each: dict[str, str] = {}
    for entry, found in (pair for field in named for pair in entries(field.value)):
        for address in [box.address for box in found] or [entry]:
            each.setdefault(normal(address), address)
    return tuple(each.values())


def _parted(message: bytes) -> tuple[list[Field], bytes]:
    """The fields and the text; a line that is no field begins the text, but for one of an mbox at the very top."""
    head, text = split(message)
    found = fields(head)
    if found and not found[0].name:
        found = found[1:]
    end = next((n for n, field in enumerate(found) if not field.name), len(found))
    if end == len(found):
        return found, text
    return found[:end], b"".join(field.raw for field in found[end:]) + message[len(head) :]


def stays(field: Field) -> bool:
    """Whether a field is for the mailbox that a letter lies in, or tells of blind copies, and so does not travel."""
    name = field.name.lower()
    return name in _STAY or name.startswith(_OURS)


def _is_lacking(field: Field) -> bool:
    """Whether a field that a letter needs says nothing."""
    name = field.name.lower()
    return name in _NEEDED and not (mailboxes(field.value) if name == "from" else field.value)


def _newest(found: list[Field]) -> list[Field]:
    """The recipients in the topmost block of Resent fields (RFC 5322 section 3.6.6), which ends where a name recurs."""
    block: dict[str, Field] = {}
    for field in found:
        name = field.name.lower()
        if name in block or (name == "received" and block):
            break
        if name.startswith("resent-"):
            block[name] = field
    return [field for name, field in block.items() if name in _RESENT]
