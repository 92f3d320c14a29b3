"""The next run in words: what it carries, takes and costs, when it would cost less, and when it is due.

Never: a clock; ``now`` is passed in.
"""

from datetime import datetime

from core.forecast import Forecast
from tui.values import Due
from tui.widgets.words import letters, money, price, size, soon


def planned(ahead: Forecast, due: Due | None, now: datetime) -> str:
    """A line each for what is known."""
    run = price(ahead.seconds, ahead.cost, ahead.currency, known=ahead.known)
    lines = (f"The next run: {run}.", _cargo(ahead), _cheaper(ahead, now), _due(due, now))
    return "\n".join(line for line in lines if line)


def _cargo(ahead: Forecast) -> str:
    """What it carries."""
    out = f"{letters(ahead.messages_up)} to send, {size(ahead.bytes_up)}" if ahead.messages_up else "Nothing to send"
    if not ahead.known:
        return f"{out}; what waits at the provider is not known yet."
    return f"{out}; about {size(ahead.bytes_down)} to come in." if ahead.bytes_down else f"{out}."


def _cheaper(ahead: Forecast, now: datetime) -> str:
    """From when on it costs less, where prices change with the hour."""
    if ahead.cheaper_from is None or ahead.cheaper_cost is None:
        return ""
    return f"From {soon(ahead.cheaper_from, now)} on it costs {money(ahead.cheaper_cost, ahead.currency)}."


def _due(due: Due | None, now: datetime) -> str:
    """When the house wants it, where it says so."""
    if due is not None and due.now:
        return f"A run is due: {due.why}."
    return f"The next run is due from {soon(due.at, now)} on: {due.why}." if due is not None and due.at else ""
