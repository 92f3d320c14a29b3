"""Is all well? The modem, DNS, the smart host, the maildrops, the files, the addresses; each finding with its remedy.

Never: dials. What needs the world is asked only where the line is always there.
"""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.config import FILE
from core.errors import MailrunError
from core.household import Household, World
from core.mail.addresses import domain
from core.mail.text import safe
from core.store import mbox, queue


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it (empty when nothing)."""

    level: Literal["ok", "warn", "fail"]
    what: str
    remedy: str = ""


async def check(house: Household, world: World) -> list[Finding]:
    """Look at everything that can be looked at without a call."""
    findings = [*_settings(house), *_files(house), *_queue(house)]
    findings.append(await _line(world))
    if house.config.line.kind == "always":
        findings += [finding async for finding in _names(house, world)]
        findings += [finding async for finding in _logins(world)]
    else:
        findings.append(Finding("ok", "name servers, maildrops and smart host are not asked: that would need a call"))
    return findings


def _settings(house: Household) -> Iterator[Finding]:
    """What household.toml leaves out."""
    path = house.folder / FILE
    yield Finding("ok", f"{path} can be read")
    if not house.config.maildrop:
        yield Finding("warn", "there is no maildrop, so nothing is fetched", f"add a [[maildrop]] table to {path}")
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
            yield Finding("ok", f"{path} holds {len(mbox.entries(path))} letters")
        except MailrunError as error:
            yield Finding("fail", str(error), "move the file away; a new inbox is made at the next delivery")


def _queue(house: Household) -> Iterator[Finding]:
    """What a person should look at."""
    pending = queue.pending(house.ledger)
    doubtful = [letter for letter in pending if any(r.state == "uncertain" for r in letter.recipients)]
    held = [letter for letter in pending if letter.held]
    yield Finding("ok", f"{len(pending)} letters wait in the queue")
    if doubtful:
        remedy = "ask the addressee, then `mailrun queue retry ID` or `mailrun queue cancel ID`"
        yield Finding("warn", f"{len(doubtful)} letters may or may not have been sent", remedy)
    if held:
        yield Finding(
            "warn",
            f"{len(held)} letters are held",
            "`mailrun queue list` says why; `mailrun queue release ID`",
        )


async def _line(world: World) -> Finding:
    """Whether there is a line at all; nothing is dialled."""
    try:
        return Finding("ok", await world.line.probe())
    except MailrunError as error:
        return Finding("fail", str(error), "see [line] in household.toml")


async def _names(house: Household, world: World) -> AsyncIterator[Finding]:
    """Whether the world can find the public domain and we the servers."""
    public = house.config.household.domain
    hosts = [box.settings.host for box in world.maildrops]
    hosts += [house.config.smarthost.host] if house.config.smarthost else []
    try:
        if not (await world.resolver.mx(public) or await world.resolver.addresses(public)):
            remedy = "smart hosts refuse senders in such a domain; ask the provider or correct household.domain"
            yield Finding("fail", f"the domain {public} takes no mail: it has neither MX nor address", remedy)
        for host in dict.fromkeys(hosts):
            found = await world.resolver.addresses(host)
            yield (
                Finding("ok", f"{host} is {found[0]}")
                if found
                else Finding("fail", f"there is no host {host}", "correct its name in household.toml")
            )
    except MailrunError as error:
        yield Finding("fail", str(error), "is the network up? `ping` the provider")


async def _logins(world: World) -> AsyncIterator[Finding]:
    """A real login to each server, without fetching or sending anything."""
    for box in world.maildrops:
        try:
            async with box.session() as session:
                waiting = len(await session.listing())
                await session.quit()
            yield Finding("ok", f"maildrop {box.settings.name} lets us in; {waiting} letters wait there")
        except MailrunError as error:
            yield Finding("fail", safe(str(error)), f"correct [[maildrop]] {box.settings.name} in household.toml")
    if world.smarthost is not None:
        try:
            async with world.smarthost.session():
                pass
            yield Finding("ok", "the smart host lets us in")
        except MailrunError as error:
            yield Finding("fail", safe(str(error)), "correct [smarthost] in household.toml")
