"""One direction of a run on the screen: a line that is drawn only where it differs.

Never: a clock; the time is passed in.
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.gauge import Drawn, draw
from tui.widgets.way import STILL, Way


class Meter(Widget):
    """Shown anew ten times a second at most; it is drawn only where something of it looks different."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"meter--{look}" for look in ("plain", "bar", "rest", "quiet", "chart")}

    def __init__(self, word: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._word = word
        self._now: tuple[Way, float, str] = (STILL, 0.0, "")
        self._drawn: Drawn | None = None
        self._styles: dict[str, Style] = {}

    def show(self, way: Way, at: float, chart: str) -> None:
        """So it stands at this moment; ``chart``: how the last minute went."""
        self._now = way, at, chart
        if self.is_attached and self._draw() != self._drawn:
            self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        self._styles.clear()
        super().notify_style_update()

    def _draw(self) -> Drawn:
        return draw(self._word, *self._now, self.size.width)

    def _style(self, look: str) -> Style:
        if look not in self._styles:
            self._styles[look] = self.get_component_rich_style(f"meter--{look}")
        return self._styles[look]

    def render_line(self, y: int) -> Strip:
        """``out   2 of 3  ━━━━━━━╸───────  28 of 41 kB   3.1 kB/s   0:05 left  ▂▃▅▅▆▆``."""
        if y:
            return Strip.blank(self.size.width)
        it = self._drawn = self._draw()
        strip = Strip([Segment(text, self._style(look)) for text, look in it.parts])
        return strip.adjust_cell_length(self.size.width, self._style("plain"))
