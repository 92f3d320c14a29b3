"""When two letters are one: the key by which a second copy for the same person is told.

Two letters are the same when their Message-ID and their bodies are. The head is no help: every host adds to it. A list
that adds a footer makes another letter of it; better twice than not at all.

Never: dropping anything. What has a known key is filed as a duplicate, kept and counted.
"""

import hashlib
from collections.abc import Iterable

from core.mail import headers

_UNNAMED = ("From", "Date", "Subject")


def key(message: bytes) -> str:
    """The key of a letter, for one person: 64 hexadecimal digits.

    Without a Message-ID, its author, date and subject stand for one. Line ends, and empty lines at the end, which mail
    programs add and take, make no difference.
    """
    head, body = headers.split(message)
    fields = headers.fields(head)
    named = _value(fields, "Message-ID").strip(b"<> \t")
    names = [b"id", named] if named else [b"no id", *(_value(fields, name) for name in _UNNAMED)]
    return _digest([*names, body.replace(b"\r\n", b"\n").rstrip(b"\n")])


def _value(fields: Iterable[headers.Field], name: str) -> bytes:
    field = headers.first(fields, name)
    return field.value if field else b""


def _digest(pieces: Iterable[bytes]) -> str:
    """One hash over all pieces, each with its length, so that no piece can run into the next."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(b"%d:" % len(piece) + piece)
    return whole.hexdigest()
