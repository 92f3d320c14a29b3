"""The envelopes of a letter: who gets it, and who hears when it cannot be delivered.

What goes to a list (an alias NAME with an alias ``owner-NAME``) and so to people outside leaves with the owner's
address as envelope sender: bounces go to who keeps the list, and not to each who writes to it (aliases(5)).

Never: changing the letter; a file (``include`` is passed in).
"""

import re
from collections.abc import Sequence

from core.config import Config
from core.mail.addresses import mailboxes, normal
from core.mail.aliases import Include, expand, owner
from core.mail.envelope import Envelope
from core.mail.headers import every, fields, split
from core.mail.masquerade import public
from core.mail.names import names, who
from core.mail.report import likely
from core.mail.route import route
from core.mail.routed import Routed

_OWNER = re.compile("owner-", re.IGNORECASE)


def envelopes(addressed: Sequence[str], sender: str, config: Config, include: Include) -> tuple[Envelope, ...]:
    """One envelope for each sender, those with recipients outside first; nobody is in two of them.

    Args:
        addressed: Members, aliases and addresses.
        sender: The public address of who writes; "" for the null sender, which stays that for lists too.
        config: The household.
        include: Reads the text of an alias's included file.

    Raises:
        InputError: a name is nobody's in this house, or an address is none.
        ConfigError: an alias leads nowhere.
    """
    lists = {name: keeper(name, config, include) for name in addressed} if sender else {}
    direct = [name for name in addressed if not lists.get(name)]
    found: dict[str, dict[str, str]] = {sender: {}}
    seen: set[str] = set()
    for wanted, whose in [(direct, sender), *(([name], lists[name]) for name in addressed if lists.get(name))]:
        routes = route(wanted, config, include)
        for address, envelope in (
            *((one, sender) for one in routes.members),
            *((one, whose) for one in routes.outside),
        ):
            if normal(address) not in seen:
                seen.add(normal(address))
                found.setdefault(envelope, {})[address] = address
    made = [Envelope(whose, tuple(recipients)) for whose, recipients in found.items() if recipients]
    return tuple(sorted(made, key=lambda one: not any("@" in address for address in one.recipients)))


def keeper(name: str, config: Config, include: Include) -> str:
    """The envelope sender of what goes through a list: its owner's public address; empty where it has no owner.

    Of several owners it is the address of the alias that means them all.
    """
    alias = owner(who(name, names(config)), config)
    people = expand((f'"{alias}"',), config, include) if alias else ()
    return public(people[0] if len(people) == 1 else alias, config) if people else ""


def readers(sender: str, config: Config, include: Include) -> tuple[str, ...]:
    """The members whom an envelope sender stands for, who read what is reported to it; perhaps none."""
    name = who(sender, names(config))
    found = expand((f'"{name}"',), config, include) if name else ()
    return tuple(one for one in found if one in config.members)


def passed_on(message: bytes, routed: Routed, config: Config, include: Include) -> tuple[Envelope, bytes]:
    """Who outside gets a letter that came to a list of the house, and the mark that ends a loop; mostly nobody.

    Only what the provider's own evidence shows to be for a list with an owner goes out again: never a guess, a report,
    or what has been through this list already. Its author does not get it back.
    """
    if routed.how not in ("envelope", "received") or not any(map(_OWNER.match, config.aliases)):
        return Envelope("", ()), b""
    found = fields(split(message)[0])
    mark = f"X-Loop: {routed.address}\n".encode()
    looped = any(field.value in mark for field in every(found, "X-Loop") if field.value)
    sender = keeper(routed.address, config, include)
    if not sender or looped or likely(found):
        return Envelope("", ()), b""
    authors = {normal(box.address) for field in every(found, "From") for box in mailboxes(field.value)}
    outside = route([routed.address], config, include).outside
    return Envelope(sender, tuple(one for one in outside if normal(one) not in authors)), mark
