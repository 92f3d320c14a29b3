from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from core import read
from core.household import Household
from core.store import queue, runs
from tests.tui.conftest import Open
from tests.tui.steps import SIZE, press, settled, shown, typed, until

KEYS = {"Enter": "enter", "Esc": "escape", "Space": "space", "/": "slash", "F9": "f9"}


async def take(pilot: Pilot[int], hint: str) -> None:
    """Press a key that stands on the line of keys, with the word behind it."""
    line = shown(pilot).splitlines()[-2]
    assert f" {hint} " in f"{line} ", shown(pilot)
    key = hint.split(maxsplit=1)[0]
    await press(pilot, f"ctrl+{key[1:].lower()}" if key[0] == "^" else KEYS.get(key, key))


async def test_a_newcomer_presses_only_what_the_screen_shows(screens: Open, house: Household, tmp_path: Path) -> None:
    """Read, answer with a picture, file, find a letter of last year, dial, quit: on 80 by 24 every key is there."""
    picture = tmp_path / "plum.jpg"
    picture.write_bytes(b"\xff\xd8" + bytes(2000))
    before = len(runs.statements(house.ledger))
    app = screens()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await take(pilot, "Enter Open")
        await take(pilot, "Space More")
        await take(pilot, "r Reply")
        await take(pilot, "^T Attach")
        path = app.screen.query_one(Input)
        path.value = str(picture)
        path.focus()
        await press(pilot, "enter")
        await take(pilot, "^S Send")
        assert len(queue.pending(house.ledger)) == 5, shown(pilot)

        await take(pilot, "s Move")
        assert "Enter: choose" in shown(pilot)
        await press(pilot, "enter")
        assert len(read.rows(house, "paul")) == 8

        await take(pilot, "Esc Back")
        await take(pilot, "/ Search")
        await typed(pilot, "before:2026")
        await take(pilot, "Enter To the list")
        await take(pilot, "Enter Open")
        assert "The key is under the blue pot" in shown(pilot)
        await take(pilot, "Esc Back")
        await take(pilot, "Esc Back")

        await take(pilot, "F9 Run")
        await until(pilot, lambda: len(runs.statements(house.ledger)) > before and "Line is down." in shown(pilot))
        await take(pilot, "q Quit")
    assert app.return_code == 0
