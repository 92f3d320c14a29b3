"""The account of earlier runs, and what they have cost.

Never: a run; the bridge makes it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from textual.message import Message

from core import bill
from core.config import Member
from core.store import runs
from tui import messages
from tui.values import Bill, Earlier, Month, Spent
from tui.verbs.desk import Desk
from tui.widgets.words import clock, span, when

SHOWN = 50  # earlier runs in the list
MOST = 5000  # more than a month has


def statements(desk: Desk) -> Message:
    """Earlier runs, this month, and the bill."""
    found = runs.statements(desk.house.ledger, MOST)
    return messages.Statements([_earlier(run) for run in found[:SHOWN]], month(found, desk.now), _bill(desk))


def _earlier(statement: runs.Statement) -> Earlier:
    account = statement.finished
    reckoned = f"{clock(account.forecast_seconds)}, {account.forecast_cost}" if account.forecast_cost else ""
    return Earlier(
        statement.started,
        account.sent,
        account.fetched,
        account.seconds_online,
        f"{account.cost} {account.currency}",
        account.outcome,
        account.why,
        over=statement.ended is not None,
        forecast=reckoned,
    )


def _bill(desk: Desk) -> Bill:
    """The bill, with names as people say them."""
    found, members = bill.bill(desk.house, desk.now), desk.house.config.members
    return Bill(
        found.currency,
        found.month.cost,
        found.budget,
        found.warning,
        tuple(Spent(_name(part.member, members), part.cost, part.up, part.down) for part in found.month.parts),
        tuple(_call(call, desk.now) for call in found.calls),
        tuple(Spent(f"{one.first:%b %Y}", one.cost, about=_carried(one.runs, one.seconds)) for one in found.months),
    )


def _call(call: bill.Call, now: datetime) -> Spent:
    reckoned = "" if call.forecast_cost is None else f"; the forecast was {call.forecast_cost:.2f}"
    out = sum((part.up for part in call.parts), Decimal(0))
    into = sum((part.down for part in call.parts), Decimal(0))
    at = f"{when(call.started, now)} {call.started:%H:%M}" if "today" not in when(call.started, now) else "today"
    return Spent(at, call.cost, out, into, about=f"{clock(call.seconds)}{reckoned}")


def _name(member: str, members: Mapping[str, Member]) -> str:
    """As people say it."""
    if not member:
        return "the house"
    return members[member].name.split(" ")[0] or member if member in members else member


def _carried(count: int, seconds: float) -> str:
    return f"{count} run{'s' if count != 1 else ''}, {span(seconds)}"


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
