"""Accept a message: aliases, masquerade, route; spool it, and deliver at once what stays in the house.

A message has been accepted when its file and its row in the ledger are on disk, both or neither.

Never: the line.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.config import Config
from core.deliver import Delivery, deliver
from core.errors import ConfigError, InputError
from core.household import Household
from core.mail import compose, headers
from core.mail.envelope import Envelope, Sent
from core.mail.masquerade import masquerade, public
from core.mail.route import route
from core.mail.split import Routed
from core.mail.text import safe
from core.store import queue


@dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted message: its id, who in the house has it by now, and who outside will get it by the next call."""

    id: str
    members: tuple[str, ...]
    outside: tuple[str, ...]


def submit(
    house: Household,
    message: bytes,
    member: str,
    recipients: Sequence[str] | None,
    now: datetime,
    *,
    sender: str = "",
    copy: bool = True,
) -> Receipt:
    """Take a message from a member.

    Args:
        house: The household.
        message: Headers and body; lines end in LF or CRLF.
        member: Who sends it; answers and bounces go to this person.
        recipients: The envelope recipients, or None for those that the headers name.
        now: The time of acceptance.
        sender: Another envelope sender (sendmail's -f); the member's public address without it.
        copy: Keep a copy in the member's sent folder.

    Raises:
        InputError: there is no recipient, a bad one, or nobody of that name; nothing was kept.
        ConfigError: an alias leads nowhere.
        StoreError: the disk refused; nothing was kept.
    """
    if member not in house.config.members:
        raise InputError(
            f"{safe(member)} is no member of this house; the members are {', '.join(house.config.members)}"
        )
    message = message.replace(b"\r\n", b"\n")
    addressed = compose.recipients(message) if recipients is None else tuple(recipients)
    routes = route(addressed, house.config, include)
    if not routes.members and not routes.outside:
        raise InputError("the message has no recipient; add a To, Cc or Bcc line or name one")
    id_ = f"{now:%y%m%d}-{uuid.uuid4().hex[:10]}"
    final = finished(message, member, house.config, now, id_)
    envelope = Envelope(public(sender or member, house.config), (*routes.members, *routes.outside))
    with house.ledger.transaction():
        queue.add(house.ledger, id_, member, envelope, size=len(final), subject=_subject(final), now=now)
        house.spool.add(id_, final)
    home(house, now)
    if copy:
        own = Routed((member,), "envelope", "sent", "")
        deliver(house, [Delivery(f"sent/{id_}", final, own, envelope.sender, "sent")], now)
    return Receipt(id_, routes.members, routes.outside)


def home(house: Household, now: datetime) -> None:
    """Deliver at once what stays in the house, of every letter that waits; the next call makes good a crash."""
    for letter in queue.pending(house.ledger):
        members = tuple(r.address for r in letter.recipients if "@" not in r.address and r.state == "waiting")
        if members:
            routed = Routed(members, "envelope", "submitted", letter.sender)
            message = house.spool.read(letter.id)
            deliver(house, [Delivery(f"spool/{letter.id}", message, routed, letter.sender)], now)
            queue.settle(house.ledger, letter.id, dict.fromkeys(members, Sent("delivered in the house")), now)
            if queue.get(house.ledger, letter.id).final:
                house.spool.remove(letter.id)


def finished(message: bytes, member: str, config: Config, now: datetime, unique: str) -> bytes:
    """The final bytes: complete, without Bcc, and with public names only."""
    return masquerade(compose.complete(message, member, config, now, unique), config)


def _subject(message: bytes) -> str:
    field = headers.first(headers.fields(headers.split(message)[0]), "subject")
    return safe(headers.decode(field.value)) if field else ""


def include(path: str) -> str:
    """The text of an alias's :include: file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: an alias includes this file, but it cannot be read: {error}") from None
