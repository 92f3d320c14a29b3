"""How fast a large mailbox opens: beside mutt and neomutt, the same mbox, each on a terminal of its own.

    python benchmarks/mailbox.py [--messages N] [--times N] [--peers mutt,neomutt]

Timed is from the start of a program to the moment when the list is on the terminal: ``cold`` without an index,
``warm`` with one, ``10 more`` after ten letters have come in from another program. Of our own screens that is the
moment of the newest letters, and that of the whole list, flat and in threads, of which the line above it tells how many
letters there are. The peers have no index and read the mailbox each time. The best of a few times counts. Needs
Debian's mutt and neomutt.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from benchmarks.terminal import terminal  # noqa: E402 (found through the line above)
from core.order import NAME as ORDERS  # noqa: E402
from core.store.index import NAME as INDEX  # noqa: E402
from core.store.index import update  # noqa: E402
from core.store.tables import throw_away  # noqa: E402
from tests.peers.servers import mutt  # noqa: E402

SIZE = 5600  # bytes of a letter
HOUSEHOLD = """\
[household]
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "paul@home.example"
"""
LETTER = """\
From grandma@far.example Sat Nov 21 00:38:00 2026
Status: {status}
X-Status:         \n\
X-Mailrun-Routed: how=envelope; header=X-Original-To; address=paul@home.example
Return-Path: <grandma{person}@far.example>
X-Original-To: paul@home.example
Delivered-To: dfzt12@isp.example
Received: from mail.far.example (mail.far.example [192.0.2.7])
\tby mx.isp.example (Postfix) with ESMTPS id 4BX{number:08d}
\tfor <paul@home.example>; Sat, 21 Nov 2026 12:00:00 +0000 (UTC)
Received: from [192.0.2.99] (unknown [192.0.2.99])
\tby mail.far.example (Postfix) with ESMTPSA id 7C{number:08d};
\tSat, 21 Nov 2026 11:59:58 +0000 (UTC)
From: "Grandma {person}" <grandma{person}@far.example>
To: Paul Dupont <paul@home.example>
Subject: {subject} {number}
Date: {day:02d} Oct 2026 11:{minute:02d}:57 +0100
Message-ID: <{number}.letters@far.example>
In-Reply-To: <{parent}.letters@far.example>
References: <{parent}.letters@far.example>
User-Agent: Mutt/2.2.9
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

"""
SUBJECTS = ("=?utf-8?Q?Apples_and_p=C3=A9ars?=", *["Apples and pears"] * 4)
LINE = "The apples are in, and the pears will be by the end of the week.\n"
ROWS = """\
import sys
from pathlib import Path
from core import read
from core.open import open_household
print("ROWS", len(list(read.rows(open_household(Path(sys.argv[1])), "paul"))))
"""


@dataclass(frozen=True)
class Program:
    """A program to be timed: its command, and what its terminal shows when the list is there."""

    name: str
    command: Sequence[str]
    shown: str
    order: str = "threads"


@dataclass(frozen=True)
class Opened:
    """One opening: seconds to the list, and the most memory that was in use, in MB."""

    seconds: float
    memory: int


def letter(number: int) -> bytes:
    """One letter of about ``SIZE`` bytes, as it stands in the mailbox."""
    head = LETTER.format(
        number=number,
        person=number % 500,
        status="RO      " if number % 3 else "O       ",
        subject=SUBJECTS[number % len(SUBJECTS)],
        day=number % 28 + 1,
        minute=number % 60,
        parent=number // 7 * 7,
    )
    return (head + LINE * ((SIZE - len(head)) // len(LINE)) + "\n").encode()


def household(folder: Path) -> None:
    """A house of one person, without a letter."""
    (folder / "mail" / "paul").mkdir(parents=True, mode=0o700)
    (folder / "household.toml").write_text(HOUSEHOLD)
    (folder / "household.toml").chmod(0o600)


def screens(folder: Path) -> list[str]:
    """The command that opens our screens, with Paul at the desk."""
    return [sys.executable, "-m", "tui", "--as", "paul", "--household", str(folder)]


def programs(folder: Path, count: int, peers: Sequence[str]) -> Iterator[Program]:
    """Our own program with and without its screens, and the peers."""
    yield Program("mailrun, the newest letters", screens(folder), r"Grandma \d")
    for name, order in (("flat", "date"), ("in threads", "threads")):
        yield Program(f"mailrun, the whole list, {name}", screens(folder), f"[^0-9]{count} letters", order)
    yield Program("mailrun, the rows alone", [sys.executable, "-c", ROWS, str(folder)], f"ROWS {count}")
    box, settings = folder / "mail" / "paul" / "inbox", 'status_format="COUNT=%m."'
    for peer in peers:
        yield Program(peer, mutt(peer, box, settings, "-R"), rf"COUNT={count}\.")


def opened(program: Program) -> Opened:
    """Start a program on a terminal, wait for its list, end it."""
    with terminal(program.name, program.command, where=ROOT) as screen:
        return Opened(screen.until(program.shown), screen.memory())


def calm(box: Path) -> None:
    """Whatever a program was in the midst of when it was ended, the index is there, and the disk has it."""
    time.sleep(0.5)
    update(box)
    os.sync()


def openings(folder: Path, nth: int, count: int, times: int, peers: Sequence[str]) -> tuple[str, list[Opened]]:
    """One program, cold, warm and after ten more letters; the best of each."""
    box = folder / "mail" / "paul" / "inbox"
    cold, warm, more = [], [], []
    for _ in range(times):
        program = list(programs(folder, count, peers))[nth]
        box.with_name(ORDERS).write_text(json.dumps({"inbox": program.order}))
        throw_away(box.with_name(INDEX))
        cold.append(opened(program))
        calm(box)
        warm.append(opened(program))
        size = box.stat().st_size
        with box.open("ab") as file:
            file.writelines(letter(count + one) for one in range(10))
        time.sleep(0.2)  # what changed just now is not believed
        more.append(opened(list(programs(folder, count + 10, peers))[nth]))
        os.truncate(box, size)
    return program.name, [min(some, key=lambda one: one.seconds) for some in (cold, warm, more)]


def table(found: Sequence[tuple[str, list[Opened]]], base: str) -> str:
    """Seconds and memory, and in brackets the ratio to a peer's time."""
    ours = dict(found)[base]
    lines = ["| program | cold | warm | 10 more | memory, warm |", "|---|---:|---:|---:|---:|"]
    for name, times in found:
        cells = [
            f"{one.seconds:.2f} s ({one.seconds / peer.seconds:.2f})" for one, peer in zip(times, ours, strict=True)
        ]
        lines.append(f"| {name} | {' | '.join(cells)} | {times[1].memory} MB |")
    return "\n".join(lines)


def main() -> None:
    """Time all, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=100_000, help="letters in the mailbox (100,000)")
    options.add_argument("--times", type=int, default=3, help="how often each is opened; the best counts (3)")
    options.add_argument("--peers", default="mutt,neomutt", help="which peers, with commas between")
    wanted = options.parse_args()
    peers = [name for name in wanted.peers.split(",") if name]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        household(folder)
        with (folder / "mail" / "paul" / "inbox").open("wb") as file:
            file.writelines(letter(number) for number in range(wanted.messages))
        (folder / "mail" / "paul" / "inbox").chmod(0o600)
        found = [
            openings(folder, nth, wanted.messages, wanted.times, peers)
            for nth, _ in enumerate(programs(folder, wanted.messages, peers))
        ]
    print(table(found, peers[0] if peers else found[0][0]))


if __name__ == "__main__":
    main()
