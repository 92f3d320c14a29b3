"""Every screen as the tests look at it and as the pictures show it: what happened in the house, and the keys to it.

Never: a terminal's size or colours; who looks brings them.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from textual.pilot import Pilot
from textual.widgets import Input

from core.config import FILE, load
from core.events import Connected, Dialing, Fetched, Listed, Modem, Outgone, Reckoned
from core.household import Household
from tests.tui.house import NOW, budget, build, kinds, returned, ruled, strays, stubs
from tests.tui.steps import press, settled
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.messages import Told
from tui.screens import connection, page
from tui.screens.guide import Guide
from tui.screens.pile import GLANCE
from tui.verbs.guide import draft
from tui.widgets.area import Area
from tui.widgets.call import Call
from tui.widgets.way import Way

SINCE = 1000.0  # seconds by a clock that never goes back: when the call began
AT = SINCE + 48.0  # and when it is looked at


def way(total: int, letter: int, letters: int, passed: tuple[int, ...]) -> Way:
    """One direction after so many bytes in every second of the call."""
    way = Way(0, total, letter, letters)
    for second in range(len(passed) + 1):
        way = way.moved(sum(passed[:second]), total, AT - len(passed) + second)
    return way


RUN = Call(
    *("up", "0860123456", 1, 33600, SINCE),
    way(41_000, 2, 3, (0, 120, 400, 800, *(1000, 900, 1100, 950) * 6, *(1200, 700, 500) * 2)),
    way(96_000, 9, 14, (0, 0, 0, 300, *(1200, 2900, 3100, 1400, 2800) * 4, *(3000, 2500, 2900) * 2)),
    Reckoned(48.0, "0.07", 21.0, "0.09", "EUR"),
)
TOLD = (
    Dialing("0860123456", 1),
    Modem("ATDT0860123456", sent=True),
    Modem("CONNECT 33600/ARQ/V34/LAPM/V42BIS"),
    Connected("0860123456", 33600, "ppp0", "192.0.2.17", 2.4),
    Listed("isp", 14, 96_000),
    Outgone("a1", "grandma@far.example", "sent", "250 2.0.0 taken"),
    Fetched("isp", "u1", 3000, ("paul",), "envelope", "office@school.example", "Timetable"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen: the keys that lead to it, who sits there, what else happened in the house, and a call that is on."""

    keys: tuple[str, ...] = ()
    member: str = "paul"
    more: Callable[[Household], None] | None = None
    call: Call | None = None
    guide: bool = False  # there is no household yet

    @contextmanager
    def app(self, folder: Path) -> Iterator[Mailrun]:
        """The App on a new house in this folder, where the clocks show the time of the house's country."""
        clock = SimpleNamespace(monotonic=lambda: AT)
        with ExitStack() as stack:
            stack.callback(time.tzset)
            stack.enter_context(mock.patch.dict(os.environ, TZ="CET-1"))
            stack.enter_context(mock.patch("getpass.getuser", return_value="rose"))
            for screen in (page, connection):
                stack.enter_context(mock.patch.object(screen, "time", clock))
            time.tzset()
            yield self._founded(folder) if self.guide else self._built(folder)

    def _founded(self, folder: Path) -> Mailrun:
        bridge = Bridge(draft(folder), now=lambda: NOW)
        return Mailrun(bridge, first=partial(Guide, bridge, Path("/home/rose/house")))

    def _built(self, folder: Path) -> Mailrun:
        house = build(folder)
        if self.more is not None:
            self.more(house)
            house = replace(house, config=load(folder / FILE))
        return Mailrun(Bridge(house, self.member, now=lambda: NOW))

    async def play(self, pilot: Pilot[int]) -> None:
        """Press the keys, and wait until nothing moves."""
        await settled(pilot)
        await press(pilot, *self.keys)
        if self.call is not None:
            bridge = pilot.app._bridge  # type: ignore[attr-defined]
            bridge.call = self.call
            for event in TOLD:
                pilot.app.screen.post_message(Told(event))
        await pilot.pause(GLANCE * 2)
        await settled(pilot)
        for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(Area)):
            field.cursor_blink = False


SCENES: Mapping[str, Scene] = {
    "guide": Scene(guide=True),
    "who": Scene(member=""),
    "mail": Scene(),
    "threads": Scene(("o", "home", "enter"), more=kinds),
    "letter": Scene(("enter",)),
    "page": Scene(("end", "up", "up", "enter"), more=kinds),
    "invitation": Scene(("end", "up", "enter"), more=kinds),
    "attached": Scene(("end", "enter", "v"), more=kinds),
    "search": Scene(("slash", *"gard")),
    "rule": Scene(("home", "down", "R"), more=kinds),
    "compose": Scene(("r",)),
    "queue": Scene(("2",)),
    "connection": Scene(("3",)),
    "run": Scene(("3",), call=RUN),
    "big": Scene(("3",), more=stubs, call=RUN),
    "stubs": Scene(("3",), more=stubs),
    "bill": Scene(("3", "b"), more=budget),
    "settings": Scene(("4",)),
    "form": Scene(("4", "end", *("up",) * 5, "enter")),
    "triage": Scene(("y", *("down",) * 5, "enter", "home"), more=strays),
    "always": Scene(("y", *("down",) * 5, "enter", "home", "T", "down", "enter", "enter"), more=strays),
    "returned": Scene(("y", "down", "down", "enter", "end", "enter"), more=returned),
    "rules": Scene(("4", *("down",) * 3), more=ruled),
    "help": Scene(("question_mark",)),
}
