"""Where a letter goes: to people of the house, who have it at once, or outside, which needs a call.

Of this house are bare names, addresses at local hosts, the members' public addresses (with a +extension too), and
members and aliases at the public domain. All else is outside.

Never: the line, a file, a name server.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.config import Config
from core.errors import InputError
from core.mail.addresses import domain
from core.mail.aliases import Include, expand
from core.mail.clean import safe

# An envelope goes over the wire as it is: nothing in it may end a line or an argument (RFC 5321 section 4.1.2).
# Local parts are not looked at more closely: real ones break the rules ("a..b@"), and are right all the same.
_ADDRESS = re.compile(
    r"""(?:[^\s\x00-\x1f\x7f"<>]+|"(?:[^\x00-\x1f\x7f"\\]|\\[ -~])*")
    @(?:[^\s\x00-\x1f\x7f<>@.\[\]]+(?:\.[^\s\x00-\x1f\x7f<>@.\[\]]+)*\.?|\[[^\s\x00-\x1f\x7f<>@\[\]]+\])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Routes:
    """The members who get a letter, and the addresses outside that get it by the next call."""

    members: tuple[str, ...]
    outside: tuple[str, ...]


def route(recipients: Iterable[str], config: Config, include: Include) -> Routes:
    """Who gets a letter, aliases followed, each person and address once.

    Raises:
        InputError: a name is nobody's in this house (the nearest one is told), or an address is none.
        ConfigError: an alias leads nowhere.
    """
    final = expand(recipients, config, include)
    return Routes(
        tuple(name for name in final if name in config.members),
        tuple(_outside(address) for address in final if address not in config.members),
    )


def _outside(address: str) -> str:
    """An address fit for the envelope: the local part as written, the domain in ASCII (RFC 5890)."""
    if not _ADDRESS.fullmatch(address):
        raise InputError(f'"{safe(address)}" is no address: write NAME@DOMAIN')
    local, _, host = address.rpartition("@")
    return f"{local}@{host.rstrip('.') if host.isascii() else domain(address)}"
