"""household.toml <-> frozen values: one table of keys, their defaults and their meanings.

Each settings class below is one table of the file; each field is one key, with its type, its default and what it
means to the person who edits it. Reading, checking, `mailrun init` and the settings screen all use these tables.

Never: writing the file (``store.settings``), following an alias (``mail.aliases``), a password in a ``repr``.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Struct, field

from core.errors import ConfigError
from core.hours import WEEK, hours, window
from core.toml import Fault, Found, Secret, Size, dotted, keys, line, nearest, shown, size, table

__all__ = [
    "CHEAP",
    "FILE",
    "Bill",
    "Config",
    "Due",
    "Fault",
    "Filing",
    "House",
    "Junk",
    "Line",
    "Maildrop",
    "Member",
    "Price",
    "Routing",
    "Secret",
    "Security",
    "Size",
    "SmartHost",
    "Tariff",
    "check",
    "keys",
    "load",
    "parse",
    "size",
]

FILE = "household.toml"
MOST = 1_000_000  # money, seconds and letters of which a house may speak
CHEAP = "cheap"  # hours in which a minute costs least
NOTICES = ("bell", "title", "desktop", "none")
RESERVED = (
    "spool",
    "sent",
    "bounce",
    "delay",
    "triage",
    "junk",
    "stub",
)  # names of sources in the journal that are no maildrop's
# What the sender writes, and so is no evidence of the envelope; split guesses by it where there is none.
FORGED = ("To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc", "From", "Sender", "Reply-To", "Return-Path")
FOLDERS = ("inbox", "sent", "archive", "junk", "trash")  # every member has these
NO_FOLDERS = ("drafts", "duplicates")  # what stands in these is ours to put there
Security = Literal["tls", "starttls", "none"]


class House(Struct, frozen=True, kw_only=True):
    """[household]: the house and its names."""

    name: Annotated[str, "what the house is called on the screen"] = "Our house"
    host: Annotated[str, "this machine's name; never leaves the house"] = "localhost"
    local_domains: Annotated[tuple[str, ...], "names of this house and its machines; never leave the house"] = (
        "localhost",
        "localhost.localdomain",
    )
    domain: Annotated[str, "the domain the world writes to"]
    postmaster: Annotated[str, "the member who triages what nobody claims"]
    strangers: Annotated[
        Literal["postmaster", "refuse"], "mail from a login that is no member (root, cron): goes out as the postmaster"
    ] = "postmaster"
    warn_after: Annotated[float, "days of tried calls after which the sender of a waiting letter is told"] = 2
    give_up_after: Annotated[float, "days of tried calls after which a waiting letter comes back"] = 5


class Filing(Struct, frozen=True, kw_only=True):
    """[[members.NAME.rules]]: where letters of one kind go in this person's mailbox; the first rule that fits decides.

    All conditions that are given must hold; of several texts in one, any. A text is a part of what it is looked for in,
    in any case; with * in it, the whole. In from and to, a text with @ is a whole address, or all of a domain.
    """

    from_: Annotated[tuple[str, ...], "who wrote it: a name, an address, or @domain"] = field(default=(), name="from")
    to: Annotated[tuple[str, ...], "to whom it is: the same"] = ()
    subject: Annotated[tuple[str, ...], 'its subject; "[garden]*": how it begins'] = ()
    list: Annotated[tuple[str, ...], "over which list it came: address or List-Id"] = ()
    larger: Annotated[Size, 'it is larger than so much, such as "500 kB"'] = Size(0)
    header: Annotated[dict[str, str], 'any other header, as { X-Priority = "1" }'] = {}
    folder: Annotated[str, 'the folder that it goes into; "inbox": it stays there'] = ""
    mark: Annotated[tuple[Literal["read", "flagged"], ...], "it comes marked so: read, flagged"] = ()
    copy_to: Annotated[tuple[str, ...], "members of the house who get a copy"] = ()
    junk: Annotated[bool, "it is junk, and goes there"] = False
    stop: Annotated[bool, "no rule after this one is asked"] = True


class Member(Struct, frozen=True, kw_only=True):
    """[members.NAME]: a person of the house."""

    name: Annotated[str, "the full name, as the world sees it"] = ""
    address: Annotated[str, "the public address: what the world sees instead of the local one"]
    also: Annotated[tuple[str, ...], "further addresses that are this person's"] = ()
    passphrase: Annotated[Secret, "hash of the passphrase that opens this person's mail (optional)"] = Secret()
    notices: Annotated[
        tuple[str, ...], "how new letters are told: bell, title, desktop (how many, and from whom, never what), or none"
    ] = ("bell", "title", "desktop")
    theme: Annotated[str, "colours of the screens: evening, paper, sixteen ...; F8 shows them all (optional)"] = ""
    rules: Annotated[tuple[Filing, ...], "where letters go in this person's mailbox, by themselves"] = ()
    signature: Annotated[str, "stands below this person's letters; \\n begins another line"] = ""
    language: Annotated[str, "language of the spell check, such as en_GB (without it: that of the computer)"] = ""


class Maildrop(Struct, frozen=True, kw_only=True):
    """[[maildrop]]: a POP3 box at a provider."""

    name: Annotated[str, "a short name for this box"]
    host: Annotated[str, "the POP3 server"]
    port: Annotated[int, "usually 995 with tls, 110 otherwise"] = 995
    security: Annotated[Security, "tls, starttls or none"] = "tls"
    user: Annotated[str, "the login at the provider"]
    password: Annotated[Secret, "the password, or use password_command"] = Secret()
    password_command: Annotated[tuple[str, ...], "a program that prints the password"] = ()
    auth: Annotated[Literal["auto", "apop", "plain", "xoauth2"], "how to log in"] = "auto"
    member: Annotated[str, "the one member whose box this is (leave out for a shared box)"] = ""
    domains: Annotated[tuple[str, ...], "right-hand sides that are ours, besides the household's domain"] = ()
    evidence: Annotated[tuple[str, ...], "headers in which the provider writes the envelope recipient, best first"] = (
        "X-Original-To",
        "X-Envelope-To",
        "Envelope-To",
        "Delivered-To",
    )
    trusted: Annotated[tuple[str, ...], "hosts whose headers are believed"] = ()
    keep_days: Annotated[int, "days to leave letters at the provider; 0: delete once safely delivered"] = 0
    large: Annotated[
        Size, "letters above this come as a stub, and the rest when somebody asks for it; 0: all come whole"
    ] = Size(100_000)
    fetch: Annotated[
        Literal["whole", "letters"],
        '"letters": of those above 12 kB only so much comes as it takes to read them; the rest as of stubs',
    ] = "whole"


class SmartHost(Struct, frozen=True, kw_only=True):
    """[smarthost]: where all outgoing mail goes."""

    host: Annotated[str, "the provider's SMTP server"]
    port: Annotated[int, "usually 465 with tls, 587 with starttls"] = 465
    security: Annotated[Security, "tls, starttls or none"] = "tls"
    user: Annotated[str, "the login, if the server wants one"] = ""
    password: Annotated[Secret, "the password, or use password_command"] = Secret()
    password_command: Annotated[tuple[str, ...], "a program that prints the password"] = ()


class Price(Struct, frozen=True, kw_only=True):
    """[[line.tariff.rules]]: what a call costs in some hours; of several rules that fit, the last one holds."""

    days: Annotated[tuple[str, ...], 'on which days: "mon-fri", "sat", "12-25", "easter+1"; empty: on every day'] = ()
    from_: Annotated[str, "from this hour of each of these days"] = field(default="0:00", name="from")
    to: Annotated[str, "to this one; over midnight if it is earlier"] = "24:00"
    per_minute: Annotated[Decimal, "money for a minute online in these hours"]
    unit_seconds: Annotated[int, "the unit in these hours; 0: as at others"] = 0
    per_call: Annotated[Decimal | None, "money for a call that begins in these hours; empty: as at others"] = None


class Tariff(Struct, frozen=True, kw_only=True):
    """[line.tariff]: what a call costs."""

    currency: Annotated[str, "as it should be shown"] = "EUR"
    per_call: Annotated[Decimal, "money for each call that connects"] = Decimal(0)
    per_minute: Annotated[Decimal, "money for a minute online"] = Decimal(0)
    unit_seconds: Annotated[int, "the provider bills in whole units of so many seconds"] = 60
    minimum: Annotated[Decimal, "the least that a call costs that connects"] = Decimal(0)
    free_seconds: Annotated[int, "so many seconds at the beginning are paid with per_call"] = 0
    rules: Annotated[tuple[Price, ...], "what a call costs in some hours"] = ()


class Line(Struct, frozen=True, kw_only=True):
    """[line]: what connects the house."""

    kind: Annotated[Literal["modem", "command", "always"], "modem, command, or always there"] = "always"
    device: Annotated[str, "the modem's port"] = "/dev/ttyS0"
    speed: Annotated[int, "speed of the port, bit/s"] = 115200
    flow: Annotated[Literal["hardware", "none"], "flow control of the port"] = "hardware"
    init: Annotated[tuple[str, ...], "commands that prepare the modem"] = ("ATZ", "ATE0V1Q0X4&C1&D2")
    dial: Annotated[str, "dial command; the number follows"] = "ATDT"
    numbers: Annotated[tuple[str, ...], "numbers of the provider, tried in turn"] = ()
    redials: Annotated[int, "how often the whole list of numbers is tried again"] = 3
    redial_seconds: Annotated[float, "pause before a number is tried again"] = 10.0
    dial_seconds: Annotated[float, "how long to wait for the other modem"] = 90.0
    chat: Annotated[tuple[tuple[str, Secret], ...], "login dialogue: what to wait for, what to answer"] = ()
    link: Annotated[tuple[str, ...], "program that turns the connected device into an IP link"] = ("pppd",)
    link_seconds: Annotated[float, "how long the link program may take"] = 60.0
    up: Annotated[tuple[str, ...], "kind command: brings the line up"] = ()
    down: Annotated[tuple[str, ...], "kind command: takes the line down"] = ()
    check: Annotated[tuple[str, ...], "kind command: succeeds while the line is up"] = ()
    command_seconds: Annotated[float, "how long each of these commands may take"] = 60.0
    rate: Annotated[int, "bit/s of the line; 0: as the modem tells it, or as runs have measured it"] = 0
    duplex: Annotated[Literal["full", "half"], "half: letters go first, and those that come follow (radio)"] = "full"
    tariff: Annotated[Tariff, "what a call costs"] = Tariff()


class Bill(Struct, frozen=True, kw_only=True):
    """[bill]: what the house is willing to pay.

    A call that comes to its limit finishes the letter on its way, says goodbye to the servers, and hangs up; what is
    left comes and goes with the next one.
    """

    max_minutes: Annotated[float, "minutes that a call may last; 0: as many as it takes"] = 0
    max_cost: Annotated[Decimal, "money that a call may cost; 0: as much as it takes"] = Decimal(0)
    can_wait: Annotated[
        Size, 'letters above this, unless urgent or asked for, begin no further paid unit, such as "30 kB"; 0: they do'
    ] = Size(0)
    budget: Annotated[Decimal, "money for all calls of a month, after which no more is made; 0: no limit"] = Decimal(0)
    warn: Annotated[int, "per cent of the budget from which on you are warned"] = 80


class Due(Struct, frozen=True, kw_only=True):
    """[due]: when `mailrun run --if-due` makes a call. An urgent letter makes it due at once, at any hour.

    Without letters, hours and every it is due whenever it is asked, in the hours of between.
    """

    letters: Annotated[int, "due when so many letters wait; 0: not for that"] = 0
    hours: Annotated[float, "due when a letter has waited so many hours; 0: not for that"] = 0
    every: Annotated[float, "due when the last whole run was so many hours ago; 0: not for that"] = 0
    pause: Annotated[float, "minutes from the beginning of a run until the next is due for one of these reasons"] = 60
    between: Annotated[
        tuple[str, ...], 'only then, such as "mon-fri 22:00-6:00", "sat-sun"; "cheap": when a minute costs least'
    ] = ()


class Junk(Struct, frozen=True, kw_only=True):
    """[junk]: the program that tells junk from letters; asked once the line is down, and taught by the junk key."""

    kind: Annotated[Literal["none", "bogofilter", "spamc"], "none, bogofilter, or spamc of SpamAssassin"] = "none"
    check: Annotated[tuple[str, ...], "asks about a letter; empty: as this kind is usually asked"] = ()
    train_junk: Annotated[tuple[str, ...], "teaches that a letter is junk; empty: the usual"] = ()
    train_good: Annotated[tuple[str, ...], "teaches that a letter is good; empty: the usual"] = ()
    seconds: Annotated[float, "how long it may take for one letter"] = 10.0


class Routing(Struct, frozen=True, kw_only=True):
    """[routing]: who gets what no address tells."""

    lists: Annotated[dict[str, tuple[str, ...]], "List-Id or list address -> members"] = {}
    senders: Annotated[dict[str, tuple[str, ...]], "sender's address or domain -> members"] = {}
    prefix: Annotated[str, "what qmail hosts put before the local part (mbox-user-)"] = ""


class Config(Struct, frozen=True, kw_only=True):
    """The whole of household.toml."""

    household: House
    members: dict[str, Member]
    aliases: dict[str, tuple[str, ...]] = {}
    maildrop: tuple[Maildrop, ...] = ()
    smarthost: SmartHost | None = None
    line: Line = Line()
    routing: Routing = Routing()
    junk: Junk = Junk()
    bill: Bill = Bill()
    due: Due = Due()
    keys: dict[str, str] = {}


def load(path: Path) -> Config:
    """Read and check household.toml.

    Raises:
        ConfigError: the file is missing, readable by others, no TOML, or has wrong keys or values; every fault is told.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path}: others can read it, and it holds passwords; run: chmod 600 {path}")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `mailrun init {path.parent}` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    return parse(text, str(path))


def parse(text: str, name: str = FILE) -> Config:
    """The frozen values of a household.toml's text.

    Raises:
        ConfigError: with one line for each fault, in the order of the file.
    """
    config, faults = check(text)
    if config is None:
        lines = [f"{name}:{fault.line}: " if fault.line else f"{name}: " for fault in faults]
        raise ConfigError("\n".join(at + fault.sentence for at, fault in zip(lines, faults, strict=True)))
    return config


def check(text: str) -> tuple[Config | None, list[Fault]]:
    """The values, or else every fault with its key and line."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        return None, [Fault((), int(at[1]) if at else 0, f"this is no TOML: {error}")]
    found: list[Found] = []
    config = table(Config, raw, (), found)
    if config is not None and not found:
        found += _agree(config)
    faults = sorted((Fault(path, line(text, path), why) for path, why in found), key=lambda fault: fault.line)
    return (None, faults) if faults else (config, [])


def _agree(config: Config) -> Iterator[Found]:
    """What must hold between keys."""
    yield from _agree_members(config)
    yield from _agree_maildrops(config)
    for name, member in config.members.items():
        for n, rule in enumerate(member.rules):
            yield from _agree_rule(config, ("members", name, "rules", n), rule)
    line = config.line
    if line.kind == "modem" and not line.numbers:
        yield ("line", "numbers"), "line.numbers is missing: a modem needs at least one number to dial"
    if line.kind == "command" and not line.up:
        yield ("line", "up"), "line.up is missing: a line of kind command needs the command that brings it up"
    if line.rate < 0:
        yield ("line", "rate"), "line.rate must be 0 or more"
    yield from _agree_tariff(line.tariff)
    yield from _agree_bill(config)
    if config.junk.seconds <= 0:
        yield ("junk", "seconds"), "junk.seconds must be more than 0"


def _agree_tariff(tariff: Tariff) -> Iterator[Found]:
    """Prices are no gifts, and hours are some."""
    path = ("line", "tariff")
    if tariff.unit_seconds < 1:
        yield (*path, "unit_seconds"), "line.tariff.unit_seconds must be at least 1"
    yield from _positive(tariff, path, ("per_call", "per_minute", "unit_seconds", "minimum", "free_seconds"))
    for n, rule in enumerate(tariff.rules):
        at = (*path, "rules", n)
        yield from _positive(rule, at, ("per_minute", "unit_seconds", "per_call"))
        for day in rule.days:
            if not _are(day, "0:00", "24:00"):
                near = nearest(day.lower(), dict.fromkeys(WEEK))
                yield (
                    (*at, "days"),
                    f"{dotted(at)}.days has {shown(day)}; a day is mon-fri, sat, 12-25, 2026-12-25 or easter+1{near}",
                )
        for key, hour in (("from", rule.from_), ("to", rule.to)):
            if not _are("mon", hour, "24:00"):
                yield (*at, key), f"{dotted(at)}.{key} is {shown(hour)}; an hour is 0:00 to 24:00"


def _agree_bill(config: Config) -> Iterator[Found]:
    """Limits are limits, and the hours in which calls are due are some."""
    yield from _positive(config.bill, ("bill",), ("max_minutes", "max_cost", "budget", "warn"))
    yield from _positive(config.due, ("due",), ("letters", "hours", "every", "pause"))
    for text in config.due.between:
        try:
            if text != CHEAP:
                window(text)
        except ValueError:
            yield (
                ("due", "between"),
                f'due.between has {shown(text)}; write such as "mon-fri 22:00-6:00", "sat-sun" or "cheap"',
            )


def _positive(table: Struct, path: tuple[str | int, ...], keys: Sequence[str]) -> Iterator[Found]:
    """None of these is less than nothing, or more than anybody means."""
    for key in keys:
        value = getattr(table, key)
        if value is not None and not (Decimal(value).is_finite() and 0 <= value <= MOST):
            yield (*path, key), f"{dotted((*path, key))} is {shown(value)}, but must be a number from 0 to {MOST:,}"


def _are(day: str, start: str, end: str) -> bool:
    """Whether these are hours of a day."""
    try:
        hours((day,), start, end)
    except ValueError:
        return False
    return True


def _agree_members(config: Config) -> Iterator[Found]:
    """There is a postmaster, and no two people have one address."""
    owners: dict[str, str] = {}
    postmaster = config.household.postmaster
    if not config.members:
        yield ("members",), "there are no members; add a table such as [members.anna] with an address"
    elif postmaster not in config.members:
        near = nearest(postmaster, config.members)
        yield ("household", "postmaster"), f"household.postmaster is {shown(postmaster)}, who is no member{near}"
    for name, member in config.members.items():
        path = ("members", name)
        if not re.fullmatch(r"[a-z0-9_][a-z0-9._-]*", name):
            yield path, f"members.{name}: a member's name is a login: a to z, 0 to 9, . _ -"
        for word in member.notices:
            if word not in NOTICES:
                near = nearest(word, dict.fromkeys(NOTICES))
                yield (
                    (*path, "notices"),
                    f"members.{name}.notices has {shown(word)}, but knows only {', '.join(NOTICES)}{near}",
                )
        for address in (member.address, *member.also):
            if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
                yield path, f"members.{name} has the address {shown(address)}, but one is NAME@DOMAIN"
            elif (other := owners.setdefault(address.casefold(), name)) != name:
                yield path, f"members.{name} and members.{other} both have the address {address}"


def _agree_maildrops(config: Config) -> Iterator[Found]:
    """Names tell maildrops apart, and a personal one belongs to somebody."""
    seen: set[str] = set()
    for n, box in enumerate(config.maildrop):
        if box.name in seen:
            yield ("maildrop", n, "name"), f"two maildrops are called {shown(box.name)}; give one another name"
        seen.add(box.name)
        if box.name in RESERVED or "/" in box.name:
            yield (
                ("maildrop", n, "name"),
                f"maildrop.name is {shown(box.name)}, which mailrun uses itself; take another",
            )
        yield from ((("maildrop", n, "evidence"), why) for why in _evident(box.evidence))
        if box.member and box.member not in config.members:
            near = nearest(box.member, config.members)
            yield ("maildrop", n, "member"), f"maildrop.member is {shown(box.member)}, who is no member{near}"


def _agree_rule(config: Config, path: tuple[str | int, ...], rule: Filing) -> Iterator[Found]:
    """A rule asks for something, does something, and can be carried out."""
    at = dotted(path)
    yield from _agree_conditions(path, rule)
    if not any((rule.folder, rule.mark, rule.copy_to, rule.junk)):
        yield path, f"{at} does nothing; give it a folder, mark, copy_to or junk"
    if rule.folder and (why := folder_fault(rule.folder)):
        yield (*path, "folder"), f"{at}.folder is {shown(rule.folder)}, {why}"
    if rule.folder and rule.junk:
        yield (*path, "junk"), f"{at} has both a folder and junk; take one out"
    for to in rule.copy_to:
        if to not in config.members:
            yield (*path, "copy_to"), f"{at}.copy_to names {shown(to)}, who is no member{nearest(to, config.members)}"
        elif to == path[1]:
            yield (*path, "copy_to"), f"{at}.copy_to names {shown(to)}, who has it already"


def _agree_conditions(path: tuple[str | int, ...], rule: Filing) -> Iterator[Found]:
    """There is a condition, and none that fits everything unawares."""
    at = dotted(path)
    texts = {"from": rule.from_, "to": rule.to, "subject": rule.subject, "list": rule.list}
    if not any((*texts.values(), rule.larger, rule.header)):
        yield path, f'{at} has no condition, so it would take every letter; if you mean that: from = "*"'
    for key, wanted in (*texts.items(), ("header", tuple(rule.header.values()))):
        if not all(text.strip() for text in wanted):
            yield (*path, key), f'{at}.{key} has an empty text, which fits every letter; "*" says that it is there'
    for name in rule.header:
        if not re.fullmatch(r"[!-9;-~]+", name):
            yield (*path, "header"), f"{at}.header names {shown(name)}, which is no name of a header"


def folder_fault(name: str) -> str:
    """Why a folder of this name can have no letters filed into it; empty: it can."""
    if "/" in name or name.startswith(".") or name.strip() != name or re.search(r"[\x00-\x1f\x7f]|\.lock$|~$", name):
        return "which is no name for a folder; take letters, digits and spaces"
    if name.lower() in FOLDERS and name not in FOLDERS:
        return f'but there is "{name.lower()}" already; small and capital letters are not the same'
    return "where mailrun keeps letters of its own; take another" if name.lower() in NO_FOLDERS else ""


def _evident(evidence: tuple[str, ...]) -> Iterator[str]:
    """Headers in which no provider writes for whom a letter is."""
    for name in evidence:
        if name.casefold() == "received":
            yield f"maildrop.evidence names {shown(name)} (did you mean Received-for?); it is asked at the end anyway"
        elif name.casefold() in map(str.casefold, FORGED):
            yield (
                f"maildrop.evidence names {shown(name)}, which the sender writes and no provider; "
                "name the header of the envelope recipient, such as X-Original-To"
            )
