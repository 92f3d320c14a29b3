"""Hand in a letter.

Never: a decision about it.
"""

import sys
from datetime import datetime

import click

from core import read
from core.cli.common import answer, common, opened
from core.config import CHEAP
from core.forecast import forecast
from core.household import Household
from core.mail.addresses import typed
from core.mail.book import expand
from core.mail.departure import Departure, moment
from core.mail.departure import words as leaves
from core.open import clock
from core.submit import submit


@click.command()
@click.option("--as", "member", required=True, metavar="MEMBER", help="The member who sends it.")
@click.option("-t", "from_headers", is_flag=True, help="Take the recipients from To, Cc and Bcc.")
@click.option("--hold", is_flag=True, help="Keep it in the queue until `mailrun queue release`.")
@click.option("--urgent", is_flag=True, help="Let it go before all others.")
@click.option(
    "--not-before",
    "after",
    metavar="TIME",
    help="Let it wait for the first run after this time; cheap: until a call costs less.",
)
@click.argument("recipients", nargs=-1)
@common
def send(
    folder: str | None,
    member: str,
    recipients: tuple[str, ...],
    after: str | None,
    *,
    from_headers: bool,
    hold: bool,
    urgent: bool,
    as_json: bool,
) -> None:
    """Submit the message on standard input."""
    house, now = opened(folder), clock()
    departure = Departure(hold, urgent, _time(house, after, now) if after else None)
    nicknames = read.book(house, member) if member in house.config.members else {}
    named = None if from_headers else [one for entry in recipients for one in typed(expand(entry, nicknames))]
    receipt = submit(house, sys.stdin.buffer.read(), member, named, now, departure=departure)
    lines = [f"{receipt.id}: delivered to {name}" for name in receipt.members]
    lines += [f"{receipt.id}: to {address}, {leaves(departure, now)}" for address in receipt.waiting]
    answer({"id": receipt.id, "recipients": [*receipt.members, *receipt.waiting]}, lines, as_json=as_json)


def _time(house: Household, text: str, now: datetime) -> datetime | None:
    """The time that is meant; None: at once, for a call never costs less than now."""
    return forecast(house, now).cheaper_from if text == CHEAP else moment(text, now)
