"""The reports that a letter could not be delivered, or not yet (RFC 3464).

Plain words come first, then what machines read, then the letter itself.

Never: a bounce for a bounce (the caller looks at the envelope), leaving the house.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from core.config import Config
from core.mail.addresses import domain
from core.mail.body import multipart, text_part
from core.mail.clean import safe
from core.mail.draft import mailbox, said
from core.mail.envelope import Envelope
from core.mail.headers import decode, fields, first, split
from core.mail.status import LONGEST, code

GIVEN_UP = "given up after {days:g} days of tries; the last answer was: {reply}"  # the reply of what never went

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

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
    (r"^given up after", "It was not taken at {host} in all that time. Look whether the address still is right."),
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
    """A report to a member that a letter will not get there.

    Args:
        message: The letter that was not delivered; it is attached as it is.
        envelope: Its sender and recipients.
        refused: The recipients who will not get it, and what the server said.
        to: The member's address.
        config: The household.
        now: The time of the report.
        unique: What the report's Message-ID is made of.
    """
    title = _field(message, "Subject")
    text = _words(title, envelope.sender, refused)
    status = _status(config, refused, now)
    subject = f"Not delivered: {title or 'your letter'}"
    return _report(subject, [text_part(text), status, _original(message)], to, config, now, unique)


def delay(
    message: bytes,
    envelope: Envelope,
    waiting: Mapping[str, str],
    to: str,
    config: Config,
    now: datetime,
    unique: str,
    since: datetime,
) -> bytes:
    """A report to a member that a letter has not got there yet, and what will become of it.

    Args:
        message: The letter that waits; of it, the head comes with the report.
        envelope: Its sender and recipients.
        waiting: The recipients who do not have it yet, and what the server said last.
        to: The member's address.
        config: The household.
        now: The time of the report.
        unique: What the report's Message-ID is made of.
        since: When it was tried for the first time.
    """
    title = _field(message, "Subject")
    until = since + timedelta(days=config.household.give_up_after)
    text = _delay_words(title, envelope.sender, waiting, since, until)
    status = _status(config, waiting, now, until)
    subject = f"Not delivered yet: {title or 'your letter'}"
    return _report(subject, [text_part(text), status, _head(message)], to, config, now, unique)


def _report(subject: str, pieces: list[bytes], to: str, config: Config, now: datetime, unique: str) -> bytes:
    host = domain(f"@{config.household.domain}")
    lines = (
        f"From: {mailbox('Mail delivery', f'MAILER-DAEMON@{host}')}",
        f"To: {to}",
        said("Subject", subject),
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{unique}@{host}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
    )
    return "\n".join(lines).encode() + b"\n" + multipart("report; report-type=delivery-status", pieces)


def _words(subject: str, sender: str, refused: Mapping[str, str]) -> str:
    """What happened, for a person."""
    lines = [f"Your letter {_title(subject)}, sent from {safe(sender)}, could not be delivered to:", ""]
    for address, reply in refused.items():
        lines += [
            f"{safe(address)}:",
            f"  {meaning(address, reply)}",
            f"  The server said: {safe(reply) or 'nothing'}",
            "",
        ]
    return "\n".join([*lines, "The letter is attached as it was sent, so that you can send it again."])


def _delay_words(subject: str, sender: str, waiting: Mapping[str, str], since: datetime, until: datetime) -> str:
    """What is happening, for a person."""
    lines = [f"Your letter {_title(subject)}, sent from {safe(sender)}, has not been delivered yet to:", ""]
    for address, reply in waiting.items():
        lines += [f"{safe(address)}:", f"  The server said: {safe(reply) or 'nothing'}", ""]
    lines += [
        f"It was tried for the first time on {_day(since)}, and goes out with every call from now on too.",
        "You need not do anything, and need not send it again.",
        f"If it cannot be delivered by {_day(until)} either, it comes back to you.",
    ]
    return "\n".join(lines)


def _title(subject: str) -> str:
    return f'"{safe(subject)}"' if subject else "without a subject"


def _day(when: datetime) -> str:
    """A moment as people say it, whatever the language of the machine."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M}"


def meaning(address: str, reply: str) -> str:
    """What a server's reply means for a person, in a sentence or two."""
    for pattern, words in _MEANINGS:
        if re.search(pattern, reply, re.IGNORECASE):
            return words.format(address=safe(address), host=safe(domain(address)) or "the other side")
    return "The server there would not take it."


def _status(config: Config, replies: Mapping[str, str], now: datetime, until: datetime | None = None) -> bytes:
    """What other programs read: a group of fields for the report, and one for each recipient (RFC 3464 section 2).

    Recipients for whom it is tried ``until`` some time are delayed, others have failed.
    """
    groups = [f"Reporting-MTA: dns; {domain('@' + config.household.domain)}\n"]
    groups += [
        f"Final-Recipient: rfc822; {safe(address)}\n"
        f"Action: {'delayed' if until else 'failed'}\n"
        f"Status: {code(reply)}\n"
        f"Diagnostic-Code: smtp; {safe(reply)[:LONGEST] or 'no reply'}\n"
        f"Last-Attempt-Date: {format_datetime(now)}\n"
        + (f"Will-Retry-Until: {format_datetime(until)}\n" if until else "")
        for address, reply in replies.items()
    ]
    return b"Content-Type: message/delivery-status\n\n" + "\n".join(groups).encode("utf-8", "replace")


def _original(message: bytes) -> bytes:
    transfer = b"7bit" if message.isascii() else b"8bit"
    return b"Content-Type: message/rfc822\nContent-Transfer-Encoding: " + transfer + b"\n\n" + message


def _head(message: bytes) -> bytes:
    head, _ = split(message)
    transfer = b"7bit" if head.isascii() else b"8bit"
    return b"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: " + transfer + b"\n\n" + head


def _field(message: bytes, name: str) -> str:
    field = first(fields(split(message)[0]), name)
    return decode(field.value) if field else ""
