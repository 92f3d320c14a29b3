"""When a letter leaves: with the next run, first of all, not before a time, or when somebody lets it go.

Never: the queue.
"""

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from core.errors import InputError
from core.mail.departure import NEXT, Departure, moment, words

WAYS = (
    ("With the next run", NEXT),
    ("First of all: urgent", Departure(urgent=True)),
    ("Not until I let it go: held in the queue", Departure(held=True)),
)


class Leave(ModalScreen[Departure | None]):
    """One of the ways, or a time; None when it was left with Escape. From ``cheaper`` on a call costs less."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)")]

    def __init__(self, now: datetime, departure: Departure, cheaper: datetime | None = None) -> None:
        super().__init__()
        self._now, self._departure, self._ways = now, departure, list(WAYS)
        if cheaper:
            later = Departure(not_before=cheaper)
            self._ways.append((f"When calls cost less: {words(later, now)}", later))

    def compose(self) -> ComposeResult:
        """The ways, and a field for the time."""
        at = self._departure.not_before
        with Vertical(classes="dialog"):
            yield Static("When shall this letter leave?", markup=False)
            yield OptionList(*(Content(title) for title, _ in self._ways), compact=True)
            yield Static("or not before", markup=False)
            hint = "18:00, tomorrow 7:30, Fri 18:00, 24 Dec 9:00"
            yield Input(f"{at:%Y-%m-%d %H:%M}" if at else "", placeholder=hint, compact=True, select_on_focus=False)
            yield Static("", classes="wrong", markup=False)
            yield Static("Enter: choose     Tab: to the time     Esc: leave it", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """The way that it has now is under the cursor."""
        ways = [way for _, way in self._ways]
        self.query_one(OptionList).highlighted = ways.index(self._departure) if self._departure in ways else 0
        if self._departure.not_before and self._departure not in ways:
            self.query_one(Input).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._ways[event.option_index][1])

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(Departure(not_before=moment(event.value, self._now)))
        except InputError as error:
            self.query_one(".wrong", Static).update(Content(str(error)))
