"""Lines in as many rows as they need: cut at words, with their frame and quote marks before each part.

Never: a colour, a widget.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from core.mail.lines import Line

_MARKS = re.compile(r"(?:> ?)+| *")


class Row(NamedTuple):
    """One line on the screen: a part of line ``line`` that begins at its character ``start``, after a prefix."""

    line: int
    start: int
    prefix: str
    text: str


def wrapped(lines: Sequence[Line], width: int, closed: set[int] | frozenset[int] = frozenset()) -> Iterator[Row]:
    """The lines in at most ``width`` cells; every part keeps the line's frame and its quote marks or indent.

    Of what is ``closed`` there is one line only.
    """
    for number, line in enumerate(lines):
        if closed and not closed.isdisjoint(line.inside):
            continue
        if line.opens in closed:
            yield Row(number, 0, "", _short(line.closed, width))
        elif len(line.text) + len(line.mark) <= width and line.text.isascii():
            yield Row(number, 0, line.mark, line.text)
        else:
            yield from _wrapped(number, line, width)


def _short(text: str, width: int) -> str:
    """What stands for a fold, on one line; how much is in it is never cut off."""
    if cell_len(text) <= width:
        return text
    head, plus, count = text.rpartition("   + ")
    tail = f"…{plus}{count}" if plus and len(count) < width // 2 else "…"
    return chop_cells((head or text)[: 2 * width], width - len(tail))[0] + tail


def _wrapped(number: int, line: Line, width: int) -> Iterator[Row]:
    frame = line.mark[: width // 2]
    if cell_len(line.text) + len(frame) <= width:
        yield Row(number, 0, frame, line.text)
        return
    mark = (_MARKS.match(line.text) or [""])[0][: width // 2]
    room = max(width - len(frame) - len(mark), 4)
    for start, part in _parts(line.text[len(mark) :], room):
        yield Row(number, len(mark) + start, frame + mark, part)


def _parts(text: str, width: int) -> Iterator[tuple[int, str]]:
    """Greedy: break at the last space that fits, and inside a word only when it is longer than the line."""
    start, plain = 0, text.isascii()
    while start < len(text):
        window = text[start : start + 2 * width]  # enough, and no more: a line may have a million characters
        first = window[:width] if plain else chop_cells(window, width)[0]
        end = start + len(first)
        if end < len(text) and text[end] != " ":
            space = first.rfind(" ")
            end = start + space if space > width // 3 else end
        yield start, text[start:end].rstrip()
        start = end + len(text[end : end + width]) - len(text[end : end + width].lstrip(" "))
