"""How fast letters are fetched, split among the people of a house and delivered: beside fetchmail and getmail6.

    python benchmarks/split.py [--messages N] [--sample N] [--peers fetchmail,getmail]

One box at a real Dovecot on loopback, one mbox for each of five people, the envelope recipient in a header. Each
program is timed from its start to its exit, as its users run it, and its rate holds only if afterwards the box is
empty and every person has the right letters, each once. Needs root, and Debian's dovecot-pop3d, fetchmail,
procmail and getmail6.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from poplib import POP3

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as a script, this starts in its own folder

from tests.peers import servers  # noqa: E402 (found through the line above)

SIZE = 4000  # bytes of a letter
PEOPLE = ("paul", "luc", "ann", "xavier", "yves")
NOBODY = "65534"  # getmail will not write an mbox as root
NUMBER = re.compile(rb"^X-Number: (\d+)$", re.MULTILINE)
HEAD = """\
Return-Path: <grandma@far.example>
X-Original-To: {person}@home.example
Delivered-To: dfzt12@isp.example
Received: from mail.far.example (mail.far.example [192.0.2.7])
\tby mx.isp.example (Postfix) with ESMTPS id 4BX{number:08d}
\tfor <{person}@home.example>; Sat, 21 Nov 2026 12:00:00 +0000 (UTC)
Received: from [192.0.2.99] (unknown [192.0.2.99])
\tby mail.far.example (Postfix) with ESMTPSA id 7C{number:08d};
\tSat, 21 Nov 2026 11:59:58 +0000 (UTC)
X-Number: {number}
From: "Grandma" <grandma@far.example>
To: {person}@home.example
Subject: =?utf-8?Q?Apples_and_pears?= {number}
Date: Sat, 21 Nov 2026 11:59:57 +0000
Message-ID: <{number}.letters@far.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

"""
LINE = "The apples are in, and the pears will be by the end of the week.\n"

MAILRUN = """\
[household]
domain = "home.example"
postmaster = "paul"
{members}
[[maildrop]]
name = "isp"
host = "127.0.0.1"
port = {port}
security = "none"
user = "household"
password = "secret"
"""
FETCHMAIL = """\
set no bouncemail
poll 127.0.0.1 service {port} protocol POP3 no dns aka home.example envelope "X-Original-To"
user household there with password secret to {people} here
fetchall sslproto '' mda "/usr/bin/procmail -a %T {folder}/procmailrc"
"""
PROCMAIL = """\
DEFAULT={folder}/mail/$1
:0:
$DEFAULT
"""
GETMAIL = """\
[retriever]
type = MultidropPOP3Retriever
server = 127.0.0.1
port = {port}
username = household
password = secret
envelope_recipient = x-original-to:1
[destination]
type = MultiSorter
default = [paul]
locals = ({sorted})
[options]
delete = true
read_all = true
verbose = 0
"""


@dataclass(frozen=True)
class Program:
    """A program to be timed: its setting up (which returns its command), and where a person's mbox then is."""

    name: str
    set_up: Callable[[Path, int], list[str]]
    mbox: str


def letters(count: int) -> list[bytes]:
    """The letters, in turn for each of the people."""
    return [letter(number) for number in range(count)]


def letter(number: int) -> bytes:
    """One letter of about ``SIZE`` bytes."""
    head = HEAD.format(person=PEOPLE[number % len(PEOPLE)], number=number)
    return (head + LINE * ((SIZE - len(head)) // len(LINE))).encode()


def mailrun(folder: Path, port: int) -> list[str]:
    """A household."""
    members = "\n".join(f'[members.{name}]\naddress = "{name}@home.example"' for name in PEOPLE)
    _write(folder / "household.toml", MAILRUN.format(members=members, port=port))
    return [sys.executable, "-m", "core", "--household", str(folder), "run", "--fetch-only"]


def fetchmail(folder: Path, port: int) -> list[str]:
    """Its own multidrop, and a procmail for each letter."""
    (folder / "mail").mkdir()
    _write(folder / "procmailrc", PROCMAIL.format(folder=folder))
    _write(folder / "rc", FETCHMAIL.format(folder=folder, port=port, people=" ".join(PEOPLE)))
    return ["fetchmail", "-f", f"{folder}/rc", "-d0", "-s", "--pidfile", f"{folder}/pid", "-i", f"{folder}/ids"]


def getmail(folder: Path, port: int) -> list[str]:
    """Its own multidrop, and its own delivery into mboxes."""
    (folder / "mail").mkdir()
    rules = ", ".join(f"('^{name}@home\\.example$', '[{name}]')" for name in PEOPLE)
    boxes = "".join(f"[{name}]\ntype = Mboxrd\npath = {folder}/mail/{name}\n" for name in PEOPLE)
    _write(folder / "rc", GETMAIL.format(port=port, sorted=rules) + boxes)
    for name in PEOPLE:
        (folder / "mail" / name).touch()
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(folder)], check=True)
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*as_nobody, "getmail", "--getmaildir", str(folder), "--rcfile", f"{folder}/rc"]


OURS = Program("mailrun", mailrun, "mail/{}/inbox")
PEERS = {
    "fetchmail": Program("fetchmail + procmail", fetchmail, "mail/{}"),
    "getmail": Program("getmail6", getmail, "mail/{}"),
}


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


@contextmanager
def full_box(count: int) -> Iterator[tuple[Path, servers.Box]]:
    """A folder, and a box with the letters whose sizes Dovecot has worked out before the clock runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "isp").mkdir()
        (folder / "here").mkdir(mode=0o755)
        with servers.dovecot(folder / "isp") as box:
            box.put(letters(count))
            warm = POP3("127.0.0.1", box.port)
            warm.user("household")
            warm.pass_("secret")
            warm.uidl()
            warm.list()
            warm.quit()
            yield folder / "here", box


def rate(program: Program, count: int) -> float:
    """Letters a second.

    Raises:
        SystemExit: not every letter came to its person, once.
    """
    with full_box(count) as (folder, box):
        command = program.set_up(folder, box.port)
        start = time.perf_counter()
        ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        seconds = time.perf_counter() - start
        if ended.returncode or box.waiting() or not all(_right(folder, program, count)):
            raise SystemExit(f"{program.name} did not deliver all: status {ended.returncode}, {ended.stderr[-500:]!r}")
    return count / seconds


def _right(folder: Path, program: Program, count: int) -> Iterator[bool]:
    for nth, person in enumerate(PEOPLE):
        box = (folder / program.mbox.format(person)).read_bytes()
        yield sorted(map(int, NUMBER.findall(box))) == list(range(nth, count, len(PEOPLE)))


def table(rows: Sequence[tuple[Program, int, float]]) -> str:
    """The rates, and by which factor the first is faster."""
    ours = rows[0][2]
    lines = [f"| {name.name} | {count:,} | {fast:,.0f} | {ours / fast:.1f} |" for name, count, fast in rows]
    return "\n".join(
        ["| program | letters | letters a second | mailrun is faster by |", "|---|---:|---:|---:|", *lines]
    )


def main() -> None:
    """Time all, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=10_000, help="letters for mailrun (10,000)")
    options.add_argument("--sample", type=int, default=1_000, help="letters for each peer, which takes longer (1,000)")
    options.add_argument("--peers", default=",".join(PEERS), help="which peers, with commas between")
    wanted = options.parse_args()
    peers = [PEERS[name] for name in wanted.peers.split(",") if name]
    tasks = [(OURS, wanted.messages), *((peer, min(wanted.sample, wanted.messages)) for peer in peers)]
    print(table([(program, count, rate(program, count)) for program, count in tasks]))


if __name__ == "__main__":
    main()
