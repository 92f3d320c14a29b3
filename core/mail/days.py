"""Days as people say them: 2025, 2025-03, 2025-03-14, 14.3.2025, yesterday, monday, march, 3d, 2w, "last year".

A name means the latest one that has begun: on a Tuesday "monday" is yesterday, and in May "march" is this year's.

Never: a clock; today is passed in, with the zone in which the days begin and end.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

UNITS = ("day", "week", "month", "year")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
NAMES = (
    "today",
    "yesterday",
    *WEEKDAYS,
    *MONTHS,
    *(f"{which} {unit}" for unit in UNITS[1:] for which in ("this", "last")),
)

_EXACT = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_DOTTED = re.compile(r"(\d{1,2})\.(?:(\d{1,2})\.)?(\d{4})")
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_BEGUN = re.compile(r"\d{1,3}|\d{4}[-/](?:[01]|\d{1,2}[-/][0-3]?)?|\d{1,2}\.(?:\d{1,2}\.)?\d{0,3}")


@dataclass(frozen=True, slots=True)
class Span:
    """From the first moment of some days to the first moment after them."""

    begin: datetime
    end: datetime


def span(text: str, today: datetime) -> Span | None:
    """The days that these words mean; None where they mean none."""
    words = _plain(text)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return next((found for read in _READERS if (found := read(words, midnight))), None)
    except (ValueError, OverflowError):  # the 31st of June, the year 0, 9999 years ago
        return None


def begun(text: str) -> bool:
    """Whether more letters or digits could still make days of these words."""
    low = _plain(text)
    return bool(_BEGUN.fullmatch(low)) or any(name.startswith(low) for name in NAMES)


def _plain(text: str) -> str:
    """In small letters, and with one blank between words: Last-Year -> last year."""
    low = text.casefold().strip()
    return low if any(one.isdigit() for one in low) else re.sub(r"[\s_-]+", " ", low)


def _exact(text: str, midnight: datetime) -> Span | None:
    """2025, 2025-03, 2025-03-14; 3.2025, 14.3.2025."""
    if found := _EXACT.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DOTTED.fullmatch(text):
        first, second, year = found.groups()
        day, month = (first, second) if second else (None, first)
    else:
        return None
    begin = midnight.replace(year=int(year), month=int(month or 1), day=int(day or 1))
    return _whole(begin, "day" if day else "month" if month else "year")


def _relative(text: str, midnight: datetime) -> Span | None:
    """3d, 2w, 6m, 1y: the day that was so long ago."""
    if not (found := _AGO.fullmatch(text)):
        return None
    count, unit = int(found[1]), found[2]
    if unit in "dw":
        return _whole(midnight - timedelta(days=count * (7 if unit == "w" else 1)), "day")
    return _whole(_months(midnight, -count * (12 if unit == "y" else 1)), "day")


def _named(text: str, midnight: datetime) -> Span | None:
    """Today, yesterday, a day of the week, a month."""
    if text in ("today", "yesterday"):
        return _whole(midnight - timedelta(days=text == "yesterday"), "day")
    if (day := _short(text, WEEKDAYS)) is not None:
        return _whole(midnight - timedelta(days=(midnight.weekday() - day) % 7), "day")
    if (month := _short(text, MONTHS)) is not None:
        first = midnight.replace(month=month + 1, day=1)
        return _whole(first if first <= midnight else _months(first, -12), "month")
    return None


def _short(name: str, names: tuple[str, ...]) -> int | None:
    """Which of these is meant, by its name or its first three letters."""
    return next((nth for nth, whole in enumerate(names) if name in (whole, whole[:3])), None)


def _spoken(text: str, midnight: datetime) -> Span | None:
    """This week, last month, last year."""
    which, _, unit = text.partition(" ")
    if which not in ("this", "last") or unit not in UNITS[1:]:
        return None
    begin = {
        "week": midnight - timedelta(days=midnight.weekday()),
        "month": midnight.replace(day=1),
        "year": midnight.replace(month=1, day=1),
    }[unit]
    return _whole(begin if which == "this" else _earlier(begin, unit), unit)


def _earlier(begin: datetime, unit: str) -> datetime:
    return begin - timedelta(days=7) if unit == "week" else _months(begin, -12 if unit == "year" else -1)


def _whole(begin: datetime, unit: str) -> Span:
    """All of a day, week, month or year that begins then."""
    if unit in ("day", "week"):
        return Span(begin, begin + timedelta(days=7 if unit == "week" else 1))
    return Span(begin, _months(begin, 12 if unit == "year" else 1))


def _months(day: datetime, count: int) -> datetime:
    """The same day so many months on; the last of the month where that has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    for back in range(4):
        try:
            return day.replace(year=year, month=month + 1, day=day.day - back)
        except ValueError:
            if day.day - back <= 28:
                raise
    raise ValueError(day)


_READERS: tuple[Callable[[str, datetime], Span | None], ...] = (_exact, _relative, _named, _spoken)
