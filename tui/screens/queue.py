"""Queue: what waits to be sent, why, and since when; hold, let go, cancel, try again.

Never: a letter's bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from core.forecast import Forecast
from core.mail.departure import Departure
from core.mail.lines import lines
from tui import messages
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Shown, Stood
from tui.screens.dialogs import Confirm
from tui.screens.leave import Leave
from tui.screens.page import Page
from tui.values import NEXT, URGENT, Waiting
from tui.verbs import queue
from tui.widgets.reader import Line, Reader
from tui.widgets.tables import Spool
from tui.widgets.words import exactly, size

ACTIONS = ("back", "hold", "urgent", "later", "cancel", "retry")
EMPTY = "Nothing waits. Letters to people outside wait here until the next run."


class Queue(Page):
    """The list of waiting letters, above what is known of the one under the cursor."""

    MODE = "queue"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("queue")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._reckoned: Forecast | None = None

    def body(self) -> Iterable[Widget]:
        """The list and the letter."""
        spool = Spool(id="spool", empty=EMPTY)
        spool.now = self.bridge.now()
        yield spool
        yield Reader(id="about")

    def on_screen_resume(self) -> None:
        """Look again."""
        super().on_screen_resume()
        self.query_one(Spool).focus()
        self.bridge.ask(self, queue.waiting)

    def on_stood(self, event: Stood) -> None:
        """Something may have been added, or gone out."""
        super().on_stood(event)
        if self.is_current and event.ahead != self._reckoned:
            self._reckoned = event.ahead
            self.bridge.ask(self, queue.waiting)

    def on_queue(self, event: messages.Queue) -> None:
        """What waits."""
        spool = self.query_one(Spool)
        spool.now = self.bridge.now()
        spool.load(event.items)
        self.set_class(not event.items, "-empty")
        self._about(spool.current)

    @on(Spool.Moved)
    def _moved(self) -> None:
        self._about(self.query_one(Spool).current)

    @on(Spool.Chosen)
    def _chosen(self, event: Spool.Chosen) -> None:
        self.bridge.ask(self, queue.show, event.key)

    def on_shown(self, event: Shown) -> None:
        """The letter itself."""
        self.query_one(Reader).load([*self._head(event.item), Line(""), *lines(event.blocks)])
        self.query_one(Reader).focus()

    def _about(self, item: Waiting | None) -> None:
        self.query_one(Reader).load(self._head(item) if item else [])

    def _head(self, item: Waiting) -> Iterator[Line]:
        yield Line(item.subject or "(no subject)", "strong")
        yield Line(f"To {item.to}")
        yield Line(f"From {item.member}, since {exactly(item.since, self.bridge.now())}, {size(item.size)}", "dim")
        yield Line(self._state(item), "plain" if item.state in (NEXT, URGENT) else "warn")
        if item.uncertain:
            yield Line("Nobody said whether the other side took it; ask there before you send it again.")
        if item.why:
            yield Line(item.why, "dim")

    def _state(self, item: Waiting) -> str:
        """What is to become of it; the column of the list has no room for a whole date."""
        at = item.departure.not_before
        return (
            f"not before {exactly(at, self.bridge.now())}"
            if at and not (item.due or item.departure.held)
            else item.state
        )

    def _own(self) -> Waiting | None:
        """The letter under the cursor, if this member may change it; else says why not."""
        item = self.query_one(Spool).current
        if item is not None and not item.own:
            self.notify("Only its sender and the postmaster can change this letter.", markup=False)
            return None
        return item

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What can be done with a letter, where there is one; back, where the letter itself is open."""
        if not self.is_mounted or action not in ACTIONS:
            return True
        spool = self.query_one(Spool)
        return not spool.has_focus if action == "back" else spool.current is not None

    def action_back(self) -> None:
        """From the letter to the list."""
        self.query_one(Spool).focus()

    def action_hold(self) -> None:
        """Hold back, or let go."""
        if item := self._own():
            self.bridge.ask(self, queue.depart, item.id, replace(item.departure, held=not item.departure.held))

    def action_urgent(self) -> None:
        """Before all others, or no longer."""
        if item := self._own():
            self.bridge.ask(self, queue.depart, item.id, Departure(urgent=not item.departure.urgent))

    def action_later(self) -> None:
        """Ask when it shall leave."""

        def answered(departure: Departure | None) -> None:
            if item and departure is not None:
                self.bridge.ask(self, queue.depart, item.id, departure)

        if item := self._own():
            cheaper = self.bridge.forecast.cheaper_from if self.bridge.forecast else None
            self.app.push_screen(Leave(self.bridge.now(), item.departure, cheaper), answered)

    def action_cancel(self) -> None:
        """Ask, and then do not send it."""

        def answered(sure: bool | None) -> None:
            if sure and item:
                self.bridge.ask(self, queue.cancel, item.id)

        if item := self._own():
            question = f"Do not send “{item.subject or 'this letter'}”? A copy stays in your Sent folder."
            self.app.push_screen(Confirm(question, "Do not send", "Keep it"), answered)

    def action_retry(self) -> None:
        """With the next run; where it may have arrived already, only after a question."""

        def answered(sure: bool | None) -> None:
            if sure and item:
                self.bridge.ask(self, queue.retry, item.id)

        if (item := self._own()) and item.uncertain:
            question = "Nobody said whether this letter was taken. If it was, it arrives twice."
            self.app.push_screen(Confirm(question, "Send again", "Leave it"), answered)
        else:
            answered(sure=item is not None)
