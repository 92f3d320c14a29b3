"""Blocks as lines: each with its look, and with the fold that it lies in, for screens, print and quotes alike.

Never: a width, a key; what is wrapped and what is folded up at the moment, the screen knows.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import NamedTuple

from core.mail.blocks import Block, Card, File, Link, Note, Quote, Signature, Text, depth
from core.mail.clean import safe

MOST = 500  # addresses of the web that are looked for in one letter
SHORT = 6  # quoted lines up to which a quote is not folded up
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"]{1,2000}", re.IGNORECASE)
_SEARCHED = 4000  # characters of a line in which they are
_FRAME = "│ "
_OWN = (Text, Quote, Signature)


class Line(NamedTuple):
    """One line before wrapping; a tuple, for a letter may have many thousands of them.

    ``mark`` stands before each part of it; ``look`` is the name of a look. ``inside``: the folds that it lies in.
    A line that ``opens`` a fold stands for it while that is folded up, as ``closed``; ``folded``: that is so at first.
    ``file``: the number of something attached that it tells of.
    """

    text: str
    look: str = "plain"
    mark: str = ""
    inside: tuple[int, ...] = ()
    opens: int = 0
    closed: str = ""
    folded: bool = False
    file: int = 0


def written(blocks: Iterable[Block]) -> str:
    """All of it as plain text."""
    return "\n".join((line.mark + line.text) if line.text else line.mark.rstrip() for line in lines(blocks)).strip("\n")


def plain(blocks: Iterable[Block]) -> list[Link]:
    """The addresses of the web that are written out in a letter, each once, without numbers; not those of its links."""
    shown = [block for block in blocks if not isinstance(block, Link)]
    texts = (line.text for line in lines(shown) if ":" in line.text)
    found = (url for text in texts for _, _, url in addresses(text))
    return [Link(0, url) for url in islice(dict.fromkeys(found), MOST)]


def addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Where in a line an address of the web begins and ends, and what it is."""
    for match in _ADDRESS.finditer(text, 0, _SEARCHED):
        url = match[0].rstrip(".,;:!?'*_")
        url = url[:-1] if url.endswith(")") and "(" not in url else url
        yield match.start(), match.start() + len(url), url


def lines(blocks: Iterable[Block]) -> Iterator[Line]:
    """The lines of a whole letter, with an empty one between its blocks where that is easier to read."""
    yield from _within(list(blocks), "", (), count(1))


def _within(blocks: list[Block], mark: str, inside: tuple[int, ...], folds: "count[int]") -> Iterator[Line]:
    """Blocks in a frame and in folds."""
    alone = not any(isinstance(block, Text) and any(map(str.strip, block.lines)) for block in blocks)
    before: Block | None = None
    fold = 0
    for block in blocks:
        if before is not None and _apart(before, block):
            yield Line("", "plain", mark, (*inside, fold) if _row(before, block) else inside)
        fold = 0
        for line in _block(block, mark, inside, folds, alone=alone):
            fold = fold or line.opens
            yield line
        before = block


def _apart(before: Block, block: Block) -> bool:
    """Whether an empty line stands between two blocks: what was written together has its own."""
    if isinstance(before, _OWN) and isinstance(block, _OWN):  # of one part, or of two that follow each other
        return isinstance(block, Text) and isinstance(before, Text | Signature)
    return type(before) is not type(block) or isinstance(block, Card)


def _row(before: Block, block: Block) -> bool:
    """Whether two blocks are of a row of cards that are folded up: then nothing is between them."""
    return isinstance(before, Card) and isinstance(block, Card) and before.folded and block.folded


def _block(block: Block, mark: str, inside: tuple[int, ...], folds: "count[int]", *, alone: bool) -> Iterator[Line]:
    match block:
        case Text():
            yield from (Line(text, "plain", mark, inside) for text in block.lines)
        case Quote():
            yield from _quote(block, mark, inside, folds, alone=alone)
        case Signature():
            yield from (Line(text, "dim", mark, inside) for text in block.lines)
        case Note():
            yield Line(block.text, "note", mark, inside)
        case Card():
            yield from _card(block, mark, inside, folds)
        case Link():
            yield from _link(block, mark, inside)
        case File():
            yield from _file(block, mark, inside)


def _quote(quote: Quote, mark: str, inside: tuple[int, ...], folds: "count[int]", *, alone: bool) -> Iterator[Line]:
    """A long quote can be folded up into the line that leads to it, or else into its first; it is, if it is not all."""
    long = len(quote.lines) > SHORT
    fold = next(folds) if long else 0
    *intro, last = quote.intro or ("",)
    head = " ".join(line.strip() for line in quote.intro).strip("-_ ")
    head = head or (quote.lines[0] if quote.intro else "")
    closed = f"{mark}┆ {head + '   ' if head else ''}+ {len(quote.lines)} quoted lines"
    within = (*inside, fold) if fold else inside
    folded = bool(fold) and not alone
    if quote.intro:
        yield from (Line(text, "plain", mark, within) for text in intro)
        yield Line(last, "plain", mark, inside, fold, closed, folded)
    for number, text in enumerate(quote.lines):
        look = ("quote", "deeper")[(max(depth(text), 1) + 1) % 2]
        if fold and not number and not quote.intro:
            yield Line(text, look, mark, inside, fold, closed, folded)
        else:
            yield Line(text, look, mark, within)


def _card(card: Card, mark: str, inside: tuple[int, ...], folds: "count[int]") -> Iterator[Line]:
    fold = next(folds) if card.inside or card.facts else 0
    within = (*inside, fold) if fold else inside
    framed = mark + _FRAME
    below = [*_facts(card, framed, within)]
    if card.inside:
        below += [Line("", "plain", framed, within)] if card.facts else []
        below += _within(list(card.inside), framed, within, folds)
    closed = f"{mark}┆ {card.short}   + {len(below)} line{'' if len(below) == 1 else 's'}"
    yield Line(card.title, "strong", framed, inside, fold, closed, folded=card.folded)
    yield from below


def _facts(card: Card, mark: str, inside: tuple[int, ...]) -> Iterator[Line]:
    width = min(max((len(name) for name, _ in card.facts), default=0), 10)
    for name, value in card.facts:
        yield Line(f"{name:<{width}}  {value}", "plain", mark, inside)


def _link(link: Link, mark: str, inside: tuple[int, ...]) -> Iterator[Line]:
    if link.number == 1:
        yield Line("Links:", "dim", mark, inside)
    yield Line(f"[{link.number}] {link.target}", "accent", mark, inside)
    if link.doubt:
        yield Line(f"    {link.doubt}", "warn", mark, inside)


def _file(file: File, mark: str, inside: tuple[int, ...]) -> Iterator[Line]:
    part = file.part
    if file.number == 1:
        yield Line("Attached:", "dim", mark, inside)
    said = f"[{file.number}] {safe(part.name)}   {part.found}, {size(part.size)}"
    yield Line(said, "accent", mark, inside, file=file.number)
    if part.doubt:
        yield Line(f"    {part.doubt}", "warn", mark, inside, file=file.number)


def size(count: int) -> str:
    """Bytes in words, thousands as line times are reckoned."""
    if count < 1000:
        return f"{count} bytes"
    return f"{round(count / 1000)} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"
