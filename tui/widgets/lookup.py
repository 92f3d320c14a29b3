"""The line in which a search is typed, and the ways in which it could go on.

Never: what is found.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from core.mail.suggest import Suggestion
from tui.commands import bindings
from tui.widgets.vlist import fitted


class Lookup(Input):
    """The line; posts ``Asked`` for all that is more than typing."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    class Asked(Message):
        """One of "list", "scope", "save", "earlier", "later", "take", "help", "leave" is wanted."""

        def __init__(self, what: str) -> None:
            self.what = what
            super().__init__()

    def action_ask(self, what: str) -> None:
        """Something is wanted."""
        self.post_message(self.Asked(what))

    def action_cursor_right(self, select: bool = False) -> None:
        """At the end, the first suggestion is taken."""
        if self.cursor_position == len(self.value) and not select:
            self.post_message(self.Asked("take"))
        else:
            super().action_cursor_right(select)


class Ways(Widget):
    """Suggestions, one a line below what is typed; posts ``Taken`` when one is clicked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"ways--plain", "ways--dim", "ways--chosen"}

    ways: reactive[Sequence[Suggestion]] = reactive((), layout=True)
    chosen = reactive(-1)

    class Taken(Message):
        """This one."""

        def __init__(self, way: Suggestion) -> None:
            self.way = way
            super().__init__()

    def watch_ways(self) -> None:
        """Other suggestions: none of them is chosen yet."""
        self.display = bool(self.ways)
        self.chosen = -1

    def step(self, way: int) -> None:
        """The next or the previous one; beyond the ends none is chosen."""
        self.chosen = (self.chosen + 1 + way) % (len(self.ways) + 1) - 1

    @property
    def current(self) -> Suggestion | None:
        """The one that is chosen."""
        return self.ways[self.chosen] if 0 <= self.chosen < len(self.ways) else None

    def render(self) -> Text:
        """Each with what it means."""
        room = max((len(way.shown) for way in self.ways), default=0) + 3
        lines = Text(no_wrap=True, end="")
        for nth, way in enumerate(self.ways):
            row = Style(meta={"way": nth})
            look = self.get_component_rich_style(f"ways--{'chosen' if nth == self.chosen else 'plain'}")
            dim = look if nth == self.chosen else self.get_component_rich_style("ways--dim")
            width = self.size.width
            bar = "▌" if nth == self.chosen else " "
            lines.append(fitted(f"{bar}{way.shown}", min(room, width)), look + row)
            lines.append(fitted(way.meaning, width - min(room, width)), dim + row)
            lines.append("\n" if nth + 1 < len(self.ways) else "")
        return lines

    def on_click(self, event: events.Click) -> None:
        """A click takes one."""
        nth = event.style.meta.get("way", -1)
        if 0 <= nth < len(self.ways):
            self.post_message(self.Taken(self.ways[nth]))
