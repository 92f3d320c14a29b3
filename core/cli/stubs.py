"""What waits at the provider because it is big, and what is to become of it.

Never: a letter fetched; a run does that.
"""

from typing import Any

import click

from core import stub
from core.cli.common import answer, common, opened
from core.forecast import Forecast, carriage, forecast
from core.household import Household
from core.mail.lines import size
from core.open import clock
from core.stub import ANSWERS, Answer, Stub

MEANING: dict[Answer, str] = {
    "take": "comes as soon as the line is up",
    "next": "comes with the next call",
    "leave": "stays there",
    "delete": "will be deleted there",
}


@click.command()
@click.argument("action", default="list", type=click.Choice(["list", *ANSWERS]))
@click.argument("number", metavar="[ID]...", nargs=-1)
@common
def stubs(folder: str | None, action: str, number: tuple[str, ...], *, as_json: bool) -> None:
    """List the big letters that wait at the provider; take one, also while a run is on, leave or delete it there."""
    house = opened(folder)
    chosen = [stub.numbered(house, one) for one in number]
    said = next((one for one in ANSWERS if one == action), None)
    if said and not number:
        raise click.UsageError(f"stubs {action} needs the ID of a letter; `mailrun stubs` lists them")
    if said:
        for one in chosen:
            stub.answer(house, one.maildrop, one.uid, said)
    there = {one.number for one in chosen}
    ahead = forecast(house, clock())
    found = [one for one in stub.waiting(house) if not there or one.number in there]
    lines = [_line(house, ahead, one) for one in found]
    answer([_value(house, ahead, one) for one in found], lines or ["nothing waits"], as_json=as_json)


def _line(house: Household, ahead: Forecast, one: Stub) -> str:
    """One letter for a person: what it is, what it would cost, what becomes of it."""
    seconds, cost = carriage(ahead, house.config.line.tariff, one.size, down=True)
    what = (
        f"{one.subject or 'no subject'}, from {one.sender or 'nobody'}" if one.members else "(only its size is known)"
    )
    price = f", about {cost} {ahead.currency}" if cost else ""
    whose = ", ".join(one.members) or one.maildrop
    return f"{one.number}  {whose}: {what}  {size(one.size)}, {_time(seconds)}{price}  {MEANING[one.answer]}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _value(house: Household, ahead: Forecast, one: Stub) -> dict[str, Any]:
    """The same for a program."""
    seconds, cost = carriage(ahead, house.config.line.tariff, one.size, down=True)
    return {
        "id": one.number,
        "maildrop": one.maildrop,
        "uid": one.uid,
        "size": one.size,
        "left": one.left,
        "from": one.sender,
        "subject": one.subject,
        "members": one.members,
        "arrived": one.arrived,
        "answer": one.answer,
        "seconds": round(seconds, 1),
        "cost": cost,
        "currency": ahead.currency,
    }
