"""A letter as the tree of its MIME parts (RFC 2045, 2046), cut out of its bytes.

The fields of a part are understood by the standard library's ``email.message``; the tree itself is cut here, because an
attached letter must come out byte for byte, and because nesting as deep as a sender likes must not stop a reader.
Mail breaks every rule: what cannot be understood is a part of text, shown as it stands.

Never: an exception over what a letter holds; building or changing a letter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from core.errors import InputError
from core.mail import encoding, headers, kinds
from core.mail.clean import safe

DEEPEST = 20  # levels; what is nested deeper stays one piece
MOST = 1000  # pieces of one multipart; the last holds the rest

# All that the standard library raises over the parameters of a hostile Content-Type: seen, or read in its code.
_FAULTS = (LookupError, ValueError, TypeError, AttributeError)
_SEPARATORS = re.compile(r"[/\\]")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Part:
    """Something to save: a file name that is safe to show and holds no folder, its declared type, bytes, and place.

    ``found`` is its kind by its content in the words of people, ``doubt`` what to know before it is opened.
    """

    name: str
    kind: str
    size: int
    path: str
    found: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One node of the tree: its place ("" is the letter, "2.1" the first part of its second), still encoded."""

    path: str
    kind: str
    about: "Message[str, str]"
    head: bytes
    body: bytes
    parts: tuple["Entity", ...] = ()

    def content(self) -> bytes:
        """The body without its transfer encoding."""
        return encoding.transfer(self.body, str(self.about.get("Content-Transfer-Encoding", "")))

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type in lower case; empty where there is none."""
        try:
            return str(self.about.get_param(name) or "").lower()
        except _FAULTS:
            return ""

    def filename(self) -> str:
        """The file name that the sender gave (RFC 2183, 2231; encoded words too), not yet made safe."""
        try:
            name = str(self.about.get_filename() or "")
        except _FAULTS:
            return ""
        return headers.decode(name.encode("utf-8", "replace")) if "=?" in name else name

    def detached(self) -> bool:
        """Whether the sender wants it kept apart from what is read."""
        return str(self.about.get_content_disposition()) == "attachment"


def tree(message: bytes) -> Entity:
    """The whole letter, with all parts inside it."""
    return _entity(message, "", "text/plain", 0)


def walk(entity: Entity) -> Iterator[Entity]:
    """The node itself and all below it, in their order."""
    yield entity
    for part in entity.parts:
        yield from walk(part)


def attachments(message: bytes) -> list[Part]:
    """All that is more than the text of the letter, in its order, attached letters and what is in them too."""
    return listed(tree(message))


def listed(whole: Entity) -> list[Part]:
    """The same, of a letter that has been taken apart."""
    return [_part(entity) for entity in walk(whole) if attached(entity)]


def _part(entity: Entity) -> Part:
    content, sent = entity.content(), entity.filename()
    found = kinds.kind(content, entity.kind)
    doubt = kinds.doubts(sent, entity.kind, found)
    return Part(name(entity), safe(entity.kind), len(content), entity.path, found, doubt)


def attached(entity: Entity) -> bool:
    """Whether a node is something to save: not a container, and not text that only stands there to be read."""
    if entity.kind.startswith("multipart/") or (entity.path == "" and entity.kind.startswith("message/")):
        return False
    read = entity.kind.startswith("text/") or entity.kind == "message/delivery-status"
    return not read or entity.detached() or bool(entity.filename())


def content(message: bytes, path: str) -> bytes:
    """The bytes of one part, decoded; an attached letter as it was attached.

    Raises:
        InputError: the letter has no such part.
    """
    return find(tree(message), path).content()


def find(whole: Entity, path: str) -> Entity:
    """One part of a letter.

    Raises:
        InputError: the letter has no such part.
    """
    for entity in walk(whole):
        if entity.path == path:
            return entity
    raise InputError(f'this letter has no part "{safe(path)}"')


def name(entity: Entity) -> str:
    """A file name: the sender's without folders and leading dots, else one made of the part's place and kind."""
    given = _SEPARATORS.split(safe(entity.filename()))[-1].strip(" .")
    if not given and entity.kind == "message/rfc822" and entity.parts:
        subject = headers.first(headers.fields(entity.parts[0].head), "Subject")
        about = _SEPARATORS.sub(" ", safe(headers.decode(subject.value))).strip(" .") if subject else ""
        given = f"{about}.eml" if about else ""
    if given:
        stem, dot, end = given.rpartition(".")
        short = len(end) <= 10 and bool(dot)
        return f"{stem[: _LONGEST_NAME - 11]}.{end}" if short else given[:_LONGEST_NAME]
    end = {"text/plain": "txt", "message/rfc822": "eml"}.get(entity.kind, entity.kind.partition("/")[2])
    return f"part-{entity.path or '0'}" + (f".{end}" if re.fullmatch("[a-z0-9]{2,5}", end) else "")


def _entity(raw: bytes, path: str, default: str, depth: int) -> Entity:
    """One node out of its bytes, with its parts."""
    head, body = headers.split(raw)
    about = described(head, default)
    kind = about.get_content_type()
    plain = Entity(path, "text/plain" if kind.startswith("multipart/") else kind, about, head, body)
    parts = _parts(plain, kind, depth) if depth < DEEPEST else ()
    return Entity(path, kind, about, head, body, parts) if parts else plain


def described(head: bytes, default: str = "text/plain") -> "Message[str, str]":
    """The fields that tell about a part, for the standard library to take apart."""
    about: Message[str, str] = Message()
    about.set_default_type(default)
    for field in headers.fields(head):
        if field.name.lower().startswith("content-") and field.name not in about:
            about[field.name] = _readable(field.value)
    return about


def _readable(value: bytes) -> str:
    """A field's value as text that holds no surrogates, over which the standard library would stumble."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _parts(entity: Entity, kind: str, depth: int) -> tuple[Entity, ...]:
    """What is inside: the parts of a multipart, or the one letter of an attached letter."""
    if kind in ("message/rfc822", "message/global", "message/news"):
        inner = entity.content()
        pieces, default = ([inner] if inner.strip() else []), "text/plain"
    elif kind.startswith("multipart/"):
        pieces = _pieces(entity.body, boundary(entity.about))
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    else:
        return ()
    before = f"{entity.path}." if entity.path else ""
    return tuple(_entity(_lf(piece), f"{before}{n}", default, depth + 1) for n, piece in enumerate(pieces, 1))


def _lf(piece: bytes) -> bytes:
    """Letters that came through base64 still have the lines of the wire."""
    return piece.replace(b"\r\n", b"\n") if piece[: piece.find(b"\n") + 1].endswith(b"\r\n") else piece


def boundary(about: "Message[str, str]") -> bytes:
    """What stands between the parts of a multipart; empty where there is none."""
    try:
        return str(about.get_boundary("")).encode("utf-8", "replace")
    except _FAULTS:
        return b""


def marks(body: bytes, boundary: bytes) -> list[re.Match[bytes]]:
    """The lines between the parts of a multipart; group 1 is there in one that ends it (RFC 2046 section 5.1.1)."""
    mark = rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?(?:\n|\Z)"
    return list(re.finditer(mark, body, re.MULTILINE)) if boundary else []


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """The bytes between the boundaries."""
    return [body[start:stop] for start, stop in spans(body, boundary)]


def spans(body: bytes, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts of a multipart begin and end; the line end before a boundary belongs to it."""
    between = marks(body, boundary)
    closing = next((n for n, match in enumerate(between) if match[1]), len(between))
    if closing == 0:
        return []
    end = between[closing].start() if closing < len(between) else len(body)
    starts = [match.end() for match in between[:closing][:MOST]]
    ends = [match.start() for match in between[1:closing][: MOST - 1]]
    line_end = b"\r\n" if between[0][0].endswith(b"\r\n") else b"\n"
    return [
        (start, stop - len(line_end) if body.endswith(line_end, start, stop) else stop)
        for start, stop in zip(starts, [*ends, end], strict=True)
    ]
