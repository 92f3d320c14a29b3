"""Beginnings of real letters, and other mail programs on mailboxes that have stubs."""

import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from core.mail import stub, text
from core.mail.beginning import beginning
from core.mail.stub import Mark
from core.store import mbox
from core.wire.popd import head
from tests.peers.servers import Box, dovecot, mutt, mutt_count, need, on_terminal, smtp_sink
from tests.peers.test_corpus import as_served, named_corpus
from tests.peers.test_run import finished, household, mailrun, subjects

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CUTS = (0, 12, 60)  # lines
PHOTO = "/9j/4AAQSkZJRgABAQ\n" * 1000
PHOTOS = f"""\
X-Original-To: paul.dupont@home.example
From: grandma@far.example
Subject: photographs
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Here is the pier.
--b
Content-Type: image/jpeg; name=pier.jpg
Content-Transfer-Encoding: base64

{PHOTO}--b--
""".encode()


def defects(message: bytes) -> set[type]:
    """What Python's own parser finds wrong with the make of a letter, in whatever part."""
    parts: list[Message] = list(message_from_bytes(message).walk())
    return {type(defect) for part in parts for defect in part.defects}


@pytest.mark.timeout(120)
def test_beginnings_of_real_letters_are_well_formed() -> None:
    """Cut after any of these numbers of lines, no letter has a fault that the whole one has not; all can be shown."""
    letters = {name: as_served(message) for name, message in named_corpus().items()}
    for name, whole in letters.items():
        for lines in CUTS:
            if (came := head(whole, lines)) != whole:
                made = beginning(came, len(whole) - len(came), len(whole))
                assert defects(made) <= defects(whole), (name, lines)
                assert text.blocks(made), (name, lines)


@pytest.mark.peers
@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_mutt_shows_a_stub_as_a_letter(tmp_path: Path, program: str) -> None:
    """It counts it, and shows its text with the words about what is missing."""
    need(program)
    path = tmp_path / "inbox"
    with mbox.locked(path) as box:
        made = stub.made(Mark(20_000, 19_000, "isp", "u1"), head(PHOTOS, 8))
        box.append([mbox.ROOM, made], "grandma@far.example", NOW)
        box.sync()

    shown = on_terminal(mutt(program, path, 'pager_format="PAGER." markers=no', "-R"), "\nqx", "photographs")

    assert mutt_count(program, path) == 1
    assert "Here is the pier." in shown
    assert "Not all of this letter is here" in shown
    assert "It goes on with" in shown


@pytest.mark.peers
def test_a_stub_from_dovecot_turns_whole_where_another_program_put_it(tmp_path: Path) -> None:
    """s-nail saves the stub elsewhere and deletes it; taken from the command line, it is whole there, to the byte."""
    need("dovecot", "smtp-sink", "s-nail")
    (tmp_path / "isp").mkdir()
    with dovecot(tmp_path / "isp") as box, smtp_sink(tmp_path) as sink:
        house = _with_stub(tmp_path, box, sink.port)
        inbox = house / "mail/paul/inbox"
        move = f"move 1 {inbox.with_name('pictures')}\nquit\n"
        subprocess.run(["s-nail", "-n", "-f", inbox], input=move, capture_output=True, text=True, check=True)
        assert subjects(house, "paul") == []
        assert mailrun(house, "stubs", "take", "1").returncode == 0

        account = finished(mailrun(house, "run", "--json"))

        assert (account["fetched"], account["stubs"], box.waiting()) == (1, 0, [])
    assert PHOTOS in inbox.with_name("pictures").read_bytes()


def _with_stub(folder: Path, box: Box, smtp: int) -> Path:
    """A house that has one."""
    house = household(folder, box.port, smtp)
    path = house / "household.toml"
    path.write_text(path.read_text().replace('name = "isp"', 'name = "isp"\nlarge = "10 kB"'))
    box.put([PHOTOS])
    account = finished(mailrun(house, "run", "--json"))
    assert (account["stubs"], len(box.waiting())) == (1, 1)
    return house
