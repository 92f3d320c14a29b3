"""A letter as blocks: what people read of it, in the one shape that screens, print and quotes are made of.

All text in a block has been made safe to show (``clean``), and holds no line end but between its lines.

Never: a colour, a width, a key; bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.mail.parts import Part

_MARKS = re.compile(r"(?:> ?)+")
_ORIGINAL = re.compile(
    r"-{5,} ?(?:original message|urspr[uü]ngliche nachricht|original-?nachricht|message d.origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht|oprindelig meddelelse|ursprungligt meddelande"
    r"|mensagem original|wiadomość oryginalna) ?-{5,}",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(?:From|Von|De|Da|Van|Från|Fra|Od) ?:", re.IGNORECASE)
_RULE = 20  # underscores that are a line across
_SEAL = "-----BEGIN PGP SIGNATURE-----"  # nobody reads what follows
_LONGEST_INTRO = 3  # lines: "On Monday the 3rd of November, at nine in the morning, Paul Dupont wrote:"
_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that say something."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines of an earlier letter, with their ``>``, and what leads to them ("On Monday Paul wrote:"), if anything."""

    intro: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """The lines from "-- " on, or a signature of PGP."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of mailrun's own about the letter."""

    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """Something with a frame around it: an attached letter, an invitation, a report.

    ``facts`` are named lines, ``inside`` is what it says; ``short`` stands for it where it is folded up, as it is at
    first when it is ``folded``.
    """

    title: str
    short: str
    facts: tuple[tuple[str, str], ...] = ()
    inside: tuple["Block", ...] = ()
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Where a numbered link truly leads; ``doubt`` says so if its words name another place."""

    number: int
    target: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Something attached, by its number."""

    number: int
    part: Part


Block = Text | Quote | Signature | Note | Card | Link | File


def said(text: str) -> Iterator[Block]:
    """Plain text, safe already, as what was written, what was quoted, and how it is signed."""
    own: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(">"):
            end = _end_of_quote(lines, at)
            intro = _intro(own)
            yield from _text(own[: len(own) - len(intro)])
            yield Quote(tuple(intro), tuple(lines[at:end]))
            own, at = [], end
        elif line.rstrip() == "--" or line.startswith(_SEAL):
            end = next((n for n in range(at, len(lines)) if lines[n].startswith(">")), len(lines))
            yield from _text(own)
            yield Signature(tuple(lines[at:end]))
            own, at = [], end
        elif _copied(lines, at):
            yield from _text(own)
            yield Quote((line,), tuple(lines[at + 1 :]))
            return
        else:
            own.append(line)
            at += 1
    yield from _text(own)


def _copied(lines: list[str], at: int) -> bool:
    """Whether the whole letter that is answered follows, without a mark: some programs end every answer so."""
    line = lines[at].strip()
    if line.startswith("-----"):
        return bool(_ORIGINAL.fullmatch(line))
    return len(line) >= _RULE and not line.strip("_") and bool(_FROM.match("".join(lines[at + 1 : at + 2])))


def depth(line: str) -> int:
    """How deep a line is quoted."""
    marks = _MARKS.match(line)
    return marks[0].count(">") if marks else 0


def _text(lines: list[str]) -> Iterator[Text]:
    if lines:
        yield Text(tuple(lines))


def _end_of_quote(lines: list[str], at: int) -> int:
    """After the last quoted line; one empty line between quoted ones belongs to them."""
    while at < len(lines):
        if lines[at].startswith(">") or (not lines[at] and lines[at + 1 : at + 2] and lines[at + 1].startswith(">")):
            at += 1
        else:
            break
    return at


def _intro(own: list[str]) -> list[str]:
    """The end of what was written, where it leads to the quote: a short paragraph that ends with a colon."""
    end = len(own)
    while end and not own[end - 1].strip() and len(own) - end < 1:
        end -= 1
    start = end
    while start and own[start - 1].strip():
        start -= 1
        if end - start > _LONGEST_INTRO:
            return []
    words = " ".join(own[start:end])
    return own[start:] if words.rstrip().endswith(":") and len(words) <= _LONGEST_WORDS else []
