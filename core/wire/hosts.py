"""What is known of where a host is: the lines of a hosts file, and an answer of the DNS with its time.

Never: a question asked, a file read, a clock.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

OLDEST = timedelta(days=30)  # an answer that ran out longer ago is worth no try

_ADDRESS = re.compile(r"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(%\w+)?")


@dataclass(frozen=True, slots=True)
class Found:
    """Addresses of a host, best first; ``until`` then the DNS wants to be asked again."""

    addresses: tuple[str, ...]
    until: datetime

    def fresh(self, now: datetime) -> bool:
        """Whether it counts without asking again."""
        return now < self.until

    def usable(self, now: datetime) -> bool:
        """Whether a server is worth looking for there, as long as it proves its name."""
        return now - self.until < OLDEST


def numeric(host: str) -> bool:
    """Whether it is an address and no name."""
    return bool(_ADDRESS.fullmatch(host))


def asked(host: str) -> bool:
    """Whether the DNS is to be asked for a name; others are a matter of this machine (RFC 6761, RFC 6762)."""
    labels = host.rstrip(".").casefold().split(".")
    return len(labels) > 1 and labels[-1] not in ("local", "localhost")


def listed(text: str, host: str) -> list[str]:
    """The addresses that a hosts file has for a name, in its order."""
    found = []
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if numeric(address) and host.rstrip(".").casefold() in map(str.casefold, names):
            found.append(address)
    return found


def leading(addresses: Sequence[str], best: str) -> tuple[str, ...]:
    """The same addresses, the one that has answered before the others."""
    return (best, *(address for address in addresses if address != best))
