"""Whom a letter went to, and by which evidence: kept in its head, and told in words.

Every delivered letter carries ``X-Mailrun-Routed: how=...; header=...; address=...``, so that a person can see for
good why it came, and a reply can go out from the address that it came to.

Never: the decision itself (``split``).
"""

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

from core.mail.clean import safe

How = Literal["envelope", "received", "list", "guess", "rule", "postmaster"]

_LONGEST = 300  # bytes of each value: the field stays below the 998 of a line (RFC 5322 section 2.1.1)
_PLAIN = "!\"#$&'()*+,-./:<=>?@[\\]^_`{|}~"
_WORDS = {
    "envelope": "The provider wrote {header}: {address}.",
    "maildrop": "It came from the box {address}, and all its letters go to one member.",
    "received": "The provider's {header} line says that it was for {address}.",
    "list": "It came over the list {address} ({header}).",
    "guess": "The provider did not say for whom it was; {header} names {address}.",
    "rule": "No address in it is of this house; your rule for {address} decided ({header}).",
    "postmaster": "{header} names {address}, which is nobody's address here, so it went to the postmaster.",
    "nobody": "Nothing in it names anyone of this house, so it went to the postmaster.",
    "aliases": "A name among the aliases, lists or rules leads nowhere, so it went to the postmaster; see Settings.",
    "triage": "It had come to {address}, and was given to you.",
    "copy": "A rule of {address}'s passed a copy on to you.",
    "sent": "You wrote it.",
    "submitted": "It was written in this house, by {address}.",
    "bounce": "mailrun reports what became of your letter to {address}.",
}


@dataclass(frozen=True, slots=True)
class Routed:
    """The members who get a letter; ``header`` and ``address`` are the evidence, empty where there was none.

    ``header`` is the name of a field, or a word for what was known without one: "maildrop" (the whole box is one
    member's), "triage" (a person gave it; ``address`` is the member who had it), "copy" (a rule of the member
    ``address`` passed it on), "sent" and "submitted" (it was written in the house), "bounce" (mailrun's own report), or
    "aliases" (with how "postmaster": a name in the settings could not be followed).
    """

    members: tuple[str, ...]
    how: How
    header: str
    address: str


def routed_header(routed: Routed) -> bytes:
    """The value of ``X-Mailrun-Routed``, on one line. Nothing in an address can end it or add to it."""
    return f"how={routed.how}; header={_quoted(routed.header)}; address={_quoted(routed.address)}".encode("ascii")


def parse_routed(value: bytes) -> Routed | None:
    """The evidence out of the field's value, without the members (whose copy it is, says ``Delivered-To``)."""
    pairs = [part.strip().partition("=") for part in value.decode("ascii", "replace").split(";")]
    found = {name.lower(): unquote(text, errors="replace") for name, _, text in pairs}
    hows: tuple[How, ...] = get_args(How)
    how = next((how for how in hows if how == found.get("how")), None)
    return Routed((), how, found.get("header", ""), found.get("address", "")) if how else None


def words(routed: Routed) -> str:
    """Why the letter came here, in a sentence for the screen."""
    key = routed.header if routed.header in _WORDS else routed.how if routed.address else "nobody"
    return _WORDS[key].format(header=safe(routed.header), address=safe(routed.address))


def _quoted(text: str) -> str:
    """ASCII without spaces, semicolons and line ends; cut where it is longer than any address."""
    return quote(text, safe=_PLAIN, errors="replace")[:_LONGEST]
