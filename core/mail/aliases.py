"""Aliases, with the meaning of /etc/aliases (aliases(5)): one name for several people, inside and outside.

- A target is a member, another alias, an address, ``:include:/absolute/file``, or a backslash and a member (no alias).
- Keys fold case; of two that are the same the first wins. A name in quotes may hold spaces and commas.
- An alias that names itself means the member of that name: ``paul = ["paul", "luc@far.example"]`` keeps a copy at home.
- ``owner-NAME``, where there is one, gets the bounces of letters to NAME.
- In an included file a line that begins with # is a comment; a # anywhere else is data.

Never: reading a file (``include`` is passed in), running a program, appending to a file.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.config import Config
from core.errors import ConfigError, InputError
from core.mail.addresses import mailboxes, normal
from core.mail.clean import safe
from core.mail.names import STANDARD, Names, fold, names, who

DEEPEST = 10  # aliases inside aliases, as in sendmail's MaxAliasRecursion

Include = Callable[[str], str]

_TARGET = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_INCLUDE = ":include:"


@dataclass(frozen=True, slots=True)
class _Book:
    """All that an expansion looks things up in, and the aliases that it has been through."""

    table: Mapping[str, tuple[str, ...]]
    house: Names
    include: Include
    done: set[str]


def expand(wanted: Iterable[str], config: Config, include: Include) -> tuple[str, ...]:
    """The people and addresses that names stand for in the end: members by name, outsiders by address, each once.

    Args:
        wanted: Members, aliases and addresses.
        config: The household.
        include: Reads the text of an included file.

    Raises:
        InputError: one of the names is nobody's.
        ConfigError: an alias goes round in a circle or too deep, is empty, or names nobody, a program or a file.
    """
    book = _Book(_table(config), names(config), include, set())
    found: dict[str, str] = {}
    for address in wanted:
        for final in _reached(address, (), book):
            found.setdefault(normal(final), final)
    return tuple(found.values())


def owner(name: str, config: Config) -> str:
    """The alias that gets the bounces of letters to an alias ("owner-NAME"); empty where there is none."""
    wanted = f"owner-{fold(name)}"
    return wanted if wanted in _table(config) else ""


def check(config: Config) -> list[str]:
    """What is wrong with the aliases, a sentence each; included files are not looked into."""
    found = [
        f'aliases."{safe(key)}" has an @, but an alias is a name without a domain'
        for key in config.aliases
        if "@" in key
    ]
    seen: dict[str, str] = {}
    for key in config.aliases:
        first = seen.setdefault(fold(key), key)
        if first != key:
            found.append(f"aliases.{safe(key)} is the same name as aliases.{safe(first)}; only the first is used")
    for key in (key for key in _table(config) if "@" not in key):
        try:
            expand((f'"{key}"',), config, lambda _path: config.household.postmaster)
        except (ConfigError, InputError) as error:
            found.append(str(error))
    return list(dict.fromkeys(found))


def nearest(name: str, house: Names) -> str:
    """A hint for a name that is nobody's: the most similar one, if there is any."""
    near = difflib.get_close_matches(name, sorted({*house.members, *house.aliases}), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _table(config: Config) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for key, targets in config.aliases.items():
        table.setdefault(fold(key), targets)
    return table


def _reached(address: str, chain: tuple[str, ...], book: _Book) -> Iterator[str]:
    """Whom a name or address stands for; ``chain`` is the aliases that led to it."""
    name = who(address, book.house)
    if not name:
        yield address
    elif name not in book.table or (chain[-1:] == (name,) and name in book.house.members):
        yield _final(name, chain, book)
    else:
        yield from _followed(name, book.table[name], chain, book)


def _followed(name: str, targets: tuple[str, ...], chain: tuple[str, ...], book: _Book) -> Iterator[str]:
    """Whom an alias or an included file names."""
    if name in chain:
        circle = _circle((*chain[chain.index(name) :], name))
        raise ConfigError(f"aliases: {circle} goes round in a circle; take one of these names out")
    if len(chain) >= DEEPEST:
        raise ConfigError(
            f"aliases: {_path((*chain, name))} is more than {DEEPEST} aliases deep; name the people themselves"
        )
    if name in book.done:
        return
    wanted = [target for text in targets for target in _targets(text)]
    if not wanted:
        raise ConfigError(f"aliases: {_path((*chain, name))} names nobody; name at least one person")
    for target in wanted:
        yield from _target(target, (*chain, name), book)
    book.done.add(name)


def _target(target: str, chain: tuple[str, ...], book: _Book) -> Iterator[str]:
    """Whom one target stands for."""
    if target.startswith("|"):
        raise ConfigError(f"{_at(chain, target)}: no program is ever started by a letter; take it out")
    if target.startswith("/"):
        raise ConfigError(f"{_at(chain, target)}: letters are not appended to files; name a member instead")
    if target.lower().startswith(_INCLUDE):
        yield from _included(target[len(_INCLUDE) :].strip(), chain, book)
    elif target.startswith("\\"):
        yield _final(fold(target[1:]), chain, book)
    elif len(found := mailboxes(target.encode("utf-8", "replace"))) == 1:
        yield from _reached(found[0].address, chain, book)
    elif fold(target) in book.table:
        yield from _reached(f'"{target}"', chain, book)
    else:
        raise ConfigError(f"{_at(chain, target)}: this is neither a name nor an address")


def _included(path: str, chain: tuple[str, ...], book: _Book) -> Iterator[str]:
    if not path.startswith("/"):
        raise ConfigError(f"{_at(chain, _INCLUDE + path)}: the path of an included file begins with /")
    lines = tuple(line for line in book.include(path).splitlines() if not line.lstrip().startswith("#"))
    yield from _followed(_INCLUDE + path, lines, chain, book)


def _final(name: str, chain: tuple[str, ...], book: _Book) -> str:
    """The member of a name."""
    if name in book.house.members:
        return name
    if name in STANDARD:
        return book.house.postmaster
    if chain:
        raise ConfigError(f"{_at(chain, name)}: there is nobody of that name here{nearest(name, book.house)}")
    raise InputError(f'there is nobody called "{safe(name)}" in this house{nearest(name, book.house)}')


def _targets(text: str) -> Iterator[str]:
    """The targets between commas; quotes keep one together, and are taken off one that is all in quotes."""
    for match in _TARGET.finditer(text):
        target = match[0].strip()
        whole = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', target)
        if target:
            yield re.sub(r'\\(["\\])', r"\1", whole[1]).strip() if whole else target


def _at(chain: tuple[str, ...], target: str) -> str:
    return f'aliases: {_path(chain)} has the target "{safe(target)}"'


def _path(chain: tuple[str, ...]) -> str:
    return " -> ".join(map(safe, chain))


def _circle(chain: tuple[str, ...]) -> str:
    """A circle, told from the same place whichever way one came into it."""
    names = chain[:-1]
    start = names.index(min(names))
    return _path((*names[start:], *names[:start], names[start]))
