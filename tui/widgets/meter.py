"""One direction of a run: letters, a bar, bytes, rate, the time left, and how the last minute went, on one line.

Never: a clock; the time is passed in.
"""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.spark import spark
from tui.widgets.way import Way
from tui.widgets.words import clock, size

NARROW = 70  # cells: below this the rate is left out
WIDE = 96  # from this on there is a chart of the last minute
LEAST = 6  # cells of a bar
CHART = 20  # cells of a chart: three seconds each


@dataclass(frozen=True, slots=True)
class Drawn:
    """What stands on the line: words, how much of the bar is full, its length, more words, a chart."""

    head: str
    full: float
    bar: int
    tail: str
    chart: str


class Meter(Widget):
    """Shown anew ten times a second at most; it is drawn only where something of it looks different."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"meter--{look}" for look in ("plain", "bar", "rest", "quiet", "chart")}

    def __init__(self, word: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._word = word
        self._now: tuple[Way, float, float] = (Way(), 0.0, 0.0)
        self._drawn: Drawn | None = None
        self._styles: dict[str, Style] = {}

    def show(self, way: Way, at: float, top: float) -> None:
        """So it stands at this moment; ``top``: the bytes a second at which a chart is full."""
        self._now = way, at, top
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
        halves = round(2 * it.bar * it.full)
        full = "━" * (halves // 2) + "╸" * (halves % 2)
        parts = (
            (it.head, "plain"),
            (full, "bar"),
            ("─" * (it.bar - len(full)), "rest"),
            (it.tail, "quiet"),
            (it.chart, "chart"),
        )
        strip = Strip([Segment(text, self._style(look)) for text, look in parts])
        return strip.adjust_cell_length(self.size.width, self._style("plain"))


def draw(word: str, way: Way, at: float, top: float, width: int) -> Drawn:
    """The line in so many cells."""
    head = f" {word:<4} {_count(way):<{11 if width >= NARROW else 9}}"
    tail = f"  {_bytes(way):<{17 if width >= NARROW else 15}}"
    tail += f" {_rate(way, at):<10}" if width >= NARROW else ""
    tail += f" {_left(way, at):>11}"
    chart = f"   {spark(way.pulse(at, CHART), top)}" if width >= WIDE and way.marks else ""
    bar = max(LEAST, width - len(head) - len(tail) - (CHART + 4 if width >= WIDE else 1))
    full = min(1.0, way.done / way.total) if way.total else 0.0
    return Drawn(head, round(2 * bar * full) / 2 / bar, bar, tail, chart)


def bar(done: int, total: int, width: int = 20) -> str:
    """``━━━━━━━━────────  40 %``: how much of something is done."""
    full = width * done // total if total else 0
    return f"{'━' * full}{'─' * (width - full)} {100 * done // total if total else 0:3} %"


def _count(way: Way) -> str:
    return f"{way.letter} of {way.letters}" if way.letters else ""


def _bytes(way: Way) -> str:
    """``28 of 41 kB``: a unit that both share stands once."""
    done, total = size(way.done), size(way.total)
    shared = done.split()[1:] == total.split()[1:]
    return f"{done.split()[0] if shared else done} of {total}" if way.total else ""


def _rate(way: Way, at: float) -> str:
    return f"{rate / 1000:.1f} kB/s" if way.total and (rate := way.rate(at)) >= 50 else ""


def _left(way: Way, at: float) -> str:
    left = way.left(at)
    return f"{clock(left)} left" if left is not None and left >= 1 else "done" if left == 0 else ""
