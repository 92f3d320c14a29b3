"""A letter that is to go out -> [spool] and queue, all or nothing.

Here members' letters are accepted, and letters from outside to a list (an alias with an owner) are passed on to those
of the list who live outside.

Never: the line, or a mbox.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from core.errors import ConfigError, InputError
from core.household import Household
from core.mail import headers
from core.mail.aliases import Include
from core.mail.departure import NEXT, Departure
from core.mail.envelope import Envelope
from core.mail.masquerade import masquerade
from core.mail.posting import passed_on, readers
from core.mail.report import identity
from core.mail.split import Routed
from core.mail.text import safe
from core.store import queue

# Whatever a hostile message, or an alias that leads nowhere, can make pure code raise: such a letter is not passed on.
BROKEN = (ArithmeticError, AttributeError, InputError, ConfigError, LookupError, RecursionError, TypeError, ValueError)


def accept(
    house: Household,
    id_: str,
    member: str,
    posted: Sequence[Envelope],
    message: bytes,
    now: datetime,
    departure: Departure = NEXT,
) -> None:
    """Take a letter of a member's: once for each envelope, the first under the id itself.

    Raises:
        StoreError: the disk refused; nothing was kept.
    """
    with house.ledger.transaction():
        for nth, envelope in enumerate(posted):
            each = f"{id_}-{nth}" if nth else id_
            queue.add(
                house.ledger,
                each,
                member,
                envelope,
                size=len(message),
                subject=_subject(message),
                now=now,
                message_id=identity(message),
                departure=departure,
            )
            house.spool.add(each, message)


def forward(house: Household, message: bytes, routed: Routed, include: Include, now: datetime) -> None:
    """Take a letter from outside to a list for those of the list who live outside; does nothing for any other letter.

    It is the owner's, who hears of what comes back. Call it once for each letter: in one transaction with the note that
    the letter has arrived.

    Raises:
        StoreError: the disk refused; nothing was kept.
    """
    try:
        envelope, mark = passed_on(message, routed, house.config, include)
        owners = readers(envelope.sender, house.config, include) or (house.config.household.postmaster,)
        final = masquerade(mark + message, house.config) if envelope.recipients else b""
    except BROKEN:
        return
    if envelope.recipients:
        accept(house, f"{now:%y%m%d}-{uuid.uuid4().hex[:10]}", owners[0], [envelope], final, now)


def _subject(message: bytes) -> str:
    field = headers.first(headers.fields(headers.split(message)[0]), "subject")
    return safe(headers.decode(field.value)) if field else ""
