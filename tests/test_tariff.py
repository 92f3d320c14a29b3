"""What calls cost: tables of cases, some of them after kppp's rule files."""

import math
import time as system
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Price, Tariff
from core.hours import easter, window
from core.tariff import cheap, cheaper, cost, edge, lasting, price
from core.zone import local

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    """That time in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


FRIDAY = at("2026-11-20 12:00")
PLAIN = Tariff(per_call=Decimal("0.05"), per_minute=Decimal("0.10"))
NIGHT = Price(from_="22:00", to="6:00", per_minute=Decimal("0.02"), unit_seconds=120)
WEEKEND = Price(days=("sat-sun",), per_minute=Decimal("0.04"), per_call=Decimal(0))
FEAST = Price(days=("12-25", "easter+1"), per_minute=Decimal(0), per_call=Decimal(0))
RULES = Tariff(per_call=Decimal("0.05"), per_minute=Decimal("0.10"), rules=(NIGHT, WEEKEND, FEAST))
# Spain 1998: 13.224 for the first 160 s, then by the second; Portugal: 17.92 at least, which is the first 20 s.
SPAIN = Tariff(
    per_call=Decimal("13.224"),
    free_seconds=160,
    per_minute=Decimal("1.902"),
    unit_seconds=1,
    rules=(Price(days=("mon-fri",), from_="8:00", to="22:00", per_minute=Decimal("5.244")),),
)
PORTUGAL = Tariff(minimum=Decimal("17.92"), per_minute=Decimal("17.36"), unit_seconds=3)


@pytest.mark.parametrize(
    ("tariff", "began", "seconds", "money"),
    [
        (PLAIN, "2026-11-20 12:00", 0, "0.00"),
        (PLAIN, "2026-11-20 12:00", 0.1, "0.15"),
        (PLAIN, "2026-11-20 12:00", 60, "0.15"),
        (PLAIN, "2026-11-20 12:00", 60.01, "0.25"),
        (Tariff(), "2026-11-20 12:00", 9999, "0.00"),
        (Tariff(per_minute=Decimal("0.02"), unit_seconds=1), "2026-11-20 12:00", 61, "0.03"),
        (Tariff(per_minute=Decimal("0.02"), unit_seconds=1), "2026-11-20 12:00", 60, "0.02"),
        (RULES, "2026-11-20 12:00", 61, "0.25"),
        (RULES, "2026-11-20 23:00", 61, "0.09"),  # one unit of two minutes
        (RULES, "2026-11-20 05:59", 121, "0.19"),  # the night's unit lasts into the day
        (RULES, "2026-11-20 21:59", 61, "0.19"),  # by day for a minute, then by night
        (RULES, "2026-11-20 23:59", 121, "0.13"),  # a unit by night, one of Saturday, which is the later rule
        (RULES, "2026-11-21 23:00", 60, "0.04"),
        (RULES, "2026-12-25 12:00", 3600, "0.00"),
        (RULES, "2027-03-29 12:00", 3600, "0.00"),  # Easter Monday
        (RULES, "2026-12-25 23:59", 120, "0.04"),  # Christmas is over at midnight, and the 26th a Saturday
        (SPAIN, "2026-11-20 12:00", 1, "13.23"),
        (SPAIN, "2026-11-20 12:00", 160, "13.23"),
        (SPAIN, "2026-11-20 12:00", 161, "13.32"),
        (SPAIN, "2026-11-20 23:00", 220, "15.13"),
        (SPAIN, "2026-11-20 21:56:20", 280, "20.37"),  # 60 s by day after the first 160, then 60 by night
        (PORTUGAL, "2026-11-20 12:00", 20, "17.92"),
        (PORTUGAL, "2026-11-20 12:00", 60, "17.92"),
        (PORTUGAL, "2026-11-20 12:00", 63, "18.23"),
    ],
)
def test_a_call_costs(tariff: Tariff, began: str, seconds: float, money: str) -> None:
    """Whole units, each at the price of its beginning; the last rule that fits holds."""
    assert cost(tariff, at(began), seconds) == Decimal(money)


@pytest.mark.parametrize(
    ("tariff", "began", "seconds", "more"),
    [
        (PLAIN, "2026-11-20 12:00", 0, 0),
        (PLAIN, "2026-11-20 12:00", 0.5, 59.5),
        (PLAIN, "2026-11-20 12:00", 60, 0),
        (PLAIN, "2026-11-20 12:00", 61, 59),
        (Tariff(per_call=Decimal(1)), "2026-11-20 12:00", 5, math.inf),
        (RULES, "2026-11-20 21:59", 61, 119),
        (RULES, "2026-12-25 12:00", 60, 12 * 3600 - 60),  # the feast costs nothing until it ends
        (SPAIN, "2026-11-20 12:00", 3, 157),
        (PORTUGAL, "2026-11-20 12:00", 1, 59),  # the least money is used up by the 20th unit of 3 s
    ],
)
def test_the_edge_of_a_paid_unit(tariff: Tariff, began: str, seconds: float, more: float) -> None:
    """A call may last so much longer before it costs more."""
    assert edge(tariff, at(began), seconds) == pytest.approx(more)


@pytest.mark.parametrize(
    ("tariff", "money", "seconds"),
    [
        (PLAIN, "0.04", 0),
        (PLAIN, "0.05", 0),
        (PLAIN, "0.15", 60),
        (PLAIN, "0.24", 60),
        (PLAIN, "1.05", 600),
        (Tariff(), "0.01", math.inf),
        (PORTUGAL, "17.91", 0),
        (PORTUGAL, "17.92", 60),
        (SPAIN, "13.23", 160),
    ],
)
def test_money_lasts(tariff: Tariff, money: str, seconds: float) -> None:
    """So many seconds are paid with so much."""
    assert lasting(tariff, FRIDAY, Decimal(money)) == seconds


hour = st.integers(0, 24 * 60).map(lambda minute: f"{minute // 60}:{minute % 60:02}")
amount = st.integers(0, 50).map(lambda cents: Decimal(cents) / 100)
days = st.sampled_from([(), ("mon-fri",), ("sat-sun",), ("12-25",), ("fri", "easter")])
prices = st.builds(Price, days=days, from_=hour, to=hour, per_minute=amount, unit_seconds=st.integers(0, 90))
tariffs = st.builds(
    Tariff,
    per_call=amount,
    per_minute=amount,
    unit_seconds=st.integers(1, 90),
    minimum=amount,
    free_seconds=st.integers(0, 90),
    rules=st.lists(prices, max_size=3).map(tuple),
)
times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(PARIS))  # noqa: DTZ001 put into one


@given(tariffs, times, st.integers(1, 20_000))
def test_nothing_is_paid_before_the_edge(tariff: Tariff, began: datetime, seconds: int) -> None:
    """Up to the edge a call costs what it costs now, and beyond it more; its money lasts just so long."""
    now, more = cost(tariff, began, seconds), edge(tariff, began, seconds)
    assert more >= 0
    if more < math.inf:
        assert cost(tariff, began, seconds + more) == now
        assert cost(tariff, began, seconds + more + 0.001) >= now
    assert lasting(tariff, began, now) >= seconds + more


@given(tariffs, times, st.integers(1, 900))
def test_units_are_priced_one_by_one(tariff: Tariff, began: datetime, seconds: int) -> None:
    """The sum is the one that somebody with a watch and the list of prices would write down."""
    begins, paid = began.astimezone(UTC) + timedelta(seconds=tariff.free_seconds), Decimal(0)
    end = began.astimezone(UTC) + timedelta(seconds=seconds)
    while begins < end:
        here = price(tariff, begins.astimezone(PARIS))
        paid += here.per_minute * here.unit
        begins += timedelta(seconds=here.unit)
    whole = max(price(tariff, began).per_call + paid / 60, tariff.minimum)
    assert cost(tariff, began, seconds) - Decimal("0.01") < whole <= cost(tariff, began, seconds)


def test_clocks_that_are_put_back_make_the_night_longer() -> None:
    """On the last Sunday of October the hours from 2 to 3 come twice, and are paid twice."""
    night = Tariff(per_minute=Decimal(1), rules=(Price(from_="0:00", to="6:00", per_minute=Decimal("0.01")),))
    assert cost(night, at("2026-10-25 00:00"), 7 * 3600) == Decimal("4.20")
    assert cost(night, at("2026-10-24 00:00"), 7 * 3600) == Decimal("63.60")
    assert cost(night, at("2026-03-29 00:00"), 5 * 3600) == Decimal("3.00")  # in March it has five hours


def test_a_cheaper_hour_is_found() -> None:
    """The first time within a week from which the same call costs less; None where it never does."""
    assert cheaper(RULES, FRIDAY, 90) == (at("2026-11-20 22:00"), Decimal("0.09"))
    assert cheaper(RULES, at("2026-11-21 12:00"), 90) is None  # the night is cheaper by the minute, but not the call
    assert cheaper(PLAIN, FRIDAY, 90) is None
    assert cheaper(RULES, at("2026-12-25 12:00"), 90) is None


def test_cheap_hours_are_those_of_the_least_price() -> None:
    """Cheap is a minute that never costs less in the week that follows."""
    assert [cheap(RULES, at(f"2026-11-{when}")) for when in ("20 12:00", "20 23:00", "21 12:00")] == [
        False,
        True,
        False,
    ]
    assert cheap(PLAIN, FRIDAY)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("22:00-6:00", "2026-11-20 23:00", "2026-11-20 06:00"),
        ("fri 22:00-6:00", "2026-11-20 05:59", "2026-11-21 05:59"),  # of the day by itself, as kppp has it
        ("sat-sun", "2026-11-22 23:59", "2026-11-20 12:00"),
        ("sun-tue", "2026-11-23 12:00", "2026-11-25 12:00"),
        ("monday-friday 8:00-18:00", "2026-11-20 08:00", "2026-11-20 18:00"),
        ("12-25", "2027-12-25 12:00", "2027-12-26 12:00"),
        ("2026-12-25", "2026-12-25 12:00", "2027-12-25 12:00"),
        ("easter-2,easter+39", "2027-03-26 12:00", "2027-03-28 12:00"),
    ],
)
def test_hours_hold(text: str, inside: str, outside: str) -> None:
    """Days with commas between them, then hours; either may be left out."""
    assert window(text).hold(at(inside))
    assert not window(text).hold(at(outside))


@pytest.mark.parametrize("text", ["", "noon", "25:00-26:00", "8:60-9:00", "8:00", "mon fri", "13-45", "frx 8:00-9:00"])
def test_what_is_no_hours_is_refused(text: str) -> None:
    """A text that nobody can mean."""
    with pytest.raises(ValueError, match=r".*"):
        window(text)


@pytest.mark.parametrize(("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2027, "03-28")])
def test_easter(year: int, day: str) -> None:
    """As the calendar has it."""
    assert easter(year).isoformat() == f"{year}-{day}"


def test_the_house_knows_summer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment of next summer has next summer's hour, and the hour that comes twice is told apart."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    system.tzset()
    try:
        now = local(datetime(2026, 11, 20, 11, tzinfo=UTC))
        assert now.replace(month=7).astimezone(UTC).hour == 10
        twice = [local(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1)]
        assert [(one.hour, one.fold, one.astimezone(UTC).hour) for one in twice] == [(2, 0, 0), (2, 1, 1)]
        assert cost(RULES, local(datetime(2026, 7, 1, 20, 30, tzinfo=UTC)), 30) == Decimal("0.09")  # it is 22:30
    finally:
        monkeypatch.undo()
        system.tzset()
