"""Received lines (RFC 5321 section 4.4): who took a letter from whom, for whom, and how far they are believed.

Every host writes its line above the others, so a letter's head is a pile of layers. The provider wrote the top ones;
the sender could write anything into the rest.

Never: DNS. A host is who its line says, or who the line above says that it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from core.mail.headers import Field

_LONGEST = 4000  # bytes of a line that are read
_COMMENT = re.compile(rb"\([^()]*\)")
_FROM = re.compile(rb"\s*from\s+([^\s();]+)", re.IGNORECASE)
_BY = re.compile(rb"(?:^|\s)by\s+([^\s();<>]+)", re.IGNORECASE)
_BEFORE = re.compile(rb"(?:^|\s)by\s", re.IGNORECASE)
_FOR = re.compile(rb"(?:^|\s)for\s+(<[^<>]*>|[^\s;]+)", re.IGNORECASE)
_LOOKED_UP = re.compile(rb"\((?:[^\s()@]*@)?([A-Za-z0-9_.-]+)\s+\[")
_IP = re.compile(rb"[(\[](?:IPv6:)?([0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)[)\]]", re.IGNORECASE)
_PRIVATE = tuple(
    ip_network(net)
    for net in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received line: the host that wrote it, the peer it took the letter from, the peer's IP, and for whom."""

    by: str
    peer: str
    ip: str
    recipient: bytes


def hop(value: bytes) -> Hop:
    """What a Received line says; what it does not say is empty."""
    value = value[:_LONGEST]
    bare = _uncommented(value)
    by, recipient = _BY.search(bare), _FOR.search(bare.partition(b";")[0])
    start = _BEFORE.split(value, maxsplit=1)[0]
    ip = _IP.search(start)
    return Hop(
        _host(by[1]) if by else "",
        _peer(start),
        ip[1].decode("ascii").lower() if ip else "",
        recipient[1] if recipient and b"@" in recipient[1] else b"",
    )


def trusted(fields: Sequence[Field], hosts: Sequence[str]) -> int:
    """How many of the fields, from the top, were written by ``hosts`` (each with all below its name).

    The line is under the first Received that one of them wrote, and goes down as long as each took the letter from
    another of them, or from a machine inside, which may call itself localhost. Where none of them wrote a line, it is
    above the first Received: what stands there was added after the last host.
    """
    line, inside = 0, True
    for n, field in enumerate(fields):
        if field.name.lower() != "received":
            continue
        this = hop(field.value)
        if belongs(this.by, hosts) or (line and _own(this.by)):
            line, inside = n + 1, _inside(this, hosts)
        elif line and this.by:
            break
        if line and not inside:
            break
    return line or next((n for n, field in enumerate(fields) if field.name.lower() == "received"), len(fields))


def belongs(host: str, domains: Sequence[str]) -> bool:
    """Whether a host is one of the domains, or below one: compared whole, or at a dot."""
    ends = [domain.strip(". ").lower() for domain in domains]
    return any(host == end or host.endswith(f".{end}") for end in ends if end)


def _inside(this: Hop, hosts: Sequence[str]) -> bool:
    """Whether the peer is one of the hosts too, or a nameless machine behind them."""
    if this.ip in hosts or belongs(this.peer, hosts):
        return True
    named = "." in this.peer and not _own(this.peer)
    return not named and (not this.ip or _private(this.ip))


def _own(host: str) -> bool:
    """Whether a host only said that it is itself, as filters on a mail server do."""
    return host.partition(".")[0] == "localhost"


def _peer(start: bytes) -> str:
    """The peer's name as it was looked up, else as it gave itself; empty where the line knows none."""
    found = _LOOKED_UP.search(start)
    name = _host(found[1]) if found else ""
    if name in ("", "unknown") and (said := _FROM.match(start)):
        name = _host(said[1])
    return "" if name == "unknown" or name.startswith("[") else name


def _private(ip: str) -> bool:
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in net for net in _PRIVATE)


def _host(name: bytes) -> str:
    return name.decode("ascii", "replace").strip(".,").lower()


def _uncommented(value: bytes) -> bytes:
    """A line without its comments, nested ones too."""
    for _ in range(5):
        value, found = _COMMENT.subn(b" ", value)
        if not found:
            break
    return value
