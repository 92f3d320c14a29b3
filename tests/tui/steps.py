"""What a person does at the screens, for the tests: press keys, wait for answers, read what is shown."""

from collections.abc import Callable
from contextlib import suppress

from textual.pilot import Pilot
from textual.widgets import Static
from textual.worker import WorkerCancelled

SIZE = (80, 24)
WIDE = (120, 40)


async def settled(pilot: Pilot[int]) -> None:
    """Every question to the bridge is answered, and the answers are on the screen."""
    await pilot.pause()
    while workers := [worker for worker in pilot.app.workers if worker.group in ("verbs", "look", "trials", "beside")]:
        with suppress(WorkerCancelled):  # a newer look at how things stand has ended it
            await pilot.app.workers.wait_for_complete(workers)
        await pilot.pause()
    await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys, each when the one before has had its effect."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def typed(pilot: Pilot[int], text: str) -> None:
    """Type a text into what has the focus."""
    await pilot.press(*text)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait for something that a timer brings about."""
    for _ in range(500):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not come about in ten seconds")


def shown(pilot: Pilot[int]) -> str:
    """The text on the screen."""
    screen = pilot.app.screen
    width, height = screen.size
    strips = screen._compositor.render_strips()  # what is drawn, as the terminal gets it
    assert len(strips) == height
    return "\n".join(strip.text[:width].rstrip() for strip in strips)


def static(pilot: Pilot[int], selector: str) -> str:
    """What one label says."""
    return str(pilot.app.screen.query_one(selector, Static).content)
