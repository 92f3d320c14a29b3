"""How sizes, times and money are said on the screen.

Never: a clock of its own; ``now`` is passed in.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal


def size(count: int) -> str:
    """Bytes in words: 800 B, 41 kB, 2.4 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{round(count / 1000)} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"


def short(count: int) -> str:
    """Bytes for a narrow column: 1k, 41k, 2.4M."""
    return f"{max(1, round(count / 1000))}k" if count < 999_500 else f"{count / 1e6:.1f}M"


def span(seconds: float) -> str:
    """A length of time in words: 48 s, 2 min 10 s, 1 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def clock(seconds: float) -> str:
    """A running time: 0:48, 12:05, 1:02:03."""
    minutes, left = divmod(max(0, int(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{left:02}" if minutes >= 60 else f"{minutes}:{left:02}"


def when(moment: datetime | None, now: datetime, *, brief: bool = False) -> str:
    """A time as people say it: today 14:05, yesterday, Tue, 3 Nov, 3 Nov 2024; ``brief``: 14:05, Thu, 3 Nov, 2024."""
    if moment is None:
        return ""
    here = moment.astimezone(now.tzinfo)
    days = (now.date() - here.date()).days
    if days == 0:
        return f"{here:%H:%M}" if brief else f"today {here:%H:%M}"
    if days == 1 and not brief:
        return "yesterday"
    if 0 < days < 7:
        return f"{here:%a}"
    if here.year == now.year:
        return f"{here.day} {here:%b}"
    return f"{here:%Y}" if brief else f"{here.day} {here:%b %Y}"


def soon(moment: datetime, now: datetime) -> str:
    """A time that is still to come, as people say it: 22:00, tomorrow 6:00, Sat 6:00, 3 Dec 6:00."""
    here = moment.astimezone(now.tzinfo)
    days, hour = (here.date() - now.date()).days, f"{here.hour}:{here:%M}"
    if days < 2:
        return f"tomorrow {hour}" if days else hour
    return f"{here:%a} {hour}" if days < 7 else f"{here.day} {here:%b} {hour}"


def exactly(moment: datetime | None, now: datetime) -> str:
    """The same with the time of day, for a letter's head: Tue 3 Nov 2026, 14:05."""
    if moment is None:
        return ""
    here = moment.astimezone(now.tzinfo)
    if abs(here - now) < timedelta(days=1) and here.date() == now.date():
        return f"today {here:%H:%M}"
    return f"{here:%a} {here.day} {here:%b %Y}, {here:%H:%M}"


def money(amount: Decimal | str, currency: str) -> str:
    """An amount: 0.14 EUR; nothing where a line costs nothing and no currency was set."""
    return f"{Decimal(amount):.2f} {currency}".strip()


def letters(count: int) -> str:
    """How many: no letters, 1 letter, 3 letters."""
    return "no letters" if count == 0 else ("1 letter" if count == 1 else f"{count} letters")


def waiting(count: int) -> str:
    """That they wait: no letters wait, 1 letter waits, 3 letters wait."""
    return f"{letters(count)} wait{'s' if count == 1 else ''}"


def price(seconds: float, cost: Decimal | str, currency: str, *, known: bool = True) -> str:
    """What a run takes: about 2 min 10 s, 0.14 EUR; at least that, if what comes is not known; no money if none."""
    return f"{'about' if known else 'at least'} {span(seconds)}" + (
        f", {money(cost, currency)}" if Decimal(cost) else ""
    )


def went(members: Sequence[str], waiting: Sequence[str], leaves: str) -> str:
    """What became of an accepted letter: who in the house has it, and who outside gets it when."""
    home = f"Delivered to {', '.join(members)}. " if members else ""
    away = f"To {', '.join(waiting)}: {leaves}." if waiting else ""
    return home + away
