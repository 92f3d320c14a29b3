from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from tui.widgets import words

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("moment", "text", "brief"),
    [
        (NOW - timedelta(hours=4, minutes=25), "today 14:05", "14:05"),
        (NOW - timedelta(days=1), "yesterday", "Thu"),
        (NOW - timedelta(days=3), "Tue", "Tue"),
        (NOW - timedelta(days=17), "3 Nov", "3 Nov"),
        (NOW - timedelta(days=800), "11 Sep 2024", "2024"),
        (NOW + timedelta(days=3), "23 Nov", "23 Nov"),
        (None, "", ""),
    ],
)
def test_times_are_said_as_people_say_them(moment: datetime | None, text: str, brief: str) -> None:
    """Near times by the clock or the day, far ones by the date, in the house's time zone."""
    assert words.when(moment, NOW) == text
    assert words.when(moment, NOW, brief=True) == brief


@pytest.mark.parametrize(
    ("count", "long", "short"),
    [
        (0, "0 B", "1k"),
        (999, "999 B", "1k"),
        (41_400, "41 kB", "41k"),
        (999_499, "999 kB", "999k"),
        (2_400_000, "2.4 MB", "2.4M"),
    ],
)
def test_sizes_are_in_thousands(count: int, long: str, short: str) -> None:
    """As line times are reckoned."""
    assert words.size(count) == long
    assert words.short(count) == short


@pytest.mark.parametrize(
    ("seconds", "span", "clock"),
    [
        (0, "0 s", "0:00"),
        (48, "48 s", "0:48"),
        (120, "2 min", "2:00"),
        (130, "2 min 10 s", "2:10"),
        (3900, "1 h 5 min", "1:05:00"),
    ],
)
def test_lengths_of_time(seconds: float, span: str, clock: str) -> None:
    """In words for a forecast, as a clock for what is running."""
    assert words.span(seconds) == span
    assert words.clock(seconds) == clock


def test_a_line_that_costs_nothing_has_no_price() -> None:
    """Money is told only where money is asked."""
    assert words.price(130, Decimal("0.14"), "EUR") == "about 2 min 10 s, 0.14 EUR"
    assert words.price(130, Decimal(0), "EUR") == "about 2 min 10 s"


def test_before_any_run_a_price_is_the_least() -> None:
    """What waits at the provider is not in it."""
    assert words.price(7, Decimal("0.07"), "EUR", known=False) == "at least 7 s, 0.07 EUR"
