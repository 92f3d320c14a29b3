"""The domain name system: as ``check`` asks it on a line that is up, and for the hosts of the settings (``names``).

Never: a name of somebody else asked while a run carries letters; a guess in place of an answer.
"""

import socket
from collections.abc import Sequence
from datetime import datetime, timedelta

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from core.errors import ProtocolError
from core.mail.text import safe
from core.wire.hosts import Found

LIFETIME = 20.0  # seconds for one question, all servers and tries together
TRY = 5.0  # seconds for one server to answer; a satellite alone takes more than one
LONGEST = 86_400.0  # seconds that an answer counts, whatever it says itself
_AFAR = {  # addresses that only a default route leads to (RFC 5737, RFC 3849); nothing is sent there
    RdataType.A: (socket.AF_INET, "192.0.2.1"),
    RdataType.AAAA: (socket.AF_INET6, "2001:db8::1"),
}


class Resolver:
    """Asks the name servers of this machine (``household.Resolver``), or those given, by address and port."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53, lifetime: float = LIFETIME) -> None:
        self._servers = tuple(servers)
        self._port = port
        self._lifetime = lifetime

    async def mx(self, domain: str) -> Sequence[str]:
        """Hosts that take mail for ``domain``, best first; empty: none, or it wants no mail (RFC 7505).

        Raises:
            ProtocolError: no name server answered, or they could not tell.
        """
        found = await self._ask(domain, RdataType.MX)
        rules = [record for record in found if isinstance(record, MX)]
        hosts = [str(rule.exchange).rstrip(".") for rule in sorted(rules, key=lambda rule: rule.preference)]
        return [safe(host) for host in hosts if host]

    async def addresses(self, host: str) -> Sequence[str]:
        """IP addresses of ``host``, those of IPv4 first; empty when there are none.

        Raises:
            ProtocolError: no name server answered, or they could not tell.
        """
        found = [*await self._ask(host, RdataType.A), *await self._ask(host, RdataType.AAAA)]
        return [record.address for record in found if isinstance(record, A | AAAA)]

    async def find(self, host: str, now: datetime) -> Found:
        """The addresses of ``host`` that can be reached from here, and how long they count.

        Mostly one question: IPv6 is asked about where there is no way out, or no address, by IPv4.

        Raises:
            ProtocolError: no name server answered, or they could not tell.
        """
        for kind in [kind for kind in _AFAR if _routed(kind)] or list(_AFAR):
            answer = await self._answer(host, kind)
            found = [record.address for record in _records(answer) if isinstance(record, A | AAAA)]
            if answer and found:
                seconds = min(answer.chaining_result.minimum_ttl, LONGEST)
                return Found(tuple(found), now + timedelta(seconds=seconds))
        return Found((), now)

    async def _ask(self, name: str, kind: RdataType) -> Sequence[Rdata]:
        """The records of one kind; none when the name, or this kind of it, does not exist."""
        return _records(await self._answer(name, kind))

    async def _answer(self, name: str, kind: RdataType) -> dns.resolver.Answer | None:
        try:
            return await self._resolver().resolve(name.rstrip(".") + ".", kind, lifetime=self._lifetime)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise ProtocolError(f"nothing could be learned about {safe(name)}: {_why(error)}") from None

    def _resolver(self) -> dns.asyncresolver.Resolver:
        """Made anew for each question: a line that came up may have brought other name servers."""
        resolver = dns.asyncresolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = list(self._servers)
            resolver.port = self._port
        resolver.timeout = TRY
        return resolver


def _records(answer: dns.resolver.Answer | None) -> Sequence[Rdata]:
    return tuple((answer and answer.rrset) or ())


def _routed(kind: RdataType) -> bool:
    """Whether this machine has a way to such addresses."""
    family, afar = _AFAR[kind]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((afar, 9))
    except OSError:
        return False
    return True


def _why(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "no name server answered in time; is the line up?"
    if isinstance(error, dns.resolver.NoResolverConfiguration):
        return "no name server is configured; look into /etc/resolv.conf"
    if isinstance(error, dns.resolver.NoNameservers):
        return "the name servers say that they could not find out"
    return safe(str(error))
