"""TOML text against tables of settings: the values, or every fault with its line; and a table as a sample text.

A table is a msgspec Struct; each field is one key, annotated with its type and its meaning.

Never: which tables there are (``core.config``), a file.
"""

import difflib
import json
import re
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Struct

KeyPath = tuple[str | int, ...]  # where in the file: ("maildrop", 0, "port")
Found = tuple[KeyPath, str]  # a fault: where, and the sentence


class Secret:
    """A password: shown by nothing but ``reveal()``."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        """The password itself."""
        return self._text


class Size(int):
    """A number of bytes, written as 1234, "100 kB" or "2 MB" (thousands, as line times are reckoned)."""


class Fault(Struct, frozen=True):
    """One thing that is wrong: the key's path, the line (0: not known) and the sentence."""

    path: KeyPath
    line: int
    sentence: str


def keys(table: type[Struct]) -> dict[str, tuple[Any, str, Any]]:
    """Of each key of a settings table: its type, its meaning, and its default (``msgspec.NODEFAULT``: required)."""
    hints = typing.get_type_hints(table, include_extras=True)
    return {
        field.encode_name: (*_meaning(hints[field.name]), _default(field)) for field in msgspec.structs.fields(table)
    }


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return (
        field.default
        if field.default is not msgspec.NODEFAULT
        else (field.default_factory() if field.default_factory is not msgspec.NODEFAULT else msgspec.NODEFAULT)
    )


def _meaning(hint: Any) -> tuple[Any, str]:
    if typing.get_origin(hint) is Annotated:
        kind, text = typing.get_args(hint)
        return kind, str(text)
    return hint, ""


def table(
    kind: type[Struct],
    raw: object,
    path: KeyPath,
    found: list[Found],
) -> Any:
    """One table as a value of ``kind``; every fault goes to ``found``."""
    if not isinstance(raw, dict):
        found.append((path, f"{dotted(path)} is {shown(raw)}, but must be a table with keys"))
        return None
    known = keys(kind)
    values: dict[str, object] = {}
    before = len(found)
    for key, value in raw.items():
        if key in known:
            values[key] = entry(known[key][0], value, (*path, key), found)
        else:
            found.append(((*path, key), f"{dotted((*path, key))} is not a key here{nearest(key, known)}"))
    found += [
        (path, f"{dotted((*path, key))} is missing: {meaning or 'it is needed'}")
        for key, (_, meaning, default) in known.items()
        if default is msgspec.NODEFAULT and key not in raw
    ]
    names = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
    return kind(**{names[key]: value for key, value in values.items()}) if len(found) == before else None


def entry(kind: Any, raw: object, path: KeyPath, found: list[Found]) -> object:
    """One key's value; tables inside are followed so that each fault names its own key."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if type(None) in args:
        return None if raw == "" else entry(next(arg for arg in args if arg is not type(None)), raw, path, found)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return table(kind, raw, path, found)
    if origin is dict and isinstance(raw, dict):
        return {key: entry(args[1], value, (*path, key), found) for key, value in raw.items()}
    if origin is tuple and isinstance(args[0], type) and issubclass(args[0], Struct) and isinstance(raw, list):
        return tuple(entry(args[0], value, (*path, n), found) for n, value in enumerate(raw))
    if isinstance(raw, str) and (kind == tuple[str, ...] or chosen(kind)):
        raw = [raw]
    try:
        return msgspec.convert(raw, kind, dec_hook=_decode)
    except msgspec.ValidationError:
        found.append(
            (
                path,
                f"{dotted(path)} is {shown(raw, path)}, but must be {wanted(kind)}{nearest(raw, kind)}",
            )
        )
        return None


def _decode(kind: type, raw: object) -> object:
    if kind is Secret and isinstance(raw, str):
        return Secret(raw)
    if kind is Size:
        return size(raw)
    raise ValueError(raw)


def size(raw: object) -> Size:
    """Bytes from 1234, "100 kB" or "2 MB".

    Raises:
        ValueError: it is none of these.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kMG]?)B?", str(raw).strip(), re.IGNORECASE)
    if match is None or isinstance(raw, bool):
        raise ValueError(raw)
    return Size(float(match[1]) * 1000 ** " kmg".index(match[2].lower() or " "))


def dotted(path: KeyPath) -> str:
    """A key's path as people write it: maildrop[1].port."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "the file"


def shown(raw: object, path: KeyPath = ()) -> str:
    """What was found, short; never the text of a password."""
    if any(part in ("password", "passphrase", "chat") for part in path):
        return f"a {type(raw).__name__}"
    text = f'"{raw}"' if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    return text if len(text) <= 60 else text[:57] + "..."


def chosen(kind: Any) -> tuple[str, ...]:
    """The words of which a list may hold any; empty where it is no such list."""
    args = typing.get_args(kind)
    several = typing.get_origin(kind) is tuple and typing.get_origin(args[0]) is Literal
    return typing.get_args(args[0]) if several else ()


def tables(kind: Any) -> bool:
    """Whether a key holds a table, or several, rather than values."""
    args = typing.get_args(kind)
    inside = args[0] if typing.get_origin(kind) is tuple else kind
    return isinstance(inside, type) and issubclass(inside, Struct)


def held(table: Struct, key: str) -> Any:
    """What a table holds under a key, as it is called in the file."""
    return getattr(table, next(field.name for field in msgspec.structs.fields(table) if field.encode_name == key))


def wanted(kind: Any) -> str:
    """A type in words."""
    if several := chosen(kind):
        return f"a list of {' and '.join(several)}"
    if typing.get_origin(kind) is Literal:
        *most, last = (str(arg) for arg in typing.get_args(kind))
        return f"{', '.join(most)} or {last}"
    words: Mapping[Any, str] = {
        str: "text in quotes",
        Secret: "text in quotes",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        dict[str, str]: 'names and texts such as { X-Priority = "1" }',
        Decimal: 'an amount such as "0.05"',
        Size: 'a size such as "100 kB"',
        tuple[str, ...]: 'a list of texts such as ["a", "b"]',
        tuple[tuple[str, Secret], ...]: 'a list of pairs such as [["ogin:", "me"], ["assword:", "..."]]',
    }
    return words.get(kind, "a table")


def nearest(word: object, among: Any) -> str:
    """A hint: the most similar allowed word, if there is one."""
    allowed = (
        [str(arg) for arg in typing.get_args(among)]
        if typing.get_origin(among) is Literal
        else (list(among) if isinstance(among, Mapping) else [])
    )
    near = difflib.get_close_matches(str(word), allowed, n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def line(text: str, path: KeyPath) -> int:
    """The line on which a key stands, or its table; 0 where that is not plain to see."""
    best = at = 0
    here: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    names = tuple(str(part) for part in path)
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            parts = [part.strip().strip("\"'") for part in header[2].split(".")]
            if header[1] == "[[":
                counts[header[2]] = counts.get(header[2], -1) + 1
                parts.append(str(counts[header[2]]))
            here = tuple(parts)
            if here == names[: len(here)] and len(here) > best:
                best = len(here)
                at = number
        elif key := re.match(r"""\s*["']?([^"'=\s]+)["']?\s*=""", line):
            whole = (*here, *key[1].split("."))
            if whole == names[: len(whole)] and len(whole) > best:
                best = len(whole)
                at = number
    return at


def sample(table: type[Struct], header: str, given: Mapping[str, object]) -> str:
    """One table of a household.toml: the keys that are given, and the others as comments with their defaults."""
    lines = [*(f"# {line.strip()}" for line in (table.__doc__ or "").splitlines() if line.strip()), header]
    for key, (kind, meaning, default) in keys(table).items():
        if tables(kind):
            continue
        value = given.get(key, default)
        mark = "" if key in given else "# "
        lines.append(f"{mark}{key} = {literal(value)}".ljust(42) + f"  # {meaning}")
    return "\n".join(lines) + "\n"


def literal(value: object) -> str:
    """A default as TOML text."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(literal(entry) for entry in value) + "]"
    if isinstance(value, dict):
        return "{}"
    return '""' if value is None or isinstance(value, Secret) else text(str(value))


def text(value: str) -> str:
    """A text in quotes, as TOML and JSON both read it; TOML wants DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
