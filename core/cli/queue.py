"""What waits to go out.

Never: a letter sent.
"""

from typing import Any

import click

from core.cli.common import answer, common, opened
from core.mail.departure import words as leaves
from core.mail.text import safe
from core.open import clock
from core.store import queue as queued
from core.submit import home

ACTIONS = {
    "hold": queued.hold,
    "release": queued.release,
    "cancel": queued.cancel,
    "retry": queued.retry,
}


@click.command()
@click.argument("action", default="list", type=click.Choice(["list", "show", *ACTIONS]))
@click.argument("id_", metavar="[ID]", default="")
@common
def queue(folder: str | None, action: str, id_: str, *, as_json: bool) -> None:
    """List the queue, show a letter in it, hold, release, cancel or retry one."""
    house = opened(folder)
    if action != "list":
        if not id_:
            raise click.UsageError(f"queue {action} needs the ID of a letter; `mailrun queue` lists them")
        id_ = queued.find(house.ledger, id_)
    if action in ACTIONS:
        ACTIONS[action](house.ledger, id_)
        home(house, clock())
    if action == "show" and not as_json:
        click.echo(safe_bytes(house.spool.read(id_)))
        return
    letters = [queued.get(house.ledger, id_)] if id_ else queued.pending(house.ledger)
    values = [_letter(letter) for letter in letters]
    lines = [
        f"{v['id']}  {_state(letter, r['state'])}  {v['member']} to {r['address']}  {v['size']} bytes  {v['subject']}"
        for letter, v in zip(letters, values, strict=True)
        for r in v["recipients"]
    ]
    answer(values, lines or ["nothing waits"], as_json=as_json)


def _state(letter: queued.Queued, state: str) -> str:
    """The state of a recipient, or what keeps the letter from going out, or lets it go first."""
    now = clock()
    if letter.departure.due(now):
        return f"{state}, urgent" if letter.departure.urgent else state
    return leaves(letter.departure, now)


def safe_bytes(message: bytes) -> str:
    """A whole message for a terminal."""
    return "\n".join(safe(line) for line in message.decode("utf-8", "replace").split("\n"))


def _letter(letter: queued.Queued) -> dict[str, Any]:
    """A letter in the queue, with the names of the contract."""
    return {
        "id": letter.id,
        "member": letter.member,
        "from": letter.sender,
        "recipients": [{"address": r.address, "state": r.state, "reply": r.reply} for r in letter.recipients],
        "size": letter.size,
        "queued": letter.queued,
        "subject": letter.subject,
        "held": letter.held,
        "why": letter.why,
        "urgent": letter.departure.urgent,
        "not_before": letter.departure.not_before,
    }
