"""Accept a message: aliases, masquerade, route; spool it, and deliver at once what stays in the house.

A message has been accepted when its file and its row in the ledger are on disk, both or neither.

Never: the line.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.config import Config
from core.deliver import Delivery, deliver
from core.errors import InputError
from core.household import Household
from core.mail import compose
from core.mail.departure import NEXT, Departure
from core.mail.envelope import Sent
from core.mail.masquerade import masquerade, public
from core.mail.posting import envelopes
from core.mail.split import Routed
from core.mail.text import safe
from core.post import accept
from core.store import queue
from core.store.include import include

__all__ = ["NOBODY", "Receipt", "finished", "home", "include", "submit"]

NOBODY = "<>"  # the envelope sender of what must never bounce: the null sender (RFC 5321 section 4.5.5)


@dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted message: its id, who in the house has it by now, and for whom it waits, until when."""

    id: str
    members: tuple[str, ...]
    waiting: tuple[str, ...]
    departure: Departure = NEXT


def submit(
    house: Household,
    message: bytes,
    member: str,
    recipients: Sequence[str] | None,
    now: datetime,
    *,
    sender: str = "",
    copy: bool = True,
    departure: Departure = NEXT,
) -> Receipt:
    """Take a message from a member.

    Args:
        house: The household.
        message: Headers and body; lines end in LF or CRLF.
        member: Who sends it; answers and bounces go to this person.
        recipients: The envelope recipients, or None for those that the headers name.
        now: The time of acceptance.
        sender: Another envelope sender (sendmail's -f), or ``NOBODY``; the member's public address without it.
        copy: Keep a copy in the member's sent folder.
        departure: When it leaves; what is held or put off stays in the queue for members of the house, too.

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
    null = sender.strip() == NOBODY
    posted = envelopes(addressed, "" if null else public(sender or member, house.config), house.config, include)
    if not posted:
        raise InputError("the message has no recipient; add a To, Cc or Bcc line or name one")
    id_ = f"{now:%y%m%d}-{uuid.uuid4().hex[:10]}"
    final = finished(message, member, house.config, now, id_)
    accept(house, id_, member, posted, final, now, departure)
    home(house, now)
    if copy:
        own = Routed((member,), "envelope", "sent", "")
        deliver(house, [Delivery(f"sent/{id_}", final, own, house.config.members[member].address, "sent")], now)
    everyone = [address for envelope in posted for address in envelope.recipients]
    delivered = [address for address in everyone if "@" not in address] if departure.due(now) else []
    return Receipt(id_, tuple(delivered), tuple(a for a in everyone if a not in delivered), departure)


def home(house: Household, now: datetime) -> None:
    """Deliver at once what stays in the house, of every letter that is due; the next call makes good a crash."""
    for letter in queue.pending(house.ledger):
        if not letter.departure.due(now):
            continue
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
