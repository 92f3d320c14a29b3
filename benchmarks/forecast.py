"""How well a call is known before it is dialled, and once the lists have come: forecast and outcome, side by side.

    python benchmarks/forecast.py [--quick] [--runs N]

Calls over the make-believe modem and line of the rehearsal, each line with a house of its own that learns from its
first call; the calls after it are counted. Loads differ from call to call, as the post of a house does from day to day:
a forecast knows what goes out, and of what comes in only what came before. Beside it the rule of thumb, bytes x 10 /
rate, which is told the bytes that really travelled. Errors are medians of |forecast - outcome| / outcome. Runs take
real time: six minutes in all, with --quick some seconds.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from core.events import Event, Finished, Listed, Reckoned  # noqa: E402 (found through the line above)
from core.open import clock, open_household  # noqa: E402
from core.rehearsal.stage import Scene, stage  # noqa: E402
from core.run import run  # noqa: E402
from core.submit import submit  # noqa: E402
from core.world import world  # noqa: E402

GOAL = 0.10  # the median error of the forecast, at most
SPREAD = 0.15  # by which loads differ from what is usual
BITS = 10  # of the rule of thumb, for a byte
LETTER = "X-Original-To: Paul.Dupont@home.example\nFrom: grandma@far.example\nSubject: {}\n\n{}\n"


@dataclass(frozen=True, slots=True)
class Trip:
    """A line, and what a usual call over it carries: letters in and out, and the bytes of each."""

    name: str
    rate: int
    delay: float
    came: int
    sent: int
    size: int


TRIPS = (
    Trip("satellite, 2.4 kbit/s, 0.7 s", 2400, 0.7, 3, 1, 700),
    Trip("modem, 33.6 kbit/s, 0.1 s", 33_600, 0.1, 12, 4, 2500),
    Trip("modem, 33.6 kbit/s, 0.1 s, more out than in", 33_600, 0.1, 4, 8, 3500),
    Trip("modem, 56 kbit/s, 0.1 s, nothing out", 56_000, 0.1, 10, 0, 4000),
    Trip("mobile, 256 kbit/s, 0.3 s", 256_000, 0.3, 20, 8, 5000),
)
QUICK = (
    Trip("256 kbit/s, 0.05 s", 256_000, 0.05, 6, 2, 4000),
    Trip("loopback", 0, 0.0, 6, 2, 4000),
)


@dataclass(frozen=True, slots=True)
class Call:
    """Seconds of one call: before it, once the lists had come, by the rule of thumb, and as it was."""

    before: float
    listed: float
    thumb: float
    was: float


async def calls(trip: Trip, count: int, dice: random.Random) -> list[Call]:
    """The calls after the first one."""
    with tempfile.TemporaryDirectory(prefix="mailrun-forecast-") as folder:
        place = stage(Path(folder), rate=trip.rate, delay=trip.delay, dial_seconds=0.0, letters=[])
        async with place as scene:
            forget(scene)
            await call(scene, trip, dice)
            return [await call(scene, trip, dice) for _ in range(count)]


def forget(scene: Scene) -> None:
    """The calls that the rehearsal makes up for its house are none of this line's."""
    house = open_household(scene.folder)
    with house.ledger.transaction() as rows:
        rows.execute("DELETE FROM shares")
        rows.execute("DELETE FROM runs")
    house.ledger.close()


async def call(scene: Scene, trip: Trip, dice: random.Random) -> Call:
    """One call with a load of its day."""
    house, events, now = open_household(scene.folder), list[Event](), clock()
    for number in range(load(trip.came, dice)):
        scene.provider.box.add(LETTER.format(number, words(load(trip.size, dice), dice)).encode())
    for _ in range(load(trip.sent, dice)):
        message = f"To: grandma@far.example\nSubject: out\n\n{words(load(trip.size, dice), dice)}\n"
        submit(house, message.encode(), "paul", None, now)
    try:
        await run(house, world(house.config, scene.folder), events.append)
    finally:
        house.ledger.close()
    done = events[-1]
    assert isinstance(done, Finished)
    after = events[max(place for place, event in enumerate(events) if isinstance(event, Listed)) :]
    told = next(event for event in after if isinstance(event, Reckoned))
    carried = max(done.bytes_up, done.bytes_down)
    thumb = carried * BITS / trip.rate if trip.rate else 0.0
    return Call(done.forecast_seconds, told.seconds + told.left, thumb, done.seconds_online)


def load(usual: int, dice: random.Random) -> int:
    """As much as on some day."""
    return round(usual * dice.uniform(1 - SPREAD, 1 + SPREAD))


def words(size: int, dice: random.Random) -> str:
    """A text of so many bytes."""
    lines = ("".join(dice.choices("etaoin shrdlu", k=71)) for _ in range(size // 72 + 1))
    return "\n".join(lines)[:size]


def error(pairs: Sequence[tuple[float, float]]) -> float:
    """The median error of (forecast, outcome)."""
    return statistics.median(abs(forecast - was) / was for forecast, was in pairs)


def row(name: str, found: Sequence[Call]) -> str:
    """One line of the table."""
    seconds = statistics.median(call.was for call in found)
    errors = [error([(getattr(call, what), call.was) for call in found]) for what in ("before", "listed", "thumb")]
    return f"| {name} | {len(found)} | {seconds:.1f} | " + " | ".join(f"{one:.1%}" for one in errors) + " |"


def main() -> int:
    """Print the table; the status tells whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only fast lines: some seconds")
    parser.add_argument("--runs", type=int, default=0, help="calls that are counted on each line")
    given = parser.parse_args()
    dice, everything = random.Random(5), list[Call]()
    print("| line | calls | seconds (median) | before the call | once lists are there | rule of thumb |")
    print("|---|---|---|---|---|---|")
    for trip in QUICK if given.quick else TRIPS:
        found = asyncio.run(calls(trip, given.runs or (3 if given.quick else 6), dice))
        everything += found
        print(row(trip.name, found), flush=True)
    print(row("all", everything))
    return error([(call.before, call.was) for call in everything]) > GOAL


if __name__ == "__main__":
    sys.exit(main())
