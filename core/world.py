"""What a household reaches outside: its line, its smart host, its maildrops, names; all of ``net`` in one value.

It stands apart from ``run`` because the libraries of the line take as long to load as all else together: the screens
do without them until a call is made.

Never: anything opened, or sent.
"""

from pathlib import Path

from core.config import Config
from core.household import Traffic, World
from core.net.line import line
from core.net.maildrop import Maildrop
from core.net.names import Names
from core.net.resolver import Resolver
from core.net.smarthost import SmartHost

USUAL = 33_600  # bit/s of a line that is dialled
WINDOW = 65536  # bytes of letters asked for in advance, at most


def world(settings: Config, folder: Path) -> World:
    """What this household reaches outside; nothing is opened yet."""
    traffic, resolver, outside = Traffic(), Resolver(), line(settings.line, folder)
    names = Names(resolver, outside.named)
    ehlo = settings.household.domain
    # Letters asked for in advance: what the line carries in ten seconds, so that one can change one's mind.
    rate = settings.line.rate or (0 if settings.line.kind == "always" else USUAL)
    window = min(WINDOW, max(4096, rate)) if rate else WINDOW
    boxes = (Maildrop(box, traffic.count, traffic.tell, window=window, names=names) for box in settings.maildrop)
    return World(
        line=outside,
        smarthost=SmartHost(settings.smarthost, ehlo, traffic.count, names) if settings.smarthost else None,
        maildrops=tuple(boxes),
        names=names,
        resolver=resolver,
        traffic=traffic,
    )
