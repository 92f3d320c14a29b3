"""What it costs to show how far a call is: seconds of a processor in each second of a call, with and without it.

    python benchmarks/progress.py [--quick] [--seconds N] [--rate BITS] [--peers curl]

Calls of a minute over the rehearsal's modem and line, made by the screens (on a pty of 100 x 28, the Connection screen
before one) and by `mailrun run` on a terminal. Without the progress is the same call where nobody looks how far it is:
the screen's own clock is stopped, and what `mailrun run` writes goes to a file. Everything else of a call (the letters,
the disk, the modem) costs the same both times; the difference is what showing costs. Beside it curl, which fetches as
many bytes at the same rate, with its bar and silent. Time of a processor, so that a busy machine changes little.
"""

import argparse
import asyncio
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from benchmarks.terminal import terminal  # noqa: E402 (found through the line above)
from core.rehearsal.stage import stage  # noqa: E402

SIZE = (28, 100)
BLIND = "import tui.screens.connection as it; it.TICK = 1e6; from tui.__main__ import main; main()"
LETTER = b"From: a@far.example\nTo: Paul@home.example\nX-Original-To: paul@home.example\nSubject: %d\n\n%s"


@dataclass(frozen=True)
class Cost:
    """A call: its seconds, and those of a processor that went into it."""

    seconds: float
    work: float

    @property
    def share(self) -> float:
        """Percent of one processor."""
        return 100 * self.work / self.seconds


async def play(folder: Path, seconds: float, rate: int) -> None:
    """Be the world around a house until nobody listens any more."""
    line = (b"a letter about apples, plums and pears, again and again\n") * 70
    count = max(1, round(seconds * rate / 8 / len(line)))
    letters = [LETTER % (number, line) for number in range(count)]
    async with stage(folder, rate=rate, letters=letters, dial_seconds=0.5):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def staged(seconds: float, rate: int) -> Iterator[Path]:
    """A house, and the world around it in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "house"
        command = [sys.executable, __file__, "--stage", str(folder), "--seconds", str(seconds), "--rate", str(rate)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as world:
            assert world.stdout is not None
            if world.stdout.readline() != "ready\n":
                raise SystemExit("the rehearsal did not begin")
            yield folder
            world.communicate()


def screens(seconds: float, rate: int, *, blind: bool) -> Cost:
    """A call made by the screens, from the line's coming up to its going down."""
    with staged(seconds, rate) as folder:
        start = ["-c", BLIND] if blind else ["-m", "tui"]
        command = [sys.executable, *start, "--household", str(folder), "--as", "paul"]
        with terminal("mailrun", command, size=SIZE, where=ROOT) as screen:
            screen.until("Compose")
            screen.calm()
            screen.press("3")
            screen.calm()
            screen.press("\x1b[20~")
            screen.until("connected: ")
            began, worked = screen.clock(), screen.work()
            screen.forget()
            screen.until("Run now")
            return Cost(screen.clock() - began, screen.work() - worked)


def command(seconds: float, rate: int, *, blind: bool) -> Cost:
    """A call made by `mailrun run`, all of it."""
    with staged(seconds, rate) as folder:
        words = [sys.executable, "-m", "tui", "--household", str(folder), "run"]
        return measured("mailrun run", words, quiet=blind)


def measured(name: str, words: Sequence[str], *, quiet: bool) -> Cost:
    """A program on a terminal, to its end; ``quiet``: what it writes goes to a file."""
    line = shlex.join(words) + (" >/dev/null 2>&1" if quiet else "")
    with terminal(name, ["sh", "-c", f"{line}; times; echo it has ended; sleep 9"], size=SIZE, where=ROOT) as screen:
        seconds = screen.until("it has ended")
        last = bytes(screen.seen).decode(errors="replace").split("it has ended")[0].splitlines()[-1]
    return Cost(seconds, sum(_seconds(word) for word in last.split()))


def _seconds(word: str) -> float:
    """What ``times`` says: 0m1.25s."""
    minutes, rest = word.rstrip("s").split("m")
    return 60 * float(minutes) + float(rest)


def curl(seconds: float, rate: int, *, blind: bool) -> Cost:
    """As many bytes at the same rate, from a server on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(rate // 80 * round(seconds * 10)))
            self.end_headers()
            for _ in range(round(seconds * 10)):
                self.wfile.write(bytes(rate // 80))
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        words = ["curl", "-s" if blind else "-#", "-o", os.devnull, f"http://127.0.0.1:{server.server_port}/letters"]
        cost = measured("curl", words, quiet=blind)
        server.shutdown()
    return cost


def table(found: dict[str, tuple[Cost, Cost]]) -> str:
    """Percent of a processor with the progress and without it, and what lies between."""
    lines = ["| who shows it | call | with progress | without | progress alone |", "|---|---:|---:|---:|---:|"]
    for name, (seen, blind) in found.items():
        alone = seen.share - blind.share
        lines.append(f"| {name} | {seen.seconds:.0f} s | {seen.share:.2f} % | {blind.share:.2f} % | {alone:.2f} % |")
    return "\n".join(lines)


def main() -> None:
    """Make every call twice, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="short calls: only whether it works")
    options.add_argument("--seconds", type=float, default=60, help="how long a call is (60)")
    options.add_argument("--rate", type=int, default=33600, help="of the line, bit/s (33,600)")
    options.add_argument("--peers", default="curl", help="which peers, with commas between")
    options.add_argument("--stage", type=Path, help=argparse.SUPPRESS)
    wanted = options.parse_args()
    seconds = 1.0 if wanted.quick else wanted.seconds
    if wanted.stage:
        asyncio.run(play(wanted.stage, seconds, wanted.rate))
        return
    calls = {"mailrun, the Connection screen": screens}
    calls |= {} if wanted.quick else {"mailrun run, on a terminal": command}
    calls |= {name: curl for name in wanted.peers.split(",") if name == "curl" and shutil.which(name)}
    found = {
        name: (call(seconds, wanted.rate, blind=False), call(seconds, wanted.rate, blind=True))
        for name, call in calls.items()
    }
    print(table(found))


if __name__ == "__main__":
    main()
