"""How one connection shares a thin line with those that go the other way.

Each transfer's acknowledgements queue behind the other one's data. So what goes up is held to a part of the line's
rate, and what comes down to about what the line has in flight.

Never: a socket, a clock, a measurement; rates and delays are passed in.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """What one connection may take; 0: as the system does it.

    ``rate`` is how many bytes may leave in a second, ``sending`` and ``receiving`` are bytes of the kernel's buffers.
    """

    rate: int = 0
    sending: int = 0
    receiving: int = 0


FREE = Pace()
