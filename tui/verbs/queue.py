"""What waits in the queue: shown in plain words, held back, let go, cancelled, tried again.

Never: another member's subjects or letters, but for the postmaster.
"""

from collections.abc import Collection

from textual.message import Message

from core.mail.text import readable
from core.store import queue as spool
from core.store.queue import Queued
from tui import messages
from tui.messages import Waiting
from tui.verbs.desk import Desk


def waiting(desk: Desk) -> Message:
    """What waits."""
    return messages.Queue([_waiting(desk, item) for item in spool.pending(desk.house.ledger)])


def hold(desk: Desk, key: str, *, held: bool) -> Message:
    """Hold a letter back, or let it go."""
    (spool.hold if held else spool.release)(desk.house.ledger, key)
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
    return messages.Shown(item, readable(desk.house.spool.read(key)) if item.own else "")


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
        state="held" if item.held else _state({recipient.state for recipient in outside}),
        why=item.why or "; ".join(f"{each.address}: {each.reply}" for each in outside if each.reply),
        held=item.held,
        own=own,
        uncertain=any(recipient.state == "uncertain" for recipient in outside),
    )


def _state(states: Collection[str]) -> str:
    words = {
        "uncertain": "uncertain",
        "sending": "on its way",
        "deferred": "will be tried again",
        "waiting": messages.NEXT,
        "bounced": "refused",
    }
    return next((words[state] for state in words if state in states), "done")
