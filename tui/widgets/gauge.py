"""One direction of a run as a line of text: letters, a bar, bytes, rate, the time left, and how the last minute went.

The screens and ``mailrun run`` on a terminal both show it.

Never: a clock, for the time is passed in; a colour; Textual.
"""

from dataclasses import dataclass

from tui.widgets.spark import spark
from tui.widgets.way import Way
from tui.widgets.words import clock, size

NARROW = 70  # cells: below this the rate is left out
WIDE = 96  # from this on there is a chart of the last minute
LEAST = 6  # cells of a bar
CHART = 15  # cells of a chart: four seconds each


@dataclass(frozen=True, slots=True)
class Drawn:
    """What stands on the line: words, how much of the bar is full, its length, more words, a chart."""

    head: str
    full: float
    bar: int
    tail: str
    chart: str

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The line in pieces, each with its look: plain, bar, rest, quiet or chart."""
        halves = round(2 * self.bar * self.full)
        full = "━" * (halves // 2) + "╸" * (halves % 2)
        return (
            (self.head, "plain"),
            (full, "bar"),
            ("─" * (self.bar - len(full)), "rest"),
            (self.tail, "quiet"),
            (self.chart, "chart"),
        )


def charts(out: Way, into: Way, at: float) -> tuple[str, str]:
    """How the last minute of both ways went, on one scale."""
    pulses = out.pulse(at, CHART), into.pulse(at, CHART)
    top = max(1.0, *pulses[0], *pulses[1])
    return spark(pulses[0], top), spark(pulses[1], top)


def draw(word: str, way: Way, at: float, chart: str, width: int) -> Drawn:
    """The line in so many cells."""
    head = f" {word:<4} {_count(way):<{11 if width >= NARROW else 9}}"
    tail = f"  {_bytes(way):<{17 if width >= NARROW else 15}}"
    tail += f" {_rate(way, at):<10}" if width >= NARROW else ""
    tail += f" {_left(way, at):>11}"
    chart = f"   {chart}" if width >= WIDE and way.marks else ""
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
