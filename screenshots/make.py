"""Make the pictures of the screens: ``python screenshots/make.py`` writes an SVG and a PNG of each beside this file.

The scenes are those of the tests, so the pictures cannot go stale; rsvg-convert (Debian: librsvg2-bin) makes the PNGs.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.tui.scenes import SCENES  # noqa: E402 - found by the line above
from tui.theme import EVENING, PAPER, SIXTEEN  # noqa: E402


@dataclass(frozen=True, slots=True)
class Picture:
    """One scene: which, its size in cells, the theme."""

    scene: str
    size: tuple[int, int] = (100, 30)
    theme: str = EVENING.name


PICTURES: Mapping[str, Picture] = {
    "guide": Picture("guide", (80, 24)),
    "who": Picture("who", (80, 24)),
    "mail": Picture("mail", (120, 30)),
    "mail-narrow": Picture("mail", (80, 24)),
    "mail-phone": Picture("mail", (60, 20)),
    "mail-wide": Picture("page", (160, 40)),
    "mail-light": Picture("mail", (120, 30), PAPER.name),
    "mail-sixteen": Picture("mail", (80, 24), SIXTEEN.name),
    "threads": Picture("threads", (120, 30)),
    "letter-narrow": Picture("letter", (80, 24)),
    "invitation": Picture("invitation", (80, 24)),
    "attached": Picture("attached", (120, 30)),
    "search": Picture("search", (120, 30)),
    "rule": Picture("rule", (120, 30)),
    "compose": Picture("compose"),
    "queue": Picture("queue"),
    "connection": Picture("connection"),
    "run": Picture("run"),
    "big": Picture("big", (100, 28)),
    "bill": Picture("bill", (100, 28)),
    "stubs": Picture("stubs", (80, 24)),
    "settings": Picture("settings", (120, 30)),
    "rules": Picture("rules", (120, 30)),
    "form": Picture("form", (80, 24)),
    "form-wide": Picture("form", (120, 40)),
    "triage": Picture("triage", (120, 30)),
    "always": Picture("always", (80, 24)),
    "returned": Picture("returned", (120, 30)),
    "help": Picture("help", (120, 40)),
}


async def svg(picture: Picture) -> str:
    """One screen of a new house, as SVG."""
    scene = SCENES[picture.scene]
    with tempfile.TemporaryDirectory() as folder, scene.app(Path(folder)) as app:
        async with app.run_test(size=picture.size) as pilot:
            app.theme = picture.theme
            await scene.play(pilot)
            drawn = app.export_screenshot()
    # Without this, rsvg-convert drops the spaces at the beginning of a text.
    return drawn.replace("<svg ", '<svg xml:space="preserve" ', 1)


def main() -> None:
    """All of them, or those that are named on the command line."""
    convert = shutil.which("rsvg-convert")
    for name, picture in PICTURES.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        path = HERE / f"{name}.svg"
        path.write_text(asyncio.run(svg(picture)), encoding="utf-8")
        if convert is None:
            print(f"{path.name}; no PNG, because there is no rsvg-convert (Debian: apt install librsvg2-bin)")
        else:
            subprocess.run([convert, "-o", path.with_suffix(".png"), path], check=True)  # noqa: S603 - our own file
            print(path.name)


if __name__ == "__main__":
    main()
