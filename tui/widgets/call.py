"""The state of the line as the screens show it: one frozen value, moved on by each event of a run.

Never: a clock; ``at`` is monotonic seconds and is passed in.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from core import events
from core.events import Event, Finished, Reckoned
from tui.widgets.way import STILL, Way
from tui.widgets.words import clock, money, size, waiting

HOW = {  # by what a letter found its members, where that is not the envelope that the provider wrote down
    "list": "they read the list",
    "rule": "by a rule",
    "guess": "guessed from its head",
    "postmaster": "nobody claimed it",
}


@dataclass(frozen=True, slots=True)
class Call:
    """Where a run stands; ``since`` is when it began to cost, ``reckoned`` what it costs, as soon as that is known."""

    state: Literal["down", "dialing", "up", "closing"] = "down"
    number: str = ""
    attempt: int = 0
    rate: int = 0
    since: float = 0.0
    out: Way = STILL
    into: Way = STILL
    reckoned: Reckoned | None = None

    @property
    def on(self) -> bool:
        """Whether a run is going on, and F9 hangs up."""
        return self.state != "down"

    def seconds(self, at: float) -> float:
        """Time on the line so far."""
        return at - self.since if self.since else 0.0


def after(call: Call, event: Event, at: float) -> Call:  # noqa: PLR0911 - one case an event
    """The state after an event."""
    match event:
        case events.Dialing(number, attempt):
            return Call("dialing", number, attempt)
        case events.Connected(number=number, rate=rate, online=online):
            return replace(call, state="up", number=number or call.number, rate=rate, since=at - online)
        case events.Sending(_, nth, of):
            return replace(call, out=replace(call.out, letter=nth, letters=of))
        case events.Listed(_, new, _):
            return replace(call, into=replace(call.into, letters=call.into.letters + new))
        case events.Fetched():
            return replace(call, into=replace(call.into, letter=call.into.letter + 1))
        case events.Progress("up", done, total):
            return replace(call, out=call.out.moved(done, total, at))
        case events.Progress(_, done, total):
            return replace(call, into=call.into.moved(done, total, at))
        case events.Reckoned():
            return replace(call, reckoned=event)
        case events.HungUp() | events.Finished():
            return Call()
        case _:
            return call


def words(call: Call, at: float) -> str:
    """The state of the line in words, for the status line."""
    match call.state:
        case "down":
            return "Line is down."
        case "dialing":
            return f"Dialling {call.number}".rstrip() + (f", try {call.attempt}." if call.attempt > 1 else ".")
        case "closing":
            return "Hanging up."
        case "up":
            return f"On the line {clock(call.seconds(at))}."


def toll(reckoned: Reckoned, *, brief: bool = False) -> str:
    """What is still to come: 0:21 left, 0.06 EUR so far, 0.07 EUR at the end; no money where a call costs none."""
    left = f"{clock(reckoned.left)} left" if reckoned.left >= 1 else "nearly done"
    if not any(Decimal(amount) for amount in (reckoned.cost, reckoned.total)):
        return left
    so_far, total = (money(amount, reckoned.currency) for amount in (reckoned.cost, reckoned.total))
    if brief:
        return f"{left}, {Decimal(reckoned.cost):.2f} of {total}"
    return f"{left}, {so_far} so far, {total} at the end"


def said(event: Event) -> str:  # noqa: C901, PLR0911 - one case an event
    """The line that an event adds to the account on the Connection screen; empty: nothing to say."""
    match event:
        case events.Dialing(number, attempt):
            return f"dialling {number or 'the line'}" + (f", try {attempt}" if attempt > 1 else "")
        case events.Modem(text, sent):
            return f"{'>' if sent else '<'} {text}"
        case events.Refused(number, why):
            return f"{number}: {why}" if number else why
        case events.Connected():
            return _connected(event)
        case events.Listed(maildrop, new, count):
            return f"{maildrop}: {waiting(new)}, {size(count)}"
        case events.Outgone(_, address, state, reply):
            return f"to {address}: {state}, {reply}"
        case events.Fetched():
            return _fetched(event)
        case events.Trouble(what, why):
            return f"{what}: {why}"
        case events.Junked() | events.Slower():
            return events.words(event)
        case events.HungUp(seconds, why):
            return f"hung up after {clock(seconds)}" + (f": {why}" if why else "")
        case _:
            return ""


def _fetched(event: events.Fetched) -> str:
    into = f", into {', '.join(event.filed)}" if event.filed else ""
    why = f" ({HOW[event.how]})" if event.how in HOW else ""
    left = f"; {size(event.left)} of it are still at the provider" if event.left else ""
    return f"from {event.sender or '(no sender)'}: for {', '.join(event.members)}{why}{into}{left}"


def _connected(event: events.Connected) -> str:
    parts = [
        f"{event.rate:,} bit/s" if event.rate else "",
        f"{event.interface} is up" if event.interface else "",
        event.address,
        f"after {event.seconds:.1f} s" if event.seconds else "",
    ]
    return "connected: " + ", ".join(part for part in parts if part) if any(parts) else "connected"


def account(event: Finished) -> str:
    """A run in one line: what it did, how long it was online, and what that cost."""
    parts = [
        f"{count} {word}"
        for count, word in (
            (event.sent, "sent"),
            (event.deferred, "deferred"),
            (event.bounced, "refused"),
            (event.uncertain, "uncertain"),
            (event.fetched, "fetched"),
            (event.stubs, "left as stubs"),
            (event.left, "left for the next run"),
        )
        if count
    ]
    done = ", ".join(parts) or "nothing to carry"
    return f"{event.outcome}: {done}; {event.seconds_online:.0f} s, {event.cost} {event.currency}".rstrip()
