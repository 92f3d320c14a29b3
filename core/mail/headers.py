"""The head of a letter on its raw bytes: where it ends, its fields, and what a field says to a person.

A head is every line before the first empty one. Its fields are cut so that their raw bytes, joined, are the head again,
whatever was in it; a line that is no field (an mbox "From " line, rubbish) is a field without a name.
Lines end in LF; CRLF is borne, and a bare CR is a byte like any other.

Never: changing a byte of a letter, raising over a broken one, sanitising for the screen (``mail.text``).
"""

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"[^\n]*(?:\n[ \t][^\n]*)*\n?")
_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_MBOX_LINE = re.compile(rb">?From [^\n]*\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_ENCODED = re.compile(rb"=\?([A-Za-z0-9_.:()-]{1,40})(?:\*[A-Za-z0-9-]{0,40})?\?([BbQq])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

# Codecs that Python counts as charsets, but no letter means by its charset.
_NO_CHARSETS = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"))


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name as written ("" for a line that is no field), its exact bytes, its unfolded value."""

    name: str
    raw: bytes
    value: bytes


def split(message: bytes) -> tuple[bytes, bytes]:
    """The head (with its last newline, without the empty line after it) and the body (after the empty line).

    A letter whose first line is no field has no head: all of it is body. ``message[len(head):]`` is always the rest of
    the letter, the empty line included.
    """
    if message.startswith((b"\n", b"\r\n")):
        return b"", message[message.index(b"\n") + 1 :]
    start = _MBOX_LINE.match(message)
    if start is None and not _NAME.match(message):
        return b"", message
    empty = _EMPTY_LINE.search(message)
    if empty is None:
        return message, b""
    return message[: empty.start() + 1], message[empty.end() :]


def fields(head: bytes) -> list[Field]:
    """The fields in their order; their ``raw`` bytes, joined, are ``head``."""
    return [_field(match[0]) for match in _FIELD.finditer(head) if match[0]]


def _field(raw: bytes) -> Field:
    name = _NAME.match(raw)
    if name is None:
        return Field("", raw, unfold(raw))
    return Field(name[1].decode("ascii"), raw, unfold(raw[name.end() :]))


def unfold(value: bytes) -> bytes:
    """A value on one line, without the white space around it (RFC 5322 section 2.2.3)."""
    return (_FOLD.sub(b"", value) if b"\n" in value else value).strip(b" \t\r\n")


def first(fields: Iterable[Field], name: str) -> Field | None:
    """The topmost field of a name, in any case."""
    return next((field for field in fields if field.name.lower() == name.lower()), None)


def every(fields: Iterable[Field], name: str) -> list[Field]:
    """All fields of a name, in any case, topmost first."""
    return [field for field in fields if field.name.lower() == name.lower()]


def decode(value: bytes) -> str:
    """A value as text: encoded words read (RFC 2047), raw bytes taken as UTF-8 or else as Western European.

    Words that nobody can read stay as they are written. The text may hold anything, control characters too.
    """
    text: list[str] = []
    words: list[tuple[str, bytes]] = []
    end = 0
    for match in _ENCODED.finditer(value):
        between = value[end : match.start()]
        if not words or between.strip(b" \t\r\n"):
            text += [*_joined(words), _raw(between)]
            words = []
        words.append((match[1].decode("ascii").lower(), _content(match)))
        end = match.end()
    return "".join([*text, *_joined(words), _raw(value[end:])])


def _joined(words: list[tuple[str, bytes]]) -> list[str]:
    """Neighbours of one charset are one text: many programs cut in the middle of a character."""
    return [
        characters(b"".join(content for _, content in run), charset)
        for charset, run in groupby(words, key=lambda word: word[0])
    ]


def _content(word: re.Match[bytes]) -> bytes:
    return binascii.a2b_qp(word[3], header=True) if word[2] in b"Qq" else _base64(word[3])


def _base64(text: bytes) -> bytes:
    """What can be had of base64 that may be cut short or hold rubbish."""
    clean = _NOT_BASE64.sub(b"", text)
    clean = clean[:-1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def characters(raw: bytes, charset: str) -> str:
    """Bytes in a named charset; an unknown charset and broken characters are read as well as may be."""
    name = charset.strip().lower().replace("-", "_")
    if name in _NO_CHARSETS:
        return _raw(raw)
    try:
        return raw.decode(name, "replace")
    except (LookupError, ValueError):
        return _raw(raw)


def _raw(raw: bytes) -> str:
    """Bytes that name no charset."""
    for charset in ("utf-8", "cp1252"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
