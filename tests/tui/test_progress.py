from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import Mock, patch

import pytest

from core.events import Connected, Progress, Reckoned
from core.household import Household
from tests.tui.conftest import Open
from tests.tui.steps import WIDE, press, settled
from tui.bridge import Bridge
from tui.widgets.bars import Standing
from tui.widgets.call import Call, toll
from tui.widgets.gauge import CHART, charts, draw
from tui.widgets.meter import Meter
from tui.widgets.spark import spark
from tui.widgets.way import KEPT, MORE, STEP, Way
from tui.widgets.words import soon


def through(*passed: int, total: int = 100_000) -> Way:
    """A way after so many bytes in each second from 100 on, told of ten times a second."""
    way, done = Way(0, total, 2, 3), 0
    for second, count in enumerate(passed):
        for tenth in range(10):
            way = way.moved(done + count * tenth // 10, total, 100 + second + tenth / 10)
        done += count
    return way.moved(done, total, 100.0 + len(passed))


def test_the_rate_is_that_of_the_last_seconds() -> None:
    """A call that was slow for a minute and is quick now is quick, and one that stands still does not move."""
    way = through(*[100] * 60, *[3000] * 10)

    assert way.rate(170.0) == pytest.approx(3000, rel=0.02)
    assert way.rate(173.0) == pytest.approx(1500, rel=0.05)
    assert way.rate(190.0) == 0
    assert Way(500, 900, marks=((100.0, 500),)).rate(100.5) == 0


def test_the_time_left_goes_by_that_rate() -> None:
    """What is not known is not said; what is done is done."""
    assert through(*[1000] * 20, total=50_000).left(120.0) == pytest.approx(30, rel=0.02)
    assert through(0, 0, 0).left(103.0) is None
    assert through(1000, total=1000).left(101.0) == 0
    assert Way().left(100.0) is None


def test_only_the_last_minute_is_remembered() -> None:
    """However long the call, and however often it is told of."""
    way = through(*[1000] * 300)

    assert len(way.marks) <= (KEPT + MORE) / STEP + 2
    assert way.pulse(400.0, 20) == pytest.approx([1000] * 20, rel=0.01)


def test_the_chart_stands_still_between_two_of_its_parts() -> None:
    """Otherwise every column would change its height at every look."""
    way = through(*range(0, 6000, 100))
    later = way.moved(way.done + 50, way.total, 160.9)

    assert way.pulse(160.0, 20) == later.pulse(160.9, 20)
    assert list(way.pulse(160.0, 20)) == sorted(way.pulse(160.0, 20))


@pytest.mark.parametrize(
    ("values", "top", "text"),
    [
        ((), 0, ""),
        ((0, 1, 2, 4, 8), 0, " ▂▃▅█"),
        ((1, 2), 8, "▂▃"),
        ((0, 0), 0, "  "),
    ],
)
def test_numbers_become_blocks(values: tuple[int, ...], top: int, text: str) -> None:
    """As high as their part of the greatest; nothing has no height."""
    assert spark(values, top) == text


@pytest.mark.parametrize("width", [50, 58, 76, 116, 156])
def test_a_line_of_progress_fits_any_terminal(width: int) -> None:
    """Letters, bytes and the time left are always there; the rate and the chart where there is room."""
    way = through(*[2900] * 20)
    it = draw("in", way, 120.0, charts(Way(), way, 120.0)[1], width)
    line = it.head + "━" * it.bar + it.tail + it.chart

    assert "2 of 3" in line
    assert "58 of 100 kB" in line
    assert "0:14 left" in line
    assert ("2.9 kB/s" in line) == (width >= 70)
    assert bool(it.chart) == (width >= 96)
    assert len(line) <= width
    assert it.full == pytest.approx(0.58, abs=0.1)
    assert len(it.chart.strip()) <= CHART


def test_what_is_not_known_yet_is_no_number() -> None:
    """Before anything is listed there is an empty bar and a word."""
    it = draw("in", Way(), 100.0, "", 80)

    assert (it.full, it.head.strip(), it.tail.strip(), it.chart) == (0.0, "in", "", "")


def test_the_toll_says_what_is_left_and_what_it_costs() -> None:
    """A line that costs nothing has no money in it."""
    reckoned = Reckoned(48.0, "0.06", 21.4, "0.07", "EUR")

    assert toll(reckoned) == "0:21 left, 0.06 EUR so far, 0.07 EUR at the end"
    assert toll(reckoned, brief=True) == "0:21 left, 0.06 of 0.07 EUR"
    assert toll(Reckoned(48.0, "0.00", 0.2, "0.00", "EUR")) == "nearly done"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (datetime(2026, 11, 20, 22, 0, tzinfo=UTC), "22:00"),
        (datetime(2026, 11, 21, 6, 5, tzinfo=UTC), "tomorrow 6:05"),
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), "Mon 6:00"),
        (datetime(2026, 12, 3, 6, 0, tzinfo=UTC), "3 Dec 6:00"),
    ],
)
def test_times_to_come_are_said_as_people_say_them(when: datetime, words: str) -> None:
    """No more of the date than is needed."""
    assert soon(when, datetime(2026, 11, 20, 18, 30, tzinfo=UTC)) == words


async def test_only_what_looks_different_is_drawn(screens: Open) -> None:
    """The status line once a second, a meter where a number of it has changed; no event of progress goes round."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        screen = pilot.app.screen
        standing, meter = screen.query_one(Standing), screen.query_one("#into", Meter)
        call = Call("up", "0860", 1, 33600, 100.0, into=through(2000, 2000, total=100_500))
        screen.query_one("#meters").display = True
        meter.show(call.into, 103.0, "")
        standing.show(call, None, 103.0, "")
        await settled(pilot)
        with patch.object(standing, "refresh") as line, patch.object(meter, "refresh") as bar:
            for at in (103.2, 103.4, 103.9, 104.0):
                standing.show(call, None, at, "")
                meter.show(replace(call.into, done=call.into.done + 1), min(at, 103.9), "")

        assert (line.call_count, bar.call_count) == (1, 0)


def test_how_far_a_run_is_goes_to_no_screen(house: Household) -> None:
    """It is the bridge's to know, and everybody's to look at."""
    bridge, listener = Bridge(house, "paul"), Mock()
    bridge.listen(listener)
    for event in (Connected("0860", 33600), Progress("up", 500, 900), Reckoned(1.0, "0.06", 20.0, "0.07", "EUR")):
        bridge._emit(event)

    assert listener.post_message.call_count == 1
    assert (bridge.call.out.done, bridge.call.reckoned and bridge.call.reckoned.left) == (500, 20.0)
