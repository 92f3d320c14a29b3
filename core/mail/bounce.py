"""The report that a letter could not be delivered (RFC 3464).

Plain words come first, then what machines read, then the letter itself.

Never: a bounce for a bounce (the caller looks at the envelope), leaving the house.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from core.config import Config
from core.mail.addresses import domain
from core.mail.body import multipart, text_part
from core.mail.clean import safe
from core.mail.draft import mailbox, said
from core.mail.envelope import Envelope
from core.mail.headers import decode, fields, first, split

_LONGEST = 900  # characters of a reply, well under the longest line of RFC 5322
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"\s*(\d{3})\b")

# What the commonest refusals mean: by their enhanced status (RFC 3463), or else by what servers write.
_MEANINGS = (
    (
        r"[45]\.1\.[1-6]|user unknown|no such (?:user|mailbox)|unknown user|does not exist",
        "There is no such mailbox at {host}. Look at the spelling of the address.",
    ),
    (r"[45]\.2\.1|disabled|inactive", "The mailbox is there, but it takes no letters now."),
    (
        r"[45]\.2\.2|quota|mailbox (?:is )?full|over ?quota",
        "The mailbox of {address} is full. Try again in a few days.",
    ),
    (
        r"[45]\.(?:2\.3|3\.4)|^\s*552|too (?:large|big)|size limit",
        "The letter is too big. Send it with fewer or smaller attached files.",
    ),
    (
        r"[45]\.4\.4|[45]\.1\.10|host (?:or domain )?(?:name )?not found|domain not found|no mx",
        "There is no mail server for {host}. Look at the spelling of the address.",
    ),
    (
        r"[45]\.7\.\d|spam|blocked|blacklist|block ?list|policy|relay",
        "The server has rules against it: it may take the letter for spam, or not trust our provider.",
    ),
)


def report(
    message: bytes,
    envelope: Envelope,
    refused: Mapping[str, str],
    to: str,
    config: Config,
    now: datetime,
    unique: str,
) -> bytes:
    """A report to a member.

    Args:
        message: The letter that was not delivered; it is attached as it is.
        envelope: Its sender and recipients.
        refused: The recipients who will not get it, and what the server said.
        to: The member's address.
        config: The household.
        now: The time of the report.
        unique: What the report's Message-ID is made of.
    """
    host = domain(f"@{config.household.domain}")
    subject = _field(message, "Subject")
    lines = (
        f"From: {mailbox('Mail delivery', f'MAILER-DAEMON@{host}')}",
        f"To: {to}",
        said("Subject", f"Not delivered: {subject or 'your letter'}"),
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{unique}@{host}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
    )
    pieces = [text_part(_words(subject, envelope.sender, refused)), _status(host, refused, now), _original(message)]
    return "\n".join(lines).encode() + b"\n" + multipart("report; report-type=delivery-status", pieces)


def _words(subject: str, sender: str, refused: Mapping[str, str]) -> str:
    """What happened, for a person."""
    title = f'"{safe(subject)}"' if subject else "without a subject"
    lines = [f"Your letter {title}, sent from {safe(sender)}, could not be delivered to:", ""]
    for address, reply in refused.items():
        lines += [
            f"{safe(address)}:",
            f"  {_meaning(address, reply)}",
            f"  The server said: {safe(reply) or 'nothing'}",
            "",
        ]
    return "\n".join([*lines, "The letter is attached as it was sent, so that you can send it again."])


def _meaning(address: str, reply: str) -> str:
    for pattern, words in _MEANINGS:
        if re.search(pattern, reply, re.IGNORECASE):
            return words.format(address=safe(address), host=safe(domain(address)) or "the other side")
    return "The server there would not take it."


def _status(host: str, refused: Mapping[str, str], now: datetime) -> bytes:
    """What other programs read: a group of fields for the report, and one for each recipient (RFC 3464 section 2)."""
    groups = [f"Reporting-MTA: dns; {host}\n"]
    groups += [
        f"Final-Recipient: rfc822; {safe(address)}\n"
        "Action: failed\n"
        f"Status: {_code(reply)}\n"
        f"Diagnostic-Code: smtp; {safe(reply)[:_LONGEST] or 'no reply'}\n"
        f"Last-Attempt-Date: {format_datetime(now)}\n"
        for address, reply in refused.items()
    ]
    return b"Content-Type: message/delivery-status\n\n" + "\n".join(groups).encode("utf-8", "replace")


def _code(reply: str) -> str:
    """The enhanced status of a reply (RFC 3463), made from its first digit where the server gave none."""
    enhanced, code = _ENHANCED.search(reply), _CODE.match(reply)
    if enhanced:
        return enhanced[1]
    return "4.0.0" if code and code[1].startswith("4") else "5.0.0"


def _original(message: bytes) -> bytes:
    transfer = b"7bit" if message.isascii() else b"8bit"
    return b"Content-Type: message/rfc822\nContent-Transfer-Encoding: " + transfer + b"\n\n" + message


def _field(message: bytes, name: str) -> str:
    field = first(fields(split(message)[0]), name)
    return decode(field.value) if field else ""
