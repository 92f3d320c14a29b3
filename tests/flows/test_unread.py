from pathlib import Path

import pytest

from core import read
from core.read import Rows
from tests.tui.house import build


@pytest.mark.parametrize("listed", [True, False])
def test_the_next_unread_letter_is_found_round_the_end(tmp_path: Path, listed: bool) -> None:
    """From any place, in rows that were made already and in those of the index; none where all are read."""
    rows = read.rows(build(tmp_path), "paul")
    rows = Rows(list(rows)) if listed else rows

    assert [rows.unread_after(at) for at in range(-1, 9)] == [5, 5, 5, 5, 5, 5, 6, 7, 8, 5]
    read_all = rows.flagged([row.id for row in rows[5:]], "R")
    assert read_all.unread_after(3) is None
    assert read_all.flagged([rows[0].id], "").unread_after(3) == 0
    assert set(rows.ids()) == {row.id for row in rows}


def test_what_is_folded_away_is_not_the_next(tmp_path: Path) -> None:
    """Only letters that are shown count there."""
    rows = read.rows(build(tmp_path), "paul", "inbox", "threads")
    (root,) = rows.roots()
    folded = rows.collapsed([root])

    assert len(folded) == len(rows) - 1
    at = folded.find(root)
    assert at is not None
    after = folded.unread_after(at)
    assert after is not None
    assert folded[after].subject != "Re: The garden after the storm"
    assert len(folded.ids()) == len(rows)
