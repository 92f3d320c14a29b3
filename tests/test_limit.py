"""How far a call may go; ``at`` stands in for every clock."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.config import Bill, Config, Line, Tariff, parse
from core.limit import GRACE, Watch, limit
from core.reckoning import Direction, Measure, Reckoning, Way
from core.toml import Size

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARIFF = Tariff(per_call=Decimal("0.05"), per_minute=Decimal("0.10"))
HOUSE = """\
[household]
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "paul@home.example"
"""
# 1 kB/s up and 2 kB/s down; the call has cost for 10 s, letters flow since 4, and nothing has moved of them yet.
CALL = Reckoning(
    Measure(4.0, 2.0, 8000, 16_000),
    Way(9000, open=True),
    Way(100_000, open=True),
    zero=0.0,
    setup=4.0,
)


def settings(bill: Bill) -> Config:
    """A house with this tariff, and these limits."""
    plain = parse(HOUSE)
    return Config(household=plain.household, members=plain.members, line=Line(tariff=TARIFF), bill=bill)


@pytest.mark.parametrize(
    ("bill", "left", "seconds", "why"),
    [
        (Bill(), None, math.inf, ""),
        (Bill(max_minutes=5), None, 300, "its limit of 5 minutes"),
        (Bill(max_minutes=1), None, 60, "its limit of 1 minute"),
        (Bill(max_cost=Decimal("0.30")), None, 120, "its limit of 0.30 EUR"),
        (Bill(max_minutes=1, max_cost=Decimal("0.30")), None, 60, "its limit of 1 minute"),
        (Bill(max_cost=Decimal("0.30")), Decimal("0.20"), 60, "the end of this month's budget"),
        (Bill(), Decimal("0.04"), 0, "the end of this month's budget"),
    ],
)
def test_the_narrowest_limit_counts(bill: Bill, left: Decimal | None, seconds: float, why: str) -> None:
    """Minutes, money, and what is left of the budget."""
    found = limit(bill, TARIFF, NOON, left)
    assert (found.seconds, found.why) == (seconds, why)


@pytest.mark.parametrize(
    ("bill", "letters", "may"),
    [
        (Bill(), [("down", 10**9)], [True]),
        # 10 s have passed, 2 are for the goodbye: of 60 remain 48, in which 96 kB come and 48 kB go
        (Bill(max_minutes=1), [("down", 96_000)], [True]),
        (Bill(max_minutes=1), [("down", 96_100)], [False]),
        (Bill(max_minutes=1), [("up", 48_000), ("down", 96_000)], [True, True]),
        (Bill(max_minutes=1), [("up", 48_100)], [False]),
        (Bill(max_minutes=1), [("down", 90_000), ("down", 7000), ("down", 6000)], [True, False, True]),
        (Bill(max_cost=Decimal("0.15")), [("down", 96_100), ("down", 96_000)], [False, True]),
        # the other way goes on until second 21 in any case, so that what can wait may come until 60
        (Bill(can_wait=Size(30_000)), [("down", 96_000), ("down", 31_000)], [True, False]),
        (Bill(can_wait=Size(30_000)), [("down", 20_000), ("down", 76_000), ("down", 1000)], [True, True, True]),
        (Bill(can_wait=Size(30_000)), [("down", 29_000), ("down", 29_000), ("down", 29_000)], [True] * 3),
        (Bill(can_wait=Size(30_000)), [("up", 49_000), ("up", 90_000)], [True, False]),
    ],
)
def test_a_letter_is_begun_if_it_is_through_in_time(
    bill: Bill, letters: list[tuple[Direction, int]], may: list[bool]
) -> None:
    """What is on its way counts, both ways go on at once, and the goodbye is part of the call."""
    watch = Watch(settings(bill), None)
    watch.connected(NOON)
    assert [not watch.begin(CALL, 10.0, way, size, wanted=False) for way, size in letters] == may
    assert watch.refused == may.count(False)


def test_what_people_want_begins_another_unit() -> None:
    """Only a limit keeps it out."""
    watch = Watch(settings(Bill(can_wait=Size(30_000), max_minutes=3)), None)
    watch.connected(NOON)
    assert watch.begin(CALL, 10.0, "down", 200_000, wanted=False) == (
        "the call comes to the end of a paid unit, and what is left can wait"
    )
    assert watch.begin(CALL, 10.0, "down", 200_000, wanted=True) == ""
    assert watch.begin(CALL, 10.0, "down", 200_000, wanted=True) == "the call comes to its limit of 3 minutes"


def test_a_call_is_cut_only_after_its_grace() -> None:
    """A letter that takes longer than was reckoned may come to its end."""
    watch = Watch(settings(Bill(max_minutes=1)), None)
    watch.connected(NOON)
    assert watch.overdue(60 + GRACE - 0.1) == ""
    assert watch.overdue(60 + GRACE) == "the call was 30 s over its limit of 1 minute, and was cut"
    assert Watch(settings(Bill()), None).overdue(10**9) == ""
