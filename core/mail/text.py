"""A letter as text for people: all that a screen needs to show one, and nothing that a terminal would obey.

Plain text is preferred to HTML; attached letters, invitations and reports are cards in their place, files are listed
at the end.

Never: markup, anything loaded from outside, an exception over what a letter holds.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.mail import calendar, encoding, flowed, headers, kinds, page, parts, receipt, remote, sealed, vcard
from core.mail.addresses import mailboxes
from core.mail.blocks import Block, Card, File, Link, Note, Text, said
from core.mail.calendar import Here
from core.mail.clean import BAD, safe, safe_lines
from core.mail.lines import written
from core.mail.parts import Entity, Part, attachments, content

__all__ = [
    "BAD",
    "LONGEST",
    "Part",
    "attachments",
    "blocks",
    "content",
    "enclosed",
    "forms",
    "quotable",
    "readable",
    "safe",
    "safe_lines",
    "source",
]

LONGEST = 1_000_000  # characters that are shown of a letter
MOST = 50_000  # lines of it

_MAIN = ("From", "To", "Cc", "Date", "Subject")
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_MANY_EMPTY = re.compile(r"\n[ \n]*\n[ \n]*\n")
_FEW = 3  # attached letters up to which each is shown open


@dataclass(slots=True)
class _Letter:
    """What is counted over all parts of one letter: its links, what may still be shown, what was cut off."""

    here: Here
    links: list[Link] = field(default_factory=list)
    page: bool = False  # is preferred to text
    many: bool = False  # enclosed letters, or one that came back: each is folded up
    left: int = LONGEST
    lines: int = MOST
    cut: int = 0


def blocks(message: bytes, here: Here = datetime.astimezone, *, page: bool = False) -> tuple[Block, ...]:
    """What the letter says, then where its links lead, then what is attached.

    Args:
        message: the letter.
        here: tells a moment by local clocks.
        page: of text and page that say the same, the page.
    """
    whole = parts.tree(message)
    inside = sum(part.kind.startswith("message/") and bool(part.parts) for part in parts.walk(whole))
    letter = _Letter(here, page=page, many=inside > _FEW or whole.kind == "multipart/report")
    shown = [*_shown(whole, letter)]
    if letter.cut:
        shown.append(Note(f"{letter.cut:,} more characters are not shown."))
    return (*shown, *letter.links, *(File(number, part) for number, part in enumerate(parts.listed(whole), 1)))


def readable(message: bytes) -> str:
    """The letter as lines of safe text, nothing folded up."""
    return written(blocks(message))


def quotable(message: bytes) -> str:
    """The same without what mailrun says of it, and without the list of what is attached."""
    return written(_own(blocks(message)))


def _own(shown: Iterable[Block]) -> Iterator[Block]:
    """What people said of it all."""
    for block in shown:
        if isinstance(block, Card):
            yield replace(block, inside=tuple(_own(block.inside)))
        elif not isinstance(block, Note | File):
            yield block


def source(message: bytes) -> tuple[Block, ...]:
    """The letter as it came, byte for byte but for what a terminal would obey."""
    return _plain(encoding.characters(message[: 4 * LONGEST]))


def enclosed(message: bytes, path: str, here: Here = datetime.astimezone) -> tuple[Block, ...]:
    """One part of a letter to be read by itself: a letter as a letter, a page as text, all else as it stands.

    Raises:
        InputError: the letter has no such part.
    """
    entity = parts.find(parts.tree(message), path)
    content, letter = entity.content(), _Letter(here)
    if entity.kind.startswith("message/") and entity.parts:
        return blocks(content, here)
    if kinds.kind(content, entity.kind) == "web page":
        return (*_page(_text(entity, letter), letter), *letter.links)
    if entity.kind in ("text/calendar", "text/vcard", "text/x-vcard"):
        return (*_shown(entity, letter), *_plain(_text(entity, letter)))
    return _plain(_text(entity, letter))


def _plain(text: str) -> tuple[Block, ...]:
    """Lines as they stand, as many as are shown of anything."""
    letter = _Letter(datetime.astimezone)
    lines = Text(tuple(_cut(safe_lines(text[:LONGEST]).rstrip("\n"), letter).split("\n")))
    cut = letter.cut + max(0, len(text) - LONGEST)
    return (lines, Note(f"{cut:,} more characters are not shown.")) if cut else (lines,)


def _shown(entity: Entity, letter: _Letter) -> Iterator[Block]:
    """One node of the letter."""
    if sentence := sealed.sentence(entity):
        yield Note(sentence)
    match entity.kind.partition("/"):
        case ("multipart", _, kind):
            for part in _chosen(entity, kind, page=letter.page):
                yield from _shown(part, letter)
        case ("message", _, _) if entity.parts:
            yield _enclosed(entity, letter)
        case ("text", _, "calendar"):
            yield from calendar.cards(_text(entity, letter), letter.here) or _alone(entity, letter)
        case ("text", _, "vcard" | "x-vcard" | "directory"):
            yield from vcard.cards(_text(entity, letter)) or _alone(entity, letter)
        case ("text", _, kind) if entity.path == "" or not entity.detached():
            yield from _words(entity, kind, letter)
        case ("message", _, "delivery-status" | "global-delivery-status"):
            yield receipt.delivery(entity.content())
        case ("message", _, "disposition-notification"):
            yield receipt.disposition(entity.content())


def _alone(entity: Entity, letter: _Letter) -> Iterator[Block]:
    """A file of which nothing could be told, as it stands, where it is the whole letter."""
    return _words(entity, "plain", letter) if entity.path == "" else iter(())


def forms(message: bytes) -> bool:
    """Whether a letter, or a letter in it, is both text and page."""
    return any(
        {"text/plain", "text/html"} <= {part.kind for piece in entity.parts for part in parts.walk(piece)}
        for entity in parts.walk(parts.tree(message))
        if entity.kind == "multipart/alternative"
    )


def _chosen(entity: Entity, kind: str, *, page: bool) -> Sequence[Entity]:
    """The parts to read: of alternatives the best, of related parts the one that the others belong to."""
    if kind == "alternative":
        rich = [part for part in entity.parts if part.kind != "text/plain"] if page else []
        best = _best(rich or entity.parts)
        return [best, *(part for part in entity.parts if part.kind == "text/calendar" and part is not best)]
    return entity.parts[:1] if kind == "related" else entity.parts


def _best(choices: Sequence[Entity]) -> Entity:
    """Of several forms of one text: plain text that says something, else the richest that is text, else the last."""
    plain = [choice for choice in choices if choice.kind == "text/plain" and choice.content().strip()]
    other = [choice for choice in choices if choice.kind.startswith(("text/html", "multipart/"))]
    return [*choices, *other, *plain[:1]][-1]


def _enclosed(entity: Entity, letter: _Letter) -> Card:
    """A letter inside the letter."""
    inner = entity.parts[0]
    facts = tuple(_main(inner.head, letter.here))
    known = dict(facts)
    people = mailboxes(known.get("From", "").encode())
    sender = safe(people[0].name or people[0].address) if people else "(unknown)"
    short = f"Letter from {sender}: {known.get('Subject') or '(no subject)'}"
    return Card("Enclosed letter", short, facts, tuple(_shown(inner, letter)), folded=letter.many)


def _words(entity: Entity, kind: str, letter: _Letter) -> Iterator[Block]:
    """A part of text as a person reads it."""
    text = _text(entity, letter)
    if kind == "html":
        yield from _page(text, letter)
    elif kind == "rfc822-headers":
        facts = tuple(_main(entity.content(), letter.here))
        yield Card("Head of a letter", f"Head of a letter: {dict(facts).get('Subject', '')}", facts)
    else:
        if entity.parameter("format") == "flowed":
            text = flowed.unwrap(text, delsp=entity.parameter("delsp") == "yes")
        if sentence := sealed.inline(text):
            yield Note(sentence)
        if text := _cut(safe_lines(text).strip("\n"), letter):
            yield from said(text)


def _page(html: str, letter: _Letter) -> Iterator[Block]:
    """A page: its text, what it wanted loaded; its links come at the end of the letter."""
    shown = page.read(html, len(letter.links) + 1)
    if text := _cut(_MANY_EMPTY.sub("\n\n", safe_lines(shown.text)).strip("\n"), letter):
        yield from said(text)
    if sentence := remote.unloaded(shown):
        yield Note(safe(sentence))
    letter.links += [Link(one.number, safe(one.url), safe(_doubt(one))) for one in shown.targets]


def _doubt(target: remote.Target) -> str:
    return f"says {target.says}, leads to {remote.host(target.url)}" if target.says else ""


def _text(entity: Entity, letter: _Letter) -> str:
    """The characters of a part, by the charset that it names, or in HTML the page itself."""
    data = entity.content()[: 4 * LONGEST]
    charset = entity.parameter("charset")
    if not charset and entity.kind == "text/html" and (meta := _META.search(data[:2000])):
        charset = meta[1].decode("ascii")
    text = encoding.characters(data, charset)
    letter.cut += max(0, len(text) - LONGEST)
    return text[:LONGEST]


def _cut(text: str, letter: _Letter) -> str:
    """As much of a text as may still be shown of the letter."""
    shown = "\n".join(text[: letter.left].split("\n", letter.lines)[: letter.lines])
    letter.cut += len(text) - len(shown)
    letter.left -= len(shown)
    letter.lines -= shown.count("\n") + 1
    return shown


def _main(head: bytes, here: Here) -> Iterator[tuple[str, str]]:
    """The header fields that a reader of an attached letter wants."""
    fields = headers.fields(head)
    for name in _MAIN:
        if field_ := headers.first(fields, name):
            text = safe(headers.decode(field_.value))
            yield name, (calendar.moment(text, here) or text) if name == "Date" else text
