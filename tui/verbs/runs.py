"""The account of earlier runs.

Never: a run; the bridge makes it.
"""

from textual.message import Message

from core.store import runs
from tui import messages
from tui.messages import Earlier
from tui.verbs.desk import Desk


def statements(desk: Desk) -> Message:
    """Earlier runs."""
    return messages.Statements([_earlier(run) for run in runs.statements(desk.house.ledger, 50)])


def _earlier(statement: runs.Statement) -> Earlier:
    account = statement.finished
    return Earlier(
        statement.started,
        account.sent,
        account.fetched,
        account.seconds_online,
        f"{account.cost} {account.currency}",
        account.outcome,
        account.why,
        over=statement.ended is not None,
    )
