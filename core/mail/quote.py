"""A letter's text as it stands in the answer: without its signature, each line marked, all within the width.

What runs over the width goes on in the next line of the same paragraph, as a person would mend it: no line of one word
between two full ones. Lists, verses and tables, whose lines are short, stay as they are.

Never: the letter itself (``mail.text`` reads it), flowing for the wire (``mail.body``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

WIDTH = 76  # columns of a quoted line, its marks among them
MOST = 2000  # lines that are quoted; an editor and a thin line have no use for more

_MARKS = re.compile(r"(?:> ?)*")
_OWN_LINE = re.compile(r"\s|[-*+•|#]\s|\d{1,3}[.)]\s|[A-Z][\w-]+: ")  # begins a line of its own: an item, a field
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_LONGEST = 2000  # characters of a line that an editor should be given
_WORD = 400  # characters of the longest word that is not cut: an address of the web may be long


def quoted(text: str) -> str:
    """The text with one mark more before each line, without the signature and the empty lines at its end."""
    body = _SIGNATURE.split(text, maxsplit=1)[0].strip("\n").rstrip() or text.strip("\n").rstrip()
    lines = list(islice(_wrapped(map(_parted, body.split("\n"))), MOST + 1))
    return "\n".join(lines if len(lines) <= MOST else [*lines[:MOST], "> [the rest is left out]"])


def bearable(text: str) -> str:
    """The text with lines that an editor can bear; a paragraph stays on one line as long as people write such."""
    return "\n".join(piece for line in text.split("\n") for piece in _borne(line))


def _borne(line: str) -> list[str]:
    if len(line) <= _LONGEST:
        return [line]
    depth, rest = _parted(line)
    return [_marked(depth - 1, piece) for piece in cut(rest, WIDTH)]


def _parted(line: str) -> tuple[int, str]:
    """The depth of a line in the answer, and the line without its marks."""
    marks = _MARKS.match(line)
    assert marks is not None  # it matches nothing, too
    return marks[0].count(">") + 1, line[marks.end() :].rstrip()


def _wrapped(lines: Iterable[tuple[int, str]]) -> Iterator[str]:
    """All lines within the width; ``rest`` is what did not fit into the line before."""
    rest, before = "", 0
    for depth, line in lines:
        if rest and depth == before and line and not _OWN_LINE.match(line):
            line = f"{rest} {line}"  # noqa: PLW2901 - it is one line with what ran over
        elif rest:
            yield _marked(before, rest)
        *whole, last = cut(line, max(WIDTH - 2 * depth, WIDTH // 2))
        yield from (_marked(depth, piece) for piece in whole)
        rest, before = (last, depth) if whole else ("", depth)
        if not whole:
            yield _marked(depth, last)
    if rest:
        yield _marked(before, rest)


def _marked(depth: int, line: str) -> str:
    return f"{'> ' * depth}{line}".rstrip()


def cut(line: str, width: int) -> list[str]:
    """A line in pieces of at most ``width`` columns, at its spaces; its indent stays with the first."""
    if len(line) <= width and columns(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())][: width // 2]
    pieces, room = [indent], width
    for word in _words(line, width):
        took = columns(word)
        if pieces[-1].strip() and took + 1 > room:
            pieces.append("")
            room = width
        space = " " if pieces[-1].strip() else ""
        pieces[-1] += space + word
        room = width - columns(pieces[-1])
    return pieces


def _words(line: str, width: int) -> Iterator[str]:
    """The words of a line; one without end is cut, and so is a line of a language that writes no spaces."""
    for word in line.split():
        longest, piece, took = _WORD if word.isascii() else width, "", 0
        for sign in word if len(word) > longest // 2 else ():
            if took + _column(sign) > longest:
                yield piece
                piece, took = "", 0
            piece += sign
            took += _column(sign)
        yield piece or word


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: letters of the Far East take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_column(sign) for sign in text)


def _column(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
