"""The tables of household.toml as sheets to fill in: which there are, what their keys are worth, and back into changes.

All of it comes from the one table of keys in ``core.config``. What is typed is text; lists are typed with commas
between, and a secret is never shown.

Never: a widget, the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import NODEFAULT, Struct

from core.config import (
    Bill,
    Config,
    Due,
    Filing,
    House,
    Junk,
    Line,
    Maildrop,
    Member,
    Price,
    Routing,
    SmartHost,
    Tariff,
    keys,
)
from core.mail import filing
from core.toml import held, tables
from tui.commands import COMMANDS
from tui.values import Path
from tui.widgets.fields import Field, Heads, shown, value
from tui.widgets.words import money

Changes = dict[Path, object | None]
PRICES: Path = ("line", "tariff", "rules")
MANY: tuple[Path, ...] = (
    *(("members",), ("aliases",), ("routing", "lists"), ("routing", "senders"), ("maildrop",), PRICES, ("keys",)),
)
TESTED = ("household", "maildrop", "smarthost", "line", "junk")  # tables that can be tried for real
NEW = ""  # the last part of the path of a table that is still to get its name
WORDS = {command.id: command.help for command in COMMANDS}
TO = "whom it stands for: members, addresses, other aliases; commas between"
WHO = "the members who get them; commas between"
HEAD = "any other header, as X-Priority: 1"
KEY = "such as w, f5 or ctrl+o; commas between several; empty: as it came"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its path in the file, what it is called, and what it holds in a few words.

    ``key`` is the field with the table's own name, where that can be given or changed. Without fields it is a heading.
    """

    path: Path
    title: str
    about: str
    fields: tuple[Field, ...] = ()
    key: str = ""

    @property
    def group(self) -> Path:
        """The tables of its kind, to which one can be added; itself where there is but one."""
        return self.path[:-1] if many(self.path[:-1]) else self.path

    @property
    def heading(self) -> bool:
        """Whether it only stands above others."""
        return not self.fields

    @property
    def removable(self) -> bool:
        """Whether the house can do without it."""
        return bool(self.fields) and (self.group != self.path or self.path == ("smarthost",))

    @property
    def tested(self) -> bool:
        """Whether it can be tried for real, or on letters that have come."""
        if self.rule:
            return True
        return bool(self.fields) and self.path[0] in TESTED and self.path[-1] != "tariff"

    @property
    def rule(self) -> bool:
        """Whether it is one of a member's own rules."""
        return ruling(self.path[:-1])

    @property
    def ordered(self) -> bool:
        """Whether it matters which of its kind stands above which."""
        return self.rule or self.path[:-1] == PRICES

    def changes(self, texts: Mapping[str, str]) -> Changes:
        """What the file has to be changed in, now that these texts stand in the fields."""
        path = (*self.path[:-1], texts[self.key].strip()) if self.key else self.path
        rest = [field for field in self.fields if not self.key or field.key != self.key]
        flat = len(rest) == 1 and not rest[0].key
        typed = {(*path, field.key) if field.key else path: (field, texts[field.key].strip()) for field in rest}
        if flat and path != self.path and self.path[-1] != NEW:
            return {self.path: None} | {at: value(field, text) for at, (field, text) in typed.items()}
        return {at: value(field, text) for at, (field, text) in typed.items() if text != field.text}


def ruling(path: Path) -> bool:
    """Whether a member's own rules are here."""
    return len(path) == 3 and path[0] == "members" and path[2] == "rules"


def many(path: Path) -> bool:
    """Whether there may be any number of tables here."""
    return path in MANY or ruling(path)


def sheets(config: Config) -> Iterator[Sheet]:
    """All tables, in the order in which a house is set up."""
    house = config.household
    yield table(("household",), "Household", f"{house.name}, {house.domain}", House, house)
    yield Sheet(("members",), "Members", "the people of the house")
    for name, member in config.members.items():
        yield member_sheet(name, member)
    for name, member in config.members.items():
        yield from _rules(name, member)
    yield from _named(("aliases",), "Aliases", "names for several people, as in /etc/aliases", config.aliases)
    lists = "who reads the lists whose letters name nobody here"
    yield from _named(("routing", "lists"), "Mailing lists", lists, config.routing.lists)
    senders = "for whom letters are that tell only who wrote them"
    yield from _named(("routing", "senders"), "Senders", senders, config.routing.senders)
    yield table(("routing",), "Prefix", config.routing.prefix or "none", Routing, config.routing)
    yield from _provider(config)
    yield from _line(config)
    told = "people" if config.junk.kind == "none" else config.junk.kind
    yield table(("junk",), "Junk", f"told by {told}", Junk, config.junk)
    yield Sheet(("keys",), "Keys", "commands that have other keys here")
    for id_, key in config.keys.items():
        yield key_sheet(id_, key)


def _rules(name: str, member: Member) -> Iterator[Sheet]:
    path = ("members", name, "rules")
    yield Sheet(path, f"Rules of {name}", "where letters go by themselves")
    for n, rule in enumerate(member.rules):
        yield rule_sheet((*path, str(n)), rule)


def rule_sheet(path: Path, rule: Filing | None) -> Sheet:
    """One of a member's own rules, in words."""
    title = f"{int(path[-1]) + 1}. {filing.words(rule)}" if rule else f"A new rule for the letters of {path[1]}"
    return table(path, title, "", Filing, rule)


def _provider(config: Config) -> Iterator[Sheet]:
    yield Sheet(("maildrop",), "Maildrops", "the boxes at the provider")
    for place, box in enumerate(config.maildrop):
        yield table(("maildrop", str(place)), box.name, f"{box.user} at {box.host}:{box.port}", Maildrop, box)
    host = config.smarthost
    about = f"{host.user or 'no login'} at {host.host}:{host.port}" if host else "none yet; nothing can be sent"
    yield table(("smarthost",), "Smart host", about, SmartHost, host)


def _line(config: Config) -> Iterator[Sheet]:
    line, tariff = config.line, config.line.tariff
    ways = {
        "modem": f"modem on {line.device}, {', '.join(line.numbers)}",
        "command": f"up by {' '.join(line.up)}",
        "always": "always there",
    }
    call, minute = money(tariff.per_call, tariff.currency), money(tariff.per_minute, tariff.currency)
    yield table(("line",), "Line", ways[line.kind], Line, line)
    yield table(("line", "tariff"), "Tariff", f"{call} a call, {minute} a minute", Tariff, tariff)
    yield Sheet(PRICES, "Prices by the hour", "where a minute costs more or less; of those that fit the last one holds")
    for n, price in enumerate(tariff.rules):
        yield price_sheet((*PRICES, str(n)), price, tariff.currency)
    yield table(("bill",), "Bill", _limits(config.bill, tariff.currency), Bill, config.bill)
    yield table(("due",), "When due", _occasions(config.due), Due, config.due)


def price_sheet(path: Path, price: Price | None, currency: str) -> Sheet:
    """What a minute costs in some hours, in words."""
    if price is None:
        return table(path, "A new price for some hours", "", Price, None)
    days = ", ".join(price.days) or "every day"
    words = f"{days} {price.from_}-{price.to}: {money(price.per_minute, currency)} a minute"
    return table(path, f"{int(path[-1]) + 1}. {words}", "", Price, price)


def _limits(bill: Bill, currency: str) -> str:
    """What the house is willing to pay, in a few words."""
    limits = (
        f"{money(bill.budget, currency)} a month" if bill.budget else "",
        f"{bill.max_minutes:g} min a call" if bill.max_minutes else "",
        f"{money(bill.max_cost, currency)} a call" if bill.max_cost else "",
    )
    return ", ".join(limit for limit in limits if limit) or "no limits"


def _occasions(due: Due) -> str:
    """When a run is due, in a few words."""
    whens = (
        f"{due.letters} letters" if due.letters else "",
        f"a letter that waits {due.hours:g} h" if due.hours else "",
        f"every {due.every:g} h" if due.every else "",
    )
    when = " or ".join(one for one in whens if one) or "whenever asked"
    return f"{when}, {', '.join(due.between)}" if due.between else when


def _named(path: Path, title: str, about: str, entries: Mapping[str, tuple[str, ...]]) -> Iterator[Sheet]:
    yield Sheet(path, title, about)
    for name, to in entries.items():
        yield entry_sheet((*path, name), to)


def new(group: Path, config: Config) -> Sheet:
    """An empty sheet for one more table of this group."""
    if group == ("members",):
        return member_sheet(NEW, None)
    if group == ("maildrop",):
        return table(("maildrop", str(len(config.maildrop))), "A new maildrop", "", Maildrop, None)
    if group == PRICES:
        place = str(len(config.line.tariff.rules))
        return price_sheet((*PRICES, place), None, config.line.tariff.currency)
    if ruling(group):
        return rule_sheet((*group, str(len(config.members[group[1]].rules))), None)
    return entry_sheet((*group, NEW), ())


def member_sheet(name: str, member: Member | None) -> Sheet:
    """A person; the login is given once, because the mail folder is called by it."""
    about = f"{member.name}, {member.address}".lstrip(", ") if member else ""
    sheet = table(("members", name), name or "A new member", about, Member, member, without=("passphrase",))
    if name:
        return sheet
    login = Field("login", str, "a short name: a to z, 0 to 9, . _ -", needed=True)
    return Sheet(sheet.path, sheet.title, sheet.about, (login, *sheet.fields), "login")


def entry_sheet(path: Path, to: tuple[str, ...]) -> Sheet:
    """A name and whom it stands for: an alias, or whose the letters of a list or a sender are."""
    asked = {
        ("aliases",): ("alias", "one word, without @"),
        ("routing", "lists"): ("list", "the list's name (List-Id) or address"),
        ("routing", "senders"): ("sender", "the sender's address, or a domain"),
    }
    label, meaning = asked[path[:-1]]
    name = Field(label, str, meaning, path[-1], needed=True)
    kind = tuple[str, ...]
    whom = Field("", kind, TO if label == "alias" else WHO, shown(kind, to), needed=True, name="is for")
    return Sheet(path, path[-1] or f"A new {label}", ", ".join(to), (name, whom), label)


def key_sheet(id_: str, key: str) -> Sheet:
    """A command and its key."""
    field = Field("", str, KEY, key, needed=not key, name="key")
    return Sheet(("keys", id_), WORDS.get(id_, id_), key, (field,))


def table(
    path: Path, title: str, about: str, kind: type[Struct], values: Struct | None, without: tuple[str, ...] = ()
) -> Sheet:
    """One table of settings; what is a table itself has a sheet of its own."""
    fields = [
        _field(key, key_kind, meaning, default, values)
        for key, (key_kind, meaning, default) in keys(kind).items()
        if key not in without and not tables(key_kind) and (not isinstance(default, dict) or key_kind == Heads)
    ]
    return Sheet(path, title, about, tuple(fields))


def _field(key: str, kind: Any, meaning: str, default: Any, values: Struct | None) -> Field:
    there = default if values is None else held(values, key)
    meaning = HEAD if kind == Heads else meaning
    field = Field(key, kind, meaning, needed=default is NODEFAULT)
    usual = "" if default is NODEFAULT else shown(kind, default)
    said = "" if there is NODEFAULT or field.secret else shown(kind, there)
    text = said if said != usual or field.choices else ""
    return Field(key, kind, meaning, text, usual, field.needed, has=field.secret and bool(there))
