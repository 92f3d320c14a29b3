"""Rules that a person makes of one letter: what comes like this is for that member, from now on.

A rule is one more name in household.toml: a reader of a list, an address of a member's, an alias, or a sender whose
letters are a member's. It adds to what is there and takes nothing from anybody.

Never: the file (``store.settings``), the decision itself (``split``).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from core.config import Config, Maildrop
from core.errors import ConfigError, MailrunError
from core.mail import aliases, headers, lists
from core.mail.addresses import mailboxes, normal
from core.mail.clean import safe
from core.mail.names import fold
from core.mail.split import Routed, split

Kind = Literal["list", "also", "alias", "sender"]
Keys = tuple[str, ...]
_NAME = re.compile(r"[\w.=-]+")
_SENDERS = ("From", "Sender", "Return-Path")
_WORDS = {
    "list": "Letters over the list {key} are for {member}.",
    "also": "{key} is an address of {member}'s.",
    "alias": "Letters to {key} are for {member}.",
    "sender": "Letters from {key} are for {member}, where no address in them tells.",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a letter has to have: ``key`` is a list's name, an address of ours, an alias, or a sender or his domain."""

    kind: Kind
    key: str


def words(rule: Rule, member: str) -> str:
    """A rule in a sentence for the screen."""
    return _WORDS[rule.kind].format(key=safe(rule.key), member=safe(member))


def propose(message: bytes, box: Maildrop, config: Config, include: Callable[[str], str]) -> list[Rule]:
    """The rules that would give somebody else's or nobody's letter to a member, the closest first."""
    before = split(message, box, config, include)
    fields = headers.fields(headers.split(message)[0])
    found = dict.fromkeys((*_lists(fields), *_ours(before, config), *_senders(fields)))
    member = next((name for name in config.members if name not in before.members), config.household.postmaster)
    return [rule for rule in found if catches(rule, member, message, box, config, include)]


def catches(
    rule: Rule, member: str, message: bytes, box: Maildrop, config: Config, include: Callable[[str], str]
) -> bool:
    """Whether this rule would give this letter to the member."""
    after = split(message, box, applied(rule, member, config), include)
    return after.how != "postmaster" and member in after.members


def _lists(fields: list[headers.Field]) -> Iterator[Rule]:
    """The lists over which it came, each by the first of its names."""
    names: dict[str, str] = {}
    for _, mark in lists.marks(fields):
        names.setdefault(lists.key(mark), mark)
    return (Rule("list", name) for name in names.values())


def _ours(before: Routed, config: Config) -> Iterator[Rule]:
    """The address of ours that is nobody's, without prefix and extension."""
    local, _, host = before.address.rpartition("@")
    name = local.removeprefix(config.routing.prefix.casefold()).partition("+")[0]
    if before.how == "postmaster" and _NAME.fullmatch(name):
        yield Rule("also", f"{name}@{host}")
        yield Rule("alias", name)


def _senders(fields: list[headers.Field]) -> Iterator[Rule]:
    """Who wrote it, and the domain of that address."""
    written = (headers.first(fields, name) for name in _SENDERS)
    found = (mailbox.address for field in written if field for mailbox in mailboxes(field.value))
    address = normal(next(found, ""))
    local, _, host = address.rpartition("@")
    if local and host:
        yield Rule("sender", address)
        yield Rule("sender", host)


def change(rule: Rule, member: str, config: Config) -> tuple[Keys, tuple[str, ...]]:
    """The key of household.toml that the rule sets, and its new value."""
    routing = config.routing
    match rule.kind:
        case "also":
            return ("members", member, "also"), _with(config.members[member].also, rule.key)
        case "alias":
            key = next((name for name in config.aliases if fold(name) == fold(rule.key)), rule.key)
            return ("aliases", key), _with(config.aliases.get(key, ()), member)
        case "list":
            key = next((name for name in routing.lists if lists.key(name) == lists.key(rule.key)), rule.key)
            return ("routing", "lists", key), _with(routing.lists.get(key, ()), member)
        case "sender":
            key = next((name for name in routing.senders if normal(name.removeprefix("@")) == rule.key), rule.key)
            return ("routing", "senders", key), _with(routing.senders.get(key, ()), member)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, name)))


def applied(rule: Rule, member: str, config: Config) -> Config:
    """The settings with this rule."""
    keys, value = change(rule, member, config)
    match rule.kind:
        case "also":
            return replace(config, members={**config.members, member: replace(config.members[member], also=value)})
        case "alias":
            return replace(config, aliases={**config.aliases, keys[-1]: value})
        case "list":
            return replace(config, routing=replace(config.routing, lists={**config.routing.lists, keys[-1]: value}))
        case "sender":
            senders = {**config.routing.senders, keys[-1]: value}
            return replace(config, routing=replace(config.routing, senders=senders))


def usable(config: Config, name: str) -> Config:
    """The settings of the file ``name``, when every name in them leads to somebody.

    Raises:
        ConfigError: some do not; one line each.
    """
    if faults := check(config):
        raise ConfigError("\n".join(f"{name}: {fault}" for fault in faults))
    return config


def check(config: Config) -> list[str]:
    """What names in the settings lead nowhere: of aliases, lists and senders; included files are not looked into."""
    found = aliases.check(config)
    for table, rules in (("lists", config.routing.lists), ("senders", config.routing.senders)):
        for key, names in rules.items():
            found += _nowhere(f'routing.{table}."{safe(key)}"', names, config)
    return list(dict.fromkeys(found))


def _nowhere(where: str, names: tuple[str, ...], config: Config) -> Iterator[str]:
    """Why the letters of one rule would be nobody's."""
    try:
        reached = aliases.expand(names, config, lambda _path: config.household.postmaster)
    except MailrunError as error:
        yield f"{where} -> {', '.join(map(safe, names))}: {error}"
    else:
        if not any(name in config.members for name in reached):
            chain = f" -> {', '.join(map(safe, names))}" if names else ""
            yield f"{where}{chain}: no member is among them, so nobody would get these letters; name one"
