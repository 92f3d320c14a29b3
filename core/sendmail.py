"""``mailrun-sendmail``: what programs start as /usr/sbin/sendmail; see sendmail(8) for the flags.

Never: a decision about mail; a flag that changes what another program had decided.
"""

import asyncio
import getpass
import sys
from collections.abc import Mapping, Sequence
from email.utils import formataddr
from functools import partial
from typing import NoReturn

import click

from core.cli import cli, status
from core.errors import DeniedError
from core.household import Household
from core.mail import headers
from core.mail.names import names, who
from core.mail.text import safe
from core.open import clock, folder_of, open_household
from core.submit import NOBODY, submit

VALUED = tuple("fFrBCNRVXLhpOA")  # flags that have a value


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Stand in for /usr/sbin/sendmail; its manual has the flags that are understood."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(status(lambda: _sendmail(given)))


def _sendmail(arguments: Sequence[str]) -> None:
    house = open_household(folder_of(None))
    flags, recipients = flags_of(arguments)
    if "bp" in flags:
        cli.main(["queue"], standalone_mode=False)
    elif "bi" in flags:
        click.echo(f"{len(house.config.aliases)} aliases; they are read from household.toml, nothing needs to be built")
    elif "q" in flags:
        _flush(house)
    elif "bs" in flags:
        from core.net import submission  # noqa: PLC0415 - an SMTP server, for -bs only

        asyncio.run(submission.dialogue(partial(_hand_in, house), house.config.household.host))
    else:
        member, message = _login(house, flags), sys.stdin.buffer.read()
        if "F" in flags and headers.first(headers.fields(headers.split(message)[0]), "from") is None:
            message = f"From: {formataddr((flags['F'], member))}\n".encode() + message
        named = None if "t" in flags else recipients
        sender = flags["f"] or NOBODY if "f" in flags else ""
        submit(house, message, member, named, clock(), sender=sender, copy=False)


def _flush(house: Household) -> None:
    """One run that sends what waits."""
    from core.cli.run import teller, to_end  # noqa: PLC0415 - the libraries of the line, for -q only
    from core.run import run  # noqa: PLC0415 - as above
    from core.world import world  # noqa: PLC0415 - as above

    to_end(run(house, world(house.config, house.folder), teller(as_json=False), fetch=False))


def _hand_in(house: Household, sender: str, recipients: Sequence[str], message: bytes) -> str:
    """Accept a letter that a program handed in over SMTP; its id."""
    member = _login(house, {"f": sender})
    return submit(house, message, member, recipients, clock(), sender=sender or NOBODY, copy=False).id


def _login(house: Household, flags: Mapping[str, str]) -> str:
    """The member who calls: by -f, else by Unix login; root, cron and the like are the postmaster, or refused.

    Raises:
        DeniedError: the household refuses mail from who is no member.
    """
    known, login = names(house.config), getpass.getuser()
    for name in (flags.get("f", ""), login):
        if (member := who(name, known)) in house.config.members:
            return member
    if house.config.household.strangers == "refuse":
        raise DeniedError(
            f'{safe(login)} is no member of this house, and household.strangers is "refuse"; name a member with -f, '
            "or let such mail go out as the postmaster's"
        )
    return house.config.household.postmaster


def flags_of(arguments: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What was asked for, and the recipients.

    Flags are single letters with the value attached or next, but for -b, -o and -q, whose letter is part of the name.

    Raises:
        click.UsageError: a mode that this program does not have.
    """
    flags: dict[str, str] = {}
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "--":
        flag = rest.pop(0)[1:]
        if flag[:1] in VALUED:
            flags[flag[0].replace("r", "f")] = flag[1:] or (rest.pop(0) if rest else "")
        elif flag[:1] == "q":
            flags["q"] = flag[1:]
        elif flag in ("bd", "bD", "bv", "bt", "bh"):
            raise click.UsageError(f"-{flag} is not known here; -bs speaks SMTP on standard input and output")
        else:
            flags[flag] = ""
            flags |= {"t": ""} if flag in ("ti", "it") else {}
    return flags, tuple(rest[1:] if rest[:1] == ["--"] else rest)
