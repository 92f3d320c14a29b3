"""A report from outside -> the recipients of the sent letter who did not get it: marked, and told.

Never: the reports that we write ourselves (``flush``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.household import Household
from core.mail import bounce, headers, report
from core.mail.addresses import normal
from core.mail.report import Report
from core.mail.status import Fate
from core.mail.text import safe
from core.store import failures, queue
from core.store.failures import Failure
from core.store.queue import Queued

# Whatever a hostile message can make pure code raise: such a message is no report.
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class About:
    """The sent letter that a report is about, and who did not get it.

    ``id`` is that in the queue (empty: it is none of the member's); ``message_id`` finds it in the sent folder.
    """

    id: str
    message_id: str
    subject: str
    failed: tuple[Failure, ...]


def note(house: Household, told: Report, now: datetime) -> None:
    """Mark the recipients whom a report names as failed, each once; does nothing where it is none of our letters.

    Raises:
        BusyError, StoreError: the ledger cannot be written; trying again doubles nothing.
    """
    letters = queue.named(house.ledger, told.about)
    found = _failed(told, letters, now)
    for letter in letters:
        mine = [failure for failure in found if failure.address in _taken(letter)]
        failures.note(house.ledger, letter.id, mine)


def known(house: Household, member: str, message_id: str) -> tuple[Failure, ...]:
    """Who did not get a letter of a member's: refused at once, or reported later."""
    letters = [letter for letter in queue.named(house.ledger, message_id) if letter.member == member]
    refused = [
        Failure(one.address, bounce.meaning(one.address, one.reply), one.reply, one.tried or letter.queued)
        for letter in letters
        for one in letter.recipients
        if one.state == "bounced"
    ]
    return (*refused, *(failure for letter in letters for failure in failures.known(house.ledger, letter.id)))


def about(house: Household, member: str, message: bytes, now: datetime) -> About | None:
    """Which sent letter a report is about, ours or from outside; None where the message is no report."""
    told = read(message)
    if told is None:
        return None
    mine = [letter for letter in queue.named(house.ledger, told.about) if letter.member == member]
    ident, subject = (mine[0].id, mine[0].subject) if mine else ("", _subject(told.returned))
    return About(ident, safe(told.about), subject, _failed(told, mine, now))


def returned(message: bytes) -> bytes:
    """The whole letter that came back with a report; empty where there is none, or its head alone."""
    told = read(message)
    return told.returned if told and headers.split(told.returned)[1].strip() else b""


def read(message: bytes) -> Report | None:
    """The report that a message is; None for any other, and for one that cannot be understood."""
    try:
        return report.read(message)
    except BROKEN:
        return None


def _failed(told: Report, letters: Sequence[Queued], now: datetime) -> tuple[Failure, ...]:
    """Who did not get it, by the addresses to which these letters went; or else as the report has them."""
    addresses = [address for letter in letters for address in (*_taken(letter), *_refused(letter))]
    if not letters:
        addresses = [fate.original or fate.address for fate in told.fates]
    found = report.failures(told, list(dict.fromkeys(addresses)))
    return tuple(Failure(address, _why(address, fate), fate.reply, now) for address, fate in found.items())


def _taken(letter: Queued) -> list[str]:
    """The recipients outside to whom a letter went, as far as anybody knows."""
    return [r.address for r in letter.recipients if "@" in r.address and r.state in ("sent", "uncertain")]


def _refused(letter: Queued) -> list[str]:
    return [r.address for r in letter.recipients if r.state == "bounced"]


def _why(address: str, fate: Fate) -> str:
    """The reason in plain words."""
    passed = not {normal(address)} & {normal(fate.address), normal(fate.original)}
    words = bounce.meaning(fate.address, f"{fate.status} {fate.reply}")
    return f"It was passed on to {safe(fate.address)}. {words}" if passed else words


def _subject(message: bytes) -> str:
    field = headers.first(headers.fields(headers.split(message)[0]), "Subject")
    return safe(headers.decode(field.value)) if field else ""
