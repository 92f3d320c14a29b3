"""The beginning of a letter as a whole and honest MIME message: what came, and in plain words that the rest did not.

A letter is cut off after some line of its body. What came stays as its bytes are; a text that was cut ends with the
words, in its own encoding; a file that was cut is taken out, and the words say which; the multiparts around are closed.
Of alternatives, the words stand in the last one that came whole, too. Where the whole letter is one file, and that
was cut, the fields that describe it are renamed, and only the words stand there.

Never: content that did not come, an exception over what a letter holds.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from textwrap import wrap

from core.mail import encoding, headers, parts
from core.mail.clean import safe
from core.mail.lines import size

_TEXTS = ("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown")
_LETTERS = ("message/rfc822", "message/global", "message/news")
_CONTENT = ("content-type", "content-transfer-encoding", "content-disposition")
_AS_IT_IS = ("", "7bit", "8bit", "binary")
_WIDTH = 70  # of the words, so that no encoding has to break them
_SIGN = re.compile(rb"[A-Za-z0-9+/=]")
_UNFINISHED = re.compile(rb"<[/A-Za-z!][^<>]*\Z")  # tag
_INSIDE = re.compile(rb"<(/?)(style|script|title|a)\b", re.IGNORECASE)
WAS = b"X-Mailrun-Was-"  # before the name of a field that describes what is not here


@dataclass(frozen=True, slots=True)
class _Open:
    """A multipart that has begun and not ended: where its last part begins (None: none has), and the one before it."""

    kind: str
    boundary: bytes
    last: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class _End:
    """Where a letter breaks off: in these multiparts, the outermost first; in this leaf (None: between leaves)."""

    around: tuple[_Open, ...]
    leaf: parts.Entity | None


def beginning(message: bytes, left: int, whole: int) -> bytes:
    """What came of a letter, as a letter of its own that says what did not.

    Args:
        message: its head, and perhaps some lines of its body; lines end in LF.
        left: how many bytes are missing.
        whole: how many bytes the whole letter has.
    """
    message += b"" if message.endswith(b"\n") else b"\n"
    message += b"" if len(headers.split(message)[0]) < len(message) else b"\n"
    end = _end(message)
    said = _words(left, whole, end, some=bool(headers.split(message)[1].strip()))
    if end.leaf is None:
        return message + b"".join(_closed(end.around, said, kept=True))
    if (kept := _text(message, end.leaf, said)) is not None:
        whole_text = not any(one.kind == "multipart/alternative" and one.before is not None for one in end.around)
        return _said_before(kept, end, said) + b"".join(_closed(end.around, "" if whole_text else said, kept=True))
    if not end.around:
        return _renamed(message) + b"\n" + said.encode() + b"\n"
    inner = end.around[-1]
    kept = message if inner.last is None else message[: inner.last]
    return _said_before(kept, end, said) + b"".join(_closed(end.around, said, kept=inner.before is not None))


def _words(left: int, whole: int, end: _End, *, some: bool) -> str:
    """The sentence, on lines of its own."""
    what = "Not all of this letter is here" if some else "Only the head of this letter is here"
    missing = f"{size(left)} of {size(whole)}" if size(left) != size(whole) else f"{size(left)} of it"
    text = f"[{what}: {missing} are still at the provider, until you ask mailrun for it.{_file(end)}]"
    return "\n".join(wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)) + "\n"


def _file(end: _End) -> str:
    """Which file is the next that is missing, if that much is known."""
    if end.leaf is None or end.leaf.kind in _TEXTS or end.leaf.kind.startswith(("multipart/", "message/")):
        return ""
    named = safe(end.leaf.filename())
    return f" It goes on with {named} ({safe(end.leaf.kind)})." if named else f" It goes on with {safe(end.leaf.kind)}."


def _end(message: bytes) -> _End:
    """Follow the last part of each multipart down to where the letter breaks off."""
    around: list[_Open] = []
    start, default = 0, "text/plain"
    for _ in range(parts.DEEPEST):
        rest = message[start:]
        head, body = headers.split(rest)
        about = parts.described(head, default)
        kind = about.get_content_type()
        at = len(message) - len(body)
        if len(head) == len(rest):
            return _End(tuple(around), _leaf(about, kind, head, b"", complete=False))
        if kind.startswith("multipart/") and (boundary := parts.boundary(about)):
            between = parts.marks(body, boundary)
            if any(mark[1] for mark in between):
                return _End(tuple(around), None)
            last = at + between[-1].start() if between else None
            before = at + between[-2].end() if len(between) > 1 else None
            around.append(_Open(kind, boundary, last, before))
            if not between:
                return _End(tuple(around), _leaf(about, kind, head, body))
            start, default = at + between[-1].end(), "message/rfc822" if kind == "multipart/digest" else "text/plain"
        elif kind in _LETTERS and _way(about) in _AS_IT_IS and body:
            start, default = at, "text/plain"
        else:
            break
    return _End(tuple(around), _leaf(about, kind, head, body))


def _leaf(about: "Message[str, str]", kind: str, head: bytes, body: bytes, *, complete: bool = True) -> parts.Entity:
    """What was cut; that a head is not all there, its place says."""
    kind = "text/plain" if kind.startswith("multipart/") and not parts.boundary(about) else kind
    return parts.Entity("" if complete else "head", kind, about, head, body)


def _way(about: "Message[str, str]") -> str:
    return str(about.get("Content-Transfer-Encoding", "")).strip().lower()


def _text(message: bytes, leaf: parts.Entity, said: str) -> bytes | None:
    """The letter with the words after the text that was cut; None: it is no text, or takes none."""
    if leaf.path or leaf.kind not in _TEXTS or leaf.detached() or leaf.filename():
        return None
    return _with_words(message, leaf, said)


def _with_words(kept: bytes, leaf: parts.Entity, said: str) -> bytes | None:
    """Bytes that end with a text, and the words after it, as the text is encoded."""
    words, way = said.encode("ascii", "replace"), _way(leaf.about)
    if leaf.kind == "text/html":
        if way != "base64":
            before, leaf = kept[: len(kept) - len(leaf.body)], replace(leaf, body=_UNFINISHED.sub(b"", leaf.body))
            kept = before + leaf.body
        words = _closing(leaf.content()) + b"<p>" + words.rstrip(b"\n") + b"</p>\n"
    if way == "base64":
        return _encoded(kept, leaf.body, b"\n" + words)
    return kept + b"\n" + words if way in (*_AS_IT_IS, "quoted-printable") else None


def _encoded(kept: bytes, body: bytes, words: bytes) -> bytes | None:
    """The same in base64, which goes on only after a multiple of four signs; None: it has ended before its end."""
    signs = [match.start() for match in _SIGN.finditer(body)]
    odd = len(signs) % 4 or (4 if signs and body[signs[-1]] == ord("=") else 0)
    whole, rest = (body[: signs[-odd]], body[signs[-odd] :]) if odd else (body, b"")
    if b"=" in whole:
        return None
    whole += b"" if whole.endswith(b"\n") or not whole else b"\n"
    return kept[: len(kept) - len(body)] + whole + base64.encodebytes(encoding.transfer(rest, "base64") + words)


def _closing(html: bytes) -> bytes:
    """What ends whatever of a page would hide the words: a tag, a comment, a style sheet, a link."""
    closing = b"-->" if html.rfind(b"<!--") > html.rfind(b"-->") else b""
    if (tag := _UNFINISHED.search(html)) and not closing:
        closing = b"".join(quote for quote in (b'"', b"'") if tag[0].count(quote) % 2)[:1] + b">"
    inside = [match for match in _INSIDE.finditer(html) if match.end() < len(html)]
    return closing + (b"</" + inside[-1][2] + b">" if inside and not inside[-1][1] else b"")


def _said_before(kept: bytes, end: _End, said: str) -> bytes:
    """The letter with the words also after the last alternative that came whole, where that is a text to read."""
    inner = end.around[-1] if end.around else None
    if inner is None or inner.kind != "multipart/alternative" or inner.last is None or inner.before is None:
        return kept
    piece = kept[inner.before : inner.last]
    leaf = parts.tree(piece)
    if leaf.parts or leaf.detached() or leaf.kind != "text/plain":
        return kept
    spoken = _with_words(piece, leaf, said)
    return kept if spoken is None else kept[: inner.before] + spoken + kept[inner.last :]


def _closed(around: Sequence[_Open], said: str, *, kept: bool) -> Iterator[bytes]:
    """The ends of all that is open; before one of them the words, in a part of their own, if there are any.

    What stands last among alternatives is what people see, so the words come after those; ``kept``: there are any.
    """
    for one in reversed(around):
        yield b"\n"
        if said and not (one.kind == "multipart/alternative" and kept):
            yield b"--" + one.boundary + b"\nContent-Type: text/plain; charset=utf-8\n"
            yield b"Content-Transfer-Encoding: 8bit\n\n" + said.encode()
            said = ""
        yield b"--" + one.boundary + b"--\n"
        kept = True


def _renamed(message: bytes) -> bytes:
    """The head, in which what describes the body is called otherwise."""
    fields = headers.fields(headers.split(message)[0])
    return b"".join(WAS + field.raw if field.name.lower() in _CONTENT else field.raw for field in fields)
