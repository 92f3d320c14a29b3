import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from core.household import Household
from core.learn import Learned
from core.store import index
from tests.tui.conftest import Open
from tests.tui.steps import SIZE, press, static, until
from tui import ahead
from tui.learner import learn
from tui.messages import Learning
from tui.widgets.gauge import bar
from tui.widgets.letters import Letters


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, house: Household) -> Household:
    """Every folder counts as one that takes its time, and nobody has looked at any."""
    monkeypatch.setattr(index, "LARGE", 0)
    monkeypatch.setattr(index, "_TAIL", 2500)
    house.box("paul", index.NAME).unlink(missing_ok=True)
    return house


async def test_of_a_large_folder_the_newest_letters_are_there_first(screens: Open, large: Household) -> None:
    """They can be read and marked; a process of its own learns the others, which come when all are known."""
    async with screens().run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(pilot.app.screen.query_one(Letters).rows))
        here = pilot.app.screen.query_one(Letters).current_key
        await until(pilot, lambda: "9 letters" in static(pilot, "#where"))

        assert pilot.app.screen.query_one(Letters).current_key == here
        await press(pilot, "q")
    assert index.view(large.box("paul"), trust=True).sure


async def test_how_far_it_is_is_shown_on_one_line(
    screens: Open, large: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While only the newest letters are there; without that process they are all that is shown."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    async with screens().run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "the newest" in static(pilot, "#where"))
        pilot.app.screen.post_message(Learning(Learned("inbox", "letters", 300, 1000)))
        await pilot.pause()

        assert static(pilot, "#where").endswith(" unread   ━━━━━━──────────────  30 %")
    assert index.unbuilt(large.box("paul"))


async def test_the_process_ends_with_who_wanted_it(house: Household) -> None:
    """However far it is."""
    boxes = house.box("paul").parent
    process = ahead.start(boxes, "inbox")
    told = asyncio.Event()
    task = asyncio.create_task(learn(boxes, "inbox", lambda _: told.set(), process))
    await told.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert process.returncode is not None


async def test_where_there_can_be_no_process_nothing_is_learned(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing fails."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    told: list[Learned] = []

    await learn(house.box("paul").parent, "inbox", told.append)

    assert told == []


def test_only_a_large_inbox_that_nobody_has_looked_at_is_read_ahead(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screens of all others are there as soon."""
    started: list[tuple[Path, str]] = []
    monkeypatch.setattr(ahead, "start", lambda boxes, folder: started.append((boxes, folder)))
    ahead.early(house.folder, "paul")
    monkeypatch.setattr(ahead, "_LARGE", 0)
    ahead.early(house.folder, "nobody")
    assert started == []

    ahead.early(house.folder, "paul")
    index.update(house.box("paul"))
    ahead.early(house.folder, "paul")

    assert started == [(house.box("paul").parent, "inbox")]


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [(0, 0, "──────────   0 %"), (1, 2, "━━━━━─────  50 %"), (7, 7, "━━━━━━━━━━ 100 %")],
)
def test_a_bar_tells_how_much_is_done(done: int, total: int, text: str) -> None:
    """In cells and in per cent."""
    assert bar(done, total, 10) == text
