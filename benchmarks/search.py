"""How soon a word is found in a large mailbox: beside mutt, neomutt, grep and notmuch, all on the same letters.

    python benchmarks/search.py [--messages N] [--times N] [--peers mutt,neomutt,grep,notmuch]

Three words: one that every letter has, one in a hundred, and one that none has. Timed is

- in a program that is open already, from the question to the 50 newest hits and how many there are: mailrun's
  ``read.search``; mutt and neomutt from the Enter behind ``l ~b WORD`` to the last byte before they rest;
- as a command of its own, from its start to its end: ``mailrun mail search``, grep and ``notmuch search``, 50 hits at
  most but for grep, which counts lines;
- on our screens, from the last letter of the word to the line that says how many were found.

mutt, neomutt and grep read the mailbox each time; mutt and neomutt are told to read it as it is, which is their
quickest way, though encoded text is not found so. mailrun and notmuch have an index; how long that takes is told.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from benchmarks.mailbox import household, letter, screens  # noqa: E402 (found through the line above)
from benchmarks.terminal import terminal  # noqa: E402
from core import read  # noqa: E402
from core.learn import learn  # noqa: E402
from core.mail.query import parse  # noqa: E402
from core.open import open_household  # noqa: E402
from tests.peers.servers import mutt  # noqa: E402

WORDS = {"pears": "in every letter", "barometer": "in one of 100", "xylophone": "in none"}
SHOWN = 50  # hits
Row = tuple[str, dict[str, float]]


def build(folder: Path, count: int) -> None:
    """The house: one inbox."""
    household(folder)
    with (folder / "mail" / "paul" / "inbox").open("wb") as file:
        file.writelines(one(number) for number in range(count))


def one(number: int) -> bytes:
    """One letter, as it stands in the mailbox."""
    return letter(number) if number % 100 else letter(number).rstrip(b"\n") + b"\nThe barometer falls.\n\n"


def best(work: Callable[[], object], times: int) -> float:
    """The seconds of the quickest time."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def ours(folder: Path, times: int) -> Iterator[Row]:
    """Our own search: in an open program, as a command, on the screens."""
    house, now = open_household(folder), datetime.now(UTC)

    def ask(word: str) -> object:
        found = read.search(house, "paul", parse(word, now), trust=True)
        return len(found), found[-SHOWN:]

    yield "mailrun, open", {word: best(lambda word=word: ask(word), times) for word in WORDS}
    search = [sys.executable, "-m", "core", "--household", str(folder), "mail", "search", "--for", "paul"]
    limit = ["--limit", str(SHOWN)]
    yield "mailrun mail search", {word: best(lambda word=word: run([*search, *limit, word]), times) for word in WORDS}
    yield "mailrun, its screens", {word: min(typed(folder, word) for _ in range(times)) for word in WORDS}


def typed(folder: Path, word: str) -> float:
    """Type a word; seconds from its last letter to what was found."""
    with terminal("mailrun", screens(folder), where=ROOT) as screen:
        screen.until(r"Grandma \d")
        screen.calm()
        for key in ["/", *word[:-1]]:
            screen.press(key)
            screen.calm()
        screen.forget()
        start = screen.clock()
        screen.press(word[-1])
        return screen.until("letters? found") - start


def theirs(peer: str, folder: Path, times: int) -> Row:
    """A peer's search."""
    box = folder / "mail" / "paul" / "inbox"
    if peer == "grep":
        return peer, {word: best(lambda word=word: run(["grep", "-ciw", word, str(box)]), times) for word in WORDS}
    if peer == "notmuch":
        command = [peer, "search", "--sort=newest-first", f"--limit={SHOWN}"]
        return peer, {word: best(lambda word=word: run([*command, word], folder), times) for word in WORDS}
    return f"{peer}, open", {word: limited(peer, box, word) for word in WORDS}


def limited(peer: str, box: Path, word: str) -> float:
    """Limit a mailbox to the letters with a word in their bodies; seconds to the end of the repaint."""
    settings = 'status_format="COUNT=%m." timeout=600 mail_check=600 thorough_search=no'
    with terminal(peer, mutt(peer, box, settings, "-R"), where=ROOT) as screen:
        screen.until("COUNT=")
        screen.calm()
        for key in f"l~b {word}":
            screen.press(key)
        screen.forget()
        start = screen.clock()
        os.write(screen.fd, b"\r")
        return screen.rest() - start


def run(command: Sequence[str], folder: Path | None = None) -> None:
    """Run a command to its end; grep tells by 1 that nothing was found."""
    env = {**os.environ, "NOTMUCH_CONFIG": str(folder / "notmuch.conf")} if folder else None
    done = subprocess.run(command, capture_output=True, env=env, cwd=ROOT, check=False)
    if done.returncode > 1:
        raise SystemExit(f"{command}: {done.stderr.decode()}")


def indexed(folder: Path, peers: Sequence[str], count: int) -> Iterator[str]:
    """Build the indexes; how long each took."""
    start = time.perf_counter()
    learn(folder / "mail" / "paul", "inbox", lambda _: None)
    yield f"mailrun's index took {time.perf_counter() - start:.0f} s"
    if "notmuch" in peers:
        new = folder / "maildir" / "new"
        new.mkdir(parents=True)
        for number in range(count):
            (new / f"{number}.host").write_bytes(one(number).split(b"\n", 1)[1])
        config = f"[database]\npath={folder / 'maildir'}\n[user]\nname=Paul\nprimary_email=paul@home.example\n"
        (folder / "notmuch.conf").write_text(config)
        start = time.perf_counter()
        run(["notmuch", "new", "--quiet"], folder)
        yield f"notmuch's took {time.perf_counter() - start:.0f} s"


def table(rows: Sequence[Row], base: str) -> str:
    """Milliseconds, and in brackets the ratio to a peer's time."""
    against = dict(rows).get(base, rows[0][1])
    lines = [f"| program | {' | '.join(f'{word}, {where}' for word, where in WORDS.items())} |", "|---|---:|---:|---:|"]
    for name, found in rows:
        cells = [f"{found[word] * 1000:,.0f} ms ({found[word] / against[word]:.3f})" for word in WORDS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Time all, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=100_000, help="letters in the mailbox (100,000)")
    options.add_argument("--times", type=int, default=3, help="how often each is timed; the best counts (3)")
    options.add_argument("--peers", default="mutt,neomutt,grep,notmuch", help="which peers, with commas between")
    wanted = options.parse_args()
    peers = [name for name in wanted.peers.split(",") if name and shutil.which(name)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, wanted.messages)
        told = list(indexed(folder, peers, wanted.messages))
        rows = [*ours(folder, wanted.times), *(theirs(peer, folder, wanted.times) for peer in peers)]
    print(table(rows, f"{peers[0]}, open" if peers else ""))
    print("\n".join(told))


if __name__ == "__main__":
    main()
