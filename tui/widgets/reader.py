"""A letter on the screen: wrapped by the line, scrolled without redrawing the rest, with text that can be selected.

Never: a letter's raw bytes; the text comes here sanitised.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.commands import bindings

WIDEST = 100  # cells; longer lines are hard to read


@dataclass(frozen=True, slots=True)
class Line:
    """One line before wrapping: its text and its look (a component class)."""

    text: str
    look: str = "plain"


class Reader(ScrollView, can_focus=True):
    """Shows lines; posts ``Ended`` when somebody wants to read on after the last."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"reader--{look}" for look in ("plain", "strong", "dim", "accent", "quote", "deeper", "warn")
    }
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("text")]

    class Ended(Message):
        """A page more is wanted, and there is none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._wrapped: list[Line] = []
        self._width = 0
        self._styles: dict[str, Style] = {}

    def load(self, lines: Iterable[Line]) -> None:
        """Show these lines from the first on."""
        self._lines = tuple(lines)
        self._width = 0
        self.clear_selection()
        self._wrap()
        self.scroll_home(animate=False)

    def _wrap(self) -> None:
        width = min(max(self.size.width - 2, 8), WIDEST)
        if width != self._width:
            self._width = width
            self._wrapped = list(wrapped(self._lines, width))
            self.virtual_size = Size(0, len(self._wrapped))
        self.refresh()

    def on_resize(self) -> None:
        """Another width: other lines."""
        self._wrap()

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, look: str) -> Style:
        if look not in self._styles:
            self._styles[look] = self.get_component_rich_style(f"reader--{look}")
        return self._styles[look]

    def render_line(self, y: int) -> Strip:
        """One visible line, with what is selected of it."""
        index, width = y + self.scroll_offset.y, self.size.width
        plain = self._style("plain")
        if index >= len(self._wrapped):
            return Strip.blank(width, plain)
        line = self._wrapped[index]
        segments = [Segment(" ", plain), *self._selected(line, index)]
        return Strip(segments).adjust_cell_length(width, plain).apply_offsets(-1, index)

    def _selected(self, line: Line, index: int) -> list[Segment]:
        style = self._style(line.look)
        span = self.text_selection.get_span(index) if self.text_selection else None
        if span is None:
            return [Segment(line.text, style)]
        start, end = span[0], len(line.text) if span[1] == -1 else span[1]
        over = self.screen.get_component_rich_style("screen--selection")
        parts = [(line.text[:start], style), (line.text[start:end], style + over), (line.text[end:], style)]
        return [Segment(text, look) for text, look in parts if text]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text."""
        return selection.extract("\n".join(line.text for line in self._wrapped)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - Textual's
        """Show what is selected now."""
        self.refresh()

    def clear_selection(self) -> None:
        """Another letter: nothing is selected."""
        if self.is_mounted and self.text_selection is not None:
            self.screen.clear_selection()

    def on_click(self, event: events.Click) -> None:
        """A click takes the focus only."""
        event.stop()

    def action_line(self, way: int) -> None:
        """A line down or up."""
        self.scroll_relative(y=way, animate=False)

    def action_page(self, way: int) -> None:
        """A page down or up; tells when there is no more."""
        if way > 0 and self.scroll_offset.y >= self.max_scroll_y:
            self.post_message(self.Ended())
        self.scroll_relative(y=way * max(1, self.size.height - 1), animate=False)

    def action_end(self, last: bool) -> None:
        """To the beginning or the end."""
        self.scroll_to(y=self.max_scroll_y if last else 0, animate=False)


def wrapped(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """The lines in at most ``width`` cells; every part keeps the line's quote marks or indent."""
    for line in lines:
        if cell_len(line.text) <= width:
            yield line
        else:
            mark = (re.match(r"(?:> ?)+| *", line.text) or [""])[0][: width // 2]
            for part in _parts(line.text[len(mark) :], width - len(mark)):
                yield Line(mark + part, line.look)


def _parts(text: str, width: int) -> Iterator[str]:
    """Greedy: break at the last space that fits, and inside a word only when it is longer than the line."""
    start = 0
    while start < len(text):
        window = text[start : start + 2 * width]  # enough, and no more: a line may have a million characters
        first = chop_cells(window, width)[0]
        end = start + len(first)
        if end < len(text) and text[end] != " ":
            space = first.rfind(" ")
            end = start + space if space > width // 3 else end
        yield text[start:end].rstrip()
        start = end + len(text[end : end + width]) - len(text[end : end + width].lstrip(" "))


def body(text: str) -> Iterator[Line]:
    """The lines of a letter's text: quotes by their depth, the signature dim."""
    signature = False
    for line in text.split("\n"):
        signature = signature or line.rstrip() == "--"
        depth = len(re.sub(r"[^>]", "", (re.match(r"[> ]*", line) or [""])[0])) if line.startswith(">") else 0
        yield Line(line, "dim" if signature else ("plain", "quote", "deeper")[min(depth, 2)])
