"""Help: the keys of the screen it was called from.

Never: a key that does nothing there.
"""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.commands import here

SIGNS = "● unread  r answered  ! flagged  D deleted  x came back"


class Help(ModalScreen[None]):
    """Shown over the screen; leaves with any of Escape, q, ?, Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "dismiss")]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._here = here(about)

    def compose(self) -> ComposeResult:
        """One line a command; those of the whole program last."""
        own = [it for it in self._here if it.command.where != "app"]
        everywhere = [it for it in self._here if it.command.where == "app"]
        with Vertical(classes="dialog tall"), VerticalScroll():
            yield Static(Content("Keys on this screen"), classes="title")
            for it in own:
                yield Static(_line(it.key, it.command.help))
            yield Static(Content("Everywhere"), classes="title")
            for it in everywhere:
                yield Static(_line(it.key, it.command.help))
            yield Static(SIGNS, classes="quiet", markup=False)


def _line(key: str, help_: str) -> Content:
    return Content.styled(f"{key:>8}", "bold $accent") + Content(f"   {help_}")
