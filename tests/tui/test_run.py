"""A whole run from the screens, against the rehearsal's modem and provider."""

from pathlib import Path

import pytest

from core import read, triage
from core.open import open_household
from core.rehearsal.stage import Scene, stage
from tests.tui.steps import WIDE, press, settled, shown, until
from tui.app import Mailrun
from tui.bridge import open_bridge
from tui.widgets.letters import Letters
from tui.widgets.tables import Tables

LETTER = b"From: Grandma <g@far.example>\nX-Original-To: paul@home.example\nSubject: %s\n\nHi\n"


def online(scene: Scene) -> bool:
    """Whether the call is being paid for."""
    return scene.modem.offhook


async def test_a_run_is_followed_and_its_letters_appear(tmp_path: Path) -> None:
    """F9 dials, both directions are shown, the new letter is in the list without a key, the cursor stays."""
    async with stage(tmp_path, rate=0, delay=0, dial_seconds=0.1, letters=[LETTER % b"Fresh from the line"]) as scene:
        app = Mailrun(open_bridge(tmp_path, "paul"))
        async with app.run_test(size=WIDE) as pilot:
            await settled(pilot)
            letters = app.screen.query_one(Letters)
            before, count = letters.current_key, len(letters.rows)
            await press(pilot, "f9")
            await until(pilot, lambda: len(letters.rows) == count + 1)
            await until(pilot, lambda: "Line is down.  No letters wait." in shown(pilot))

            assert letters.current_key == before
            assert "Fresh from the line" in shown(pilot)
            await press(pilot, "3")
            assert "complete" in shown(pilot)
            assert not online(scene)


async def test_f9_again_hangs_up(tmp_path: Path) -> None:
    """The same key ends a run; what was not carried waits."""
    async with stage(tmp_path, rate=1200, dial_seconds=0.1) as scene:
        app = Mailrun(open_bridge(tmp_path, "paul"))
        async with app.run_test(size=WIDE) as pilot:
            await settled(pilot)
            await press(pilot, "3")
            await pilot.press("f9")
            await until(pilot, lambda: "Hang up  F9" in shown(pilot) and "On the line" in shown(pilot))
            await pilot.press("f9")
            await until(pilot, lambda: "Line is down." in shown(pilot))
            await settled(pilot)

            assert not online(scene)
            assert "ended by hand" in shown(pilot)


async def test_quitting_on_the_line_asks_and_hangs_up(tmp_path: Path) -> None:
    """The screens are gone only when the line is down."""
    async with stage(tmp_path, rate=1200, dial_seconds=0.1) as scene:
        app = Mailrun(open_bridge(tmp_path, "paul"))
        async with app.run_test(size=WIDE) as pilot:
            await settled(pilot)
            await pilot.press("f9")
            await until(pilot, lambda: "On the line" in shown(pilot))
            await pilot.press("q")
            await until(pilot, lambda: "Hang up and quit?" in shown(pilot))
            await pilot.press("n")
            assert online(scene)

            await pilot.press("q")
            await until(pilot, lambda: "Hang up and quit?" in shown(pilot))
            await pilot.press("y")
            await until(pilot, lambda: app.return_code is not None)

        assert not online(scene)
        assert app.return_code == 0


async def crash(app: Mailrun) -> None:
    """On the line, something in the screens fails."""
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("f9")
        await until(pilot, lambda: "On the line" in shown(pilot))
        app.call_later(lambda: 1 // 0)
        await until(pilot, lambda: not app.is_running)


async def test_after_a_crash_of_the_screens_the_line_comes_down(tmp_path: Path) -> None:
    """The bill does not run on because a widget had a fault."""
    async with stage(tmp_path, rate=1200, dial_seconds=0.1) as scene:
        bridge = open_bridge(tmp_path, "paul")
        app = Mailrun(bridge)
        with pytest.raises(ZeroDivisionError):
            await crash(app)
        assert online(scene)
        await bridge.close()

        assert not online(scene)


async def test_a_changed_alias_takes_effect_at_the_next_letter(tmp_path: Path) -> None:
    """What was nobody's yesterday is everybody's today: the alias is made on the screen, and the run obeys it."""
    letter = b"From: Club <c@far.example>\nX-Original-To: rowers@home.example\nSubject: %s\n\nHi\n"
    async with stage(tmp_path, rate=0, delay=0, dial_seconds=0.1, letters=[letter % b"First"]) as scene:
        app = Mailrun(open_bridge(tmp_path, "paul"))
        async with app.run_test(size=WIDE) as pilot:
            await settled(pilot)
            await press(pilot, "f9")
            await until(pilot, lambda: not scene.provider.box.letters())
            await until(pilot, lambda: "Line is down." in shown(pilot))

            await press(pilot, "4")
            tables = app.screen.query_one(Tables)
            tables.cursor = [row.path for row in tables.rows].index(("aliases",))
            await settled(pilot)
            await press(pilot, "a", *"rowers", "enter", *"luc, mia", "enter")
            assert "1 letter would go elsewhere" in shown(pilot)
            await press(pilot, "y")

            scene.provider.box.add(letter % b"Second")
            await press(pilot, "f9")
            await until(pilot, lambda: not scene.provider.box.letters())
            await until(pilot, lambda: "Line is down." in shown(pilot))
            await settled(pilot)

    house = open_household(tmp_path)
    assert [row.subject for row in triage.unclaimed(house)] == ["First"]
    assert ["Second" in [row.subject for row in read.rows(house, who)] for who in ("luc", "mia", "paul")] == [
        *(True, True, False)
    ]
