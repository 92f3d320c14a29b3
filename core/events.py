"""What a run tells while it goes on: frozen values, handed to one ``emit``.

Text in an event may come from a modem or a server; it is sanitised where the event is made (``mail.text.safe``).
Sizes are bytes, times are seconds, rates are bit/s.

Never: behaviour; a secret.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, assert_never


@dataclass(frozen=True, slots=True)
class Dialing:
    """The line is being brought up: which number (empty for lines without numbers), and which try it is, from 1."""

    number: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Modem:
    """One line of the dialogue with the modem or the link program; ``sent`` tells who spoke."""

    text: str
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One try to dial ended without a connection; ``why`` is the sentence."""

    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The line is up; ``rate`` in bit/s (0: unknown), ``interface`` and ``address`` where there are any.

    It took ``seconds``, for ``online`` of which the line is paid already.
    """

    number: str
    rate: int
    interface: str = ""
    address: str = ""
    seconds: float = 0.0
    online: float = 0.0


@dataclass(frozen=True, slots=True)
class Sending:
    """Letter ``nth`` of ``of`` goes to the smart host."""

    id: str
    nth: int
    of: int
    size: int


@dataclass(frozen=True, slots=True)
class Outgone:
    """What the smart host said of one recipient: sent, deferred, bounced or uncertain."""

    id: str
    address: str
    state: Literal["sent", "deferred", "bounced", "uncertain"]
    reply: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What waits in a maildrop: ``new`` letters of ``size`` bytes together, by the server's own count."""

    maildrop: str
    new: int
    size: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """One letter is safely in the mbox of each of ``members``; ``how`` is the evidence that named them.

    ``duplicates`` are those of them who had it already, and have it in their folder of duplicates; ``filed``: where the
    rules of members have put it, as "paul/nelug". Of a stub, ``left`` bytes are still at the provider.
    """

    maildrop: str
    uid: str
    size: int
    members: tuple[str, ...]
    how: str
    sender: str
    subject: str
    duplicates: tuple[str, ...] = ()
    filed: tuple[str, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes so far and in all, one direction; may be dropped when a newer one is there."""

    direction: Literal["up", "down"]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Where the run stands: seconds online and money so far, seconds left, and the money that it will have cost.

    May be dropped when a newer one is there.
    """

    seconds: float
    cost: str
    left: float
    total: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Slower:
    """The call takes longer than it need, because of what a server lacks; ``what`` names the box or the host."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """One part of the run ended early; the rest goes on. ``what`` names the box, the host or the letter."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Junked:
    """So many of the letters that came for a member turned out to be junk, and are in that folder."""

    member: str
    letters: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The line is down, after ``seconds`` online."""

    seconds: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """The account of one run: its statement; of the ``delivered`` so many are ``duplicates``.

    ``slower``: what made the call longer than it need be, a sentence each. ``forecast_seconds`` and ``forecast_cost``
    are what was reckoned right before the call; ``left``: letters that a limit of the call has left for the next, of
    which ``bytes_left`` are still at the provider.
    """

    outcome: Literal["complete", "partial", "failed"]
    sent: int = 0
    deferred: int = 0
    bounced: int = 0
    uncertain: int = 0
    fetched: int = 0
    delivered: int = 0
    stubs: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    seconds_online: float = 0.0
    cost: str = "0.00"
    currency: str = ""
    why: str = ""
    duplicates: int = 0
    slower: tuple[str, ...] = ()
    forecast_seconds: float = 0.0
    forecast_cost: str = ""
    left: int = 0
    bytes_left: int = 0


Event = (
    Dialing
    | Modem
    | Refused
    | Connected
    | Sending
    | Outgone
    | Listed
    | Fetched
    | Progress
    | Reckoned
    | Slower
    | Trouble
    | Junked
    | HungUp
    | Finished
)
Emit = Callable[[Event], None]


def letters(count: int) -> str:
    """How many: no letters, 1 letter, 3 letters."""
    return "1 letter" if count == 1 else f"{count or 'no'} letters"


def plain(event: Event) -> dict[str, object]:
    """The event as a JSON-ready object: ``event`` is its name in lower case, then its fields."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    return {"event": name, **asdict(event)}


def words(event: Event) -> str:  # noqa: C901, PLR0911, PLR0912 one case an event, checked to be whole
    """One line for a person; empty for what only bars and numbers show."""
    match event:
        case Dialing(number=number, attempt=attempt):
            return f"dialling {number or 'the line'}" + (f", try {attempt}" if attempt > 1 else "")
        case Modem(text=text, sent=sent):
            return f"  > {text}" if sent else f"  < {text}"
        case Refused(why=why):
            return why
        case Connected(rate=rate, address=address, seconds=seconds):
            speed = f" at {rate:,} bit/s" if rate else ""
            return f"the line is up{speed}{f', {address}' if address else ''}, after {seconds:.1f} s"
        case Sending(nth=nth, of=of, size=size):
            return f"sending letter {nth} of {of}, {size:,} bytes"
        case Outgone(address=address, state=state, reply=reply):
            return f"to {address}: {state}" + (f" ({reply})" if state != "sent" else "")
        case Listed(maildrop=maildrop, new=new, size=size):
            return f"{maildrop}: {letters(new)} to fetch, about {size:,} bytes"
        case Fetched(
            members=members, sender=sender, subject=subject, how=how, duplicates=copies, filed=filed, left=left
        ):
            rest = f" (a stub: {left:,} bytes stay at the provider)" if left else ""
            again = f" (filed as a duplicate for {', '.join(copies)})" if copies else ""
            into = f" (into {', '.join(filed)})" if filed else ""
            what = f"{subject or 'no subject'}, from {sender or 'nobody'}"
            return f"for {', '.join(members)} (by {how}): {what}{into}{again}{rest}"
        case Progress() | Reckoned():
            return ""
        case Slower(what=what, why=why):
            return f"{what}: slower, because {why}"
        case Trouble(what=what, why=why):
            return f"{what}: {why}"
        case Junked(member=member, letters=count):
            return f"{letters(count)} of {member} went to junk"
        case HungUp(seconds=seconds, why=why):
            return f"the line is down after {seconds:.0f} s" + (f": {why}" if why else "")
        case Finished():
            return (
                f"{event.outcome}: {event.sent} sent, {event.fetched} fetched{_filed(event)}, "
                f"{event.deferred} deferred, {event.bounced} bounced, {event.uncertain} uncertain; "
                f"{event.seconds_online:.0f} s online, {event.cost} {event.currency}".rstrip()
            )
        case _:
            assert_never(event)


def _filed(account: Finished) -> str:
    return f" ({account.duplicates} filed as duplicates)" if account.duplicates else ""
