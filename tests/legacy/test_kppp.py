"""kppp's telephone rules: what a call costs by them, and what is said about each line."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adopt import adopt
from core.config import Tariff, parse
from core.legacy.kppp import read
from core.tariff import cost

ISLANDS = """\
# Regional calls from islands
name=Islands
currency_symbol=$
currency_position=right
currency_digits=0
per_connection=0
minimum_costs=17.92
flat_init_costs=(17.92,20)
default=(0.448, 3)
on (monday..friday) between (9:00..20:59) use (0.868, 3)
# feasts
on (1/1, easter-47, easter, 4/25, 12/25..12/26) between () use (0.448, 3)
"""
SCHILLING = """\
currency_symbol="ATS"
per_connection=0.5
flat_init_costs=(0.74,180)
DEFAULT=(0.38,72)
on (friday..sunday) between (19:00..5:59) use (0.1, 72)
"""


def at(text: str) -> datetime:
    """That time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Lisbon"))


def tariff(text: str) -> Tariff:
    """The tariff of a house that takes the file over."""
    return parse(adopt({"rules.rst": text}, "paul").text).line.tariff


@pytest.mark.parametrize(
    ("text", "began", "seconds", "money"),
    [
        (ISLANDS, "2026-11-20 12:00", 20, "17.92"),
        (ISLANDS, "2026-11-20 12:00", 23, "18.79"),  # 17.92 + 0.868
        (ISLANDS, "2026-11-20 20:59", 23, "18.79"),
        (ISLANDS, "2026-11-20 21:00", 23, "18.37"),
        (ISLANDS, "2026-11-21 12:00", 620, "107.52"),
        (ISLANDS, "2026-12-25 12:00", 23, "18.37"),
        (ISLANDS, "2027-02-09 12:00", 23, "18.37"),  # carnival
        (SCHILLING, "2026-11-19 12:00", 180, "1.24"),
        (SCHILLING, "2026-11-19 12:00", 181, "1.62"),
        (SCHILLING, "2026-11-19 12:00", 180 + 7200, "39.24"),  # a hundred units at 0.38
        (SCHILLING, "2026-11-20 21:00", 180 + 7200, "11.24"),
        (SCHILLING, "2026-11-21 05:59", 181, "1.62"),  # it is six when the first unit begins
    ],
)
def test_a_call_costs_what_it_did(text: str, began: str, seconds: float, money: str) -> None:
    """The house's own tariff, made of the file."""
    assert cost(tariff(text), at(began), seconds) == Decimal(money)


def test_the_house_s_file_has_the_prices() -> None:
    """The currency too; no rule is lost."""
    found = tariff(SCHILLING)
    assert (found.currency, found.per_call, found.free_seconds, found.unit_seconds) == ("ATS", Decimal("1.24"), 180, 72)
    assert [(rule.days, rule.from_, rule.to) for rule in found.rules] == [(("fri-sun",), "19:00", "6:00")]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("default=(0.448, 3)", "understood"),
        ("ON(monday)BETWEEN(8:00..9:00)USE(1,60)", "understood"),
        ("on () between () use (0.2, 2)", "understood"),
        ("on (2/28..3/1) between () use (0.2, 2)", "understood"),
        ("name=Islands", "obsolete"),
        ("on (monday) between (8:00..25:00) use (1, 60)", "unknown"),
        ("on (monday) between () use (1, 60, 180)", "unknown"),
        ("on (mondy) between () use (1, 60)", "unknown"),
        ("on (13/1) between () use (1, 60)", "unknown"),
        ("on (3/1..2/1) between () use (1, 60)", "unknown"),
        ("default=(1, 0)", "unknown"),
        ("default=(NaN, 60)", "unknown"),
        ("minimum_costs=-1", "unknown"),
        ("volume=3", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_each_line_has_its_verdict(line: str, verdict: str) -> None:
    """What is no price and no hour is told, and nothing else depends on it."""
    [remark] = read(f"# rules\n{line}  # so\n").remarks
    assert (remark.line, remark.text, remark.verdict) == (2, line, verdict)
    assert remark.meaning


@given(st.text("on()between.use,=0123456789/: \nmdfrsatylue+-", max_size=200))
def test_whatever_stands_in_a_file_makes_a_house(text: str) -> None:
    """Settings that can be used, or a line that is said to be unknown."""
    parse(adopt({"rules.rst": text}, "paul").text)
