"""The bill: what the calls of this month and of earlier ones have cost, for whom and which way.

Never: a price; paying.
"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.values import Bill
from tui.widgets.costs import lines
from tui.widgets.reader import Reader

AROUND = 5  # lines of the dialog that are not the bill


class Costs(ModalScreen[None]):
    """Shown over the Connection screen; leaves with Escape, q or Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "leave")]

    def __init__(self, bill: Bill) -> None:
        super().__init__()
        self._bill = bill

    def compose(self) -> ComposeResult:
        """The lines, which scroll."""
        with Vertical(classes="dialog costs") as whole:
            whole.styles.max_height = len(list(lines(self._bill, 0))) + AROUND
            yield Reader(id="costs")
            yield Static("j, k, Space: scroll     Esc: close", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """The keys scroll."""
        self.query_one(Reader).focus()

    def on_resize(self) -> None:
        """In lines that fit."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        reader = self.query_one(Reader)
        reader.load(list(lines(self._bill, reader.size.width - 2)))

    def action_leave(self) -> None:
        """Back."""
        self.dismiss()
