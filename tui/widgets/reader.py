"""A letter on the screen: wrapped by the line, folded and searched, scrolled without redrawing the rest, selectable.

Never: a letter's raw bytes; the text comes here sanitised.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from core.mail.lines import Line, addresses
from tui.commands import bindings
from tui.widgets.wrapping import Row, wrapped

__all__ = ["Line", "Place", "Reader"]

WIDEST = 100  # cells; longer lines are hard to read
_SEARCHED = 4000  # characters of a line in which numbers are links
NUMBER = re.compile(r"\[(\d{1,4})\]")

Span = tuple[int, int, Style]
Place = tuple[frozenset[int], int]  # the folds that are folded up, and the first row


class Reader(ScrollView, can_focus=True):
    """Shows lines; posts ``Ended`` when somebody wants to read on after the last, ``Followed`` at a click on a link."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"reader--{look}"
        for look in (
            "plain",
            "strong",
            "dim",
            "accent",
            "quote",
            "deeper",
            "warn",
            "note",
            "fold",
            "link",
            "found",
            "here",
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("text")]

    class Ended(Message):
        """A page more is wanted, and there is none."""

    class Opened(Message):
        """Something attached was clicked, by its number."""

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    class Followed(Message):
        """A link was clicked: its number in brackets, or an address of the web."""

        def __init__(self, link: str) -> None:
            self.link = link
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._rows: list[Row] = []
        self.folds: set[int] = set()
        self._folded: set[int] = set()
        self._width = 0
        self._links = 0
        self._styles: dict[str, Style] = {}
        self._found: list[tuple[int, int, int]] = []
        self._at = -1

    def load(self, lines: Iterable[Line], *, links: int = 0, keep: bool = False) -> None:
        """Show these lines from the first on, or (``keep``) from where it was; ``links``: so many are numbered."""
        self._lines = tuple(lines)
        self._links = links
        self._folded = {line.opens for line in self._lines if line.folded}
        self.folds = {line.opens for line in self._lines if line.opens}
        self._width, self._found, self._at = 0, [], -1
        self.clear_selection()
        self._wrap()
        if not keep:
            self.scroll_home(animate=False, immediate=True)

    @property
    def place(self) -> Place:
        """What is folded up, and how far it is scrolled."""
        return frozenset(self._folded), self.scroll_offset.y

    def go(self, place: Place) -> None:
        """Back to a place in the same lines."""
        self._fold(set(place[0]))
        self.scroll_to(y=place[1], animate=False, immediate=True)

    @property
    def text(self) -> str:
        """All of it, nothing folded up or wrapped."""
        return "\n".join(line.mark + line.text for line in self._lines)

    def _wrap(self) -> None:
        width = min(max(self.size.width - 2, 8), WIDEST)
        if width != self._width:
            self._width = width
            self._rows = list(wrapped(self._lines, width, self._folded))
            self.virtual_size = Size(0, len(self._rows))
        self.refresh()

    def on_resize(self) -> None:
        """Another width: other lines; what stood at the top still does."""
        top = self._top
        self._wrap()
        self._to_line(top)

    @property
    def _top(self) -> int:
        """The line of which the first visible row is a part."""
        y = self.scroll_offset.y
        return self._rows[y].line if y < len(self._rows) else 0

    def _to_line(self, line: int) -> None:
        if self.scroll_offset.y:
            self.scroll_to(y=self._row_of(line, 0), animate=False, immediate=True)

    def _row_of(self, line: int, start: int) -> int:
        """The row in which a character of a line is."""
        return max(0, bisect_right(self._rows, (line, start), key=lambda row: (row.line, row.start)) - 1)

    # Drawing

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
        if index >= len(self._rows):
            return Strip.blank(width, plain)
        row = self._rows[index]
        line = self._lines[row.line]
        style = self._style("fold" if self._shut(line) else line.look)
        spans = [*self._linked(row, line), *self._matched(row), *self._selected(row, index)]
        segments = [Segment(" ", plain), *_drawn(row, style, self._style("dim"), spans)]
        return Strip(segments).adjust_cell_length(width, plain).apply_offsets(-1, index)

    def _shut(self, line: Line) -> bool:
        return line.opens in self._folded

    def _linked(self, row: Row, line: Line) -> Iterator[Span]:
        """Where a link is."""
        for start, end, _ in self._targets(line):
            yield _at(row, start, end, self._style("link"))

    def _targets(self, line: Line) -> Iterator[tuple[int, int, str]]:
        """The links in a line: numbers that the letter has, and addresses of the web."""
        if line.file or self._shut(line) or not ("[" in line.text or ":" in line.text):
            return
        yield from addresses(line.text)
        for match in NUMBER.finditer(line.text, 0, _SEARCHED):
            if 0 < int(match[1]) <= self._links:
                yield match.start(), match.end(), match[0]

    def _matched(self, row: Row) -> Iterator[Span]:
        """What was found."""
        first = bisect_right(self._found, (row.line, -1, -1))
        for number in range(first, len(self._found)):
            line, start, end = self._found[number]
            if line != row.line or start >= row.start + len(row.text):
                return
            yield _at(row, start, end, self._style("here" if number == self._at else "found"))

    def _selected(self, row: Row, index: int) -> Iterator[Span]:
        span = self.text_selection.get_span(index) if self.text_selection else None
        if span is not None:
            end = len(row.prefix) + len(row.text) if span[1] == -1 else span[1]
            yield span[0], end, self.screen.get_component_rich_style("screen--selection")

    # Selecting and clicking

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text."""
        return selection.extract("\n".join(row.prefix + row.text for row in self._rows)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - Textual's
        """Show what is selected now."""
        self.refresh()

    def clear_selection(self) -> None:
        """Another letter: nothing is selected."""
        if self.is_mounted and self.text_selection is not None:
            self.screen.clear_selection()

    def on_click(self, event: events.Click) -> None:
        """A click takes the focus, opens or closes a fold, opens what is attached, follows a link."""
        event.stop()
        index = event.y + self.scroll_offset.y
        if index >= len(self._rows) or self.text_selection:
            return
        row = self._rows[index]
        line, place = self._lines[row.line], _character(row, event.x - 1)
        target = next((found for start, end, found in self._targets(line) if start <= place < end), "")
        if line.file:
            self.post_message(self.Opened(line.file))
        elif target:
            self.post_message(self.Followed(target))
        elif line.opens:
            self.fold(line.opens)

    # Folding

    def fold(self, number: int) -> None:
        """Open a fold, or close it."""
        self._fold(self._folded ^ {number})

    def fold_all(self) -> None:
        """Open all that is folded up; if all is open, fold up all that can be."""
        self._fold(set() if self._folded else self.folds)

    def action_unfold(self) -> None:
        """Open the first fold in sight, or close it again."""
        y = self.scroll_offset.y
        seen = [self._lines[row.line] for row in self._rows[y : y + self.size.height]]
        heads = [line.opens for line in seen if line.opens]
        number = next((fold for fold in heads if fold in self._folded), next(iter(heads), 0))
        if number:
            self.fold(number)

    def _fold(self, closed: set[int]) -> None:
        top, self._folded, self._width = self._top, closed, 0
        self.clear_selection()
        self._wrap()
        self._to_line(top)

    # Finding

    def find(self, words: str) -> int:
        """Mark what matches, whatever its case; how often it was found. The first in sight or below is where one is."""
        wanted = words.casefold()
        self._found = list(_matches(self._lines, wanted)) if wanted else []
        top = self._top
        self._at = next((n for n, found in enumerate(self._found) if found[0] >= top), 0 if self._found else -1)
        self._reveal()
        return len(self._found)

    def again(self, way: int) -> None:
        """On to the next match, or back; after the last comes the first."""
        if self._found:
            self._at = (self._at + way) % len(self._found)
            self._reveal()

    @property
    def found(self) -> tuple[int, int]:
        """Which match it is, and of how many; 0 of 0 where there is none."""
        return self._at + 1, len(self._found)

    def _reveal(self) -> None:
        """Show the match where one is, though it be folded up."""
        if self._found:
            line, start, _ = self._found[self._at]
            around = {*self._lines[line].inside, self._lines[line].opens}
            if around & self._folded:
                self._fold(self._folded - around)
            y, height = self._row_of(line, start), self.size.height
            if not self.scroll_offset.y <= y < self.scroll_offset.y + height:
                self.scroll_to(y=max(0, y - height // 3), animate=False, immediate=True)
        self.refresh()

    # Scrolling

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Folds are opened where there are any."""
        return bool(self.folds) if action == "unfold" else True

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


def _drawn(row: Row, style: Style, quiet: Style, spans: Sequence[Span]) -> Iterator[Segment]:
    """The row in segments: of a later span the style counts more."""
    text = row.prefix + row.text
    framed = len(row.prefix) if row.prefix.startswith("│") else 0
    if not spans and not framed:
        yield Segment(text, style)
        return
    cuts = sorted(
        {0, framed, len(text), *(cut for start, end, _ in spans for cut in (start, end) if 0 < cut < len(text))}
    )
    for start, end in pairwise(cuts):
        look = quiet if end <= framed else style
        for first, last, over in spans:
            if first <= start and end <= last:
                look += over
        yield Segment(text[start:end], look)


def _at(row: Row, start: int, end: int, style: Style) -> Span:
    """Where characters of a line are in one of its rows; an empty span where they are not."""
    first, last = max(start - row.start, 0), min(end - row.start, len(row.text))
    return len(row.prefix) + first, len(row.prefix) + max(first, last), style


def _character(row: Row, cells: int) -> int:
    """The character of the line that is so many cells from the beginning of its row."""
    text, width = row.prefix + row.text, 0
    for number, sign in enumerate(text):
        width += cell_len(sign)
        if width > cells:
            return row.start + number - len(row.prefix)
    return row.start + len(row.text)


def _matches(lines: Sequence[Line], wanted: str) -> Iterator[tuple[int, int, int]]:
    """Line, first and last character of every match."""
    for number, line in enumerate(lines):
        text = line.text.casefold()
        start = text.find(wanted)
        while start >= 0:
            yield number, start, start + len(wanted)
            start = text.find(wanted, start + len(wanted))
