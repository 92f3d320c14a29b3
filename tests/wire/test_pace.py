"""How the two directions share a line."""

import pytest

from core.wire.pace import FREE, Pace, hurried, plan


@pytest.mark.parametrize(
    ("rate", "turn", "pace"),
    [
        (33_600, 0.24, Pace(2940, 18_802, 20_480)),  # a modem: a dozen full packets, five seconds of the line
        (2_400, 1.7, Pace(210, 6221, 6600)),  # a satellite telephone: a dozen of its small packets
        (256_000, 0.6, Pace(22_400, 37_800, 24_000)),  # a dish: what the line has in flight, and a quarter more
        (64_000, 0.0, Pace(5600, 22_470, 20_480)),  # turns that nobody has measured are as a satellite's
        (0, 0.6, FREE),  # nothing is known
        (10_000_000, 0.03, FREE),  # nothing is won
    ],
)
def test_pace_of_a_line(rate: int, turn: float, pace: Pace) -> None:
    """What goes up gets seven tenths of the rate, and as much is on its way as the line holds, and a little more."""
    assert plan(rate, turn) == pace


def test_answers_do_not_wait_behind_what_comes() -> None:
    """Where each letter waits for an answer, less is on its way down; a line that holds more itself is kept busy."""
    assert plan(33_600, 0.24, waiting=True) == Pace(2940, 6258, 6144)
    assert plan(2_400, 1.7, waiting=True) == Pace(210, 4096, 3072)
    assert plan(256_000, 0.6, waiting=True) == plan(256_000, 0.6)


@pytest.mark.parametrize(
    ("up", "down", "rate"),
    [
        (146_000, 319_000, 2940),  # the letters have left long before the others have come
        (80_000, 100_000, 3696),  # at the usual pace they would leave last
        (146_000, 60_000, 4200),  # they are what the call lasts for
        (1000, 0, 4200),  # nothing comes that would have to be spared
    ],
)
def test_letters_hurry_where_the_call_waits_for_them(up: int, down: int, rate: int) -> None:
    """Letters leave so fast that they are answered when the others have come, but no faster than the line carries."""
    usual = plan(33_600, 0.24)

    assert hurried(usual, 33_600, up, down) == Pace(rate, usual.sending, usual.receiving)


def test_a_free_line_is_never_held() -> None:
    """Where no rate is known there is no pace to reckon."""
    assert hurried(FREE, 0, 1000, 1000) == FREE
