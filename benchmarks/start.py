"""How soon the screens can be used: from the start of the program to an inbox of 1,000 letters that answers a key.

    python benchmarks/start.py [--quick] [--times N] [--peers mutt,neomutt]

Each program runs on a pty of 80 x 24. ``list`` is the moment when the letters are on the terminal; then a key is
pressed at once, and ``usable`` is when its repaint, and whatever else the program still paints, is over (silence for
40 ms, not counted); ``work`` is what a processor did until then, however busy the machine is. The index is there from
an earlier start, as every day; the median counts.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from benchmarks.mailbox import household, letter, screens  # noqa: E402 (found through the line above)
from benchmarks.terminal import terminal  # noqa: E402
from tests.peers.servers import mutt  # noqa: E402


@dataclass(frozen=True)
class Start:
    """One start: seconds to the list and to the answer to the first key, of a processor's work, and the most MB."""

    shown: float
    usable: float
    work: float
    memory: int


def started(name: str, command: Sequence[str], shown: str) -> Start:
    """Start a program, press a key as soon as its list is there."""
    with terminal(name, command, where=ROOT) as screen:
        seconds = screen.until(shown)
        pressed = screen.clock()
        took = screen.press("k") or 0.0
        return Start(seconds, pressed + took, screen.work(), screen.memory())


def commands(folder: Path, peers: Sequence[str]) -> list[tuple[str, list[str], str]]:
    """Each program's name, its command, and what its list looks like."""
    box, settings = folder / "mail" / "paul" / "inbox", 'status_format="COUNT=%m."'
    theirs = [(peer, mutt(peer, box, settings, "-R"), r"COUNT=\d+\.") for peer in peers]
    return [("mailrun", screens(folder), r"Grandma \d"), *theirs]


def table(found: dict[str, list[Start]]) -> str:
    """The medians, and in brackets the ratio of the time to use to that of the first peer."""
    peer = next((_usable(starts) for name, starts in found.items() if name != "mailrun"), 0.0)
    lines = ["| program | list | usable | work | memory |", "|---|---:|---:|---:|---:|"]
    for name, starts in found.items():
        ratio = f" ({_usable(starts) / peer:.1f})" if peer else ""
        seen = statistics.median(one.shown for one in starts)
        work = statistics.median(one.work for one in starts)
        lines.append(
            f"| {name} | {seen:.2f} s | {_usable(starts):.2f} s{ratio} | {work:.2f} s | {starts[-1].memory} MB |"
        )
    return "\n".join(lines)


def _usable(starts: Sequence[Start]) -> float:
    return statistics.median(one.usable for one in starts)


def main() -> None:
    """Start all, one after the other and in turn, and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="two starts each: only whether it works")
    options.add_argument("--times", type=int, default=15, help="how often each is started; the median counts (15)")
    options.add_argument("--messages", type=int, default=1_000, help="letters in the inbox (1,000)")
    options.add_argument("--peers", default="mutt,neomutt", help="which peers, with commas between")
    wanted = options.parse_args()
    peers = [name for name in wanted.peers.split(",") if shutil.which(name)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        household(folder)
        with (folder / "mail" / "paul" / "inbox").open("wb") as file:
            file.writelines(letter(number) for number in range(wanted.messages))
        programs = commands(folder, peers)
        found: dict[str, list[Start]] = {program: [] for program, _, _ in programs}
        started(*programs[0])  # makes the index
        for _ in range(2 if wanted.quick else wanted.times):
            for program in programs:
                found[program[0]].append(started(*program))
    print(table(found))


if __name__ == "__main__":
    main()
