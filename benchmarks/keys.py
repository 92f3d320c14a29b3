"""How soon a key is answered: from the key press to the end of its repaint, beside mutt, neomutt and nano.

    python benchmarks/keys.py [--quick] [--messages N] [--peers mutt,neomutt,nano]

Each program runs on a pty of 80 x 24. One key is pressed, all that the program paints for it is read, and when it has
been silent for 40 ms the next key is pressed; timed is from the press to the last byte before that silence
(``benchmarks/terminal.py``). Nothing is subtracted. The same mbox for all: N letters (10,000), the newest of them with
10,000 lines. mutt and neomutt have no editor of their own, so that typing is timed beside nano, where it is installed.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from benchmarks.mailbox import household, letter, screens  # noqa: E402 (found through the line above)
from benchmarks.terminal import Terminal, terminal  # noqa: E402
from tests.peers.servers import mutt  # noqa: E402

LINES = 10_000  # of the long letter
DRAFT = 2_000  # lines of the draft
LONG = """\
From grandma@far.example Mon Nov 23 00:38:00 2026
Status: RO
From: Grandma <grandma@far.example>
To: Paul Dupont <paul@home.example>
Subject: The long letter
Date: Mon, 23 Nov 2026 11:12:57 +0100
Message-ID: <long.letters@far.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

"""
KEPT = """\
From paul@home.example Mon Nov 23 00:38:00 2026
Status: RO
From: Paul Dupont <paul@home.example>
To: grandma@far.example
Subject: The long draft
Date: Mon, 23 Nov 2026 11:12:57 +0100
Message-ID: <draft.letters@home.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

"""


@dataclass(frozen=True)
class Trial:
    """What is pressed: the keys that lead there, what the screen shows then, and the keys that are timed."""

    name: str
    command: Sequence[str]
    first: str
    way: Sequence[str]
    there: str
    keys: Sequence[str]


def ours(folder: Path) -> Iterator[tuple[str, Trial]]:
    """Our own screens, in each place."""
    command = screens(folder)
    yield "the list, down", Trial("mailrun", command, r"Grandma \d", ["\x1b[H"], "", ["j"])
    yield "the list, page down", Trial("mailrun", command, r"Grandma \d", ["\x1b[H"], "", ["\x1b[6~"])
    yield "a letter, down", Trial("mailrun", command, r"Grandma \d", ["G", "\r"], "line 5 ", ["j"])
    yield "a letter, page down", Trial("mailrun", command, r"Grandma \d", ["G", "\r"], "line 5 ", [" "])
    yield (
        "a draft, letters",
        Trial("mailrun", command, r"Grandma \d", ["y", "j", "\r", "\r"], "line 5 ", list("the plums ")),
    )


def theirs(peer: str, folder: Path) -> Iterator[tuple[str, Trial]]:
    """A peer, in the places that it has."""
    box = folder / "mail" / "paul" / "inbox"
    command = mutt(peer, box, 'status_format="COUNT=%m." timeout=600 mail_check=600', "-R")
    yield "the list, down", Trial(peer, command, "COUNT=", ["="], "", ["j"])
    yield "the list, page down", Trial(peer, command, "COUNT=", ["="], "", ["z"])
    yield "a letter, down", Trial(peer, command, "COUNT=", ["*", "\r"], "line 5 ", ["\r"])
    yield "a letter, page down", Trial(peer, command, "COUNT=", ["*", "\r"], "line 5 ", [" "])


def editor(folder: Path) -> Iterator[tuple[str, Trial]]:
    """nano, with the text of the draft."""
    command = ["nano", "-I", str(folder / "draft.txt")]
    yield "a draft, letters", Trial("nano", command, "line 5 ", [], "", list("the plums "))


def build(folder: Path, count: int) -> None:
    """The house: an inbox, the long letter at its end, and a draft."""
    household(folder)
    mail = folder / "mail" / "paul"
    with (mail / "inbox").open("wb") as file:
        file.writelines(letter(number) for number in range(count))
        file.write((LONG + text(LINES) + "\n").encode())
    (mail / "drafts").write_text(KEPT + text(DRAFT) + "\n")
    (folder / "draft.txt").write_text(text(DRAFT))


def text(lines: int) -> str:
    """So many lines of prose."""
    return "".join(f"line {number} of a letter about apples, plums and pears\n" for number in range(1, lines + 1))


def tried(trial: Trial, presses: int) -> list[float]:
    """Start, go there, press; seconds of each press that repainted something."""
    with terminal(trial.name, trial.command, where=ROOT) as screen:
        screen.until(trial.first)
        screen.calm()
        for key in trial.way:
            screen.forget()
            screen.press(key)
            screen.calm()
        if trial.there and trial.there.encode() not in screen.seen:
            raise SystemExit(
                f"{trial.name}: {trial.way} did not lead to {trial.there!r}: {bytes(screen.seen[-800:])!r}"
            )
        return timed(screen, trial.keys, presses)


def timed(screen: Terminal, keys: Sequence[str], presses: int) -> list[float]:
    """The seconds of each press; at the end of a list or a letter there is nothing to repaint any more."""
    every = [screen.press(key) for key in islice(cycle(keys), presses)]
    answered = [seconds for seconds in every if seconds is not None]
    if len(answered) < presses * 0.9:
        raise SystemExit(f"{screen.name} answered {len(answered)} of {presses} keys")
    return answered


def percentile(times: Sequence[float], share: int) -> float:
    """The time within which so many percent of the keys were answered, in ms."""
    return statistics.quantiles(times, n=100, method="inclusive")[share - 1] * 1000


def table(found: dict[str, dict[str, list[float]]], names: Sequence[str]) -> str:
    """p50 and p95 of each program, and in brackets the ratio of the p95 to that of the first peer."""
    lines = [f"| key | {' | '.join(f'{name}: p50, p95' for name in names)} |", "|---|" + "---:|" * len(names)]
    for place, times in found.items():
        peer = next((times[name] for name in names[1:] if name in times), None)
        lines.append(f"| {place} | {' | '.join(_cell(times.get(name), peer) for name in names)} |")
    return "\n".join(lines)


def _cell(times: list[float] | None, peer: list[float] | None) -> str:
    if times is None:
        return ""
    ratio = f" ({percentile(times, 95) / percentile(peer, 95):.1f})" if peer else ""
    return f"{percentile(times, 50):.1f} ms, {percentile(times, 95):.1f} ms{ratio}"


def main() -> None:
    """Press all keys, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="few keys in a small mailbox: only whether it works")
    options.add_argument("--messages", type=int, default=10_000, help="letters in the mailbox (10,000)")
    options.add_argument("--peers", default="mutt,neomutt,nano", help="which peers, with commas between")
    wanted = options.parse_args()
    peers = [name for name in wanted.peers.split(",") if shutil.which(name)]
    presses = 8 if wanted.quick else 300
    found: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, 500 if wanted.quick else wanted.messages)
        trials = list(ours(folder))
        for peer in peers:
            trials += editor(folder) if peer == "nano" else theirs(peer, folder)
        for place, trial in trials:
            found.setdefault(place, {})[trial.name] = tried(trial, presses)
    print(table(found, ["mailrun", *peers]))


if __name__ == "__main__":
    main()
