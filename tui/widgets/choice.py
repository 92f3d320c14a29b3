"""One of a few words, all of them shown: left and right change it, and so does a click.

Never: what the choice leads to.
"""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """Words on one line, one of them chosen; posts ``Changed``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--chosen", "choice--other"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)"),
        Binding("right,l,space", "turn(1)"),
        Binding("enter,down", "app.focus_next"),
        Binding("up", "app.focus_previous"),
    ]

    value = reactive("", init=False)

    class Changed(Message):
        """Another word was chosen."""

    def __init__(self, words: tuple[str, ...], value: str) -> None:
        super().__init__()
        self.words = words
        self.set_reactive(Choice.value, value)

    def render(self) -> Text:
        """One line; the chosen word has another mark and another look."""
        line = Text(no_wrap=True, end="")
        for word in self.words:
            chosen = word == self.value
            look = self.get_component_rich_style(f"choice--{'chosen' if chosen else 'other'}")
            line.append(f"{'●' if chosen else '○'} {word}", look + Style(meta={"word": word}))
            line.append("   ")
        return line

    def watch_value(self) -> None:
        """Tell."""
        self.post_message(self.Changed())

    def action_turn(self, way: int) -> None:
        """The next or the previous word."""
        at = self.words.index(self.value) if self.value in self.words else 0
        self.value = self.words[(at + way) % len(self.words)]

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        self.value = event.style.meta.get("word", self.value)
