"""When a letter leaves: with the next run, before all others, not before some time, or when somebody lets it go.

Never: a clock; the queue (``store.queue``).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.errors import InputError
from core.mail.clean import safe

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHEN = re.compile(r"(?P<day>.*?)[ ,t]*(?:(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::\d{2})?)?")
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_DOTS = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})?")
_NAMED = re.compile(r"(?P<day>\d{1,2})\.? (?P<month>[a-z]{3})[a-z]*\.?(?: (?P<year>\d{4}))?")


@dataclass(frozen=True, slots=True)
class Departure:
    """What a person decided: ``held`` until it is released, ``urgent`` before all others, ``not_before`` a time."""

    held: bool = False
    urgent: bool = False
    not_before: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether a run that begins now carries the letter."""
        return not self.held and (self.not_before is None or self.not_before <= now)


NEXT = Departure()


def words(departure: Departure, now: datetime) -> str:
    """When a letter leaves, for people: "with the next run", "from Fri 18:00"."""
    if departure.held:
        return "held"
    if departure.due(now) or departure.not_before is None:
        return "urgent, with the next run" if departure.urgent else "with the next run"
    at = departure.not_before.astimezone(now.tzinfo)
    days = (at.date() - now.date()).days
    if days < 7:
        return f"from {f'{_DAYS[at.weekday()].title()} ' if days else ''}{at:%H:%M}"
    year = f" {at.year}" if at.year != now.year else f", {at:%H:%M}"
    return f"from {at.day} {_MONTHS[at.month - 1].title()}{year}"


def moment(text: str, now: datetime) -> datetime:
    """The time that a person typed: "18:00", "tomorrow 7:30", "Fri", "24 Dec 9:00", "24.12.", "2026-12-24 09:00".

    A time alone is its next one, a day alone is its beginning, and a day without a year is its next one.

    Raises:
        InputError: it is none, or it is past.
    """
    found = _WHEN.fullmatch(" ".join(text.lower().split()))
    try:
        when = _meant(found["day"], found["hour"], found["minute"], now) if found and any(found.groups()) else None
    except ValueError:  # such as the 31st of April
        when = None
    if when is None:
        raise InputError(f'"{safe(text)}" is no time; write 18:00, tomorrow 7:30, Fri 18:00 or 2026-12-24 9:00')
    if when <= now:
        raise InputError(f'"{safe(text)}" is past; write a time that is still to come')
    return when


def _meant(day: str, hour: str | None, minute: str | None, now: datetime) -> datetime | None:
    clock = time(int(hour), int(minute or 0)) if hour else time()
    if not day:
        today = datetime.combine(now, clock, now.tzinfo)
        return today if today > now else today + timedelta(days=1)
    found = _date(day, now.date())
    return datetime.combine(found, clock, now.tzinfo) if found else None


def _date(day: str, today: date) -> date | None:
    """A day as people name it."""
    if day in ("today", "tomorrow"):
        return today + timedelta(days=day == "tomorrow")
    if day[:3] in _DAYS and day.isalpha():
        return today + timedelta(days=(_DAYS.index(day[:3]) - today.weekday() - 1) % 7 + 1)
    for form in (_ISO, _DOTS, _NAMED):
        if found := form.fullmatch(day):
            return _dated(found["day"], found["month"], found["year"], today)
    return None


def _dated(day: str, month: str, year: str | None, today: date) -> date | None:
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1  # ValueError: no month
    if year:
        return date(int(year), number, int(day))
    found = date(today.year, number, int(day))
    return found if found >= today else date(today.year + 1, number, int(day))
