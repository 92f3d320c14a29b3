"""The account of earlier runs.

Never: a run; the bridge makes it.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from textual.message import Message

from core.store import runs
from tui import messages
from tui.messages import Earlier, Month
from tui.verbs.desk import Desk

SHOWN = 50  # earlier runs in the list
MOST = 5000  # more than a month has


def statements(desk: Desk) -> Message:
    """Earlier runs, and this month."""
    found = runs.statements(desk.house.ledger, MOST)
    return messages.Statements([_earlier(run) for run in found[:SHOWN]], month(found, desk.now))


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


def month(found: Sequence[runs.Statement], now: datetime) -> Month:
    """The runs of the month that it is now, added up."""
    here = [run.started.astimezone(now.tzinfo) for run in found]
    these = [
        run.finished
        for run, at in zip(found, here, strict=True)
        if (at.year, at.month) == (now.year, now.month) and run.ended is not None
    ]
    costs: dict[str, Decimal] = {}
    for one in these:
        costs[one.currency] = costs.get(one.currency, Decimal(0)) + Decimal(one.cost)
    return Month(
        len(these),
        sum(one.sent for one in these),
        sum(one.fetched for one in these),
        sum(one.seconds_online for one in these),
        tuple(f"{cost:.2f} {currency}".strip() for currency, cost in costs.items() if cost),
    )
