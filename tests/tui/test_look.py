"""How the screens look; after a wanted change: ``pytest tests/tui/test_look.py --snapshot-update``."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.conftest import Open
from tests.tui.steps import press, settled
from tui.screens.pile import GLANCE
from tui.widgets.area import Area

LOOKS = [
    ("who", "", (80, 24), ()),
    ("mail", "paul", (60, 20), ()),
    ("mail", "paul", (80, 24), ()),
    ("mail", "paul", (120, 40), ()),
    ("mail", "paul", (160, 40), ("enter",)),
    ("letter", "paul", (80, 24), ("enter",)),
    ("compose", "paul", (80, 24), ("r",)),
    ("queue", "paul", (80, 24), ("2",)),
    ("queue", "paul", (120, 40), ("2",)),
    ("connection", "paul", (80, 24), ("3",)),
    ("connection", "paul", (120, 40), ("3",)),
    ("settings", "paul", (80, 24), ("4",)),
    ("settings", "paul", (120, 40), ("4",)),
    ("form", "paul", (80, 24), ("4", *("down",) * 12, "enter")),
    ("form", "paul", (120, 40), ("4", *("down",) * 14, "enter", "ctrl+t")),
    ("help", "paul", (80, 24), ("question_mark",)),
]
IDS = [f"{name}-{width}x{height}" for name, _, (width, height), _ in LOOKS]


@pytest.mark.parametrize(("name", "member", "size", "keys"), LOOKS, ids=IDS)
def test_the_screen_looks_as_it_did(
    snap_compare: object, screens: Open, name: str, member: str, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    """Pixel for pixel, or somebody wanted the change and looked at it."""

    async def lead(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await press(pilot, *keys)
        await pilot.pause(GLANCE * 2)
        await settled(pilot)
        for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(Area)):
            field.cursor_blink = False

    assert callable(snap_compare)
    assert snap_compare(screens(member), terminal_size=size, run_before=lead), name
