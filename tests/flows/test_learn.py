import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import StoreError
from core.learn import Learned, learn
from core.store import index, mbox

WHEN = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    """Two mailboxes with a few letters, and one that is none."""
    for name, count in (("inbox", 2), ("sent", 3)):
        with mbox.locked(tmp_path / name, 5) as box:
            for number in range(count):
                box.append([mbox.ROOM, b"Subject: %d\n\nhello\n" % number], "anna@x.example", WHEN)
            box.sync()
    (tmp_path / "notes").write_text("no letters\n")
    return tmp_path


def test_all_mailboxes_are_learned_the_first_before_the_others(boxes: Path) -> None:
    """Their letters, then their words; what is no mbox stops nothing."""
    told: list[Learned] = []

    learn(boxes, "sent", told.append)

    assert [one for one in told if one.stage != "letters"] == [
        Learned("sent", "known", 3, 3),
        Learned("inbox", "known", 2, 2),
        Learned("sent", "words", 3, 3),
        Learned("inbox", "words", 2, 2),
    ]


def test_it_is_said_when_there_is_nothing_but_faults(tmp_path: Path) -> None:
    """One sentence, of the first mailbox."""
    (tmp_path / "inbox").write_text("no letters\n")

    with pytest.raises(StoreError, match="no mbox"):
        learn(tmp_path, "inbox", lambda _: None)


def test_a_process_of_its_own_tells_in_lines(boxes: Path) -> None:
    """As the screens start it."""
    command = [sys.executable, "-m", "core.learn", str(boxes), "inbox"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)

    assert [json.loads(line) for line in said.stdout.splitlines()][-1] == {
        "folder": "sent",
        "stage": "words",
        "done": 3,
        "total": 3,
    }
    assert (said.stderr, index.counts(boxes / "sent")) == ("", (3, 3))
