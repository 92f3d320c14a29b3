"""A stub: a letter of which only the beginning is here, as an honest letter of its own.

Its head is as it came, with ``X-Mailrun-Stub: SIZE; left=BYTES; maildrop=NAME; uid=UID`` before it; how its body ends
is told in ``beginning``.

Never: content that did not come, an exception over what a letter holds.
"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from core.mail import headers
from core.mail.beginning import beginning

NAME = "X-Mailrun-Stub"
_PLAIN = "!\"#$&'()*+,-./:<=>?@[\\]^_`{|}~"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a stub says of itself: the whole letter's size in bytes, how many of them are not here, and where it is."""

    size: int
    left: int
    maildrop: str
    uid: str


def made(mark: Mark, came: bytes) -> bytes:
    """The stub out of what came of the letter."""
    return field(mark) + beginning(came, mark.left, mark.size)


def missing(came: bytes, lines: int, size: int) -> int:
    """How many bytes are missing of a letter of ``size`` bytes, of whose body ``lines`` were asked for; 0: none.

    Servers miscount both. A letter is whole only if its lines ended before those that were asked for, and it is no
    smaller than was promised.
    """
    travelled = len(came) + came.count(b"\n")
    ended = headers.split(came)[1].count(b"\n") < lines
    return 0 if ended and travelled >= size else max(1, size - travelled)


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
