"""Connection: what the next run would be, one key to make it or hang up, both directions as they go, earlier runs.

Never: the line itself.
"""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, RichLog, Static

from core.events import Fetched, Finished
from tui.bridge import Bridge
from tui.commands import bindings, bound
from tui.messages import Statements, Stood, Stubs, Told
from tui.screens import rest
from tui.screens.costs import Costs
from tui.screens.page import Page
from tui.values import Answer, Big, Bill, Month
from tui.verbs import runs, stubs
from tui.widgets.ahead import planned
from tui.widgets.call import Call, account, said, toll, words
from tui.widgets.costs import glance
from tui.widgets.gauge import NARROW, charts
from tui.widgets.meter import Meter
from tui.widgets.tables import Bigs, Runs

TICK = 0.1  # seconds between two looks at a run


class Connection(Page):
    """The desk beside the telephone."""

    MODE = "connection"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("connection", "stubs")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._silent = True
        self._told, self._second = "", 0
        self._meters = (Meter("out", id="out"), Meter("in", id="into"))
        self._charts = ("", "")
        self._month, self._bill = Month(), Bill()
        self._ticking: Timer

    def body(self) -> Iterable[Widget]:
        """Forecast and key; the meters; what is said; earlier runs."""
        with Horizontal(id="call"):
            yield Static(id="ahead")
            yield Button("", id="key", variant="primary")
        with Vertical(id="meters"):
            yield from self._meters
        with Vertical(id="below"):  # what does not lie beside the meters is not looked at when they are drawn
            yield Static(id="big", markup=False)
            yield Bigs(id="bigs")
            yield RichLog(
                id="said", max_lines=500, min_width=20, wrap=True, markup=False, highlight=False, auto_scroll=True
            )
            yield Static(id="month", markup=False)
            yield Static(id="head", markup=False)
            runs = Runs(id="runs", empty="No run yet.")
            runs.now = self.bridge.now()
            yield runs

    def on_mount(self) -> None:
        """Ten times a second while a run is on."""
        super().on_mount()
        self.query_one("#meters").display = False
        self.add_class("-silent")
        self.query_one(RichLog).write(Text("What the modem and the servers say will appear here.", "dim"))
        self._ticking = self.set_interval(TICK, self._move, pause=True)

    def on_screen_resume(self) -> None:
        """Look again."""
        super().on_screen_resume()
        self.query_one("#meters").display = self.bridge.call.on
        self.query_one("#key").focus()
        self.bridge.ask(self, runs.statements)
        self.bridge.ask(self, stubs.waiting)
        self._say()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self._ticking.pause()

    def on_told(self, event: Told) -> None:
        """One line of the account, and the statement at the end."""
        super().on_told(event)
        if self.has_class("-calling") != self.bridge.call.on:
            self._say()
        if text := said(event.event):
            self._write(Text(text))
        if isinstance(event.event, Finished):
            self._write(Text(account(event.event), "bold"))
            self.bridge.ask(self, runs.statements)
        if isinstance(event.event, Finished) or (isinstance(event.event, Fetched) and event.event.left):
            self.bridge.ask(self, stubs.waiting)

    def _write(self, line: Text) -> None:
        """One more line; the hint that stood there goes with the first."""
        log = self.query_one(RichLog)
        if self._silent:
            log.clear()
            self._silent = False
            self.remove_class("-silent")
            self.call_after_refresh(log.scroll_end, animate=False)
        log.write(line)

    def on_stood(self, event: Stood) -> None:
        """Another forecast."""
        super().on_stood(event)
        self._say()

    def on_statements(self, event: Statements) -> None:
        """Earlier runs."""
        runs = self.query_one(Runs)
        runs.now = self.bridge.now()
        runs.load([run for run in event.runs if run.over or not self.bridge.call.on])
        runs.empty = f"No run yet. {bound(self, 'app.run')} makes the first."
        self._month, self._bill = event.month, event.bill
        self._glance()
        self.set_class(not event.runs, "-fresh")

    def _glance(self) -> None:
        """The bill in a few lines."""
        self.query_one("#month", Static).update(glance(self._month, self._bill, self.size.width - 4))

    def on_resize(self) -> None:
        """As much as there is room for."""
        self.query_one("#head", Static).update(Runs.head(self.size.width))
        self._glance()

    def action_bill(self) -> None:
        """The whole bill."""
        self.app.push_screen(Costs(self._bill))

    # Big letters

    def on_stubs(self, event: Stubs) -> None:
        """What waits for a word."""
        self.query_one(Bigs).load(event.items)
        self.query_one("#big", Static).update(Content(_waits(event.items)))
        self.set_class(bool(event.items), "-big")
        if self.focused is None or self.focused.id in ("key", "bigs"):  # arrows move among them, F9 is for the run
            self.query_one("#bigs" if event.items else "#key").focus()
        self.refresh_bindings()
        if event.sentence:
            self.notify(event.sentence, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """A word about a big letter, where there is one of one's own under the cursor."""
        if action != "answer":
            return True
        big = self.query_one(Bigs).current if self.is_mounted else None
        return big is not None and big.own

    @on(Bigs.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Bigs.Chosen)
    def _chosen(self) -> None:
        """Ask what is to become of the letter under the cursor."""
        if (big := self.query_one(Bigs).current) is not None and big.own:
            rest.choose(self.app, big, partial(self._said, big))

    def action_answer(self, said: Answer) -> None:
        """Take it, and so on."""
        if (big := self.query_one(Bigs).current) is not None:
            rest.settle(self.app, big, said, partial(self._said, big))

    def _said(self, big: Big, said: Answer) -> None:
        self.bridge.ask(self, stubs.answer, big.maildrop, big.uid, said)

    # The run

    @on(Button.Pressed, "#key")
    def _pressed(self) -> None:
        self.bridge.toggle()

    def _follow(self) -> None:
        """Look at a run as often as it is drawn, but only while there is one and it can be seen."""
        if self.bridge.call.on and self.is_current:
            self._ticking.resume()
        else:
            self._ticking.pause()

    def _move(self) -> None:
        """Draw what has changed since the last look; nothing is laid out anew for that."""
        call, at = self.bridge.call, time.monotonic()
        if not call.on:
            return
        meters = self.query_one("#meters")
        if not meters.display:
            meters.display = True
        if (second := int(call.seconds(at))) != self._second or not call.since:
            self._second = second  # both clocks move at once, and the charts with them
            self._charts = charts(call.out, call.into, at)
            self._tell(self._online(call, at))
        for meter, way, chart in zip(self._meters, (call.out, call.into), self._charts, strict=True):
            meter.show(way, at, chart)

    def _say(self) -> None:
        """What is ahead, or where the run stands, and what the key does."""
        call, key = self.bridge.call, self.query_one("#key", Button)
        self.set_class(call.on, "-calling")
        key.label = Content(f"{'Hang up' if call.on else 'Run now'}  {bound(self, 'app.run')}")
        key.variant = "warning" if call.on else "primary"
        ahead = self.bridge.forecast
        next_run = planned(ahead, self.bridge.due, self.bridge.now()) if ahead is not None else ""
        self._tell(self._online(call, time.monotonic()) if call.on else next_run, layout=True)
        self._follow()

    def _tell(self, said: str, *, layout: bool = False) -> None:
        if layout or said != self._told:
            self._told = said
            self.query_one("#ahead", Static).update(Content(said), layout=layout)

    def _online(self, call: Call, at: float) -> str:
        """Two lines; three short ones where there is no room for them."""
        narrow = self.size.width < NARROW
        rate = f"{call.rate:,} bit/s" if call.rate else ""
        via = f"via {call.number}" if call.number and call.since else ""
        how = " ".join(part for part in (rate, via) if part)
        left = toll(call.reckoned, brief=narrow) if call.reckoned else ""
        return "\n".join([words(call, at), how, left] if narrow else [f"{words(call, at)}  {how}".rstrip(), left])


def _waits(bigs: Sequence[Big]) -> str:
    """How many letters wait for whose word."""
    mine = sum(one.mine and one.answer == "leave" for one in bigs)
    others = sum(not one.mine for one in bigs)
    if mine:
        first = f"{mine} big letter{'s wait' if mine > 1 else ' waits'} for your word"
    else:
        first = f"Big letters at the provider: {len(bigs)}"
    return f"{first}, {others} for others" if others and bigs else first
