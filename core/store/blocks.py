"""One of several [[tables]] in a TOML text as a block of lines: taken out or put in another place, comments with it.

A comment right above a table is about that table. What comes out is checked: nothing but that table has changed.

Never: what a table means, a file.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from core.errors import InputError

_HEADER = re.compile(r"\s*\[(\[?)\s*([^\[\]#,]+?)\s*\]\]?\s*(?:#.*)?$")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^."'\s]+))\s*(?:\.|$)""")

Span = tuple[int, int]


def dropped(text: str, keys: Sequence[str], place: int) -> str:
    """The text without one of several [[tables]]; those behind it move up.

    Raises:
        InputError: the text cannot be changed so.
    """
    lines, spans = text.splitlines(keepends=True), _spans(text, keys)
    if place >= len(spans):
        return _checked(text, text, keys, range(len(spans)))
    begin, end = spans[place]
    while end < len(lines) and not lines[end].strip():
        end += 1
    order = [n for n in range(len(spans)) if n != place]
    return _checked(text, "".join((*lines[:begin], *lines[end:])), keys, order)


def moved(text: str, keys: Sequence[str], place: int, to: int) -> str:
    """The text with one of several [[tables]] in another place among them.

    Raises:
        InputError: the text cannot be changed so.
    """
    lines, spans = text.splitlines(keepends=True), _spans(text, keys)
    order = [n for n in range(len(spans)) if n != place]
    if not 0 <= place < len(spans) or not 0 <= to < len(spans):
        raise InputError(f"there is no {'.'.join(keys)} number {max(place, to)}; there are {len(spans)}")
    order.insert(to, place)
    blocks = ["".join(lines[begin:end]) for begin, end in spans]
    whole, done = "", 0
    for (begin, end), n in zip(spans, order, strict=True):
        whole += "".join(lines[done:begin]) + blocks[n].rstrip("\n") + "\n"
        done = end
    return _checked(text, whole + "".join(lines[done:]), keys, order)


def _spans(text: str, keys: Sequence[str]) -> list[Span]:
    """Where each of these tables begins, with the comments right above it, and ends, without empty lines."""
    lines = text.splitlines()
    heads = [*_heads(lines), (len(lines), "", ())]
    found = []
    for n, (begin, brackets, names) in enumerate(heads):
        if brackets and list(names) == list(keys):
            end = next(at for at, _, other in heads[n + 1 :] if not _inside(other, keys) or list(other) == list(keys))
            found.append((_above(lines, begin), _shrunk(lines, begin, _above(lines, end))))
    return found


def _heads(lines: Sequence[str]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The lines that begin a table: which, whether it is one of several, and its name."""
    for n, line in enumerate(lines):
        if header := _HEADER.match(line):
            yield n, header[1], tuple(next(filter(None, parts), "") for parts in _PART.findall(header[2]))


def _inside(names: Sequence[str], keys: Sequence[str]) -> bool:
    return len(names) > len(keys) and list(names[: len(keys)]) == list(keys)


def _above(lines: Sequence[str], line: int) -> int:
    while line < len(lines) and line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line


def _shrunk(lines: Sequence[str], begin: int, end: int) -> int:
    while end > begin + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _checked(before: str, after: str, keys: Sequence[str], order: Sequence[int]) -> str:
    """The new text, when it says what is wanted: the same tables in this order, and all else as it was."""
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
        was, now = (_taken(whole, keys) for whole in (old, new))
        good = [was[n] for n in order] == now and old == new
    except (tomllib.TOMLDecodeError, LookupError, TypeError):
        good = False
    if not good:
        raise InputError(f"{'.'.join(keys)} is written in a way that cannot be changed here; edit the file itself")
    return after


def _taken(whole: dict[str, Any], keys: Sequence[str]) -> list[Any]:
    """The tables, taken out of the whole."""
    for key in keys[:-1]:
        whole = whole[key]
    taken = whole.pop(keys[-1], [])
    assert isinstance(taken, list)
    return taken
