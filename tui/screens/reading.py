"""The letter: one letter at a time, and every command about what is in it.

Never: where a letter lies and how it is marked; the list has that.
"""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from core.mail.blocks import Link
from core.read import Letter
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Done, Read
from tui.screens.dialogs import Prompt
from tui.verbs import mail
from tui.widgets.letter import Heads, whole
from tui.widgets.reader import Reader

NEXT: dict[Heads, Heads] = {"few": "more", "more": "all", "all": "few"}


class Reading(Container):
    """The letter pane; posts ``Step`` when another letter is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("letter")]

    class Step(Message):
        """The next (1) or the previous (-1) letter is wanted; ``unread``: the next of those that nobody has read."""

        def __init__(self, way: int, *, unread: bool = False) -> None:
            self.way = way
            self.unread = unread
            super().__init__()

    def __init__(self, bridge: Bridge, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.bridge = bridge
        self.letter: Letter | None = None
        self._wanted = ("", "")
        self._heads: Heads = "few"

    def compose(self) -> Iterable[Widget]:
        """The text."""
        yield Reader(id="text")

    @property
    def _reader(self) -> Reader:
        return self.query_one(Reader)

    def focus(self, scroll_visible: bool = True) -> Self:
        """The text has the keys."""
        self._reader.focus(scroll_visible)
        return self

    def show(self, folder: str, key: str) -> None:
        """Ask for a letter, and show it when it comes."""
        self._wanted = folder, key
        self.bridge.ask(self, mail.letter, folder, key)

    def clear(self) -> None:
        """Show nothing."""
        self._wanted, self.letter = ("", ""), None
        self._reader.load([])

    def on_read(self, event: Read) -> None:
        """A letter; the answer to an older question is not shown any more."""
        if (event.folder, event.letter.row.id) == self._wanted:
            self.letter = event.letter
            self._show()
            self.screen.refresh_bindings()

    def on_done(self, event: Done) -> None:
        """It was done."""
        event.stop()
        self.notify(event.sentence, markup=False, timeout=3)

    def _show(self) -> None:
        if self.letter is not None:
            links = sum(isinstance(block, Link) for block in self.letter.blocks)
            self._reader.load(whole(self.letter, self.bridge.now(), self._heads), links=links)

    @on(Reader.Ended)
    def _ended(self) -> None:
        self.post_message(self.Step(1, unread=True))

    # Commands

    def action_step(self, way: int) -> None:
        """The next or the previous letter."""
        self.post_message(self.Step(way))

    def action_heads(self) -> None:
        """More headers, all of them, or only the few."""
        self._heads = NEXT[self._heads]
        self._show()

    def action_save(self) -> None:
        """Ask where to, and save the attachments of the letter."""

        def answered(where: str | None) -> None:
            if where:
                self.bridge.ask(self, mail.save, folder, key, where)

        folder, key = self._wanted
        if self.letter is not None and self.letter.attachments:
            self.app.push_screen(Prompt("Save the attachments in which folder?", "~"), answered)
        else:
            self.notify("Nothing is attached to this letter.", markup=False, timeout=3)
