"""What waits in the queue: shown in plain words, held back, let go, cancelled, tried again.

Never: another member's subjects or letters, but for the postmaster.
"""

from collections.abc import Collection

from textual.message import Message

from core.mail.departure import Departure
from core.mail.departure import words as leaves
from core.mail.text import blocks
from core.store import queue as spool
from core.store.queue import Queued
from core.submit import home
from tui import messages
from tui.values import NEXT, URGENT, Waiting
from tui.verbs.desk import Desk


def waiting(desk: Desk) -> Message:
    """What waits."""
    return messages.Queue([_waiting(desk, item) for item in spool.pending(desk.house.ledger)])


def depart(desk: Desk, key: str, departure: Departure) -> Message:
    """Hold a letter back, let it go, or go first, or not before a time."""
    spool.depart(desk.house.ledger, key, departure)
    home(desk.house, desk.now)
    return waiting(desk)


def retry(desk: Desk, key: str) -> Message:
    """Send it with the next run, whatever came of it so far."""
    spool.retry(desk.house.ledger, key)
    return waiting(desk)


def cancel(desk: Desk, key: str) -> Message:
    """Do not send it."""
    spool.cancel(desk.house.ledger, key)
    return waiting(desk)


def show(desk: Desk, key: str) -> Message:
    """A waiting letter as text."""
    item = _waiting(desk, spool.get(desk.house.ledger, key))
    return messages.Shown(item, blocks(desk.house.spool.read(key)) if item.own else ())


def _waiting(desk: Desk, item: Queued) -> Waiting:
    outside = [recipient for recipient in item.recipients if "@" in recipient.address]
    own = desk.member in (item.member, desk.house.config.household.postmaster)
    return Waiting(
        id=item.id,
        member=item.member,
        to=", ".join(recipient.address for recipient in outside) or "the house",
        subject=item.subject if own else "(a letter of another member)",
        size=item.size,
        since=item.queued,
        state=_state(desk, item, {recipient.state for recipient in outside}),
        why=item.why or "; ".join(f"{each.address}: {each.reply}" for each in outside if each.reply),
        departure=item.departure,
        due=item.departure.due(desk.now),
        own=own,
        uncertain=any(recipient.state == "uncertain" for recipient in outside),
    )


def _state(desk: Desk, item: Queued, states: Collection[str]) -> str:
    if not item.departure.due(desk.now):
        return leaves(item.departure, desk.now)
    words = {
        "uncertain": "uncertain",
        "sending": "on its way",
        "deferred": "will be tried again",
        "waiting": URGENT if item.departure.urgent else NEXT,
        "bounced": "refused",
    }
    return next((words[state] for state in words if state in states), "done")
