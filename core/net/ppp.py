"""The link program: it turns a connected port into an IP link. pppd, or one that speaks as pppd does.

pppd is started on our tty and told what a dial-up needs; the words after it in ``line.link`` come last, and win:
``link = ["pppd", "user", "dfzt12"]``, or ``["pppd", "call", "provider"]``, which a plain user needs, as pppd takes
``noauth`` and ``replacedefaultroute`` from root or from /etc/ppp/peers only.

Any other program is run as it is given, with the tty as its standard input and output. On its standard error it must
say ``local  IP address A`` when the link is up (``Using interface I`` before that is understood, too), end with
status 0 on SIGTERM, and end by itself when the connection is lost. ``["sudo", "pppd", "call", "provider", "logfd",
"2"]`` is such a program. Its exit status is read as pppd's.

Never: the modem. SIGKILL, unless nothing else ends the program: pppd would leave its routes and name servers behind.
"""

import asyncio
import os
import re
import shutil
import signal
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from core import events
from core.errors import LineError, NoLineError
from core.events import Emit
from core.mail.text import safe
from core.net.program import Program, start

FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"  # pppd is there, and a plain user's PATH often is not
RESOLV = Path("/etc/resolv.conf")
RESOLV_TRIES, RESOLV_SECONDS = 30, 0.05  # pppd's ip-up script writes it just after the link is up
TERM_SECONDS = 8.0  # pppd needs 0.6
LAST_SECONDS = 10.0

_HIDDEN = "\N{BULLET}" * 8
_PASSWORD = re.compile(r'(?i)\b(password=)("[^"]*"|\S+)')
_LOCAL = re.compile(r"local\s+IP address (\S+)")
_SERVER = re.compile(r"(?:primary|secondary)\s+DNS address (\S+)")
_INTERFACE = re.compile(r"Using interface (\S+)")

# pppd(8), EXIT STATUS. Those of the second table are of a kind that a later try mends.
_FINAL = {
    1: "it failed at once, out of memory or refused by the system",
    2: "it does not take its options; see line.link",
    3: "it is neither run by root nor set-uid root; ask the owner of this machine",
    4: "this kernel has no PPP; load the module ppp_async",
    7: "the port could not be opened",
    8: "its connect script failed; see line.link",
    9: "the command in its pty option could not be run; see line.link",
    11: "the provider proves no name of its own; as a plain user, use a file in /etc/ppp/peers with noauth in it",
    18: "its init script failed; see line.link",
    19: "the provider refuses our name or password; see line.link and /etc/ppp/pap-secrets",
}
_PASSING = {
    0: "it ended the link",
    5: "it was told to end",
    6: "another program has locked the port",
    10: "the provider's side and ours agree on no IP link",
    12: "the link was idle",
    13: "the link has reached its time limit",
    14: "the provider wants to call back",
    15: "the provider's side is silent",
    16: "the carrier was lost",
    17: "our own words come back: the provider runs no PPP yet; it may want a login first, see line.chat",
}
# Status 16 is told for much else; the log knows better. The first that fits counts.
_REFUSED = re.compile(r"(PAP|CHAP|EAP) authentication failed|^Authentication failed")
_LOG = (
    (re.compile(r"Serial link appears to be disconnected"), "the provider's side has fallen silent"),
    (re.compile(r"LCP: timeout sending Config-Requests"), "the provider's PPP never answered"),
    (re.compile(r"Loopback detected"), _PASSING[17]),
    (re.compile(r"(?:LCP|IPCP|Link) terminated by peer"), "the provider has ended the link"),
    (re.compile(r"Modem hangup"), _PASSING[16]),
)


def program(words: Sequence[str]) -> list[str]:
    """``line.link`` with the program's whole path.

    Raises:
        NoLineError: it is not there, or not for us; tells how to get it.
    """
    name, *rest = words
    path = f"{os.environ.get('PATH', os.defpath)}:{FOLDERS}"
    if found := shutil.which(name, path=path):
        return [found, *rest]
    if there := shutil.which(name, mode=os.F_OK, path=path):
        raise NoLineError(f"{there}: you may not run it; have your login added to the group dip: adduser LOGIN dip")
    how = "install it (on Debian: apt install ppp)" if name == "pppd" else "see line.link"
    raise NoLineError(f"{name}: the program that makes the link is not on this machine; {how}")


def command(words: Sequence[str], speed: int, flow: str, *, carrier: bool | None, root: bool) -> list[str]:
    """The whole command: pppd with its options, any other program as it is.

    ``carrier`` is what the connected port tells of its DCD: where that is low, it is not wired, and pppd must not
    look at it.
    """
    name, *rest = words
    if Path(name).name != "pppd":
        return [name, *rest]
    return [
        name,
        str(speed),
        "nodetach",
        # A connect script keeps pppd from waiting for DCD when it opens the port once more.
        *("local" if carrier is False else "modem", "connect", "/bin/true"),
        "crtscts" if flow == "hardware" else "nocrtscts",
        *("noipdefault", "usepeerdns", "defaultroute"),
        *(("replacedefaultroute", "noauth") if root else ()),
        # A line that has fallen silent is noticed after 25 seconds; one that is busy is not asked.
        *("lcp-echo-interval", "5", "lcp-echo-failure", "4", "lcp-echo-adaptive"),
        *("lcp-restart", "2", "lcp-max-configure", "8"),  # a silent provider costs 16 seconds
        *("idle", "300"),  # the phone is put down even when we were killed
        *("logfd", "2"),
        *rest,
    ]


def shown(words: Sequence[str]) -> str:
    """A command as it may be told: what follows the option ``password`` is hidden."""
    before = ("", *words)
    return " ".join(_HIDDEN if last == "password" else word for last, word in zip(before, words, strict=False))


def fault(name: str, status: int, log: Sequence[str]) -> LineError:
    """Why a link program has ended, as an error to raise or a sentence to tell; ``log`` is the last of its words."""
    last = f' (its last words: "{log[-1]}")' if log and status in (1, 2, 3, 4, 7) else ""
    if status == 19 or (status == 16 and any(_REFUSED.search(line) for line in log)):
        return NoLineError(f"{name}: {_FINAL[19]}")
    if status == 16:
        why = next((why for sign, why in _LOG if any(sign.search(line) for line in log)), _PASSING[16])
        return LineError(f"{name}: {why}")
    if status in _FINAL:
        return NoLineError(f"{name}: {_FINAL[status]}{last}")
    if status < 0:
        return LineError(f"{name}: it was killed by signal {-status}")
    return LineError(f"{name}: {_PASSING.get(status, f'it ended with status {status}')}{last}")


class Link:
    """One run of the link program."""

    def __init__(self, words: Sequence[str], emit: Emit) -> None:
        self.interface = self.address = ""
        self._words = list(words)
        self._name = Path(words[0]).name
        self._emit = emit
        self._log: deque[str] = deque(maxlen=50)
        self._servers: list[str] = []
        self._up = asyncio.Event()
        self._run: Program | None = None

    async def start(self, tty: int) -> None:
        """Start the program on a connected port.

        Raises:
            NoLineError: it cannot be run.
        """
        self._emit(events.Modem(safe(shown(self._words)), sent=True))
        self._run = await start(self._words, self._hear, tty=tty, silent=self._name == "pppd")

    def _hear(self, line: str) -> None:
        """One line of the log."""
        if not (text := safe(_PASSWORD.sub(rf"\1{_HIDDEN}", line))):
            return
        self._log.append(text)
        self._emit(events.Modem(text))
        if found := _INTERFACE.search(text):
            self.interface = found[1]
        if found := _SERVER.search(text):
            self._servers.append(found[1])
        if found := _LOCAL.search(text):
            self.address = found[1]
            self._up.set()

    async def up(self, seconds: float) -> None:
        """Wait until IP is up.

        Raises:
            LineError: the program has ended, or ``seconds`` are over.
        """
        up, ended = asyncio.create_task(self._up.wait()), asyncio.create_task(self.ended())
        try:
            await asyncio.wait((up, ended), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise ended.result()
        finally:
            up.cancel()
            ended.cancel()
        if not self._up.is_set():
            last = f'; its last words: "{self._log[-1]}"' if self._log else ""
            raise LineError(f"{self._name}: no IP link within {seconds:g} s{last}")

    async def named(self) -> None:
        """Wait a little until the system knows the provider's name servers: the first look-up must not fail."""
        for _ in range(RESOLV_TRIES):
            await asyncio.sleep(RESOLV_SECONDS)  # first of all, as they are told right after the address
            if all(_known(server) for server in self._servers[:1]):
                return

    async def ended(self) -> LineError:
        """Wait until the program ends by itself; why it did."""
        status = await self._run.wait() if self._run else None
        return fault(self._name, status or 0, self._log)

    async def end(self) -> bool:
        """Ask the program to end; whether it did. Never raises."""
        return await self._told(signal.SIGTERM, TERM_SECONDS)

    async def kill(self) -> None:
        """End a program that did not end when it was asked, and whose connection is gone. Never raises."""
        if self._run and not await self._told(signal.SIGHUP, LAST_SECONDS):
            self._run.kill()
            await self._run.wait(LAST_SECONDS)

    async def _told(self, number: int, seconds: float) -> bool:
        if self._run is None:
            return True
        self._run.send(number)
        return await self._run.wait(seconds) is not None


def _known(server: str) -> bool:
    try:
        return server in RESOLV.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return True  # this system keeps its name servers elsewhere
