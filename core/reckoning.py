"""How long a call takes: before it is made, and while it goes on.

A call is ``setup`` seconds of connecting, logging in and asking, then letters both ways at once (on a half-duplex line
one way after the other), then a ``tail`` of goodbyes. Before the lists have come, what comes in is a guess; with them
it is exact but for the rate, of which the call itself tells more with every second.

Never: a clock; ``at`` is seconds from any moment on, and is passed in. Bytes are those of mail protocol; TCP/IP, TLS
and what the modem adds are in the rates, which are bit/s really carried.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.events import Connected, Event, Fetched, HungUp, Listed, Progress, Sending

EVIDENCE = 3.0  # seconds for which the rate of earlier calls counts beside that of this one
CORE = (0.05, 0.95)  # of the bytes, between which a rate is measured: neither the beginning nor the end is steady
REPLIES = 60  # bytes that a server says about each letter
LEAST = 0.02  # seconds: a shorter time measures the clock

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Measure:
    """How calls on this line go: seconds before and after the letters, bit/s each way, and whether ways exclude."""

    setup: float
    tail: float
    up: float
    down: float
    half: bool = False

    def seconds(self, up: float, down: float) -> float:
        """Seconds online of a call that carries so many bytes."""
        return self.setup + self.carrying(up * 8 / self.up, down * 8 / self.down) + self.tail

    def carrying(self, up: float, down: float) -> float:
        """Seconds of both ways together."""
        return up + down if self.half else max(up, down)


@dataclass(frozen=True, slots=True)
class Way:
    """One direction: bytes in all as far as that is known, bytes so far, and since when letters flow (None: not yet).

    ``base`` are the bytes that had come by then; ``open``: their number is known now, and they may begin.
    """

    total: float = 0.0
    done: int = 0
    base: int = 0
    open: bool = False
    since: float | None = None

    @property
    def rest(self) -> float:
        """Bytes that are still to come."""
        return max(0.0, self.total - self.done)

    def moved(self, done: int, at: float) -> "Way":
        """So many bytes by now."""
        if self.open and self.since is None and done > self.done:
            return replace(self, done=done, base=done, since=at)
        return replace(self, done=done)

    def seconds(self, size: float, expected: float, at: float) -> float:
        """For so many bytes: by the rate of earlier calls, and more and more by this one's."""
        if self.since is None:
            return size * 8 / expected
        carried = EVIDENCE * expected + 8 * (self.done - self.base)
        return size * 8 * (EVIDENCE + at - self.since) / max(carried, 1.0)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Where a call stands; moved on by its events.

    ``zero`` is when it began to cost, ``setup`` how long that was before letters flowed (0: they do not yet), and
    ``still`` when bytes last moved; so many ``letters`` that are ``listed`` have not come.
    """

    measure: Measure
    up: Way = Way()
    down: Way = Way()
    zero: float | None = None
    setup: float = 0.0
    still: float = 0.0
    letters: int = 0
    listed: bool = False
    ended: bool = False

    def after(self, event: Event, at: float) -> "Reckoning":
        """The reckoning after an event at that time."""
        match event:
            case Connected(online=online):
                return replace(self, zero=at - online, still=at)
            case Sending():
                return replace(self, up=replace(self.up, open=True))
            case Progress(direction=way, done=done):
                up = self.up.moved(done, at) if way == "up" else self.up
                return self._moved(up, self.down.moved(done, at) if way == "down" else self.down, at)
            case Listed() | Fetched():
                return self._listed(event) if isinstance(event, Listed) else self._fetched()
            case HungUp():
                return replace(self, ended=True)
        return self

    def _listed(self, event: Listed) -> "Reckoning":
        """So much is to come for sure."""
        total = (self.down.total if self.listed else self.down.done) + event.size + event.new * REPLIES
        down = replace(self.down, total=total, open=self.down.open or bool(event.new))
        return replace(self, down=down, letters=self.letters + event.new, listed=True)

    def _fetched(self) -> "Reckoning":
        """One letter less; after the last one nothing is to come: the sizes of lists are not to be trusted."""
        down = replace(self.down, total=self.down.done) if self.letters == 1 else self.down
        return replace(self, letters=self.letters - 1, down=down)

    def _moved(self, up: Way, down: Way, at: float) -> "Reckoning":
        still = at if (up.done, down.done) != (self.up.done, self.down.done) else self.still
        flowing = self.setup or self.zero is None or (up.since is None and down.since is None)
        return replace(self, up=up, down=down, still=still, setup=self.setup if flowing else at - (self.zero or at))

    @property
    def flowing(self) -> float:
        """Since when letters flow; inf: they do not."""
        return math.inf if self.zero is None or not self.setup else self.zero + self.setup

    def seconds(self, at: float) -> float:
        """Seconds online so far."""
        return 0.0 if self.zero is None else at - self.zero

    def left(self, at: float) -> float:
        """Seconds online that are still to come."""
        if self.ended:
            return 0.0
        needed = self.needed(at, self.up.rest, self.down.rest)
        done = self.setup and not (self.up.rest or self.down.rest)
        return max(0.0, needed - (at - self.still)) if done else needed

    def needed(self, at: float, up: float, down: float) -> float:
        """Seconds in which so many more bytes are carried, and the call ends."""
        before = 0.0 if self.setup else max(0.0, self.measure.setup - self.seconds(at))
        out, into = self.up.seconds(up, self.measure.up, at), self.down.seconds(down, self.measure.down, at)
        return before + self.measure.carrying(out, into) + self.measure.tail

    def way(self, direction: Direction) -> Way:
        """One of both."""
        return self.up if direction == "up" else self.down

    def without(self, direction: Direction, size: float) -> "Reckoning":
        """A letter of so many bytes is left for the next call."""
        less = replace(self.way(direction), total=max(0.0, self.way(direction).total - size))
        if direction == "up":
            return replace(self, up=less)
        return replace(self, down=less, letters=self.letters - 1)


def rate(samples: Sequence[tuple[float, int]]) -> float:
    """Bit/s, of (seconds, bytes so far) in their order; 0: nothing moved."""
    if not samples or samples[-1][1] <= samples[0][1]:
        return 0.0
    first, last = samples[0][1], samples[-1][1]
    began, ended = (_when(samples, first + (last - first) * part) for part in CORE)
    return 8 * (last - first) * (CORE[1] - CORE[0]) / max(ended - began, LEAST)


def _when(samples: Sequence[tuple[float, int]], size: float) -> float:
    """When so many bytes had moved, between two samples in proportion."""
    before = samples[0]
    for sample in samples:
        if sample[1] >= size:
            share = (size - before[1]) / (sample[1] - before[1]) if sample[1] > before[1] else 1.0
            return before[0] + share * (sample[0] - before[0])
        before = sample
    return samples[-1][0]
