"""Invitations, and answers to them (iCalendar, RFC 5545 and 5546), as cards for people.

Never: a calendar; a clock: how a moment reads in this house is passed in.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from core.mail.blocks import Block, Card, Text
from core.mail.clean import safe, safe_lines
from core.mail.properties import Component, Property, components

Here = Callable[[datetime], datetime]  # a moment -> the same by the clocks of this house

_MOST = 10  # events of one file that are shown
_LONGEST_TEXT = 20_000
_GUESTS = 8
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)")
_SPAN = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_TITLES = {
    "REQUEST": "Invitation",
    "CANCEL": "Called off",
    "PUBLISH": "Appointment",
    "ADD": "Invitation",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The other time was declined",
    "REFRESH": "Asks for the invitation again",
    "REPLY": "Answer to an invitation",
}
_ANSWERS = {
    "ACCEPTED": "comes",
    "DECLINED": "does not come",
    "TENTATIVE": "comes perhaps",
    "DELEGATED": "sends another",
}
_EVERY = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class _Time:
    """A day, or a moment: in the house's time, or (``zone``) as it was written where it is not known when that is."""

    at: datetime
    whole: bool = False
    zone: str = ""


def cards(text: str, here: Here) -> list[Card]:
    """A card for each event or task of a calendar file, at most a few; none where there is nothing."""
    whole = components(text)
    method = next((one.text("METHOD").upper() for one in whole.every("VCALENDAR") if one.text("METHOD")), "")
    zones = {zone.text("TZID"): zone for zone in whole.every("VTIMEZONE")}
    found = whole.every("VEVENT", "VTODO")
    return [_card(event, method, zones, here) for event in found[:_MOST]]


def _card(event: Component, method: str, zones: dict[str, Component], here: Here) -> Card:
    called_off = event.text("STATUS").upper() == "CANCELLED"
    title = _TITLES["CANCEL"] if called_off else _TITLES.get(method, "Appointment")
    summary = safe(event.text("SUMMARY")) or "(nothing said)"
    inside = safe_lines(event.text("DESCRIPTION")[:_LONGEST_TEXT]).strip("\n")
    words: tuple[Block, ...] = (Text(tuple(inside.split("\n"))),) if inside else ()
    return Card(f"{title}: {summary}", f"{title}: {summary}", tuple(_facts(event, method, zones, here)), words)


def _facts(event: Component, method: str, zones: dict[str, Component], here: Here) -> Iterator[tuple[str, str]]:
    if when := _when(event, zones, here):
        yield "When", when
    if again := _again(event.text("RRULE")):
        yield "Again", again
    if where := safe(event.text("LOCATION")):
        yield "Where", where
    if organizer := event.first("ORGANIZER"):
        yield "From", _person(organizer)
    guests = [one for one in event.properties if one.name == "ATTENDEE"]
    if method == "REPLY":
        yield from (("Answer", f"{_person(one)} {_answer(one)}") for one in guests[:_GUESTS])
    elif guests:
        more = f" and {len(guests) - _GUESTS} more" if len(guests) > _GUESTS else ""
        yield "For", ", ".join(_guest(one) for one in guests[:_GUESTS]) + more
    if comment := safe(event.text("COMMENT")):
        yield "Says", comment


def _answer(guest: Property) -> str:
    return _ANSWERS.get(guest.parameter("PARTSTAT").upper(), "has not answered yet")


def _guest(guest: Property) -> str:
    known = _ANSWERS.get(guest.parameter("PARTSTAT").upper())
    return f"{_name(guest)} ({known})" if known else _name(guest)


def _name(person: Property) -> str:
    return safe(person.parameter("CN")) or _address(person)


def _person(person: Property) -> str:
    name, address = safe(person.parameter("CN")), _address(person)
    return f"{name} <{address}>" if name and address and name != address else name or address


def _address(person: Property) -> str:
    return safe(re.sub(r"^mailto:", "", person.value.strip(), flags=re.IGNORECASE))


# When


def moment(text: str, here: Here) -> str:
    """The date of a letter as it reads in this house; empty where it is none."""
    try:
        return _said(_Time(here(parsedate_to_datetime(text)).replace(tzinfo=None)))
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return ""


def _when(event: Component, zones: dict[str, Component], here: Here) -> str:
    """From when to when, in as few words as will do."""
    start = _time(event.first("DTSTART"), zones, here)
    end = _time(event.first("DTEND") or event.first("DUE"), zones, here)
    if start is None:
        return f"until {_said(end)}" if end else ""
    if end is None and (length := _length(event.text("DURATION"))):
        end = _Time(start.at + length, start.whole, start.zone)
    if end is None or end.at <= start.at:
        return _said(start)
    if start.whole:
        last = _Time(end.at - timedelta(days=1), whole=True)
        return _said(start) if last.at <= start.at else f"{_said(start)} to {_said(last)}"
    if end.at.date() == start.at.date() and end.zone == start.zone:
        zone = f" ({start.zone})" if start.zone else ""
        return f"{_day(start.at)}, {start.at:%H:%M} to {end.at:%H:%M}{zone}"
    return f"{_said(start)} to {_said(end)}"


def _said(time: _Time) -> str:
    if time.whole:
        return _day(time.at)
    return f"{_day(time.at)}, {time.at:%H:%M}" + (f" ({time.zone})" if time.zone else "")


def _day(at: date) -> str:
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"


def _time(stamp: Property | None, zones: dict[str, Component], here: Here) -> _Time | None:
    """What a DTSTART means; None where it means nothing."""
    match = _STAMP.match(stamp.value.strip()) if stamp else None
    if stamp is None or match is None:
        return None
    try:
        return _placed(_clock(match), stamp.parameter("TZID"), match, zones, here)
    except (ValueError, OverflowError, OSError):
        return None


def _clock(stamp: re.Match[str]) -> datetime:
    """What the clocks say, wherever they are."""
    year, month, day, hour, minute, second = (int(number or 0) for number in stamp.groups()[:6])
    return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - its zone is told beside it


def _placed(at: datetime, zone: str, match: re.Match[str], zones: dict[str, Component], here: Here) -> _Time:
    if match[4] is None:
        return _Time(at, whole=True)
    if match[7]:
        return _Time(here(at.replace(tzinfo=UTC)).replace(tzinfo=None))
    if zone in zones and (offset := _offset(at, zones[zone])) is not None:
        return _Time(here(at.replace(tzinfo=timezone(offset))).replace(tzinfo=None))
    return _Time(at, zone=safe(zone).strip("/"))


def _offset(at: datetime, zone: Component) -> timedelta | None:
    """How far the clocks of a zone are from UTC: by the change that came last before this moment."""
    changes = [
        (onset, offset)
        for one in zone.every("STANDARD", "DAYLIGHT")
        if (offset := _shift(one.text("TZOFFSETTO"))) is not None
        for onset in _onsets(one, at)
    ]
    before = [change for change in changes if change[0] <= at] or changes[:1]
    return max(before)[1] if before else None


def _shift(text: str) -> timedelta | None:
    match = _OFFSET.match(text)
    if match is None:
        return None
    shift = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return (-shift if match[1] == "-" else shift) if shift < timedelta(days=1) else None


def _onsets(change: Component, at: datetime) -> Iterator[datetime]:
    """When the clocks are changed: this year and the year before by a rule, else once."""
    match = _STAMP.match(change.text("DTSTART"))
    if match is None:
        return
    first = _clock(match)
    rule = _rule(change.text("RRULE"))
    place = re.fullmatch(r"([+-]?\d)([A-Z]{2})", rule.get("BYDAY", ""))
    month = rule.get("BYMONTH", "")
    if not place or place[2] not in _WEEK or not month.isdecimal() or not 1 <= int(month) <= 12:
        yield first
        return
    for year in (at.year - 1, at.year):
        day = _nth(year, int(month), int(place[1]), _WEEK.index(place[2]))
        yield datetime.combine(day, first.time())


def _nth(year: int, month: int, nth: int, weekday: int) -> date:
    """Such as the last Sunday of March."""
    start = date(year, month, 1)
    if nth > 0:
        return start + timedelta(days=(weekday - start.weekday()) % 7 + 7 * (min(nth, 4) - 1))
    end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return end - timedelta(days=(end.weekday() - weekday) % 7 + 7 * (min(-nth, 4) - 1 if nth else 0))


def _length(text: str) -> timedelta | None:
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _rule(text: str) -> dict[str, str]:
    return {key.strip().upper(): value for key, _, value in (part.partition("=") for part in text.split(";"))}


def _again(text: str) -> str:
    """How often it comes again: every week, on Mon and Thu, 10 times."""
    rule = _rule(text)
    unit = _EVERY.get(rule.get("FREQ", "").upper())
    if not unit:
        return ""
    step = rule.get("INTERVAL", "1")
    often = f"every {step} {unit}s" if step.isdecimal() and int(step) > 1 else f"every {unit}"
    days: Sequence[str] = [_DAYS[_WEEK.index(day)] for day in rule.get("BYDAY", "").split(",") if day in _WEEK]
    on = f" on {', '.join(days)}" if days else ""
    count = f", {rule['COUNT']} times" if rule.get("COUNT", "").isdecimal() else ""
    until = _time(Property("UNTIL", (), rule.get("UNTIL", "")[:8]), {}, lambda moment: moment)
    return f"{often}{on}{count}" + (f", until {_day(until.at)}" if until else "")
