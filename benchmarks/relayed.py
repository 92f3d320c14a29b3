"""Calls over the rehearsal's line: every connection of a program goes through one relay, on loopback.

The relay gives each direction its rate, delay and queue, as ``core.rehearsal`` does for the demo, and needs no rights.
At its far end are a real Dovecot and a real Postfix where root may start them, else the rehearsal's own provider. A
relay ends TCP at both of its ends, so what TCP itself loses on a thin line is not seen here; turns and bytes are.
"""

import asyncio
import os
import random
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.rehearsal.provider import HOST, provider
from core.rehearsal.relay import Course, Relay, Way
from tests.peers import servers

ROOT = Path(__file__).resolve().parents[1]
FRAMING = 57  # bytes that TCP/IP and the link add to a packet
COURSES = {
    "A": Course(33_600, 0.1, fifo=65_536, overhead=FRAMING, packet=1448),
    "B": Course(2_400, 0.7, fifo=8192, overhead=FRAMING, packet=524),
    "C": Course(256_000, 0.3, fifo=65_536, overhead=FRAMING, packet=1448),
    "Q": Course(2_000_000, 0.01, fifo=65_536, overhead=FRAMING, packet=1448),  # quick: tells only whether all works
}
SCALES = {"B": 6, "Q": 6}  # a letter of so many
PEOPLE = ("alice", "bob", "carol", "dave")
INWARD = (*(3500,) * 24, *(22_000,) * 4, *(80_000,) * 2)  # bytes of letters
OUTWARD = (*(3500,) * 12, *(20_000,) * 2, 60_000)
PATIENCE = 900.0  # seconds
ID = re.compile(rb"^Message-ID: <(.*?)>", re.MULTILINE)


class Watched(Way):
    """A direction that knows when something first left and when the last of it arrived (loop time)."""

    first, last = 0.0, 0.0

    async def carry(self, size: int) -> tuple[int, float]:
        """As ``Way`` does."""
        self.first = self.first or asyncio.get_running_loop().time()
        arriving, self.last = await super().carry(size)
        return arriving, self.last

    @property
    def line_bytes(self) -> int:
        """What was carried, with what is added to each packet."""
        return self.carried + self.pieces * self.course.overhead


@dataclass(frozen=True)
class Letter:
    """A letter on its way."""

    sender: str
    recipient: str
    id: str
    size: int

    @property
    def text(self) -> bytes:
        """The letter itself, of which nothing is like another one."""
        head = [f"Return-Path: <{self.sender}>", f"Delivered-To: {self.recipient}", f"From: <{self.sender}>"]
        head += [f"To: <{self.recipient}>", "Subject: hello", "Date: Mon, 2 Jun 2025 08:00:00 +0000"]
        head += [f"Message-ID: <{self.id}>", ""]
        words = "".join(random.Random(self.id).choices("abcdefghijklmnopqrstuvwxyz      ", k=self.size))
        body = [words[at : at + 72] for at in range(0, self.size - sum(map(len, head)), 72)]
        return "\n".join([*head, *body, ""]).encode()


@dataclass(frozen=True)
class Far:
    """The provider: its two ports, the ids of what it has taken, and how many letters wait in the box."""

    pop: int
    smtp: int
    taken: Callable[[], list[str]]
    waiting: Callable[[], int]
    put: Callable[[Sequence[bytes]], object]


@dataclass(frozen=True)
class Place:
    """Where a program stands: its folder, the relay's two ports, and what it shall send."""

    folder: Path
    pop: int
    smtp: int
    letters: Sequence[Letter]

    async def run(self, *words: str, given: bytes = b"") -> None:
        """Run a command to its end.

        Raises:
            SystemExit: it failed.
        """
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
        )
        said, _ = await asyncio.wait_for(process.communicate(given), PATIENCE)
        if process.returncode:
            raise SystemExit(f"{words[0]} failed: {said[-500:].decode()}")

    def write(self, name: str, text: str) -> str:
        """A file of settings, which nobody else may read."""
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o600)
        return str(self.folder / name)

    async def mailrun(self, *words: str, given: bytes = b"") -> None:
        """Our own program."""
        await self.run(sys.executable, "-m", "core", "--household", str(self.folder), *words, given=given)

    async def msmtp(self) -> None:
        """One run for each letter, as its queue runners do."""
        rc = self.write("msmtprc", f"account default\nhost {HOST}\nport {self.smtp}\nauth off\ntls off\n")
        for one in self.letters:
            await self.run("msmtp", "-C", rc, "-f", one.sender, "--", one.recipient, given=one.text)

    async def mpop(self) -> None:
        """All of the box, by procmail to its people."""
        rc = ["account default", f"host {HOST}", f"port {self.pop}", "user household", "password secret", "auth user"]
        rc += ["tls off", "keep off", f"uidls_file {self.folder}/uidls", f'delivery mda "{self.procmail()}"', ""]
        await self.run("mpop", "-q", "-C", self.write("mpoprc", "\n".join(rc)))

    async def fetchmail(self) -> None:
        """The same."""
        rc = f'poll {HOST} service {self.pop} protocol POP3 no dns user "household" password "secret" is root here '
        rc += f"sslproto '' fetchall mda \"{self.procmail()}\"\n"
        own = ["--nosyslog", "--pidfile", f"{self.folder}/pid", "-i", f"{self.folder}/ids"]
        await self.run("fetchmail", *own, "-f", self.write("fetchmailrc", rc))

    def procmail(self) -> str:
        """The command that delivers a letter."""
        rules = "".join(f":0:\n* ^Delivered-To: {name}@\n{self.folder}/mail/{name}/inbox\n" for name in PEOPLE)
        return f"procmail -m {self.write('procmailrc', rules)}"

    def kept(self) -> list[str]:
        """The ids of all letters in the mboxes."""
        boxes = [self.folder / "mail" / name / "inbox" for name in PEOPLE]
        return [found.decode() for box in boxes if box.exists() for found in ID.findall(box.read_bytes())]


def load(line: str) -> tuple[list[Letter], list[Letter]]:
    """The letters of a call, in and out."""
    few = SCALES.get(line, 1)
    inward = [
        Letter(f"pal{n}@far.example", f"{PEOPLE[n % 4]}@home.example", f"in{n}@far.example", size)
        for n, size in enumerate(INWARD[::few])
    ]
    outward = [
        Letter(f"{PEOPLE[n % 4]}@home.example", f"pal{n}@far.example", f"out{n}@home.example", size)
        for n, size in enumerate(OUTWARD[::few])
    ]
    return inward, outward


@asynccontextmanager
async def far(folder: Path) -> AsyncIterator[Far]:
    """A provider: Debian's servers for root, else the rehearsal's."""
    if os.geteuid() != 0:
        async with provider("household", "secret") as isp:
            isp.desk.user = ""  # it wants no login
            ids = lambda: [ID.findall(taken.message)[0].decode() for taken in isp.desk.taken]  # noqa: E731
            put = lambda letters: [isp.box.add(one) for one in letters]  # noqa: E731
            yield Far(isp.pop, isp.smtp, ids, lambda: len(isp.box.letters()), put)
        return
    (folder / "pop").mkdir()
    (folder / "smtp").mkdir()
    with servers.dovecot(folder / "pop") as box, servers.postfix(folder / "smtp") as host:
        log = folder / "smtp/log"
        ids = lambda: re.findall(r"message-id=<(.*?)>", log.read_text())  # noqa: E731
        yield Far(box.port, host.port, ids, lambda: len(box.waiting()), box.put)


PROGRAMS: dict[str, Callable[[Place], Awaitable[object]]] = {
    "mailrun": lambda place: place.mailrun("run"),
    "mpop-both": lambda place: asyncio.gather(place.msmtp(), place.mpop()),
    "fetchmail": lambda place: asyncio.gather(place.msmtp(), place.fetchmail()),
}


async def timed(line: str, program: str, told: Callable[[int, int, int], str]) -> dict[str, Any]:
    """One call of a program over a line: seconds, bytes, and what went wrong; ``told`` is a household's settings."""
    inward, outward = load(line)
    with tempfile.TemporaryDirectory() as name:
        folder = furnished(Path(name))
        relay = Relay(COURSES[line])
        async with far(folder) as isp, relay.forward(HOST, isp.pop) as pop, relay.forward(HOST, isp.smtp) as smtp:
            place = Place(folder / "home", pop, smtp, outward)
            place.write("household.toml", told(pop, smtp, COURSES[line].rate))
            relay.open()
            if program == "mailrun":
                await before(place, isp)
            isp.put([one.text for one in inward])
            up, down = Watched(COURSES[line]), Watched(COURSES[line])
            relay.ways.update(up=up, down=down)
            await PROGRAMS[program](place)
            faults = [] if not isp.waiting() else [f"{isp.waiting()} letters are left at the provider"]
            for what, sent, came in (("fetched", inward, place.kept()), ("taken", outward, isp.taken())):
                odd = [one.id for one in sent if came.count(one.id) != 1]
                faults += [f"{what} not once: {', '.join(odd)}"] if odd else []
    return figures(up, down, inward, outward) | {"why": "; ".join(faults)}


def furnished(folder: Path) -> Path:
    """A folder that the servers' own users may enter, with a place for mboxes."""
    folder.chmod(0o755)
    for person in PEOPLE:
        (folder / "home/mail" / person).mkdir(parents=True)
    return folder


async def before(place: Place, isp: Far) -> None:
    """The first call of a household, with a letter each way; then its queue is filled."""
    first = Letter("alice@home.example", "bob@home.example", "first@home.example", 500)
    isp.put([first.text])
    for one in (replace(first, recipient="pal@far.example"), *place.letters):
        await place.mailrun("send", "--as", one.sender.partition("@")[0], one.recipient, given=one.text)
        if one.id == first.id:
            await place.mailrun("run")


def figures(up: Watched, down: Watched, inward: Sequence[Letter], outward: Sequence[Letter]) -> dict[str, Any]:
    """What a call took, beside what the letters alone would take on this line, and three turns."""
    course = up.course
    most = max(sum(len(one.text) for one in letters) for letters in (inward, outward))
    least = course.seconds(round(most * (1 + course.overhead / course.packet))) + 3 * 2 * course.delay
    return {
        "seconds": round(max(up.last, down.last) - min(up.first, down.first), 3),
        "limit": round(least, 3),
        "up": up.line_bytes,
        "down": down.line_bytes,
        "up_busy": course.seconds(up.line_bytes),
        "down_busy": course.seconds(down.line_bytes),
        "overflowed": 0,
    }
