"""How long a call takes, moved on by its events; ``at`` stands in for every clock."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Connected, Event, Fetched, HungUp, Listed, Progress, Sending
from core.reckoning import REPLIES, Measure, Reckoning, Way, rate

HOW = Measure(setup=4.0, tail=2.0, up=8000, down=16_000)  # 1 kB/s up, 2 kB/s down
CAME = Fetched("isp", "1", 1, ("paul",), "envelope", "", "")


def told(*events: tuple[float, Event], how: Measure = HOW, up: float = 3000, down: float = 10_000) -> Reckoning:
    """After these events, each at its time."""
    now = Reckoning(how, Way(up), Way(down))
    for at, event in events:
        now = now.after(event, at)
    return now


UP = (10.0, Connected("0860", 33600, online=1.0))  # paid since 9.0
LISTED = (12.0, Listed("isp", 2, 20_000))
TOTAL = 20_000 + 2 * REPLIES


@pytest.mark.parametrize(
    ("up", "down", "half", "seconds"),
    [
        (0, 0, False, 6),
        (1000, 0, False, 7),
        (1000, 20_000, False, 16),
        (20_000, 20_000, False, 26),
        (1000, 20_000, True, 17),
    ],
)
def test_a_call_lasts_as_long_as_its_longer_way(up: int, down: int, half: bool, seconds: float) -> None:
    """Both ways at once; one after the other on a half-duplex line."""
    assert Measure(4.0, 2.0, 8000, 16_000, half).seconds(up, down) == seconds


@pytest.mark.parametrize(
    ("events", "at", "seconds", "left"),
    [
        ([], 5.0, 0, 11),  # not connected: as forecast, 4 + 10 kB / 2 kB/s + 2
        ([UP], 10.0, 1, 10),
        ([UP], 20.0, 11, 7),  # late, but what is to be carried is not less for it
        ([UP, LISTED], 12.0, 3, 1 + TOTAL / 2000 + 2),  # the list tells more than the guess
        ([UP, (12.0, Listed("isp", 0, 0))], 12.0, 3, 1 + 3 + 2),  # nothing comes, three letters' seconds to send
        ([UP, LISTED, (13.0, Progress("down", 1000, 0))], 13.0, 4, (TOTAL - 1000) / 2000 + 2),
        ([UP, LISTED, (13.0, CAME), (14.0, CAME)], 14.0, 5, 3 + 2),  # the last letter has come, whatever the list said
        ([UP, LISTED, (40.0, HungUp(30.0))], 40.0, 31, 0),
    ],
)
def test_what_is_left_is_known_at_any_time(
    events: list[tuple[float, Event]], at: float, seconds: float, left: float
) -> None:
    """Before the line is up, until the lists are there, while letters flow, and when it is down."""
    now = told(*events)
    assert now.seconds(at) == pytest.approx(seconds)
    assert now.left(at) == pytest.approx(left)


def test_a_slower_line_is_noticed_and_a_stalled_one_too() -> None:
    """The rate of this call counts more with each second."""
    early = told(UP, LISTED, (13.0, Progress("down", 100, 0)), (14.0, Progress("down", 1100, 0)), up=0)
    late = told(UP, LISTED, (13.0, Progress("down", 100, 0)), (23.0, Progress("down", 10_100, 0)), up=0)
    assert (TOTAL - 1100) / 2000 + 2 < early.left(14.0) < (TOTAL - 1100) / 1000 + 2
    assert late.left(23.0) == pytest.approx((TOTAL - 10_100) / 1231 + 2, rel=0.01)  # 13 s: 3 at 2 kB/s, 10 at 1 kB/s
    assert late.left(33.0) > late.left(23.0) * 1.5


def test_a_steady_line_counts_down() -> None:
    """At the expected rate, what is left and what has passed are always the same sum."""
    now, sums = told(UP, LISTED, up=0), []
    for tenth in range(1, 95):
        now = now.after(Progress("down", 200 * tenth, 0), 13 + tenth / 10)
        sums.append(now.seconds(13 + tenth / 10) + now.left(13 + tenth / 10))
    assert max(sums) - min(sums) < 0.2


def test_the_tail_is_counted_down_too() -> None:
    """When nothing more is to come, what is left is the goodbye, and never less than nothing."""
    now = told(UP, LISTED, (13.0, Progress("down", 99_000, 0)), up=0)
    assert [now.left(at) for at in (13.0, 14.0, 20.0)] == [2, 1, 0]


def test_letters_flow_once_they_are_known_and_move() -> None:
    """The bytes of a login are no letters."""
    before = told(UP, (11.0, Progress("down", 500, 0)), (11.0, Progress("up", 90, 0)))
    after = before.after(LISTED[1], 12.0).after(Progress("down", 900, 0), 13.5)
    assert (before.setup, before.flowing) == (0, math.inf)
    assert (after.setup, after.flowing, after.down.base) == (4.5, 13.5, 900)
    assert told(UP, (11.0, Sending("a", 1, 1, 3000)), (11.5, Progress("up", 9, 0))).setup == 2.5


@given(st.lists(st.tuples(st.floats(0.05, 10), st.integers(0, 5000)), min_size=2, max_size=30))
def test_a_rate_is_between_the_slowest_and_the_fastest(steps: list[tuple[float, int]]) -> None:
    """Between two samples nothing is guessed: the rate is one that was there."""
    samples, at, size = [(0.0, 0)], 0.0, 0
    for seconds, more in steps:
        at, size = at + seconds, size + more
        samples.append((at, size))
    rates = [8 * more / seconds for seconds, more in steps]
    assert min(rates) * 0.99 <= rate(samples) <= max(rates) * 1.01


@pytest.mark.parametrize(("samples", "bits"), [([], 0), ([(1.0, 5)], 0), ([(0.0, 5), (9.0, 5)], 0)])
def test_where_nothing_moved_there_is_no_rate(samples: list[tuple[float, int]], bits: float) -> None:
    """Rather than a division by nothing."""
    assert rate(samples) == bits
