"""Flags as mail programs write them into a letter's head: Status has R (read) and O (old), X-Status the rest.

A (answered), F (flagged), P (passed on, as in a Maildir) and D (deleted) are the rest, and letters that are not ours
to set.

Never: a file.
"""

import re

FLAGS = "ROAFPD"

# Two fields that ``mbox.flag`` fills in place. Delivery puts them before the letter, so that the first flags of
# a letter cost one write of a few bytes instead of the rest of the mailbox.
ROOM = b"Status:         \nX-Status:         \n"

_FIELDS = (
    ("RO", re.compile(rb"^Status:([^\n]*)\n", re.IGNORECASE | re.MULTILINE)),
    ("AFPDT", re.compile(rb"^X-Status:([^\n]*)\n", re.IGNORECASE | re.MULTILINE)),
)


def flags(head: bytes) -> str:
    """The letters of Status and X-Status; of each the first field only, for a sender may have written one too."""
    values = "".join(_value(head, pattern) for _, pattern in _FIELDS)
    return "".join(letter for letter in FLAGS if letter in values)


def _value(head: bytes, pattern: re.Pattern[bytes]) -> str:
    found = pattern.search(head)
    return found[1].decode("latin-1") if found else ""


def in_place(head: bytes, want: str) -> list[tuple[int, bytes]] | None:
    """The bytes to write, and where in the head, for a letter to have these flags; None where there is no room."""
    writes = []
    for letters, pattern in _FIELDS:
        found = pattern.search(head)
        value = _letters(letters, want, _value(head, pattern))
        if not found and not value:
            continue
        text = f" {value}".encode() if value else b""
        if not found or len(text) > len(found[1]):
            return None
        writes.append((found.start(1), text.ljust(len(found[1]))))
    return writes


def with_flags(head: bytes, want: str) -> bytes:
    """The head with these flags in fields that have room for more."""
    room = b""
    for (letters, pattern), line in zip(_FIELDS, ROOM.splitlines(keepends=True), strict=True):
        value = _letters(letters, want, _value(head, pattern)).encode()
        at = line.index(b":") + 2
        room += line[:at] + value + line[at + len(value) :]
        head = pattern.sub(b"", head, count=1)
    return room + head


def room(flags: str = "") -> bytes:
    """``ROOM`` for a letter that has these flags from the beginning."""
    return with_flags(b"", flags) if flags else ROOM


def _letters(letters: str, want: str, now: str) -> str:
    """The new value of one field; a letter that is not ours to set (T, a draft) stays."""
    return "".join(one for one in letters if one in want or (one in now and one not in FLAGS))
