"""Composing: everything that makes letters, under one name.

``draft`` turns what a person writes into bytes and back, ``answer`` begins replies, forwarded letters and those that
are sent again, ``finish`` makes a letter fit to leave and tells whom it is for.

Never: code; it is in these three.
"""

from core.mail.answer import Whom, addresses, again, forward, renew, reply, resend
from core.mail.body import Attachment, weight
from core.mail.draft import Draft, Origin, author, parse_draft, signed, write
from core.mail.finish import complete, recipients

__all__ = [
    "Attachment",
    "Draft",
    "Origin",
    "Whom",
    "addresses",
    "again",
    "author",
    "complete",
    "forward",
    "parse_draft",
    "recipients",
    "renew",
    "reply",
    "resend",
    "signed",
    "weight",
    "write",
]
