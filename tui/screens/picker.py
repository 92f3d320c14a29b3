"""Choosing a file of this computer, by walking through folders or by typing its name.

Never: reading the file.
"""

from pathlib import Path

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input, Static
from textual_fspicker import FileOpen
from textual_fspicker.icons import Icons
from textual_fspicker.parts import CurrentDirectory, DirectoryNavigation
from textual_fspicker.safe_tests import is_dir

Icons.set_picker(lambda path: Text("▸" if is_dir(Path(path)) else " "))  # one cell wide on every terminal


class Picker(FileOpen):
    """The picker of textual-fspicker: a file is chosen at once, / and ~ begin a path, and names are no markup."""

    def _header_area(self) -> ComposeResult:
        yield CurrentDirectory(markup=False)
        yield Static("Enter: choose   Backspace: up   / or ~: type a path", classes="quiet")

    def on_key(self, event: events.Key) -> None:
        """Type a path."""
        line = self.query_one(Input)
        if event.character in ("/", "~") and not line.has_focus:
            event.stop()
            line.select_on_focus = False  # the next key goes on with it
            line.value = event.character
            line.focus()

    @on(DirectoryNavigation.Selected)
    def _chosen(self, event: DirectoryNavigation.Selected) -> None:
        event.prevent_default()
        self.dismiss(event.path)
