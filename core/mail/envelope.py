"""The envelope, as opposed to the headers, and what became of each recipient.

Never: the letter itself.
"""

from dataclasses import dataclass
from typing import Literal, assert_never


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a letter is from (empty: the null sender of a bounce, RFC 5321 section 4.5.5) and whom it goes to."""

    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """The smart host has taken it."""

    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now (4xx, or the line went before the letter did): it stays in the queue."""

    reply: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """Never (5xx): the sender gets a report."""

    reply: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The letter was on its way when the line went, and nobody said whether it was taken."""

    reply: str


Outcome = Sent | Deferred | Bounced | Uncertain
State = Literal["waiting", "sending", "sent", "deferred", "bounced", "uncertain", "cancelled"]


def state(outcome: Outcome) -> Literal["sent", "deferred", "bounced", "uncertain"]:
    """The word for an outcome, as the ledger, the screens and ``--json`` have it."""
    match outcome:
        case Sent():
            return "sent"
        case Deferred():
            return "deferred"
        case Bounced():
            return "bounced"
        case Uncertain():
            return "uncertain"
        case _:
            assert_never(outcome)
