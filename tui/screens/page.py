"""What every screen of a mode has: the bars around it, and an ear on the bridge.

Never: anything of one mode only.
"""

import time
from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from tui.bridge import Bridge
from tui.messages import Halted, Stood, Told
from tui.screens.dialogs import Confirm
from tui.widgets.bars import Hints, Modes, Standing


class Page(Screen[None]):
    """A screen with the modes above, the keys and the status line below, and ``body`` between."""

    MODE: ClassVar[str] = ""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.bridge = bridge

    def compose(self) -> ComposeResult:
        """The bars and the body."""
        yield Modes()
        with Container(id="body"):
            yield from self.body()
        yield Hints()
        yield Standing()

    def body(self) -> Iterable[Widget]:
        """What this screen shows."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Begin to listen."""
        self.bridge.listen(self)
        modes = self.query_one(Modes)
        modes.active = self.MODE
        self.set_interval(0.5, self.stand)
        self.stand()

    def on_unmount(self) -> None:
        """Listen no more."""
        self.bridge.forget(self)

    def on_screen_resume(self) -> None:
        """Back here: who sits at the desk may have changed."""
        house, member = self.bridge.config.household.name, self.bridge.config.members.get(self.bridge.member)
        person = (member.name or self.bridge.member) if member else ""
        self.query_one(Modes).who = ", ".join(part for part in (person, house) if part)
        self.stand()

    def on_told(self, _: Told) -> None:
        """A run goes on."""
        self.stand()

    def on_stood(self, _: Stood) -> None:
        """The next run was reckoned again."""
        self.stand()

    def on_halted(self, event: Halted) -> None:
        """Ask whether a run shall be made all the same; one screen asks, whatever stands over it."""
        if self.app.current_mode == self.MODE:
            self.app.push_screen(Confirm(f"{_said(event.why)} Make this run all the same?", "Run", "No run"), self._ran)

    def _ran(self, sure: bool | None) -> None:
        if sure:
            self.bridge.begin(over_budget=True)

    def stand(self) -> None:
        """Show how things stand, and move the clock of a call on."""
        bridge, ahead = self.bridge, self.bridge.forecast
        self.query_one(Standing).show(bridge.call, ahead, time.monotonic(), bridge.warning)
        self.query_one(Hints).calling = bridge.call.on
        self.query_one(Modes).waiting = ahead.messages_up if ahead else 0


def _said(why: str) -> str:
    """Why no run is made, without what only a command line has."""
    said = why.partition(", so no call is made")[0]
    return f"{said[:1].upper()}{said[1:]}."
