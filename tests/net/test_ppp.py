import asyncio
import os
import signal
import stat
import sys
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import events
from core.errors import LineError, NoLineError
from core.net import ppp

ROOT = (
    "/usr/sbin/pppd 115200 nodetach modem connect /bin/true crtscts noipdefault usepeerdns defaultroute "
    "replacedefaultroute noauth lcp-echo-interval 5 lcp-echo-failure 4 lcp-echo-adaptive lcp-restart 2 "
    "lcp-max-configure 8 idle 300 logfd 2"
)


@pytest.fixture
def line() -> Iterator[int]:
    """A tty such as a connected port."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield theirs
    os.close(theirs)
    os.close(ours)


@pytest.fixture(autouse=True)
def resolv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The system's list of name servers."""
    path = tmp_path / "resolv.conf"
    serve(path, "192.0.2.53")
    monkeypatch.setattr(ppp, "RESOLV", path)
    return path


def serve(path: Path, address: str) -> None:
    """Write the system's list of name servers."""
    path.write_text(f"nameserver {address}\n")


def script(folder: Path, text: str, name: str = "pppd") -> str:
    """A link program that is a shell script; its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("words", "more", "expected"),
    [
        (["/usr/sbin/pppd"], {}, ROOT),
        (["/usr/sbin/pppd", "user", "x", "local"], {}, f"{ROOT} user x local"),
        (
            ["/usr/sbin/pppd", "call", "isp"],
            {"root": False},
            ROOT.replace(" replacedefaultroute noauth", "") + " call isp",
        ),
        (["/usr/sbin/pppd"], {"carrier": None}, ROOT),
        (["/usr/sbin/pppd"], {"carrier": False}, ROOT.replace(" modem ", " local ")),
        (["/usr/sbin/pppd"], {"flow": "none"}, ROOT.replace(" crtscts ", " nocrtscts ")),
        (["/opt/link", "-v"], {}, "/opt/link -v"),
    ],
)
def test_command(words: list[str], more: dict[str, object], expected: str) -> None:
    """To pppd goes what a dial-up needs, and the user's words last; another program is run as it is."""
    values: dict[str, object] = {"flow": "hardware", "carrier": True, "root": True}

    assert ppp.command(words, 115200, **(values | more)) == expected.split()  # type: ignore[arg-type]


def test_password_is_hidden() -> None:
    """A password among the options is not shown."""
    assert ppp.shown(["pppd", "password", "geheim", "user", "x"]) == f"pppd password {'•' * 8} user x"


def test_program_is_found_in_sbin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program is found also where a plain user's PATH does not lead."""
    path = script(tmp_path, "")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(ppp, "FOLDERS", str(tmp_path))

    assert ppp.program(["pppd", "user", "x"]) == [path, "user", "x"]


def test_no_pppd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pppd the error tells how to get it."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(ppp, "FOLDERS", "/nowhere")

    with pytest.raises(NoLineError, match=r"pppd: .* is not on this machine; .*apt install ppp"):
        ppp.program(["pppd"])


def test_forbidden_pppd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pppd that we may not run is told, and how to be allowed."""
    path = Path(script(tmp_path, ""))
    path.chmod(stat.S_IRUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ppp, "FOLDERS", "/nowhere")

    with pytest.raises(NoLineError, match=r"you may not run it; .* group dip"):
        ppp.program(["pppd"])


CHAP = ["CHAP authentication failed: Access denied", "CHAP authentication failed", "Modem hangup"]


@pytest.mark.parametrize(
    ("status", "log", "kind", "sentence"),
    [
        (0, [], LineError, "pppd: it ended the link"),
        (1, ["no memory"], NoLineError, 'pppd: it failed at once.*last words: "no memory"'),
        (2, ["unknown option: x"], NoLineError, 'its options; see line.link .*"unknown option: x"'),
        (3, [], NoLineError, "set-uid root"),
        (4, [], NoLineError, "kernel has no PPP"),
        (5, [], LineError, "told to end"),
        (6, [], LineError, "locked the port"),
        (7, [], NoLineError, "could not be opened"),
        (8, [], NoLineError, "connect script"),
        (9, [], NoLineError, "pty option"),
        (10, [], LineError, "agree on no IP"),
        (11, [], NoLineError, "/etc/ppp/peers with noauth"),
        (12, [], LineError, "idle"),
        (13, [], LineError, "time limit"),
        (14, [], LineError, "call back"),
        (15, [], LineError, "silent"),
        (16, [], LineError, "pppd: the carrier was lost"),
        (16, ["Modem hangup"], LineError, "pppd: the carrier was lost"),
        (16, CHAP, NoLineError, "refuses our name or password"),
        (16, ["Serial link appears to be disconnected.", "Modem hangup"], LineError, "fallen silent"),
        (16, ["LCP: timeout sending Config-Requests"], LineError, "PPP never answered"),
        (16, ["LCP terminated by peer"], LineError, "the provider has ended the link"),
        (17, [], LineError, "no PPP yet"),
        (18, [], NoLineError, "init script"),
        (19, ["PAP authentication failed"], NoLineError, "refuses our name or password"),
        (99, [], LineError, "it ended with status 99"),
        (-9, [], LineError, "killed by signal 9"),
    ],
)
def test_exit_in_words(status: int, log: list[str], kind: type[LineError], sentence: str) -> None:
    """Every exit status of pppd(8) has its words; where 16 has several meanings, the log tells which."""
    fault = ppp.fault("pppd", status, log)

    assert type(fault) is kind
    with pytest.raises(LineError, match=sentence):
        raise fault


UP = """
echo 'Using interface ppp7' >&2
echo 'sent [PAP AuthReq user="x" password="geheim"]' >&2
echo 'local  IP address 10.64.0.2' >&2
echo 'primary   DNS address 192.0.2.53' >&2
"""


async def test_comes_up(tmp_path: Path, line: int) -> None:
    """The link is up when the log tells an address; the log is told, without a password."""
    told: list[events.Event] = []
    link = ppp.Link([script(tmp_path, UP + "exec sleep 60")], told.append)

    await link.start(line)
    await link.up(5)

    assert (link.interface, link.address) == ("ppp7", "10.64.0.2")
    assert events.Modem("local  IP address 10.64.0.2") in told
    assert "geheim" not in repr(told)
    assert await link.end()


async def test_tty_is_standard_input(tmp_path: Path, line: int) -> None:
    """A link program finds the tty on its standard input, and, unless it is pppd, on its output."""
    told: list[events.Event] = []
    name = script(tmp_path, "tty >&2; tty <&1 >&2; echo 'local  IP address 1.2.3.4' >&2; read x", "mylink")
    link = ppp.Link([name], told.append)

    await link.start(line)
    await link.up(5)

    assert told[1:3] == [events.Modem(os.ttyname(line))] * 2
    await link.end()


async def test_waits_for_name_servers(tmp_path: Path, line: int, resolv: Path) -> None:
    """Who has a question waits until the system knows the provider's name server."""
    serve(resolv, "10.255.255.53")
    late = f"sleep 0.2; echo 'nameserver 192.0.2.53' >{resolv}; exec sleep 60"
    link = ppp.Link([script(tmp_path, UP + late)], lambda _: None)

    await link.start(line)
    await link.up(5)
    assert not ppp._known("192.0.2.53")
    await link.named()

    assert ppp._known("192.0.2.53")
    await link.end()


async def test_name_servers_kept_elsewhere(
    tmp_path: Path, line: int, resolv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that never lists the provider's name server is waited for only so long."""
    serve(resolv, "127.0.0.53")
    monkeypatch.setattr(ppp, "RESOLV_TRIES", 2)
    link = ppp.Link([script(tmp_path, UP + "exec sleep 60")], lambda _: None)

    await link.start(line)
    await link.up(5)
    await link.named()

    assert link.address == "10.64.0.2"
    await link.end()


async def test_never_up(tmp_path: Path, line: int) -> None:
    """A program that does not get up in time is told with its last words."""
    name = script(tmp_path, "echo 'Connect: ppp0 <--> /dev/ttyS0' >&2; exec sleep 60")
    link = ppp.Link([name], lambda _: None)
    await link.start(line)

    with pytest.raises(LineError, match=r"pppd: no IP link within 0\.5 s; its last words: .Connect: ppp0"):
        await link.up(0.5)
    assert await link.end()


async def test_ends_at_once(tmp_path: Path, line: int) -> None:
    """A program that ends before the link is up is told by its exit status and log."""
    link = ppp.Link([script(tmp_path, "echo 'PAP authentication failed' >&2; exit 19")], lambda _: None)
    await link.start(line)

    with pytest.raises(NoLineError, match="refuses our name or password"):
        await link.up(5)
    assert await link.end()


async def test_ends_later(tmp_path: Path, line: int) -> None:
    """A link that ends by itself is noticed, also while a child of the program still has the log open."""
    name = script(tmp_path, UP + "sleep 60 & echo $! >child; echo 'Modem hangup' >&2; sleep 0.3; exit 16")
    link = ppp.Link(["env", "-C", str(tmp_path), name], lambda _: None)
    await link.start(line)
    await link.up(5)

    assert str(await link.ended()) == "env: the carrier was lost"
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


async def test_not_a_program(tmp_path: Path, line: int) -> None:
    """A program that cannot be run is told."""
    (tmp_path / "pppd").write_text("\x00")
    (tmp_path / "pppd").chmod(0o755)

    with pytest.raises(NoLineError, match="pppd: cannot be run"):
        await ppp.Link([str(tmp_path / "pppd")], lambda _: None).start(line)


async def test_stubborn_program(tmp_path: Path, line: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ignores SIGTERM is killed only when its connection is gone and nothing else ended it."""
    monkeypatch.setattr(ppp, "TERM_SECONDS", 0.1)
    monkeypatch.setattr(ppp, "LAST_SECONDS", 0.1)
    link = ppp.Link([script(tmp_path, "trap '' TERM HUP;" + UP + "while :; do sleep 1; done")], lambda _: None)
    await link.start(line)
    await link.up(5)

    assert not await link.end()
    await link.kill()

    assert str(await link.ended()) == "pppd: it was killed by signal 9"


async def test_rehearsal_link(line: int) -> None:
    """The link of the rehearsal comes up, and ends as pppd does when it is told to."""
    link = ppp.Link([sys.executable, "-m", "core.rehearsal.link"], lambda _: None)
    await link.start(line)
    await link.up(10)

    ended = asyncio.create_task(link.ended())
    assert await link.end()

    assert link.address == "10.64.0.2"
    assert "it was told to end" in str(await ended)
