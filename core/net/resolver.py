"""The domain name system, as ``check`` asks it on a line that is up.

Never: asked while a run carries letters (a slow answer costs money); a guess in place of an answer.
"""

from collections.abc import Sequence

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

LIFETIME = 20.0  # seconds for one question, all servers and tries together
TRY = 5.0  # seconds for one server to answer; a satellite alone takes more than one


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

    async def _ask(self, name: str, kind: RdataType) -> Sequence[Rdata]:
        """The records of one kind; none when the name, or this kind of it, does not exist."""
        try:
            answer = await self._resolver().resolve(name.rstrip(".") + ".", kind, lifetime=self._lifetime)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise ProtocolError(f"nothing could be learned about {safe(name)}: {_why(error)}") from None
        return tuple(answer.rrset or ())

    def _resolver(self) -> dns.asyncresolver.Resolver:
        """Made anew for each question: a line that came up may have brought other name servers."""
        resolver = dns.asyncresolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = list(self._servers)
            resolver.port = self._port
        resolver.timeout = TRY
        return resolver


def _why(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "no name server answered in time; is the line up?"
    if isinstance(error, dns.resolver.NoResolverConfiguration):
        return "no name server is configured; look into /etc/resolv.conf"
    if isinstance(error, dns.resolver.NoNameservers):
        return "the name servers say that they could not find out"
    return safe(str(error))
