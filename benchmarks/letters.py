"""How long a letter takes: read, taken apart, and laid out for the reader; answered; its files decoded.

    python benchmarks/letters.py [--quick] FOLDER

FOLDER holds letters as .eml files, below it at any depth: real ones, the odder the better. Timed is the work of the
processor for one letter at a time, as the screens do it; a letter should take no second, whatever is in it.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from core import config  # noqa: E402 (found through the line above)
from core.mail import compose, text  # noqa: E402
from core.mail.lines import lines  # noqa: E402
from tui.widgets.wrapping import wrapped  # noqa: E402

HOUSE = config.parse("""\
[household]
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "paul@home.example"
""")
WIDTH = 78


def shown(message: bytes) -> None:
    """As the reader shows it."""
    list(wrapped(tuple(lines(text.blocks(message))), WIDTH))


def answered(message: bytes) -> None:
    """As a reply begins, and a letter that is passed on."""
    compose.reply(message, "paul", HOUSE)
    compose.forward(message, "paul", HOUSE)


def saved(message: bytes) -> None:
    """All that is attached, decoded."""
    for part in text.attachments(message):
        text.content(message, part.path)


STEPS: dict[str, Callable[[bytes], None]] = {"shown": shown, "answered": answered, "files saved": saved}


def timed(step: Callable[[bytes], None], letters: dict[Path, bytes]) -> dict[Path, float]:
    """Seconds of work for each letter."""
    found = {}
    for path, message in letters.items():
        start = time.process_time()
        step(message)
        found[path] = time.process_time() - start
    return found


def table(letters: dict[Path, bytes]) -> Iterator[str]:
    """Median and most of each step, and which letter took most."""
    yield "| step | median | 99 of 100 | most | by |"
    yield "|---|---:|---:|---:|---|"
    for name, step in STEPS.items():
        found = timed(step, letters)
        worst = max(found, key=lambda path: found[path])
        cuts = statistics.quantiles(found.values(), n=100, method="inclusive")
        times = (cuts[49], cuts[98], found[worst])
        yield f"| {name} | {' | '.join(f'{seconds * 1000:.1f} ms' for seconds in times)} | {worst.name} |"


def main() -> None:
    """Time all, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help="where the letters are")
    options.add_argument("--quick", action="store_true", help="fifty letters: only whether it works")
    wanted = options.parse_args()
    paths = sorted(wanted.folder.rglob("*.eml"))[: 50 if wanted.quick else None]
    if len(paths) < 2:
        raise SystemExit(f"{wanted.folder} holds no letters; name a folder with .eml files")
    letters = {path: path.read_bytes() for path in paths}
    shown(letters[paths[0]])  # what is loaded with the first letter counts for none
    print(f"{len(letters)} letters, {sum(map(len, letters.values())) / 1e6:.1f} MB\n")
    print("\n".join(table(letters)))


if __name__ == "__main__":
    main()
