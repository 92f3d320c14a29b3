"""What the next run would carry and cost, and what past runs did.

Never: a run.
"""

from dataclasses import asdict

import click

from core.cli.common import answer, common, opened
from core.events import letters
from core.forecast import forecast as reckon
from core.open import clock
from core.store import runs


@click.command()
@common
def forecast(folder: str | None, *, as_json: bool) -> None:
    """Tell what the next run would carry, how long it would take, and what it would cost."""
    seen = reckon(opened(folder), clock())
    line = (
        f"{letters(seen.messages_up)} to send ({seen.bytes_up} bytes); about {seen.bytes_down} bytes to fetch; "
        f"about {seen.seconds:.0f} s, {seen.cost} {seen.currency}"
    )
    answer(asdict(seen), [line], as_json=as_json)


@click.command()
@click.option("--limit", default=50, show_default=True, help="At most so many, the newest first.")
@common
def statements(folder: str | None, limit: int, *, as_json: bool) -> None:
    """Show the account of past runs."""
    found = runs.statements(opened(folder).ledger, limit)
    values = [
        {"started": s.started, "ended": s.ended, "number": s.number, "rate": s.rate, **asdict(s.finished)}
        for s in found
    ]
    lines = [
        f"{s.started:%Y-%m-%d %H:%M}  {s.finished.outcome}  {s.finished.sent} sent  {s.finished.fetched} fetched  "
        f"{s.finished.seconds_online:.0f} s  {s.finished.cost} {s.finished.currency}  {s.finished.why}"
        for s in found
    ]
    answer(values, lines or ["no run yet"], as_json=as_json)
