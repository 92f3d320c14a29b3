"""Is all well? The modem, DNS, the smart host, the maildrops, the files, the addresses; each finding with its remedy.

``check`` looks at all of it; each piece can also be tried for itself, on a line that is up.

Never: dials. ``check`` asks the world only where the line is always there.
"""

import os
import re
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.config import FILE, Config
from core.deliver import INBOX
from core.errors import MailrunError
from core.events import letters
from core.household import Household, Maildrop, SmartHost, World
from core.mail.addresses import domain
from core.mail.envelope import Outcome, Sent
from core.mail.text import safe
from core.store import mbox, queue

UNSURE = "is the network up? `ping` the provider"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it (empty when nothing)."""

    level: Literal["ok", "warn", "fail"]
    what: str
    remedy: str = ""


async def check(house: Household, world: World) -> list[Finding]:
    """Look at everything that can be looked at without a call."""
    findings = [*_settings(house), *_files(house), *_queue(house)]
    findings.append(await line(world))
    if house.config.line.kind == "always":
        findings += [finding async for finding in _servers(house, world)]
    else:
        findings.append(Finding("ok", "name servers, maildrops and smart host are not asked: that would need a call"))
    return findings


def _settings(house: Household) -> Iterator[Finding]:
    """What household.toml leaves out."""
    path = house.folder / FILE
    yield Finding("ok", f"{path} can be read")
    if not house.config.maildrop:
        yield Finding("warn", "there is no maildrop, so nothing is fetched", f"add a [[maildrop]] table to {path}")
    boxes = {(box.host.casefold(), box.user): box.name for box in reversed(house.config.maildrop)}
    for box in house.config.maildrop:
        if (first := boxes[box.host.casefold(), box.user]) != box.name:
            what = (
                f"maildrops {first} and {box.name} are the same box of {box.host}, which is logged in to twice a call"
            )
            yield Finding("warn", what, f"take one of them out of {path}")
    if house.config.smarthost is None:
        yield Finding("warn", "there is no smart host, so nothing is sent", f"add a [smarthost] table to {path}")
    ours = {house.config.household.domain, *(name for box in house.config.maildrop for name in box.domains)}
    for name, member in house.config.members.items():
        if domain(member.address) not in {entry.casefold() for entry in ours}:
            yield Finding(
                "warn",
                f"{name}'s address {member.address} is not in a domain of this house",
                "letters to it are known by the whole address only; is its domain missing in maildrop.domains?",
            )


def _files(house: Household) -> Iterator[Finding]:
    """That every store can be written, and every inbox read."""
    if not os.access(house.folder, os.W_OK):
        yield Finding("fail", f"{house.folder} cannot be written", f"run: chown -R $USER {house.folder}")
    for member in house.config.members:
        path: Path = house.box(member)
        try:
            yield Finding("ok", f"{path} holds {letters(len(mbox.entries(path)))}")
        except MailrunError as error:
            yield Finding("fail", str(error), "move the file away; a new inbox is made at the next delivery")
    yield from _folders(house)


def _folders(house: Household) -> Iterator[Finding]:
    """That members' rules lead to folders that can be written."""
    for name, member in house.config.members.items():
        for n, rule in enumerate(member.rules, 1):
            path = house.box(name, rule.folder or INBOX)
            if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
                what = f"rule {n} of {name} files letters into {path}, which is no mailbox that can be written"
                yield Finding("warn", what, "move it away; until then these letters stay in the inbox")


def _queue(house: Household) -> Iterator[Finding]:
    """What a person should look at."""
    pending = queue.pending(house.ledger)
    doubtful = [letter for letter in pending if any(r.state == "uncertain" for r in letter.recipients)]
    held = [letter for letter in pending if letter.held]
    yield Finding("ok", f"the queue holds {letters(len(pending))}")
    if doubtful:
        remedy = "ask the addressee, then `mailrun queue retry ID` or `mailrun queue cancel ID`"
        yield Finding("warn", f"may or may not have been sent: {letters(len(doubtful))}", remedy)
    if held:
        yield Finding(
            "warn",
            f"on hold: {letters(len(held))}",
            "`mailrun queue list` says why; `mailrun queue release ID`",
        )


async def line(world: World) -> Finding:
    """Whether there is a line at all; nothing is dialled."""
    try:
        return Finding("ok", await world.line.probe())
    except MailrunError as error:
        return Finding("fail", str(error), "see [line] in household.toml")


async def domain_of(config: Config, world: World) -> Finding:
    """Whether the world can find the public domain; a line is needed that is up."""
    public = config.household.domain
    try:
        hosts = await world.resolver.mx(public)
        if hosts or await world.resolver.addresses(public):
            return Finding("ok", f"mail for {public} goes to {hosts[0] if hosts else public}")
    except MailrunError as error:
        return Finding("fail", str(error), UNSURE)
    remedy = "smart hosts refuse senders in such a domain; ask the provider or correct household.domain"
    return Finding("fail", f"the domain {public} takes no mail: it has neither MX nor address", remedy)


async def name(host: str, world: World) -> Finding:
    """Whether we can find a server; a line is needed that is up."""
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", host):
        return Finding("ok", f"{host} needs no name server")
    try:
        if found := await world.resolver.addresses(host):
            return Finding("ok", f"{host} is {found[0]}")
    except MailrunError as error:
        return Finding("fail", str(error), UNSURE)
    return Finding("fail", f"there is no host {host}", "correct its name in household.toml")


async def login(box: Maildrop) -> Finding:
    """A real login to a maildrop, without fetching anything."""
    try:
        async with box.session() as session:
            waiting = len(await session.listing())
            await session.quit()
    except MailrunError as error:
        return Finding("fail", safe(str(error)), f"correct [[maildrop]] {box.settings.name} in household.toml")
    return Finding("ok", f"maildrop {box.settings.name} lets us in; {letters(waiting)} there")


async def relay(host: SmartHost, senders: Collection[str] = ()) -> AsyncIterator[Finding]:
    """A real login to the smart host, and whether it would take letters from these addresses; nothing is sent."""
    try:
        async with host.session() as session:
            yield Finding("ok", "the smart host lets us in")
            for sender in senders:
                yield _accepted(sender, await session.accepts(sender))
    except MailrunError as error:
        yield Finding("fail", safe(str(error)), "correct [smarthost] in household.toml")


def _accepted(sender: str, outcome: Outcome) -> Finding:
    """What the smart host thinks of an envelope sender."""
    if isinstance(outcome, Sent):
        return Finding("ok", f"it takes letters from {sender}")
    remedy = "ask the provider which addresses may send, or correct the member's address in household.toml"
    return Finding("fail", f"it refuses letters from {sender}: {outcome.reply}", remedy)


async def _servers(house: Household, world: World) -> AsyncIterator[Finding]:
    """All that can be asked of the world on a line that is always there."""
    yield await domain_of(house.config, world)
    hosts = [box.settings.host for box in world.maildrops]
    hosts += [house.config.smarthost.host] if house.config.smarthost else []
    for host in dict.fromkeys(hosts):
        yield await name(host, world)
    for box in world.maildrops:
        yield await login(box)
    if world.smarthost is not None:
        async for finding in relay(world.smarthost):
            yield finding
