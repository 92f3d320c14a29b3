import re
from itertools import product

import pytest
from textual.color import Color
from textual.theme import Theme

from core.config import FILE, load
from core.household import Household
from tests.tui.conftest import Open
from tests.tui.house import NOW
from tests.tui.steps import SIZE, press, settled, shown
from tests.tui.terminal import terminal
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.theme import EVENING, PAPER, SIXTEEN, fitting


def light(color: str) -> float:
    """Relative luminance, as WCAG 2.1 has it."""
    parts = [part / 255 for part in Color.parse(color).rgb]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.1 has it."""
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [EVENING, PAPER], ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    """WCAG AA wants a contrast of 4.5 for text; on the cursor's row and in dialogs too."""
    texts = [theme.foreground, theme.primary, theme.warning, theme.error, theme.success]
    texts += [theme.variables[name] for name in ("quiet", "quote", "deeper")]
    grounds = [theme.background, theme.panel, theme.variables["cursor"]]
    poor = [(t, g) for t, g in product(texts, grounds) if contrast(str(t), str(g)) < 4.5]

    assert poor == []
    assert contrast(str(theme.background), theme.primary) >= 4.5


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({"TERM": "linux"}, SIXTEEN),
        ({"TERM": "xterm"}, SIXTEEN),
        ({"TERM": "vt100"}, SIXTEEN),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, EVENING),
        ({"TERM": "xterm-256color"}, EVENING),
        ({"TERM": "tmux-256color", "NO_COLOR": "1"}, SIXTEEN),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, SIXTEEN),
    ],
)
def test_the_terminal_gets_colours_that_it_has(environ: dict[str, str], theme: Theme) -> None:
    """Sixteen where it has no more, or where nobody wants any."""
    assert fitting(environ) is theme


async def test_every_theme_of_textual_can_be_worn(screens: Open) -> None:
    """Ours add what the others lack, so none of them breaks the look."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        for name in pilot.app.available_themes:
            pilot.app.theme = name
            await pilot.pause()
        assert "The garden after the storm" in shown(pilot)


async def test_chosen_colours_are_kept_for_the_member(house: Household) -> None:
    """They are in household.toml, and are worn when that member sits down again; others keep theirs."""
    async with Mailrun(Bridge(house, "paul", now=lambda: NOW)).run_test(size=SIZE) as pilot:
        await settled(pilot)
        pilot.app.theme = PAPER.name
        await settled(pilot)
        assert load(house.folder / FILE).members["paul"].theme == "paper"

        await press(pilot, "at", "j", "enter")
        assert pilot.app.theme == EVENING.name
        await press(pilot, "at", "enter")
        assert pilot.app.theme == PAPER.name
        assert load(house.folder / FILE).members["luc"].theme == ""


@pytest.mark.parametrize(
    ("environ", "colours"),
    [({"NO_COLOR": "1"}, r"[34]8;[25];|[349][0-7]"), ({}, r"[34]8;[25];")],
    ids=["no colour", "16 colours"],
)
def test_a_terminal_is_sent_no_other_colours(house: Household, environ: dict[str, str], colours: str) -> None:
    """With 16 colours nothing of 256 or more is written; with NO_COLOR nothing but the terminal's default."""
    few = {"TERM": "xterm", "COLORTERM": "", **environ}
    with terminal(["-m", "tui", "--household", str(house.folder), "--as", "paul"], env=few) as screen:
        screen.wait_for("The garden after")
        screen.press("\r")
        screen.wait_for("> Is the roof")
        screen.press("qq")
        assert screen.end() == 0

        sent = re.findall(rf"\x1b\[(?:[\d;]*;)?(?:{colours})[\d;]*m", screen.seen.decode())
        assert sent == []
        assert re.search(rb"[;\[]7[;m]", screen.seen)
