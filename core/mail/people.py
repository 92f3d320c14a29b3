"""Which name of the house an address from outside belongs to.

A whole address beats a local part, an exact one beats one with an extension, and a name that two could mean is
nobody's. Compared are whole addresses and whole names, domains also at a dot, never a part of a word.

Never: following an alias (``aliases``), DNS.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.config import Config, Maildrop
from core.mail.addresses import normal
from core.mail.names import fold
from core.mail.received import belongs


@dataclass(frozen=True, slots=True)
class Claim:
    """An address of the house, without a provider's prefix, and the member or alias that it names."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Register:
    """All addresses and names by which the house can be reached through one maildrop."""

    domains: tuple[str, ...]
    whole: Mapping[str, str]
    names: Mapping[str, str]
    shared: frozenset[str]
    prefix: str

    def ours(self, address: str) -> bool:
        """Whether an address is under one of our domains."""
        return belongs(address.rpartition("@")[2], self.domains)

    def is_shared(self, address: str) -> bool:
        """Whether an address is that of the maildrop itself, and so says nothing about a person."""
        return address in self.shared

    def claim(self, address: str) -> Claim | None:
        """Whom an address (in its normal form) names; nobody, if it has no domain, or is not of this house."""
        local, _, host = address.rpartition("@")
        if not local:
            return None
        exact = self._unprefixed(local)
        for tries in (exact, [part for each in exact for part in self._base(each, prefixed=each != local)]):
            for each in tries:
                if name := self.whole.get(f"{each}@{host}") or self._named(each, host):
                    return Claim(f"{exact[-1]}@{host}", name)
        return None

    def _named(self, local: str, host: str) -> str:
        return self.names.get(fold(local), "") if belongs(host, self.domains) else ""

    def _unprefixed(self, local: str) -> list[str]:
        """The local part as it is, and without what a qmail host put before it (``Delivered-To: mbox-user-anna@``)."""
        if self.prefix and local.startswith(self.prefix) and local != self.prefix:
            return [local, local[len(self.prefix) :]]
        return [local]

    def _base(self, local: str, *, prefixed: bool) -> Iterator[str]:
        """The local part without its extension: after a plus; on qmail hosts after a minus too."""
        for sign in "+-" if prefixed else "+":
            base, found, _ = local.partition(sign)
            if base and found:
                yield base


def register(box: Maildrop, config: Config) -> Register:
    """Who can be reached through ``box``."""
    domains = tuple(normal(f"x@{host}")[2:] for host in (*box.domains, config.household.domain))
    return Register(
        domains,
        _whole(config),
        _names(config, domains),
        _shared(box),
        config.routing.prefix.casefold(),
    )


def _whole(config: Config) -> dict[str, str]:
    """Every address that a member has, and whose it is."""
    return {
        normal(address): name for name, member in config.members.items() for address in (member.address, *member.also)
    }


def _names(config: Config, domains: tuple[str, ...]) -> dict[str, str]:
    """Local parts at any of our domains: aliases first, then logins and public names where only one can be meant."""
    meant: dict[str, set[str]] = {"postmaster": {config.household.postmaster}}
    for name in config.members:
        meant[name.casefold()] = {name}
    for name, member in config.members.items():
        for address in map(normal, (member.address, *member.also)):
            local, _, host = address.rpartition("@")
            if belongs(host, domains):
                meant.setdefault(local, set()).add(name)
    aliases = {fold(alias): alias for alias in reversed(config.aliases)}  # of two that are the same the first wins
    return {local: name for local, who in meant.items() if len(who) == 1 for name in who} | aliases


def _shared(box: Maildrop) -> frozenset[str]:
    """The addresses of the box: its login at its server, or at a domain above it, or at a trusted host."""
    if "@" in box.user:
        return frozenset((normal(box.user),))
    labels = box.host.split(".")
    above = [".".join(labels[n:]) for n in range(max(1, len(labels) - 1))]
    return frozenset(normal(f"{box.user}@{host}") for host in (*above, *box.trusted))
