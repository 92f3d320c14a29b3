"""A letter as text for people: all that a screen needs to show one, and nothing that a terminal would obey.

Plain text is preferred to HTML; attached letters and reports are shown in their place, files by their names.

Never: markup, anything loaded from outside, an exception over what a letter holds.
"""

import re
from collections.abc import Sequence

from core.mail import encoding, flowed, headers, page, parts
from core.mail.clean import BAD, safe, safe_lines
from core.mail.parts import Entity, Part, attachments, content

__all__ = ["BAD", "LONGEST", "Part", "attachments", "content", "readable", "safe", "safe_lines"]

LONGEST = 1_000_000  # characters that are shown of a letter, and read of each part

_MAIN = ("From", "To", "Cc", "Date", "Subject")
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_MANY_EMPTY = re.compile(r"\n[ \n]*\n[ \n]*\n")


def readable(message: bytes) -> str:
    """What the letter says, as lines of safe text; ``LONGEST`` caps it, and says so."""
    text = safe_lines(_shown(parts.tree(message))).strip("\n")
    more = f"\n[{len(text) - LONGEST} more characters are not shown]" if len(text) > LONGEST else ""
    return text[:LONGEST] + more


def _shown(entity: Entity) -> str:
    """One node of the letter."""
    match entity.kind.partition("/"):
        case ("multipart", _, kind):
            return "\n\n".join(filter(None, map(_shown, _chosen(entity, kind))))
        case ("message", _, _) if entity.parts:
            return "\n".join(["-" * 20, _main(entity.parts[0].head), "", _shown(entity.parts[0])])
        case ("text", _, kind) if entity.path == "" or not entity.detached():
            return _words(entity, kind)
        case ("message", _, "delivery-status" | "disposition-notification"):
            return _text(entity).strip("\n")
        case _:
            return _label(entity)


def _chosen(entity: Entity, kind: str) -> Sequence[Entity]:
    """The parts to read: of alternatives the best, of related parts the one that the others belong to."""
    if kind == "alternative":
        return [_best(entity.parts)]
    return entity.parts[:1] if kind == "related" else entity.parts


def _best(choices: Sequence[Entity]) -> Entity:
    """Of several forms of one text: plain text that says something, else the richest that is text, else the last."""
    plain = [choice for choice in choices if choice.kind == "text/plain" and choice.content().strip()]
    other = [choice for choice in choices if choice.kind.startswith(("text/html", "multipart/"))]
    return [*choices, *other, *plain[:1]][-1]


def _words(entity: Entity, kind: str) -> str:
    """A part of text as a person reads it."""
    text = _text(entity)
    if kind == "html":
        return _MANY_EMPTY.sub("\n\n", page.text(text))
    if kind == "rfc822-headers":
        return _main(entity.content())
    if entity.parameter("format") == "flowed":
        return flowed.unwrap(text, delsp=entity.parameter("delsp") == "yes").strip("\n")
    return text.strip("\n")


def _text(entity: Entity) -> str:
    """The characters of a part, by the charset that it names, or in HTML the page itself."""
    data = entity.content()[: 4 * LONGEST]
    charset = entity.parameter("charset")
    if not charset and entity.kind == "text/html" and (meta := _META.search(data[:2000])):
        charset = meta[1].decode("ascii")
    return encoding.characters(data, charset)[:LONGEST]


def _main(head: bytes) -> str:
    """The header fields that a reader of an attached letter wants."""
    fields = headers.fields(head)
    found = [(name, headers.first(fields, name)) for name in _MAIN]
    return "\n".join(f"{name}: {safe(headers.decode(field.value))}" for name, field in found if field)


def _label(entity: Entity) -> str:
    """The place of a file in the letter."""
    return f"[attachment: {parts.name(entity)}, {safe(entity.kind)}, {_size(len(entity.content()))}]"


def _size(count: int) -> str:
    """Bytes in words, thousands as line times are reckoned."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
