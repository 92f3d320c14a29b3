"""Whole calls to servers that lack what makes a call short: slower, which the statement explains, but complete."""

import email
import email.policy
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest

from core.cli import cli
from core.errors import MailrunError
from core.household import Household, World
from core.net import sending
from core.net.maildrop import Maildrop
from core.rehearsal.provider import provider
from core.store import queue
from tests.flows.town import Town, letter

WAITING = [letter("luc@home.example", f"{n}", f"{n}\n" * n) for n in range(1, 6)]
GREETING = "Grüße aus der Küche.\n.\nÀ bientôt.\n"
WIDE = "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"
UNKNOWN = "unknown@far.example"


@dataclass(frozen=True)
class Lack:
    """What servers lack, and the words by which the statement says so; empty: nothing takes longer for want of it.

    ``calls``: how many it takes until all is done, where the first one finds out the hard way.
    """

    smtp: Collection[str] = ()
    pop: Collection[str] = ()
    deaf: Collection[Literal["smtp", "pop"]] = ()
    says: str = ""
    login: bool = True
    calls: int = 1


LACKS = {
    "nothing": Lack(),
    "PIPELINING (SMTP)": Lack(smtp=["PIPELINING"], says="PIPELINING"),
    "CHUNKING": Lack(smtp=["CHUNKING"], says="CHUNKING"),
    "PIPELINING and CHUNKING": Lack(smtp=["PIPELINING", "CHUNKING"], says="PIPELINING"),
    "8BITMIME": Lack(smtp=["8BITMIME"]),
    "SIZE": Lack(smtp=["SIZE"]),
    "EHLO": Lack(smtp=["EHLO"], login=False, says="PIPELINING"),
    "CAPA": Lack(pop=["CAPA"], says="CAPA"),
    "UIDL": Lack(pop=["UIDL"], says="UIDL"),
    "TOP": Lack(pop=["TOP"], says="TOP"),
    "PIPELINING (POP3)": Lack(pop=["PIPELINING"], says="PIPELINING"),
    "CAPA, UIDL, TOP and PIPELINING": Lack(pop=["CAPA", "UIDL", "TOP", "PIPELINING"], says="CAPA"),
    "everything": Lack(["EHLO"], ["CAPA", "UIDL", "TOP", "PIPELINING"], login=False, says="CAPA"),
    "ears (POP3)": Lack(deaf=["pop"], says="PIPELINING", calls=2),
}


class Impatient(Town):
    """A house that waits for no reply longer than a moment."""

    def outside(self, house: Household) -> World:
        """What the house reaches."""
        world = super().outside(house)
        boxes = [Maildrop(box.settings, world.traffic.count, quiet=1.0) for box in world.maildrops]
        return replace(world, maildrops=boxes)


def write(here: Town) -> None:
    """Letters to go out: short, long, with an addressee who does not exist, and with letters beyond ASCII."""
    here.write("ann", "grandma@far.example", "short")
    here.write("ann", "grandma@far.example, club@sailing.example", "long", "It stands.\n" * 900)
    here.write("luc", f"grandma@far.example, {UNKNOWN}, club@sailing.example", "to three")
    here.write("luc", UNKNOWN, "to nobody")
    here.write("ann", f"club@sailing.example{WIDE}", "wide", GREETING)


def without_login(here: Town) -> None:
    """The smart host knows no login, and the house does not try."""
    here.open().ledger.close()
    here.provider.desk.user = ""
    path = here.folder / "household.toml"
    box, host, smarthost = path.read_text().partition("[smarthost]")
    path.write_text(box + host + smarthost.replace('user = "house"\npassword = "secret"\n', ""))


def content(here: Town, subject: str) -> str:
    """The text of a letter that the provider has taken."""
    letters = [email.message_from_bytes(taken.message, policy=email.policy.SMTP) for taken in here.provider.desk.taken]
    (found,) = [one for one in letters if one["Subject"] == subject]
    return str(found.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("name", LACKS)
async def test_lacking(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the servers lack, every letter comes and goes once, and the statement says what made the call longer."""
    lack = LACKS[name]
    monkeypatch.setattr(sending, "COMMAND", 1.0)
    async with provider("house", "secret", WAITING, smtp_lacks=lack.smtp, pop_lacks=lack.pop, deaf=lack.deaf) as isp:
        isp.desk.replies[UNKNOWN] = "550 5.1.1 unknown"
        here = Impatient(tmp_path, isp)
        if not lack.login:
            without_login(here)
        write(here)

        for _ in range(lack.calls - 1):
            try:
                await here.run()
            except MailrunError:
                continue
        account = await here.run()

        assert account.outcome == "complete"
        assert {name: n for name, n in here.subjects("luc").items() if name.isdigit()} == dict.fromkeys("12345", 1)
        assert not isp.box.letters()
        assert here.taken() == {"short": 1, "long": 1, "to three": 1, "wide": 1}
        assert content(here, "wide") == GREETING
        assert queue.pending(here.open().ledger) == []
        assert any(lack.says in why for why in account.slower) or not lack.says


async def test_the_statement_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`mailrun statements` has the reasons below the call that they made longer."""
    async with provider("house", "secret", WAITING, pop_lacks=["TOP"]) as isp:
        await Town(tmp_path, isp).run()

    cli(["statements", "--household", str(tmp_path)], standalone_mode=False)

    call, *reasons = capsys.readouterr().out.splitlines()
    assert "complete  0 sent  5 fetched" in call
    assert any("slower: maildrop isp: it sends no beginnings of letters (no TOP)" in why for why in reasons)
