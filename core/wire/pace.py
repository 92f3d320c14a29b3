"""How the two directions share a thin line: how fast letters go up, and how much may be on its way down.

Each transfer's acknowledgements queue behind the other one's data. So what goes up is held to a part of the line's
rate, and what comes down to little more than the line has in flight: neither waits for a full queue of the other's.
A line of which no rate is known, or one so fast that it does not matter, is left as the system drives it.

Never: a socket, a clock, a measurement; rates and delays are passed in.
"""

from dataclasses import dataclass, replace

SHARE = 0.7  # of the line's rate for what goes up: the rest is for requests and for the acknowledgements of what comes
AHEAD = 1.1  # how much sooner letters shall have left than those from the other side have come: they are answered then
SLACK = 1.25  # how much more than the line has in flight: what is acknowledged late must not make it idle
# A server begins with ten full packets, and soon doubts that they arrive: where one more fits it sends that, and where
# none does it sends the tenth again.
SEGMENTS = 20_480  # bytes: these, two more, and the lists before them
# Where every letter waits for answers, these wait behind all that is on its way down.
FEWEST, FEW = 3_072, 6_144  # bytes: some ten seconds of a slow line, between two and four full packets
FEW_SECONDS = 10
SECONDS = 22  # of the slowest line's time that are on their way down at most
LEAST = 4096  # bytes of a buffer: with less, TCP sends crumbs
TURN = 0.65  # seconds of a turn that nobody has measured, a satellite's: less makes it idle, more delays little
FAST = 2_000_000  # bit/s: above this a call is a matter of turns, and the system drives better than we


@dataclass(frozen=True, slots=True)
class Pace:
    """What one connection may take; 0: as the system does it.

    ``rate`` is how many bytes may leave in a second, ``sending`` and ``receiving`` are bytes of the kernel's buffers.
    """

    rate: int = 0
    sending: int = 0
    receiving: int = 0


FREE = Pace()


def plan(rate: int, turn: float = 0.0, *, waiting: bool = False) -> Pace:
    """How a line of ``rate`` bit/s (0: unknown) with turns of so many seconds (0: unknown) is shared.

    ``waiting``: the smart host wants each letter to wait for an answer, so little may be on its way down before that.
    """
    if not 0 < rate <= FAST:
        return FREE
    carried = rate / 8  # bytes a second
    turn = turn or TURN
    least, most, seconds = (FEWEST, FEW, FEW_SECONDS) if waiting else (LEAST, SEGMENTS, SECONDS)
    receiving = max(least, round(SLACK * carried * turn), min(most, round(seconds * carried)))
    up = round(SHARE * carried)
    # An acknowledgement of what goes up waits behind all that is on its way down.
    sending = max(LEAST, round(SLACK * up * (turn + receiving / carried)))
    return Pace(up, sending, receiving)


def hurried(pace: Pace, rate: int, up: int, down: int) -> Pace:
    """The pace at which ``up`` bytes have left when ``down`` bytes have come, where the usual one is slower."""
    if not pace.rate:
        return pace
    needed = rate / 8 * min(1.0, AHEAD * up / max(1, down))
    return replace(pace, rate=max(pace.rate, round(needed)))
