"""Mail from a login that is no member's (root, cron), and failures as the command line tells them."""

import json
from pathlib import Path

import pytest

from core.store import queue
from tests.flows.test_command import mailrun, sendmail
from tests.flows.town import Town, town

LETTER = b"From: root@linuxpc.localdomain\nTo: grandma@far.example\nSubject: disk\n\nfull\n"


def refusing(here: Town) -> None:
    """This house takes no mail from strangers."""
    here.open()
    path = here.folder / "household.toml"
    path.write_text(path.read_text().replace("[members.paul]", 'strangers = "refuse"\n[members.paul]'))


async def test_stranger_is_the_postmaster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without another setting a stranger's mail goes out as the postmaster's, with no local name in it."""
    monkeypatch.setenv("LOGNAME", "cron")
    async with town(tmp_path) as here:
        here.open()
        answer = await sendmail(tmp_path, "-t", stdin=LETTER)
        await here.run()

        assert (answer.status, answer.err) == (0, "")
        (taken,) = here.provider.desk.taken
        assert taken.envelope.sender == "Paul.Dupont@home.example"
        assert b"From: Paul.Dupont@home.example" in taken.message


async def test_stranger_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With strangers = "refuse" it ends with status 77 and one sentence, and nothing is kept."""
    monkeypatch.setenv("LOGNAME", "cron")
    async with town(tmp_path) as here:
        refusing(here)
        answer = await sendmail(tmp_path, "-t", stdin=LETTER)

        assert answer.status == 77
        assert answer.err.startswith("mailrun: cron is no member of this house")
        assert queue.pending(here.open().ledger) == []
        assert here.open().spool.ids() == set()


@pytest.mark.parametrize(("login", "words"), [("luc", ["-t"]), ("cron", ["-f", "luc", "-t"])])
async def test_members_are_never_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str, words: list[str]
) -> None:
    """A member, or a program that names one, may send."""
    monkeypatch.setenv("LOGNAME", login)
    async with town(tmp_path) as here:
        refusing(here)

        assert (await sendmail(tmp_path, *words, stdin=LETTER)).status == 0
        (waiting,) = queue.pending(here.open().ledger)
        assert (waiting.member, waiting.sender) == ("luc", "Luc.Jackson@home.example")


@pytest.mark.parametrize("words", [["-f", ""], ["-f", "<>"], ["-f<>"]])
async def test_null_sender(tmp_path: Path, words: list[str]) -> None:
    """-f with nothing, or <>, is the null sender of what must never bounce."""
    async with town(tmp_path) as here:
        here.open()
        assert (await sendmail(tmp_path, *words, "-t", stdin=LETTER)).status == 0

        (waiting,) = queue.pending(here.open().ledger)
        assert waiting.sender == ""


async def test_failures_are_told(tmp_path: Path) -> None:
    """`mail list` and `mail show` tell who did not get a letter, and which letter a report is about."""
    async with town(tmp_path) as here:
        here.provider.desk.replies["nobody@far.example"] = "550 5.1.1 no such user"
        id_ = here.write("luc", "nobody@far.example", "hello")
        await here.run()

        (row,) = json.loads((await mailrun(tmp_path, "mail", "list", "--for", "luc", "--folder", "sent", "--json")).out)
        shown = await mailrun(tmp_path, "mail", "show", row["id"], "--for", "luc", "--folder", "sent", "--json")
        plain = await mailrun(tmp_path, "mail", "show", row["id"], "--for", "luc", "--folder", "sent")
        (report,) = json.loads((await mailrun(tmp_path, "mail", "list", "--for", "luc", "--json")).out)
        about = json.loads((await mailrun(tmp_path, "mail", "show", report["id"], "--for", "luc", "--json")).out)

        assert (row["failed"], report["failed"]) == (True, False)
        (failed,) = json.loads(shown.out)["failed"]
        assert (failed["address"], failed["reply"]) == ("nobody@far.example", "550 5.1.1 no such user")
        assert "nobody@far.example did not get it: There is no such mailbox at far.example." in plain.out
        assert (about["about"]["id"], about["about"]["subject"]) == (id_, "hello")
