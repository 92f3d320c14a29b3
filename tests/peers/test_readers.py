"""Other mail programs on the same mboxes: what they read, what they change, and how everybody's locks meet."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import BusyError
from core.store import mbox
from tests.peers.servers import mutt, mutt_count, need, on_terminal

pytestmark = pytest.mark.peers

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LETTERS = [
    b"From: grandma@far.example\nSubject: one\n\nFrom the garden.\n>From quoted.\n",
    b"From: school@far.example\nSubject: two\n\nhello\n",
    b"From: club@far.example\nSubject: three\n\nno last line end",
]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """An inbox with three letters, as deliveries write them."""
    path = tmp_path / "inbox"
    with mbox.locked(path) as opened:
        for letter in LETTERS:
            opened.append([mbox.ROOM, letter], "grandma@far.example", NOW)
        opened.sync()
    return path


def flags(path: Path) -> list[str]:
    """The flags of each letter, in order."""
    return ["".join(sorted(entry.flags)) for entry in mbox.entries(path)]


@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_reader_counts_the_same(box: Path, program: str) -> None:
    """Mutt and neomutt see as many letters as were delivered."""
    need(program)

    assert mutt_count(program, box) == len(LETTERS)


def test_snail_reads_every_subject(box: Path) -> None:
    """s-nail lists the three letters by their subjects."""
    need("s-nail")

    listing = subprocess.run(["s-nail", "-n", "-H", "-f", box], capture_output=True, text=True, check=True).stdout

    assert [word for word in ("one", "two", "three") if word in listing] == ["one", "two", "three"]


@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_reader_deletes_one_and_we_see_two(box: Path, program: str) -> None:
    """A letter that mutt or neomutt deletes is gone for us, and the others are whole."""
    need(program)
    on_terminal(mutt(program, box, 'delete=yes status_format="COUNT=%m."'), "d$q", r"COUNT=3\.")

    assert len(mbox.entries(box)) == 2
    assert b"hello" in mbox.read(box, mbox.entries(box)[0])


@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_reader_sees_our_flags(box: Path, program: str) -> None:
    """What we mark as read, answered and flagged is so in mutt and neomutt."""
    need(program)
    mbox.flag(box, [mbox.entries(box)[0].id], "ROAF", "")
    command = mutt(program, box, 'status_format="NEW=%n FLAGGED=%F COUNT=%m."', "-R")

    shown = on_terminal(command, "x", r"COUNT=3\.")

    assert "NEW=2 FLAGGED=1" in shown


def test_snail_marks_and_we_see_it(box: Path) -> None:
    """A letter that was read in s-nail is read for us, and its words are untouched."""
    need("s-nail")

    subprocess.run(["s-nail", "-n", "-f", box], input="type 1\nquit\n", capture_output=True, text=True, check=True)

    assert "R" in flags(box)[0]
    assert b"\nFrom the garden.\n>From quoted.\n" in mbox.read(box, mbox.entries(box)[0])


def test_our_lock_keeps_snail_out(box: Path) -> None:
    """While we hold the mbox s-nail does not rewrite it; nothing is lost."""
    need("s-nail")

    with mbox.locked(box) as opened:
        process = subprocess.Popen(
            ["s-nail", "-n", "-f", box], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert process.stdin is not None
        process.stdin.write(b"delete 1\nquit\n")
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.7)
        assert len(opened.entries()) == 3
    process.wait(20)

    assert len(mbox.entries(box)) == 2


def test_dotlock_of_others_is_respected(box: Path) -> None:
    """A dotlock that another program holds makes us wait, and then say so."""
    need("dotlockfile")
    subprocess.run(["dotlockfile", "-l", "-r", "0", f"{box}.lock"], check=True)

    with pytest.raises(BusyError, match="inbox"), mbox.locked(box, timeout=0.3):
        pass
