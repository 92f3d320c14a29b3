"""The names of the house: which hosts are this house's own, which domains the world knows, whom an address stands for.

A host is local when it is one of the configured names or below one; "localhosting.example" is not below "localhost".
The longest name that fits decides, so a public domain may stand below a local one and the other way round.

Never: following an alias (``mail.aliases``), where a letter goes (``mail.route``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from core.config import Config
from core.mail.addresses import domain, normal

# Names that every machine has and some program writes to; they are the postmaster's unless an alias says otherwise.
STANDARD = frozenset(("postmaster", "mailer-daemon", "root"))  # RFC 5321 section 4.5.1, and cron(8)

# RFC 1918, loopback and link-local (RFC 1122, 3927, 4291), unique local (RFC 4193).
_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "::1/128",
            "fe80::/10",
            "fc00::/7",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one household, ready to compare: folded, domains in ASCII.

    ``members`` have their public addresses beside them; ``addresses`` are all that are theirs, and whose; ``public``
    are the domains of these; ``people`` are words that are people's names, though a machine may be called after one.
    """

    domain: str
    postmaster: str
    members: Mapping[str, str]
    aliases: frozenset[str]
    addresses: Mapping[str, str]
    local: frozenset[str]
    public: frozenset[str]
    people: frozenset[str]


def names(config: Config) -> Names:
    """The names of a household."""
    house = config.household
    addresses = {
        normal(address): name for name, member in config.members.items() for address in (member.address, *member.also)
    }
    public = {domain(f"@{house.domain}"), *map(domain, addresses)}
    local = {domain(f"@{host}") for host in (house.host, *house.local_domains)}
    return Names(
        domain=domain(f"@{house.domain}"),
        postmaster=house.postmaster,
        members={name: member.address for name, member in config.members.items()},
        aliases=frozenset(map(fold, config.aliases)),
        addresses=addresses,
        local=frozenset(local - public - {""}),
        public=frozenset(public),
        people=frozenset(_people(config)),
    )


def _people(config: Config) -> set[str]:
    return {
        word.casefold()
        for login, member in config.members.items()
        for word in re.findall(r"[\w-]+", f"{login} {member.name}")
    }


def fold(name: str) -> str:
    """A local name as it is looked up: case folded, without quotes."""
    return normal(name).strip('"')


def is_local(host: str, house: Names) -> bool:
    """Whether a host, domain or address literal is known in this house only."""
    return bool(suffix(host, house)) or is_private(host)


def suffix(host: str, house: Names) -> str:
    """The local name that a host is, or is below; empty where the world knows the host."""
    labels = domain(f"@{host}").split(".")
    for ending in (".".join(labels[n:]) for n in range(max(0, len(labels) - 10), len(labels))):
        if ending in house.public:
            return ""
        if ending in house.local:
            return ending
    return ""


def is_private(host: str) -> bool:
    """Whether a host is written as an IP address, bare or as a literal, that no one outside can reach."""
    text = host.strip("[]").removeprefix("IPv6:").removeprefix("ipv6:")
    try:
        address = ip_address(text)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in _PRIVATE if network.version == address.version)


def who(address: str, house: Names) -> str:
    """The name in this house that an address stands for: a member's, an alias's or an unknown one; empty for outside.

    Exact addresses come before the name alone, and both before the name without a +extension.
    """
    whole = normal(address)
    local, at, host = whole.rpartition("@")
    if not at or is_local(host, house):
        return _known(fold(local or host), house)
    plain = local.partition("+")[0]
    for written in (whole, f"{plain}@{host}"):
        if written in house.addresses:
            return house.addresses[written]
    name = _known(fold(local), house) if host == house.domain else ""
    return name if name in house.members or name in house.aliases else ""


def _known(name: str, house: Names) -> str:
    """The name, or the name without its +extension where only that is known."""
    plain = name.partition("+")[0]
    known = house.members.keys() | house.aliases | STANDARD
    return plain if plain in known and name not in known else name
