"""A list of one line a row that stays quick with 100,000 rows: only the visible lines are ever drawn.

Subclasses say how a row looks (``cells``) and what names it (``key``); the cursor stays on the same key when rows
come and go.

Never: what choosing a row does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.commands import bindings

Item = TypeVar("Item")
_WIDEST = 76  # cells of what an empty list says


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a row: its text, its width in cells, its look (a component class), and to which side it leans."""

    text: str
    width: int
    look: str = "plain"
    right: bool = False


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly this many cells; what is cut ends in an ellipsis."""
    if width <= 0:
        return ""
    if (length := cell_len(text)) > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"
    return " " * (width - length) + text if right else text + " " * (width - length)


class VList(ScrollView, Generic[Item], can_focus=True):
    """The list; posts ``Moved`` when the cursor stands on another row, and ``Chosen`` on Enter or a click."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"vlist--{look}" for look in ("plain", "strong", "dim", "accent", "gone", "warn", "cursor")
    }
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]

    cursor = reactive(0, repaint=False)
    empty = reactive("")

    class _About(Message):
        """Something about one row; ``key`` is empty in an empty list."""

        def __init__(self, vlist: "VList[Any]", key: str) -> None:
            self.vlist = vlist
            self.key = key
            super().__init__()

        @property
        def control(self) -> "VList[Any]":
            """The list."""
            return self.vlist

    class Moved(_About):
        """The cursor stands on this row now."""

    class Chosen(_About):
        """This row was chosen."""

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.rows: Sequence[Item] = ()
        self._key = ""
        self._styles: dict[str, Style] = {}
        self.set_reactive(VList.empty, empty)

    def key(self, row: Item) -> str:
        """What names a row for ever."""
        raise NotImplementedError

    def cells(self, row: Item, width: int) -> list[Cell]:
        """How a row looks; the widths add up to ``width``."""
        raise NotImplementedError

    def lead(self, row: Item) -> str:  # noqa: ARG002 - for subclasses
        """What stands in the first cell of a row, where the cursor has its bar."""
        return ""

    def load(self, rows: Sequence[Item], at: int | None = None) -> None:
        """Show these rows; the cursor stays on its row if that is still there, else goes to ``at`` or stays put.

        Where rows came or went above the cursor, the picture stays: the same row is in the same line, or out of sight.
        Only who sees the beginning of the list sees what comes there.
        """
        key, before, away = self._key, self.cursor, not self._in_sight
        self.rows = rows
        self.virtual_size = Size(0, len(rows))
        found = self.find(key) if key else None
        want = found if found is not None else (at if at is not None else before)
        want = max(0, min(want if want >= 0 else len(rows) + want, len(rows) - 1))
        self.set_reactive(VList.cursor, want)
        if found is not None and found != before and self.scroll_offset.y > 0:
            self.scroll_to(y=self.scroll_offset.y + found - before, animate=False, immediate=True)
        self.refresh()
        if found is None or not away:
            self.call_after_refresh(self._show)
        self._key = self.current_key
        if self._key != key:
            self._moved()
        if bool(self._key) != bool(key):
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """In an empty list there is nothing to open."""
        return action != "open" or len(self.rows) > 0

    @property
    def current(self) -> Item | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def current_key(self) -> str:
        """Its name; empty in an empty list."""
        row = self.current
        return "" if row is None else self.key(row)

    def find(self, key: str) -> int | None:
        """Where the row of this name is."""
        if 0 <= self.cursor < len(self.rows) and self.key(self.rows[self.cursor]) == key:
            return self.cursor
        return next((n for n, row in enumerate(self.rows) if self.key(row) == key), None)

    def validate_cursor(self, value: int) -> int:
        """Within the rows."""
        return max(0, min(value, len(self.rows) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw the two lines, keep the cursor in sight, and tell."""
        if old == new:
            return
        self.repaint(old, new)
        self._key = self.current_key
        self._show()
        self._moved()

    def repaint(self, *lines: int) -> None:
        """Draw these rows again."""
        for line in lines:
            self.refresh(Region(0, line - self.scroll_offset.y, self.size.width, 1))

    def watch_empty(self) -> None:
        """An empty list says something else now."""
        self.refresh()

    def _show(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, immediate=True)

    @property
    def _in_sight(self) -> bool:
        return 0 <= self.cursor - self.scroll_offset.y < self.size.height

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._show()

    def _moved(self) -> None:
        self.post_message(self.Moved(self, self.current_key))

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, look: str) -> Style:
        if look not in self._styles:
            self._styles[look] = self.get_component_rich_style(f"vlist--{look}")
        return self._styles[look]

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width, index = self.scrollable_content_region.width, y + self.scroll_offset.y
        if index < len(self.rows):
            return self._row(index, width)
        said = wrap(self.empty, max(10, min(width - 4, _WIDEST))) if not self.rows else []
        above = min(1, max(0, self.size.height - len(said)))
        text = f"  {said[y - above]}" if above <= y < above + len(said) else ""
        return Strip([Segment(fitted(text, width), self._style("dim"))], width)

    def _row(self, index: int, width: int) -> Strip:
        under = index == self.cursor
        over = self._style("cursor") if under else None
        row = self.rows[index]
        lead = self.lead(row) or ("▌" if under else " ")
        segments = [Segment(lead, self._bar(over) if over else self._style("accent"))]
        for cell in self.cells(row, width - 1):
            style = self._style(cell.look)
            if over is not None:
                style = Style(color=_ink(style, over), bold=style.bold, strike=style.strike) + _ground(over)
            segments.append(Segment(fitted(cell.text, cell.width, right=cell.right), style))
        return Strip(segments).adjust_cell_length(width, over or self._style("plain"))

    def _bar(self, over: Style) -> Style:
        return Style(color=_ink(self._style("accent"), over)) + _ground(over)

    def action_down(self) -> None:
        """One row down."""
        self.cursor += 1

    def action_up(self) -> None:
        """One row up."""
        self.cursor -= 1

    def action_page(self, way: int) -> None:
        """A screenful up or down."""
        self.cursor += way * max(1, self.size.height - 1)

    def action_go(self, index: int) -> None:
        """To a row; -1 is the last."""
        self.cursor = index if index >= 0 else len(self.rows) + index

    def action_open(self) -> None:
        """Choose the row under the cursor."""
        if self.rows:
            self.post_message(self.Chosen(self, self.current_key))

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self._styles.clear()
        self.refresh()

    def on_blur(self) -> None:
        """And without it."""
        self._styles.clear()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the row under it."""
        index = event.y + self.scroll_offset.y
        if index < len(self.rows):
            self.cursor = index
            self.action_open()


def _ink(style: Style, over: Style) -> Color | None:
    """The colour of a cell under the cursor; where that turns colours round, one colour for the whole row."""
    return None if over.reverse else style.color


def _ground(style: Style) -> Style:
    """What shows where the cursor stands; with few colours it is no other ground, but reverse or a line."""
    return Style(bgcolor=style.bgcolor, reverse=style.reverse, underline=style.underline)
