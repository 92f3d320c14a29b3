"""What the next run would be: from the queue, from earlier runs, and from the tariff."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.config import Line, Tariff
from core.events import Finished
from core.forecast import ENDS, LETTER, Forecast, carriage, forecast, learned, measure
from core.household import Household
from core.mail.departure import Departure
from core.open import open_household
from core.store import queue, runs, stubs
from core.store.runs import Measured, Statement
from core.store.stubs import Stub
from core.stub import ANSWERS
from core.submit import submit
from tests.flows.town import NOW, TOML

AHEAD = Forecast(0, 0, 0, 3.2, Decimal(0), "EUR", rate=8000, rate_down=16_000)
TARIFF = Tariff(per_call=Decimal("0.05"), per_minute=Decimal("0.10"))
LINE = Line(kind="modem", numbers=("0860",), rate=33_600)


@pytest.mark.parametrize(
    ("size", "seconds", "cost"),
    [(0, 0, "0.00"), (1000, 1, "0.01"), (60_000, 60, "0.10"), (90_000, 90, "0.15"), (2_400_000, 2400, "4.00")],
)
def test_so_many_bytes_take_so_long_and_cost_so_much(size: int, seconds: float, cost: str) -> None:
    """By the rate of the forecast, and the minutes' share of the tariff: the call itself is made anyway."""
    assert carriage(AHEAD, TARIFF, size) == (seconds, Decimal(cost))


def test_what_comes_has_a_rate_of_its_own_and_the_hour_a_price() -> None:
    """A line may be slower one way, and a minute cheaper by night."""
    night = Forecast(0, 0, 0, 3.2, Decimal(0), "EUR", rate=8000, rate_down=16_000, per_minute=Decimal("0.02"))
    assert carriage(night, TARIFF, 600_000, down=True) == (300, Decimal("0.10"))


def run(up: int, down: int, seconds: float, measured: Measured = runs.UNKNOWN, sent: int = 0) -> Statement:
    """A whole run that carried so much in so many seconds."""
    account = Finished("complete", sent=sent, bytes_up=up, bytes_down=down, seconds_online=seconds)
    return Statement(1, NOW, NOW, "0860", 0, 20.0, account, measured)


KNOWN = Measured(setup=5.0, up=8000, down=16_000)  # 1 kB/s up, 2 kB/s down


@pytest.mark.parametrize(
    ("past", "sends", "up", "down", "seconds"),
    [
        ([], True, 0, 0, 6.2),  # eight turns, and the link program
        ([], True, 0, 33_600, 6.2 + 10),  # ten bits of the line for a byte of mail
        ([run(1000, 40_000, 28.0, KNOWN)], False, 1000, 40_000, 28),
        ([run(1000, 40_000, 28.0, KNOWN)], False, 1000, 20_000, 18),
        ([run(1000, 40_000, 28.0, KNOWN)], False, 40_000, 20_000, 48),
        ([run(1000, 40_000, seconds, KNOWN) for seconds in (28.0, 29.0, 99.0)], False, 0, 40_000, 29),  # the median
        # calls that send take two seconds more, and those are looked at when there is something to send
        ([run(9000, 40_000, 30.0, KNOWN, sent=3), run(0, 40_000, 28.0, KNOWN)], True, 9000, 40_000, 30),
        ([run(9000, 40_000, 30.0, KNOWN, sent=3), run(0, 40_000, 28.0, KNOWN)], False, 0, 40_000, 28),
        # of older versions only the whole call is known
        ([run(1000, 40_000, 20.0)], False, 0, 80_000, 40),
        # too little to tell a rate, but it was no slower than this
        ([run(0, 9000, 1.0)], False, 0, 9000, 1),
    ],
)
def test_a_run_goes_as_earlier_ones_went(
    past: Sequence[Statement], sends: bool, up: int, down: int, seconds: float
) -> None:
    """What no letter explains is what a call takes anyway."""
    assert measure(past, LINE, sends=sends).seconds(up, down) == pytest.approx(seconds, abs=0.01)


def test_one_way_after_the_other_takes_both_times() -> None:
    """On a half-duplex line."""
    half = Line(kind="always", duplex="half")
    assert measure([run(8000, 16_000, 19.0, KNOWN)], half, sends=True).seconds(16_000, 32_000) == pytest.approx(35)


def test_a_rate_that_nobody_measured_is_not_learned() -> None:
    """The pace of a call is not built upon a guess."""
    assert [learned(past) for past in ([], [run(0, 900, 1.0)], [run(0, 20_000, 20.0, KNOWN)])] == [0, 0, 16_000]


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with a tariff by the hour."""
    path = tmp_path / "household.toml"
    night = '[[line.tariff.rules]]\nfrom = "20:00"\nto = "6:00"\nper_minute = "0.02"\n'
    path.write_text(TOML.format(pop=1, smtp=1, maildrop="") + '[line.tariff]\nper_minute = "0.10"\n' + night)
    path.chmod(0o600)
    return open_household(tmp_path)


def write(house: Household, departure: Departure = Departure()) -> int:  # noqa: B008 a frozen value
    """A letter for outside; its bytes on the line."""
    id_ = submit(house, b"To: grandma@far.example\n\nhello\n", "paul", None, NOW, departure=departure).id
    size = queue.get(house.ledger, id_).size
    return size + size // ENDS + LETTER


def came(house: Household, size: int, ago: timedelta) -> None:
    """A whole run, so long ago, that brought so much."""
    account = Finished("complete", bytes_down=size, seconds_online=10.0)
    when: datetime = NOW - ago
    runs.finish(house.ledger, runs.start(house.ledger, when), account, now=when, connecting=21.0)


def test_what_is_due_goes_out_and_as_much_comes_as_lately(house: Household) -> None:
    """Letters that are held or put off are not in it; of what comes, the median, and what people have asked for."""
    size = write(house)
    write(house, Departure(held=True))
    write(house, Departure(not_before=NOW + timedelta(hours=1)))
    for number, minutes in ((1000, 30), (3000, 20), (90_000, 10)):
        came(house, number, timedelta(minutes=minutes))
    stubs.add(house.ledger, [Stub(0, "isp", said, 9000, 8000, "", "", ("paul",), NOW, said) for said in ANSWERS])
    ahead = forecast(house, NOW)
    assert (ahead.messages_up, ahead.bytes_up, ahead.bytes_down) == (1, size, 3000 + 16_000)
    assert (ahead.known, ahead.connecting) == (True, 21.0)
    one_way = forecast(house, NOW, fetch=False)
    assert (one_way.messages_up, one_way.bytes_down) == (1, 0)
    assert forecast(house, NOW, send=False).messages_up == 0


@pytest.mark.parametrize(("hours", "bytes_down"), [(24, 10_000), (12, 5000), (48, 20_000), (1, 2000), (999, 40_000)])
def test_the_longer_ago_the_more_has_come(house: Household, hours: float, bytes_down: int) -> None:
    """In proportion to the time between calls, within bounds."""
    for day in range(4):
        came(house, 10_000, timedelta(hours=hours + 24 * (3 - day)))
    assert forecast(house, NOW).bytes_down == bytes_down


def test_a_cheaper_hour_is_told(house: Household) -> None:
    """From eight in the evening on a minute costs a fifth."""
    ahead = forecast(house, NOW)
    assert (ahead.cost, ahead.per_minute) == (Decimal("0.10"), Decimal("0.10"))
    assert ahead.cheaper_from is not None
    assert (ahead.cheaper_from.hour, ahead.cheaper_cost) == (20, Decimal("0.02"))
