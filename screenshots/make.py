"""Make the pictures of the screens: ``python screenshots/make.py`` writes an SVG and a PNG of each beside this file.

The house is that of the tests, so the pictures cannot go stale; rsvg-convert (Debian: librsvg2-bin) makes the PNGs.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from core.events import Connected, Dialing, Fetched, Listed, Modem, Outgone  # noqa: E402 - found by the line above
from core.household import Household  # noqa: E402
from tests.tui.house import NOW, build, returned, strays  # noqa: E402
from tests.tui.steps import press, settled  # noqa: E402
from tui.app import Mailrun  # noqa: E402
from tui.bridge import Bridge  # noqa: E402
from tui.messages import Told  # noqa: E402
from tui.screens.pile import GLANCE  # noqa: E402
from tui.theme import EVENING, PAPER  # noqa: E402
from tui.widgets.call import Call, Way  # noqa: E402


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen: its file name, its size in cells, the keys that lead to it, who sits there, the theme."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    member: str = "paul"
    theme: str = EVENING.name
    call: Call | None = None
    more: Callable[[Household], None] | None = None  # what else happened in the house


RUN = Call("up", "0860123456", 1, 33600, 0.0, Way(28_000, 41_000, 2, 3), Way(36_000, 96_000, 9, 14))
TOLD = (
    Dialing("0860123456", 1),
    Modem("ATDT0860123456", sent=True),
    Modem("CONNECT 33600/ARQ/V34/LAPM/V42BIS"),
    Connected("0860123456", 33600, "ppp0", "192.0.2.17", 2.4),
    Listed("isp", 14, 96_000),
    Outgone("a1", "grandma@far.example", "sent", "250 2.0.0 taken"),
    Fetched("isp", "u1", 3000, ("paul",), "envelope", "office@school.example", "Timetable"),
)
PICTURES = (
    Picture("who", (80, 24), member=""),
    Picture("mail", (120, 30)),
    Picture("mail-narrow", (80, 24)),
    Picture("mail-wide", (160, 40), ("enter",)),
    Picture("mail-light", (120, 30), theme=PAPER.name),
    Picture("letter-narrow", (80, 24), ("enter",)),
    Picture("compose", (100, 30), ("r",)),
    Picture("queue", (100, 30), ("2",)),
    Picture("connection", (100, 30), ("3",)),
    Picture("run", (100, 30), ("3",), call=RUN),
    Picture("settings", (120, 30), ("4",)),
    Picture("form", (80, 24), ("4", *("down",) * 12, "enter")),
    Picture("form-wide", (120, 40), ("4", *("down",) * 14, "enter", "ctrl+t")),
    Picture("triage", (120, 30), ("y", *("down",) * 5, "enter", "home"), more=strays),
    Picture("always", (80, 24), ("y", *("down",) * 5, "enter", "home", "T", "down", "enter", "enter"), more=strays),
    Picture("returned", (120, 30), ("y", "down", "down", "enter", "end", "enter"), more=returned),
    Picture("help", (100, 40), ("question_mark",)),
)


async def svg(picture: Picture) -> str:
    """One screen of a new house, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        house = build(Path(folder))
        if picture.more is not None:
            picture.more(house)
        bridge = Bridge(house, picture.member, now=lambda: NOW)
        app = Mailrun(bridge)
        async with app.run_test(size=picture.size) as pilot:
            app.theme = picture.theme
            await settled(pilot)
            await press(pilot, *picture.keys)
            if picture.call is not None:
                bridge.call = replace(picture.call, since=time.monotonic() - 12.5)
                for event in TOLD:
                    app.screen.post_message(Told(event))
            await pilot.pause(GLANCE * 2)
            await settled(pilot)
            drawn = app.export_screenshot()
    # Without this, rsvg-convert drops the spaces at the beginning of a text.
    return drawn.replace("<svg ", '<svg xml:space="preserve" ', 1)


def main() -> None:
    """All of them, or those that are named on the command line."""
    convert = shutil.which("rsvg-convert")
    for picture in PICTURES:
        if len(sys.argv) > 1 and picture.name not in sys.argv[1:]:
            continue
        path = HERE / f"{picture.name}.svg"
        path.write_text(asyncio.run(svg(picture)), encoding="utf-8")
        if convert is None:
            print(f"{path.name}; no PNG, because there is no rsvg-convert (Debian: apt install librsvg2-bin)")
        else:
            subprocess.run([convert, "-o", path.with_suffix(".png"), path], check=True)  # noqa: S603 - our own file
            print(path.name)


if __name__ == "__main__":
    main()
