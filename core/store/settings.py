"""household.toml, written: keys are changed in place, comments and order stay, and the version before is kept.

Never: what a key means (``core.config``); a file that ``core.config`` would refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from msgspec import Struct
from msgspec.structs import asdict
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from core import config
from core.errors import BusyError, ConfigError, InputError
from core.mail import rules
from core.store import blocks, files
from core.store.lock import exclusive

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """As the value of a change: that one of several [[tables]] shall stand in this place, counted from 0."""

    number: int


def several(keys: Keys) -> bool:
    """Whether there may be several tables of this name: [[maildrop]], [[line.tariff.rules]], [[members.NAME.rules]]."""
    return keys in (("maildrop",), ("line", "tariff", "rules")) or (keys[:1] == ("members",) and keys[2:] == ("rules",))


def edit(path: Path, changes: Mapping[Keys, object | None], seen: str) -> str:
    """Set keys (None: take the key out), and write the file; returns its new text.

    A key's path is as ("members", "paul", "name"); a maildrop is told by its place, ("maildrop", "0", "host");
    the next free place makes a new one, None for ("maildrop", "0") takes it out, and a ``Place`` moves it.
    ``seen`` is the text that the person looked at while deciding.

    Raises:
        BusyError: somebody changed the file meanwhile, or is changing it now.
        InputError: a path leads to nothing that can be changed.
        ConfigError: with these changes it would no longer be a household.toml that can be used.
        StoreError: the disk refused; the old file is still there.
    """
    path = path.resolve()
    with exclusive(path.with_name(f".{path.name}.lock"), "the settings screen"):
        with files.faults(path):
            if path.read_text(encoding="utf-8") != seen:
                raise BusyError(f"{path}: somebody has changed this file meanwhile; look at it again, then change it")
        text = changed(seen, changes)
        rules.usable(config.parse(text, str(path)), str(path))
        _replace(path, text)
    return text


def write(path: Path, text: str) -> None:
    """Write the whole file, mode 0600; a version that was there is kept beside it with a ~.

    Raises:
        BusyError: somebody is changing it now.
        ConfigError: it would be no household.toml that can be used.
        StoreError: the disk refused; the old file is still there.
    """
    path = path.resolve()
    rules.usable(config.parse(text, str(path)), str(path))
    with exclusive(path.with_name(f".{path.name}.lock"), "the settings screen"):
        _replace(path, text)


def changed(text: str, changes: Mapping[Keys, object | None]) -> str:
    """The text with these keys set or taken out.

    Raises:
        ConfigError: the text is no TOML.
        InputError: a path leads to nothing that can be changed.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"the settings are no TOML: {error}") from None
    made: list[Table] = []
    whole = {keys: value for keys, value in changes.items() if several(keys[:-1])}
    for keys, value in changes.items():
        if keys in whole:
            continue
        table = _table(document, keys[:-1], made if value is not None else None)
        if value is not None:
            table[keys[-1]] = _plain(value)
        elif table is not None and keys[-1] in table:
            del table[keys[-1]]
    for table in made:
        table.add(tomlkit.nl())  # whatever follows keeps its distance
    text = tomlkit.dumps(document)
    for keys, value in whole.items():
        text = _placed(text, keys, value)
    return text.rstrip("\n") + "\n"


def _placed(text: str, keys: Keys, value: object | None) -> str:
    """The text with one of several [[tables]] taken out or moved."""
    if not keys[-1].isdecimal():
        raise InputError(f"{'.'.join(keys)} cannot be changed: {keys[-1]} is no place; they are counted from 0")
    if isinstance(value, Place):
        return blocks.moved(text, keys[:-1], int(keys[-1]), value.number)
    return blocks.dropped(text, keys[:-1], int(keys[-1]))


def _replace(path: Path, text: str) -> None:
    with files.faults(path):
        files.make_folder(path.parent)
        if path.exists():
            files.replace(path.with_name(f"{path.name}~"), path.read_bytes())
        files.replace(path, text.encode())


def _table(document: Any, keys: Keys, made: list[Table] | None) -> Any:
    """The table that these keys lead to, made where it is missing; None if it is missing and ``made`` is None."""
    table = document
    for n, key in enumerate(keys):
        if isinstance(table, AoT):
            table = _nth(table, key, made)
        elif key in table:
            table = table[key]
        elif made is not None:
            table = _made(table, key, made, several=several(keys[: n + 1]))
        else:
            return None
        if table is None:
            return None
        if not isinstance(table, Mapping | AoT):
            raise InputError(f"{'.'.join(keys)} cannot be changed: {key} is a single value there, not a table")
    return table


def _made(table: Any, key: str, made: list[Table], *, several: bool) -> Any:
    """A new table of this name, or the beginning of several [[tables]]."""
    if several and not table.as_string().endswith("\n\n"):
        table.add(tomlkit.nl())
    table[key] = tomlkit.aot() if several else tomlkit.table()
    if not several:
        made.append(table[key])
    return table[key]


def _nth(tables: AoT, key: str, made: list[Table] | None) -> Any:
    """One of several [[tables]], by its place; the next free place makes a new one."""
    if key.isdecimal() and int(key) < len(tables):
        return tables[int(key)]
    if made is None:
        return None
    if key != str(len(tables)):
        raise InputError(f"there is no table number {key}; there are {len(tables)}, counted from 0")
    if tables and not tables[-1].as_string().endswith("\n\n"):
        tables[-1].add(tomlkit.nl())
    tables.append(tomlkit.table())
    made.append(tables[-1])
    return tables[-1]


def _plain(value: object) -> Any:
    """A setting as TOML has it."""
    match value:
        case config.Secret():
            return value.reveal()
        case Decimal():
            return str(value)
        case Struct():
            return {key: _plain(one) for key, one in asdict(value).items()}
        case Mapping():
            return _inline(value)
        case tuple() | list():
            return [_plain(one) for one in value]
        case _:
            return value


def _inline(value: Mapping[str, object]) -> InlineTable:
    """A few keys and values on one line."""
    table = tomlkit.inline_table()
    table.update({str(key): _plain(one) for key, one in value.items()})
    return table
