"""Local names out of a letter's headers, and the gate that looks whether any is left.

``masquerade`` rewrites on the raw bytes: addresses in the fields that hold addresses, the host in message ids, and it
drops trace fields that tell of the house's own machines. All else stays byte for byte. ``leaks`` then reads the
envelope, every header, and the headers of the MIME parts, as any curious reader outside could.

What a person writes is not ours to change: a local name in the Subject is told by the gate, not rewritten.

Never: the text of a letter, attached files and letters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from core.config import Config
from core.mail import parts
from core.mail.addresses import mailboxes, normal
from core.mail.clean import safe
from core.mail.envelope import Envelope
from core.mail.headers import Field, decode, fields, split
from core.mail.names import Names, is_local, is_private, names, who

ADDRESSES = frozenset(
    (
        *("from", "sender", "reply-to", "to", "cc", "bcc"),
        *("resent-from", "resent-sender", "resent-reply-to", "resent-to", "resent-cc", "resent-bcc"),
        *("disposition-notification-to", "return-receipt-to", "x-confirm-reading-to", "errors-to"),
        *("mail-followup-to", "mail-reply-to", "apparently-to", "x-sender", "x-x-sender"),
    )
)
_IDS = frozenset(("message-id", "resent-message-id", "in-reply-to", "references"))

# What relays and programs note of their own accord. A line that holds no local name is kept: it ends mail loops.
_TRACES = frozenset(
    (
        *("received", "x-received", "return-path", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to"),
        *("x-envelope-from", "x-delivered-to", "x-rcpt-to", "x-originating-ip", "x-originating-host", "x-sender-ip"),
        *("x-originating-email", "x-source-ip", "x-source-host", "x-client-ip", "x-client-addr", "x-remote-ip"),
        *("x-mdremoteip", "x-sa-exim-connect-ip"),
        *(
            "x-host",
            "x-authenticated-sender",
            "x-authuser",
            "x-auth-id",
            "x-authentication-warning",
            "x-mailrun-routed",
        ),
        *("x-fetchmail-warning", "authentication-results", "received-spf"),
    )
)
_TO_MEMBERS = frozenset(("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "return-path"))
_BLIND = frozenset(("bcc", "resent-bcc"))

# Local parts end after 64 bytes (RFC 5321 section 4.5.3.1.1), which also keeps hostile headers quick.
_PLACE = re.compile(
    r"""(?P<ip6>(?<![0-9A-Za-z])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?![0-9A-Za-z]|\.[0-9]))
    | (?P<local>(?!')[^\s"(),:;<>@\[\]\\]{1,64}@\[?)?
      (?P<host>\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a local name stands in a text: at a login ("paul@" before it) or alone."""

    start: int
    end: int
    login: str
    host: str


def public(address: str, config: Config) -> str:
    """What the world sees instead of an address: the member's public one, or the postmaster's for an account without.

    An address outside, the empty sender, and what is public already come back as they are.
    """
    return _public(address, names(config))


def masquerade(message: bytes, config: Config) -> bytes:
    """The letter with public names only in its headers, as far as they are not text that a person wrote."""
    head, _ = split(message)
    house = names(config)
    return b"".join(_rewritten(field, house) for field in fields(head)) + message[len(head) :]


def leaks(envelope: Envelope, message: bytes, config: Config) -> list[str]:
    """What would tell the world of this house: one sentence each, with its place; nothing when the letter may go."""
    house = names(config)
    found = [f"the envelope {sentence}" for sentence in _envelope(envelope, house)]
    for entity in _entities(parts.tree(message)):
        place = f"part {entity.path}, " if entity.path else ""
        found += [f"{place}{sentence}" for field in fields(entity.head) for sentence in _told(field, house)]
    return list(dict.fromkeys(found))


def _public(address: str, house: Names) -> str:
    name = who(address, house)
    if not name or _is_public(address, house):
        return address
    if name in house.members:
        return house.members[name]
    if name in house.aliases:
        return f"{name}@{house.domain}" if re.fullmatch(r"[\w.+-]+", name) else f'"{name}"@{house.domain}'
    return house.members[house.postmaster]


def _is_public(address: str, house: Names) -> bool:
    """Whether an address of this house is one that the world may see."""
    local, _, host = normal(address).rpartition("@")
    known = house.addresses.keys() | {f"{name}@{house.domain}" for name in house.aliases - house.members.keys()}
    return not {f"{local}@{host}", f"{local.partition('+')[0]}@{host}"}.isdisjoint(known)


def _rewritten(field: Field, house: Names) -> bytes:
    """The raw bytes of a field as the world may see it; nothing for a trace of the house."""
    name = field.name.lower()
    if name in _TRACES:
        return b"" if any(_told(field, house)) else field.raw
    if name not in ADDRESSES | _IDS:
        return field.raw
    start = field.raw.index(b":") + 1
    label, value = field.raw[:start], field.raw[start:]
    if name in _IDS:
        return label + _cleaned(value, house, logins=False)
    changed = _readdressed(value, house)
    return label + changed if not _shown(changed, house) else _bare(label, value, house)


def _readdressed(value: bytes, house: Names) -> bytes:
    """An address list with public addresses, and with public names in display names and comments."""
    pieces: list[bytes] = []
    end = 0
    for mailbox in mailboxes(value):
        new = _public(mailbox.address, house)
        written = value[mailbox.start : mailbox.end]
        pieces += [_cleaned(value[end : mailbox.start], house), written if new == mailbox.address else new.encode()]
        end = mailbox.end
    return b"".join([*pieces, _cleaned(value[end:], house)])


def _bare(label: bytes, value: bytes, house: Names) -> bytes:
    """The addresses alone, where a local name hides in an encoded word or behind escapes."""
    found = [_public(mailbox.address, house) for mailbox in mailboxes(value)]
    return label + b" " + ",\n ".join(found).encode() + b"\n" if found else b""


def _cleaned(raw: bytes, house: Names, *, logins: bool = True) -> bytes:
    """A piece of text with public names in place of local ones; ``logins``: NAME@HOST becomes a person's address."""
    text = raw.decode("utf-8", "surrogateescape")
    pieces: list[str] = []
    end = 0
    for place in _places(text, house):
        pieces += [text[end : place.start], _instead(place, house, logins=logins)]
        end = place.end
    return "".join([*pieces, text[end:]]).encode("utf-8", "surrogateescape") if pieces else raw


def _instead(place: _Place, house: Names, *, logins: bool) -> str:
    """The public name for a local one; the machine's own name below it goes too."""
    if place.login and logins:
        return _public(f"{place.login.rstrip('@[')}@{place.host}", house)
    return place.login + house.domain


def _places(text: str, house: Names) -> Iterator[_Place]:
    """Every local host name and private IP address in a text."""
    for match in _PLACE.finditer(text):
        if address := match["ip6"]:
            if is_private(address):
                yield _Place(match.start(), match.end(), "", address)
        elif _names_host(text, match, house):
            yield _Place(match.start(), match.end(), match["local"] or "", match["host"])


def _names_host(text: str, match: re.Match[str], house: Names) -> bool:
    """Whether a word is a local host; a word that is also a person's name is one only after an @ or a slash."""
    host = match["host"]
    if not is_local(host, house):
        return False
    return bool(match["local"]) or host.casefold() not in house.people or text[: match.start()].endswith(("@", "/"))


def _envelope(envelope: Envelope, house: Names) -> Iterator[str]:
    for role, address in [("sender", envelope.sender), *(("recipient", each) for each in envelope.recipients)]:
        if _public(address, house) != address or any(_places(address, house)):
            yield f"{role} {safe(address)} is known in this house only"


def _told(field: Field, house: Names) -> Iterator[str]:
    """What one field tells of the house."""
    name = field.name or "a line that is no header"
    if field.name.lower() in _BLIND:
        yield f"{name}: tells who gets a blind copy"
    if field.name.lower() in ADDRESSES | _TO_MEMBERS:
        yield from (
            f"{name}: {safe(mailbox.address)} is known in this house only"
            for mailbox in mailboxes(field.raw[field.raw.index(b":") + 1 :])
            if _public(mailbox.address, house) != mailbox.address
        )
    yield from (f"{name}: {safe(word)} is known in this house only" for word in _shown(field.raw, house))


def _shown(raw: bytes, house: Names) -> list[str]:
    """The local names that a reader of some bytes could make out: as they are, decoded, without escapes."""
    text = decode(b"".join(raw.splitlines()))
    views = dict.fromkeys((text, text.replace("\\", ""), unquote(text)))
    return list(dict.fromkeys(view[place.start : place.end] for view in views for place in _places(view, house)))


def _entities(entity: parts.Entity) -> Iterator[parts.Entity]:
    """The letter and its parts, without what is inside an attached letter."""
    yield entity
    if not entity.kind.startswith("message/") or entity.path == "":
        for part in entity.parts:
            yield from _entities(part)
