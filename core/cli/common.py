"""What the sub-commands share: options, the household, and one answer as JSON or as lines.

Never: a sub-command.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from core.due import Due
from core.household import Household
from core.mail.departure import Departure, words
from core.open import folder_of, open_household

Anything = Callable[..., Any]


def common(command: Anything) -> Anything:
    """What every sub-command takes."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
    where = click.option("--household", "folder", metavar="DIR", help="The household folder.")
    return as_json(where(command))


def mine(command: Anything) -> Anything:
    """What every `mail` sub-command takes."""
    member = click.option("--for", "member", required=True, metavar="MEMBER", help="Whose mail.")
    return member(common(command))


in_folder = click.option("--folder", "box", default="inbox", show_default=True, help="Which folder.")


def opened(folder: str | None) -> Household:
    """The household that the command line names, or the one of this account."""
    given = folder or click.get_current_context().find_root().params.get("folder")
    return open_household(folder_of(given))


def answer(value: object, lines: Sequence[str], *, as_json: bool) -> None:
    """One value: as JSON for programs, as lines for people."""
    if as_json:
        click.echo(json.dumps(value, default=jsonable, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(line)


def jsonable(value: object) -> object:
    """What JSON has no word for, as it is told to programs."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal | bytes):
        return str(value)
    raise TypeError(value)


def later(due: Due, now: datetime) -> str:
    """When a run will be due, for people: "; due from Fri 22:00"; empty: nobody knows."""
    return f"; due {words(Departure(not_before=due.at), now)}" if due.at and not due.now else ""
