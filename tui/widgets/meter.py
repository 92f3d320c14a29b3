"""One direction of a run: letters, a bar, bytes, rate and the time left, on one line.

Never: a clock; ``seconds`` is set from outside.
"""

from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.call import Way
from tui.widgets.words import clock, size


class Meter(Widget):
    """``way`` and ``seconds`` on the line are set ten times a second at most."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"meter--bar", "meter--rest", "meter--quiet"}

    way = reactive(Way())
    seconds = reactive(0.0)

    def __init__(self, word: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._word = word

    def render(self) -> Text:
        """``out   2 of 3  ━━━━━━━━━━━─────  28 of 41 kB   3.1 kB/s   0:05 left``."""
        way, quiet = self.way, self.get_component_rich_style("meter--quiet")
        head = f" {self._word:<4} {_count(way):<10}"
        tail = f"  {_bytes(way):<18}{_rate(way, self.seconds):<24}"
        bar = max(8, self.size.width - len(head) - len(tail))
        full = round(bar * min(1.0, way.done / way.total)) if way.total else 0
        return Text.assemble(
            head,
            ("━" * full, self.get_component_rich_style("meter--bar")),
            ("─" * (bar - full), self.get_component_rich_style("meter--rest")),
            (tail, quiet),
            no_wrap=True,
            end="",
        )


def bar(done: int, total: int, width: int = 20) -> str:
    """``━━━━━━━━────────  40 %``: how much of something is done."""
    full = width * done // total if total else 0
    return f"{'━' * full}{'─' * (width - full)} {100 * done // total if total else 0:3} %"


def _count(way: Way) -> str:
    return f"{way.letter} of {way.letters}" if way.letters else ""


def _bytes(way: Way) -> str:
    return f"{size(way.done)} of {size(way.total)}" if way.total else ""


def _rate(way: Way, seconds: float) -> str:
    if seconds < 1 or not way.done or not way.total:
        return ""
    rate = way.done / seconds
    left = max(0.0, way.total - way.done) / rate
    return f"{rate / 1000:.1f} kB/s" + (f", {clock(left)} left" if left >= 1 else "")
