"""One direction of a run: bytes and letters so far and in all, and how the last minute went.

Never: a clock; ``at`` is monotonic seconds and is passed in.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise

KEPT = 60.0  # seconds of the past that are shown
MORE = 5.0  # and that are remembered beyond them, for what is shown ends at a whole part
STEP = 0.5  # seconds between two marks of it
WINDOW = 6.0  # seconds over which the rate is taken: shorter it jumps with each packet, longer it tells of the past

Mark = tuple[float, int]  # when, and how many bytes had passed by then


@dataclass(frozen=True, slots=True)
class Way:
    """Bytes and letters so far and in all; ``marks``: how far it was at times of the last minute, the newest last."""

    done: int = 0
    total: int = 0
    letter: int = 0
    letters: int = 0
    marks: tuple[Mark, ...] = ()

    def moved(self, done: int, total: int, at: float) -> "Way":
        """So far now."""
        marks = self.marks
        if not marks or at - marks[-1][0] >= STEP:
            old = bisect_right(marks, (at - KEPT - MORE, 0))
            marks = (*marks[old:], (at, done))
        return replace(self, done=done, total=total, marks=marks)

    def past(self, when: float, at: float) -> float:
        """Bytes that had passed by ``when``; between two marks as if they had come evenly."""
        place = bisect_right(self.marks, (when, self.done))
        if not place:
            return self.marks[0][1] if self.marks else self.done
        (before, least), (later, most) = self.marks[place - 1], (*self.marks, (at, self.done))[place]
        return least + (most - least) * (when - before) / (later - before) if later > before else most

    def rate(self, at: float) -> float:
        """Bytes a second lately, a new number every second; 0 where that cannot be told yet, or nothing moves."""
        end = at // 1
        seconds = min(WINDOW, end - self.marks[0][0]) if self.marks else 0.0
        return (self.past(end, at) - self.past(end - seconds, at)) / seconds if seconds >= 1 else 0.0

    def left(self, at: float) -> float | None:
        """Seconds until all of it has passed, at this rate; None: nobody knows."""
        if self.done >= self.total:
            return 0.0 if self.total else None
        rate = self.rate(at)
        return (self.total - self.done) / rate if rate >= 1 else None

    def pulse(self, at: float, cells: int) -> tuple[float, ...]:
        """Bytes a second in each of so many equal parts of the last minute; parts end where all such parts end."""
        part = KEPT / cells
        end = at // part * part
        known = [self.past(end - part * n, at) for n in range(cells, -1, -1)]
        return tuple((b - a) / part for a, b in pairwise(known))


STILL = Way()
