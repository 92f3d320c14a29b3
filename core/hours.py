"""Hours of days, as people write them: "mon-fri 18:00-24:00", "sat-sun", "22:00-6:00", "12-25", "easter+1".

Days are week days (sun-tue runs over the week's end), dates of every year (12-25) or of one (2026-12-25), and Easter
with so many days after or before it. Hours are those of each of these days by itself, as in kppp's rule files: what
runs over midnight ("fri 22:00-6:00") is the day's own beginning and its own end.

Never: a clock or a zone; a moment is what the clock on the wall shows.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60  # minutes

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_NAMED = re.compile(r"([a-z]+)(?:-([a-z]+))?")
_DATE = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
_EASTER = re.compile(r"easter(?:([+-]\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """Of each of these days (none: of every day) the minutes from ``start`` to ``end``, over midnight if need be."""

    days: tuple[str, ...] = ()
    start: int = 0
    end: int = DAY

    def hold(self, wall: datetime) -> bool:
        """Whether the clock on the wall is in them."""
        minute = wall.hour * 60 + wall.minute
        inside = self.start <= minute < self.end if self.start < self.end else minute >= self.start or minute < self.end
        return inside and (not self.days or any(_is(day, wall.date()) for day in self.days))


def hours(days: Iterable[str], start: str, end: str) -> Hours:
    """These hours.

    Raises:
        ValueError: a day or an hour is none.
    """
    named = tuple(day.strip().lower() for day in days)
    for day in named:
        _is(day, date(2000, 1, 1))
    return Hours(named, minute(start), minute(end))


def window(text: str) -> Hours:
    """The hours of one text: days with commas between them, then from-to; either may be left out.

    Raises:
        ValueError: it is none.
    """
    words = text.lower().split()
    clock = words.pop() if words and ":" in words[-1] else ""
    start, dash, end = clock.partition("-")
    if len(words) > 1 or not (words or clock) or bool(clock) != bool(dash):
        raise ValueError(text)
    return hours(words[0].split(",") if words else (), start or "0:00", end or "24:00")


def minute(text: str) -> int:
    """The minute of the day of "18:00"; "24:00" is its end.

    Raises:
        ValueError: it is none.
    """
    found = _CLOCK.fullmatch(text.strip())
    value = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if found is None or int(found[2]) > 59 or value > DAY:
        raise ValueError(text)
    return value


def easter(year: int) -> date:
    """Easter Sunday of the western churches, as Meeus, Jones and Butcher reckon it."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _is(day: str, at: date) -> bool:
    """Whether a day that is named so is this one.

    Raises:
        ValueError: no day is named so.
    """
    if found := _EASTER.fullmatch(day):
        return at == easter(at.year) + timedelta(days=int(found[1] or 0))
    if found := _DATE.fullmatch(day):
        year, month, number = int(found[1] or 2000), int(found[2]), int(found[3])
        date(year, month, number)  # is it one?
        return (at.month, at.day) == (month, number) and (not found[1] or at.year == year)
    if found := _NAMED.fullmatch(day):
        first, last = _weekday(found[1]), _weekday(found[2] or found[1])
        return (at.weekday() - first) % 7 <= (last - first) % 7
    raise ValueError(day)


def _weekday(name: str) -> int:
    """0 is Monday.

    Raises:
        ValueError: it is none.
    """
    return WEEK.index(name) if name in WEEK else NAMES.index(name)
