"""What we write, read by other mail programs: paragraphs, quotes, umlauts, the signature."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.config import parse
from core.mail.compose import Draft, complete, write
from core.store import mbox
from tests.mail.conftest import HOUSE
from tests.peers.servers import mutt, need, on_terminal

pytestmark = pytest.mark.peers

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LONG = "Der Pflaumenbaum ist umgefallen, aber die Bänke, die ihr gebaut habt, stehen noch dort, wo sie standen. "
TEXT = f"> War der Wind bei euch auch so stark?\n{LONG * 3}\nFrom here on\n  indented\n-- \nPaul\n"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A mailbox with one letter as it leaves the house."""
    house = parse(HOUSE)
    letter = write(Draft("paul", to="grandma@far.example", subject="Grüße", text=TEXT), house, NOW)
    with mbox.locked(tmp_path / "inbox") as opened:
        opened.append([complete(letter, "paul", house, NOW, "1")], "paul@home.example", NOW)
        opened.sync()
    return tmp_path / "inbox"


def test_snail_shows_lines_of_78_columns_and_every_word(box: Path) -> None:
    """A program that knows nothing of flowed text shows lines that fit, and the signature's mark as it is."""
    need("s-nail")
    command = ["s-nail", "-n", "-S", "ttycharset=utf-8", "-f", str(box)]
    shown = subprocess.run(command, input=b"type 1\nexit\n", capture_output=True, check=True).stdout.decode()
    text = shown.partition("\n\n")[2]

    assert max(map(len, text.split("\n"))) <= 78
    assert " ".join(LONG.split()) in " ".join(text.split())
    assert "\n> War der Wind bei euch auch so stark?\n" in f"\n{text}"
    assert "\n-- \nPaul\n" in text


@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_mutt_makes_the_paragraph_whole(box: Path, program: str) -> None:
    """A program that knows flowed text wraps the paragraph anew, at its own width."""
    need(program)
    settings = 'reflow_wrap=40 charset="utf-8" markers=no status_format="COUNT=%m."'

    shown = on_terminal(mutt(program, box, settings, "-R"), "\rqx", r"COUNT=1\.")

    assert "Der Pflaumenbaum ist umgefallen, aber" in shown
    assert "War der Wind bei euch auch so stark?" in shown
