"""What the next run would carry and cost, and what past runs did.

Never: a run.
"""

from dataclasses import asdict

import click

from core.bill import Bill, bill
from core.cli.common import answer, common, later, opened
from core.due import due
from core.events import Finished, letters
from core.forecast import forecast as reckon
from core.mail.departure import Departure, words
from core.open import clock
from core.store import runs
from core.store.runs import Statement


@click.command()
@common
def forecast(folder: str | None, *, as_json: bool) -> None:
    """Tell what the next run would carry, how long it would take, what it would cost, and when it is due."""
    house, now = opened(folder), clock()
    seen, when, money = reckon(house, now), due(house, now), bill(house, now)
    out = f"{letters(seen.messages_up)} to send ({seen.bytes_up} bytes)"
    into = f"about {seen.bytes_down} bytes to fetch"
    lines = [f"{out}; {into}; about {seen.seconds:.0f} s, {seen.cost} {seen.currency}"]
    if seen.connecting:
        lines.append(f"before that about {seen.connecting:.0f} s until the line is up")
    if seen.cheaper_from:
        at = words(Departure(not_before=seen.cheaper_from), now)
        lines.append(f"{at} the same call would cost {seen.cheaper_cost} {seen.currency}")
    lines.append(f"due: {when.why}" if when.now else f"not due: {when.why}{later(when, now)}")
    if money.budget:
        lines.append(f"this month's calls have cost {money.month.cost} of {money.budget:.2f} {money.currency}")
    value = {
        **asdict(seen),
        "due": asdict(when),
        "month": {"cost": money.month.cost, "budget": money.budget, "left": money.left, "warning": money.warning},
    }
    answer(value, lines, as_json=as_json)


@click.command()
@click.option("--limit", default=50, show_default=True, help="At most so many, the newest first.")
@click.option("--months", is_flag=True, help="Of each month together, and what each member has caused.")
@common
def statements(folder: str | None, limit: int, *, months: bool, as_json: bool) -> None:
    """Show the account of past runs: what they carried, what was forecast, and who pays for what."""
    house = opened(folder)
    if months:
        _months(bill(house, clock()), as_json=as_json)
        return
    found = runs.statements(house.ledger, limit)
    shares = runs.shares(house.ledger, [one.id for one in found])
    values = [
        {
            "started": s.started,
            "ended": s.ended,
            "number": s.number,
            "rate": s.rate,
            "connecting": s.connecting,
            **asdict(s.finished),
            "shares": [asdict(share) for share in shares.get(s.id, [])],
        }
        for s in found
    ]
    lines = [line for one in found for line in _account(one)]
    answer(values, lines or ["no run yet"], as_json=as_json)


def _account(run: Statement) -> list[str]:
    """One run on one line, and what made it longer than it need be on others."""
    done = run.finished
    line = (
        f"{run.started.astimezone():%Y-%m-%d %H:%M}  {done.outcome}  {done.sent} sent  {done.fetched} fetched  "
        f"{done.seconds_online:.0f} s{_foreseen(done)}  {done.cost} {done.currency}  {done.why}".rstrip()
    )
    return [line, *(f"{'':18}slower: {why}" for why in done.slower)]


def _foreseen(account: Finished) -> str:
    """What was forecast, where that is known."""
    return f" (forecast {account.forecast_seconds:.0f} s)" if account.forecast_seconds else ""


def _months(found: Bill, *, as_json: bool) -> None:
    """The bill of the last months."""
    lines = []
    for month in found.months:
        count = "1 run" if month.runs == 1 else f"{month.runs} runs"
        lines.append(f"{month.first:%Y-%m}  {count}  {month.seconds:.0f} s  {month.cost} {found.currency}")
        lines += [
            f"         {part.member or 'the house':12}  {part.cost} {found.currency}  "
            f"({part.up} for {part.bytes_up} bytes out, {part.down} for {part.bytes_down} bytes in)"
            for part in month.parts
        ]
    if found.warning:
        lines.append(found.warning)
    values = [
        {
            **asdict(month),
            "first": f"{month.first:%Y-%m}",
            "parts": [{**asdict(p), "cost": p.cost} for p in month.parts],
        }
        for month in found.months
    ]
    value = {"currency": found.currency, "budget": found.budget, "left": found.left, "warning": found.warning}
    answer({**value, "months": values}, lines, as_json=as_json)
