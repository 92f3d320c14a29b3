"""What a smart host can take, by what it said at EHLO: sizes (RFC 1870), eight bits (RFC 6152), addresses (RFC 6531).

Never: what it has said since (``smtp``).
"""

import re

from core.wire import lines
from core.wire.offers import Offers
from core.wire.passage import Fate, Letter


def options(offers: Offers, letter: Letter, size: int) -> list[bytes]:
    """What MAIL tells of a letter of so many bytes, as far as the server has said that it listens."""
    plain = all(address.isascii() for address in (letter.sender, *letter.recipients))
    every = {
        b"SIZE=%d" % size: "SIZE" in offers,
        b"BODY=8BITMIME": "8BITMIME" in offers and not letter.message.isascii(),
        b"SMTPUTF8": "SMTPUTF8" in offers and not plain,
    }
    return [option for option, wanted in every.items() if wanted]


def unfit(offers: Offers, letter: Letter, where: str) -> dict[str, Fate]:
    """The recipients that a server cannot serve; ``where`` is its name."""
    size, limit, why = len(lines.to_wire(letter.message)), "".join(offers.get("SIZE", ())), ""
    if limit.isdecimal() and 0 < int(limit) < size:
        why = f"{where} takes letters of at most {int(limit):,} bytes, and this one has {size:,}"
    elif not sendable(offers, letter.sender):
        why = f"{where} cannot take the sender's address {letter.sender}"
    return {
        address: Fate("bounced", why or f"{where} cannot take the address {address}")
        for address in letter.recipients
        if why or not sendable(offers, address)
    }


def sendable(offers: Offers, address: str) -> bool:
    """Whether it can stand in a command: no control characters, and ASCII but for servers with SMTPUTF8."""
    return ("SMTPUTF8" in offers or address.isascii()) and not re.search(r"[\x00-\x1f\x7f]", address)
