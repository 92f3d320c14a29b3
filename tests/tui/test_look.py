"""How the screens look; after a wanted change: ``pytest tests/tui/test_look.py --snapshot-update``."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.scenes import SCENES
from tui.theme import EVENING, PAPER, SIXTEEN

Look = tuple[str, tuple[int, int], str]
PHONE = (60, 20)


def looks() -> Iterator[Look]:
    """Each screen in three sizes, one of them on paper; what a telephone shows; and what 16 colours do."""
    for name in SCENES:
        yield name, (80, 24), EVENING.name
        yield name, (120, 40), PAPER.name
        yield name, (160, 45), EVENING.name
    for name in ("mail", "letter", "search", "compose", "queue", "run", "settings", "help"):
        yield name, PHONE, EVENING.name
    for name in ("mail", "run"):
        yield name, (80, 24), SIXTEEN.name


LOOKS = list(looks())
IDS = [f"{name}-{width}x{height}-{theme}" for name, (width, height), theme in LOOKS]


@pytest.mark.parametrize(("name", "size", "theme"), LOOKS, ids=IDS)
def test_the_screen_looks_as_it_did(
    snap_compare: object, tmp_path: Path, name: str, size: tuple[int, int], theme: str
) -> None:
    """Pixel for pixel, or somebody wanted the change and looked at it."""
    scene = SCENES[name]

    async def play(pilot: Pilot[int]) -> None:
        pilot.app.theme = theme
        await scene.play(pilot)

    assert callable(snap_compare)
    with scene.app(tmp_path) as app:
        assert snap_compare(app, terminal_size=size, run_before=play), name
