"""Budget and limits, as short stories."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core import limit
from core.bill import bill
from core.errors import DeniedError, LineError
from core.events import Finished, Reckoned, Trouble
from core.forecast import forecast
from core.household import Household
from core.run import run
from core.store import runs
from tests.flows.town import NOW, Town, letter, town

TARIFF = '[line.tariff]\nper_call = "0.05"\nper_minute = "0.10"\n'
BUDGET = TARIFF + '[bill]\nbudget = "1.00"\n'


def opened(here: Town, more: str) -> Household:
    """The house with these settings besides."""
    here.open().ledger.close()
    path = here.folder / "household.toml"
    path.write_text(path.read_text() + more)
    return here.open()


def paid(house: Household, cost: str, days: int = 0) -> None:
    """A run of so many days ago that cost so much."""
    when = NOW - timedelta(days=days)
    shares = [runs.Share("luc", "down", 900, Decimal(cost) - 1), runs.Share("", "up", 9, Decimal(1))]
    account = Finished("complete", fetched=1, bytes_down=900, seconds_online=30.0, cost=cost, currency="EUR")
    run = runs.start(house.ledger, when)
    runs.finish(house.ledger, run, account, now=when, shares=shares if Decimal(cost) > 1 else ())


def troubles(here: Town) -> list[str]:
    """What the last run told of the bill."""
    return [event.why for event in here.events if isinstance(event, Trouble) and event.what == "bill"]


async def test_a_used_up_budget_allows_no_call(tmp_path: Path) -> None:
    """One sentence says so before anything is dialled; somebody may want one all the same."""
    async with town(tmp_path, [letter("luc@home.example", "hello")]) as here:
        house = opened(here, BUDGET)
        paid(house, "0.90")
        with pytest.raises(DeniedError, match=r"calls have cost 0\.90 of a budget of 1\.00 EUR, so no call"):
            await here.run(now=NOW)
        assert len(runs.statements(house.ledger)) == 1

        done = await run(house, here.outside(house), here.events.append, clock=lambda: NOW, over_budget=True)
        assert (done.outcome, done.fetched, done.cost) == ("complete", 1, "0.15")
        assert troubles(here) == ["105 % of this month's budget is used up: 1.05 of 1.00 EUR"]


async def test_the_house_is_warned_in_time(tmp_path: Path) -> None:
    """From 80 per cent on; what last month cost is no matter."""
    async with town(tmp_path) as here:
        house = opened(here, BUDGET)
        paid(house, "0.70")
        paid(house, "9.00", days=30)
        await here.run(now=NOW)
        assert troubles(here) == ["85 % of this month's budget is used up: 0.85 of 1.00 EUR"]
        assert bill(house, NOW).warning == troubles(here)[0]
        assert bill(house, NOW).left == Decimal("0.15")


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ("max_minutes = 0.0001", "the call comes to its limit of 0.0001 minutes"),
        ('max_cost = "0.04"', "the call comes to its limit of 0.04 EUR"),
    ],
)
async def test_a_call_at_its_limit_ends_in_good_order(tmp_path: Path, limits: str, why: str) -> None:
    """Nothing is begun any more, all waits for the next call, and the statement says so; it is no fault."""
    async with town(tmp_path, [letter("luc@home.example", str(n)) for n in range(3)]) as here:
        house = opened(here, TARIFF)
        here.write("paul", "grandma@far.example", "to Grandma")
        path = here.folder / "household.toml"
        path.write_text(path.read_text() + f"[bill]\n{limits}\n")
        done = await here.run()
        assert (done.outcome, done.sent, done.fetched, done.left, done.why) == ("partial", 0, 0, 4, why)
        assert (troubles(here), len(here.provider.box.letters())) == ([why], 3)
        assert 0 < done.bytes_left < forecast(house, NOW).bytes_down

        path.write_text(path.read_text().replace(limits, ""))
        done = await here.run()
        assert (done.outcome, done.sent, done.fetched, done.left) == ("complete", 1, 3, 0)
        assert (here.subjects("luc"), here.taken()) == ({"0": 1, "1": 1, "2": 1}, {"to Grandma": 1})
        house.ledger.close()


@pytest.mark.parametrize(
    ("limits", "level", "what"),
    [
        (
            "max_minutes = 0.01",
            "fail",
            "a call without a letter takes about 1 s, and comes to its limit of 0.01 minutes",
        ),
        ("max_minutes = 5", "ok", "a call may last 300 s; then it comes to its limit of 5 minutes"),
        ('max_cost = "0.35"', "ok", "a call may last 180 s; then it comes to its limit of 0.35 EUR"),
    ],
)
async def test_limits_that_nothing_can_keep_are_found(tmp_path: Path, limits: str, level: str, what: str) -> None:
    """Before a call is made that carries nothing, and is paid."""
    async with town(tmp_path) as here:
        [found] = limit.look(opened(here, f"{TARIFF}[bill]\n{limits}\n"), NOW)
    assert (found.level, found.what.startswith(what)) == (level, True)


async def test_a_house_without_limits_hears_nothing_of_them(tmp_path: Path) -> None:
    """Most houses have none."""
    async with town(tmp_path) as here:
        assert list(limit.look(opened(here, TARIFF), NOW)) == []


async def test_a_call_that_is_late_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its grace the line comes down, whatever is on its way, and the reason is told."""
    monkeypatch.setattr(limit, "GRACE", -1000.0)
    async with town(tmp_path, [letter("luc@home.example", "late")]) as here:
        opened(here, TARIFF + "[bill]\nmax_minutes = 10\n")
        with pytest.raises(LineError, match=r"over its limit of 10 minutes, and was cut"):
            await here.run()
        assert isinstance(here.events[-1], Finished)


async def test_the_forecast_stands_in_the_statement(tmp_path: Path) -> None:
    """What was reckoned right before the call, and while it went on the same sums ten times a second."""
    async with town(tmp_path, [letter("luc@home.example", "hello", "x" * 3000)]) as here:
        house = opened(here, TARIFF)
        here.write("paul", "grandma@far.example", "to Grandma")
        ahead = forecast(house, NOW)
        done = await here.run(now=NOW)
        assert (done.forecast_seconds, done.forecast_cost) == (ahead.seconds, str(ahead.cost))
        assert runs.statements(house.ledger)[0].finished == done
        last = [event for event in here.events if isinstance(event, Reckoned)][-1]
        assert (last.cost, last.total, last.currency) == ("0.15", "0.15", "EUR")


async def test_each_pays_for_what_was_carried(tmp_path: Path) -> None:
    """By the bytes of letters, in the ledger and on the bill; the sum is what the call has cost."""
    async with town(tmp_path, [letter("luc@home.example", "long", "x" * 30_000)]) as here:
        house = opened(here, TARIFF)
        here.write("paul", "grandma@far.example", "to Grandma", "x" * 10_000)
        done = await here.run(now=NOW)
        [call] = bill(house, NOW).calls
        assert [part.member for part in call.parts] == ["luc", "paul", ""]
        assert sum(part.cost for part in call.parts) == Decimal(done.cost) == bill(house, NOW).month.cost
        assert [part.bytes_down > 29_000 for part in call.parts] == [True, False, False]
        assert [part.bytes_up > 9000 for part in call.parts] == [False, True, False]


async def test_months_add_up(tmp_path: Path) -> None:
    """Each month by itself, this one first though nothing was called yet; runs of older versions are the house's."""
    async with town(tmp_path) as here:
        house = opened(here, "")
    for cost, days in (("9.00", 500), ("4.00", 70), ("0.50", 31), ("2.00", 30)):
        paid(house, cost, days)
    found = bill(house, NOW)
    assert [(month.first.isoformat(), month.runs, month.cost) for month in found.months] == [
        ("2026-11-01", 0, Decimal("0.00")),
        ("2026-10-01", 2, Decimal("2.50")),
        ("2026-09-01", 1, Decimal("4.00")),
    ]
    assert [(part.member, part.cost) for part in found.months[1].parts] == [
        ("luc", Decimal("1.00")),
        ("", Decimal("1.50")),
    ]
    assert (found.calls, found.left, found.warning) == ((), None, "")
