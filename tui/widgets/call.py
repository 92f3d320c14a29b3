"""The state of the line as the screens show it: one frozen value, moved on by each event of a run.

Never: a clock; ``at`` is monotonic seconds and is passed in.
"""

from dataclasses import dataclass, replace
from typing import Literal

from core import events
from core.events import Event
from tui.widgets.words import clock, size, waiting

HOW = {  # by what a letter found its members, where that is not the envelope that the provider wrote down
    "list": "they read the list",
    "rule": "by a rule",
    "guess": "guessed from its head",
    "postmaster": "nobody claimed it",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One direction: bytes and letters so far and in all."""

    done: int = 0
    total: int = 0
    letter: int = 0
    letters: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Where a run stands; ``since`` is when the line came up."""

    state: Literal["down", "dialing", "up", "closing"] = "down"
    number: str = ""
    attempt: int = 0
    rate: int = 0
    since: float = 0.0
    out: Way = Way()
    into: Way = Way()

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
        case events.Connected(number, rate):
            return replace(call, state="up", number=number or call.number, rate=rate, since=at)
        case events.Sending(_, nth, of):
            return replace(call, out=replace(call.out, letter=nth, letters=of))
        case events.Listed(_, new, _):
            return replace(call, into=replace(call.into, letters=call.into.letters + new))
        case events.Fetched():
            return replace(call, into=replace(call.into, letter=call.into.letter + 1))
        case events.Progress("up", done, total):
            return replace(call, out=replace(call.out, done=done, total=total))
        case events.Progress(_, done, total):
            return replace(call, into=replace(call.into, done=done, total=total))
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
            into = f", into {', '.join(event.filed)}" if event.filed else ""
            why = f" ({HOW[event.how]})" if event.how in HOW else ""
            return f"from {event.sender or '(no sender)'}: for {', '.join(event.members)}{why}{into}"
        case events.Trouble(what, why):
            return f"{what}: {why}"
        case events.Junked():
            return events.words(event)
        case events.HungUp(seconds, why):
            return f"hung up after {clock(seconds)}" + (f": {why}" if why else "")
        case _:
            return ""


def _connected(event: events.Connected) -> str:
    parts = [
        f"{event.rate:,} bit/s" if event.rate else "",
        f"{event.interface} is up" if event.interface else "",
        event.address,
        f"after {event.seconds:.1f} s" if event.seconds else "",
    ]
    return "connected: " + ", ".join(part for part in parts if part) if any(parts) else "connected"
