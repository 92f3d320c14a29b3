"""A stub: a letter of which only the beginning is here, as an honest letter of its own.

Its head is as it came, with ``X-Mailrun-Stub: SIZE; left=BYTES; maildrop=NAME; uid=UID`` before it.

Never: content that did not come, an exception over what a letter holds.
"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from core.mail import headers

NAME = "X-Mailrun-Stub"
_PLAIN = "!\"#$&'()*+,-./:<=>?@[\\]^_`{|}~"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a stub says of itself: the whole letter's size in bytes, how many of them are not here, and where it is."""

    size: int
    left: int
    maildrop: str
    uid: str


def field(mark: Mark) -> bytes:
    """The header field of a stub."""
    where = f"maildrop={quote(mark.maildrop, safe=_PLAIN)}; uid={quote(mark.uid, safe=_PLAIN)}"
    return f"{NAME}: {mark.size}; left={mark.left}; {where}\n".encode("ascii")


def mark(head: bytes) -> Mark | None:
    """What the head of a letter says of it as a stub; None: it is none, or not of ours."""
    found = headers.first(headers.fields(head), NAME)
    if found is None:
        return None
    size, *pairs = found.value.decode("ascii", "replace").split(";")
    told = {name.strip(): unquote(text) for name, _, text in (pair.partition("=") for pair in pairs)}
    if not (told.get("maildrop") and told.get("uid") and _number(size) and _number(told.get("left", ""))):
        return None
    return Mark(int(size), int(told["left"]), told["maildrop"], told["uid"])


def _number(text: str) -> bool:
    return text.strip().isascii() and text.strip().isdecimal() and len(text) < 16
