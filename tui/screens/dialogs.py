"""Small questions over a screen; each answers with a value.

Never: what the answer leads to.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static


class Confirm(ModalScreen[bool]):
    """Yes or no, after a look at the details (if any); Escape is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)"),
        Binding("n,escape", "answer(False)"),
        Binding("left", "app.focus_previous"),
        Binding("right", "app.focus_next"),
    ]

    def __init__(self, question: str, yes: str = "Yes", no: str = "No", details: Sequence[str] = ()) -> None:
        super().__init__()
        self._question, self._yes, self._no, self._details = question, yes, no, details

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False)
            if self._details:
                with VerticalScroll(classes="details"):
                    yield Static(Content("\n".join(self._details)))
            with Horizontal(classes="buttons"):
                yield Button(Content(f"{self._yes} (y)"), id="yes", variant="primary", compact=True)
                yield Button(Content(f"{self._no} (n)"), id="no", compact=True)

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class Prompt(ModalScreen[str]):
    """One line of text; empty when it was left with Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave")]

    def __init__(self, question: str, value: str = "", *, hidden: bool = False) -> None:
        super().__init__()
        self._question, self._value, self._hidden = question, value, hidden

    def compose(self) -> ComposeResult:
        """The question and the field."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False)
            yield Input(self._value, password=self._hidden, compact=True, select_on_focus=False)
            yield Static("Enter: go on     Esc: leave it", classes="quiet", markup=False)

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Pick(ModalScreen[str]):
    """One of several names, after a look at the details (if any); empty when it was left with Escape.

    It begins at the one that holds now (``at``).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave"),
        Binding("j", "down"),
        Binding("k", "up"),
    ]

    def __init__(
        self, question: str, names: list[str], titles: list[str], at: int = 0, details: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._question, self._names, self._titles, self._at = question, names, titles, at
        self._details = details

    def compose(self) -> ComposeResult:
        """The question and the names."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False)
            if self._details:
                with VerticalScroll(classes="details", can_focus=False):
                    yield Static(Content("\n".join(self._details)))
            yield OptionList(*(Content(title) for title in self._titles), compact=True)
            yield Static("Enter: choose     Esc: leave it", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """Begin at the one that holds now."""
        self.query_one(OptionList).highlighted = self._at

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss("")

    def action_down(self) -> None:
        """The next name."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The name before."""
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._names[event.option_index])
