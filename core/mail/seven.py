"""A letter for a server without 8BITMIME (RFC 6152): its text as quoted-printable, so that each byte has seven bits.

This is the one place where mail that leaves is written anew, and only as far as it must: the body of such a text, and
the field that tells its encoding. All else goes byte for byte. What is signed goes as it is: another encoding would
break the signature, and most servers pass eight bits on although they do not say so.

Never: a letter kept like this; it is made for one server, and each other gets the original.
"""

import binascii
from email.message import Message

from core.mail import headers, parts
from core.mail.headers import Field

_ENCODING = "content-transfer-encoding"
_LETTERS = ("message/rfc822", "message/global", "message/news")
_SEALED = ("multipart/signed", "multipart/encrypted")
_OPEN = ("", "7bit", "8bit", "binary")
_SIGNED = ("dkim-signature", "arc-message-signature", "domainkey-signature")


def seven(message: bytes) -> bytes:
    """The letter (lines end in LF) with its text as quoted-printable where it has bytes above 127."""
    head, _ = headers.split(message)
    if message.isascii() or any(field.name.lower() in _SIGNED for field in headers.fields(head)):
        return message
    narrowed = _entity(message, "text/plain", 0)
    if narrowed == message or headers.first(headers.fields(head), "MIME-Version"):
        return narrowed
    return b"MIME-Version: 1.0\n" + narrowed


def _entity(raw: bytes, default: str, depth: int) -> bytes:
    """One part; as it was where there is nothing to do, or nothing may be done."""
    head, body = headers.split(raw)
    gap = raw[len(head) : len(raw) - len(body)]
    if body.isascii() or not (head or gap):
        return raw
    about = parts.described(head, default)
    kind, encoding = about.get_content_type(), str(about.get("Content-Transfer-Encoding", "")).strip().lower()
    if kind in _SEALED or encoding not in _OPEN or depth > parts.DEEPEST:
        return raw
    if kind.startswith("text/"):
        return _labelled(head, "quoted-printable") + gap + _quoted(body)
    inside = _entity(body, "text/plain", depth + 1) if kind in _LETTERS else _multipart(body, about, depth)
    return (_labelled(head, "7bit") if encoding and inside.isascii() else head) + gap + inside


def _multipart(body: bytes, about: "Message[str, str]", depth: int) -> bytes:
    """All parts of a multipart; what is none stays as it is."""
    default = "message/rfc822" if about.get_content_type() == "multipart/digest" else "text/plain"
    done: list[bytes] = []
    end = 0
    for start, stop in parts.spans(body, parts.boundary(about)):
        done += [body[end:start], _entity(body[start:stop], default, depth + 1)]
        end = stop
    return b"".join([*done, body[end:]])


def _labelled(head: bytes, encoding: str) -> bytes:
    """The head with this one encoding, where the old one stood or at its end."""
    label = f"Content-Transfer-Encoding: {encoding}\n".encode()
    fields = headers.fields(head)
    first = headers.first(fields, _ENCODING)
    kept = [label if field is first else field.raw for field in fields if field is first or not _tells(field)]
    return b"".join(kept if first else [*kept, label])


def _tells(field: Field) -> bool:
    return field.name.lower() == _ENCODING


def _quoted(body: bytes) -> bytes:
    """Quoted-printable (RFC 2045 section 6.7), line by line, with the line ends that were there."""
    *lines, last = body.split(b"\n")
    return b"".join(map(_line, lines)) + binascii.b2a_qp(last, istext=False)


def _line(line: bytes) -> bytes:
    text = line.removesuffix(b"\r")
    return binascii.b2a_qp(text, istext=False) + line[len(text) :] + b"\n"
