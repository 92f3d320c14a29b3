from pathlib import Path

import pytest

from core import folder, move, read
from core.errors import InputError
from core.household import Household
from core.store import mbox
from tests.store.conftest import _dies
from tests.tui.house import BOTH, ISLAND, PAUL, Note, build, put

NAMES = ["inbox", "sent", "drafts", "archive", "junk", "trash"]


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with letters."""
    return build(tmp_path)


def subjects(house: Household, where: str = "inbox") -> list[str]:
    """What is in a folder of Paul's."""
    return [row.subject for row in read.rows(house, "paul", where)]


def ids(house: Household, *words: str, where: str = "inbox") -> list[str]:
    """The letters of Paul's with these words in their subjects."""
    return [row.id for row in read.rows(house, "paul", where) if any(word in row.subject for word in words)]


def letters(house: Household) -> list[bytes]:
    """The bytes of each letter in Paul's inbox, sorted."""
    raw = house.box("paul").read_bytes()
    return sorted(raw[entry.offset : entry.offset + entry.length] for entry in mbox.entries(house.box("paul")))


def test_letters_go_and_come_back_with_their_flags(house: Household) -> None:
    """To the byte: From_ line, flags and quoting are what they were."""
    before = letters(house)
    wanted = ids(house, "berth", "Timetable")

    moved = move.move(house, "paul", "inbox", wanted, "archive")

    assert (moved.folder, moved.to, len(moved.ids)) == ("inbox", "archive", 2)
    assert [row.flags for row in read.rows(house, "paul", "archive")] == ["ROF", "ROA"]
    assert move.back(house, "paul", moved).ids == tuple(wanted)
    assert subjects(house, "archive") == []
    assert letters(house) == before


def test_letters_alike_to_the_byte_are_told_apart(house: Household) -> None:
    """Of three that are the same, the ones that were moved come back, and no other."""
    same = Note(ISLAND, PAUL, "Three times", 5, "Alike.\n", "O")
    for _ in range(3):
        put(house, "paul", "inbox", same)
    put(house, "paul", "trash", same)
    first, second, _ = ids(house, "Three times")

    moved = move.move(house, "paul", "inbox", [second, first], "trash")
    assert len(set(moved.ids)) == 2
    assert len(ids(house, "Three times", where="trash")) == 3

    assert len(move.back(house, "paul", moved).ids) == 2
    assert len(ids(house, "Three times")) == 3
    assert len(ids(house, "Three times", where="trash")) == 1


def test_what_another_program_took_does_not_come_back(house: Household) -> None:
    """Undoing a move brings back what is still there, and says how much that was."""
    moved = move.move(house, "paul", "inbox", ids(house, "berth", "Timetable", "garden"), "trash")
    mbox.remove(house.box("paul", "trash"), moved.ids[:2])

    assert len(move.back(house, "paul", moved).ids) == 2
    assert move.back(house, "paul", moved).ids == ()


def test_a_copy_leaves_the_letter_where_it_is(house: Household) -> None:
    """Both have the same bytes."""
    (berth,) = ids(house, "berth")

    move.copy(house, "paul", "inbox", [berth], "boats")

    assert read.letter(house, "paul", "boats", berth).raw == read.letter(house, "paul", "inbox", berth).raw


@pytest.mark.parametrize("act", [move.move, move.copy])
def test_a_letter_stays_where_it_goes_to_the_same_folder(house: Household, act: object) -> None:
    """It is neither doubled nor lost."""
    before = house.box("paul").read_bytes()
    assert callable(act)

    assert act(house, "paul", "inbox", ids(house, "berth"), "inbox").ids == ()
    assert house.box("paul").read_bytes() == before


def test_folders_are_made_renamed_and_removed(house: Household) -> None:
    """A folder of one's own; its letters go along with its name."""
    assert folder.make(house, "paul", " Boats ") == "Boats"
    move.move(house, "paul", "inbox", ids(house, "berth"), "Boats")
    assert folder.rename(house, "paul", "Boats", "Harbour") == "Harbour"

    assert subjects(house, "Harbour") == ["Your berth"]
    assert "Boats" not in [each.name for each in read.folders(house, "paul")]
    with pytest.raises(InputError, match="Harbour has letters in it"):
        folder.remove(house, "paul", "Harbour")
    move.move(house, "paul", "Harbour", ids(house, "berth", where="Harbour"), "inbox")
    folder.remove(house, "paul", "Harbour")
    assert [each.name for each in read.folders(house, "paul")] == [*read.FOLDERS]


@pytest.mark.parametrize("name", ["", " ", "../luc/inbox", ".index.db", "a.lock", "a~", "x" * 61, "\x1b[2J", "Inbox"])
def test_some_names_are_refused(house: Household, name: str) -> None:
    """What would lead elsewhere, be hidden, or be taken for another folder."""
    with pytest.raises(InputError):
        folder.make(house, "paul", name)


def test_the_usual_folders_stay(house: Household) -> None:
    """They are neither renamed nor removed; nor is one that is not there."""
    for name in (*NAMES, "nowhere"):
        with pytest.raises(InputError):
            folder.rename(house, "paul", name, "other")
        with pytest.raises(InputError):
            folder.remove(house, "paul", name)
    with pytest.raises(InputError, match="there is a folder sent already"):
        folder.rename(house, "paul", folder.make(house, "paul", "mine"), "sent")


def test_a_crash_while_moving_loses_no_letter(house: Household) -> None:
    """Where the letter could not be taken away, it is in both places."""
    put(house, "paul", "inbox", Note(ISLAND, BOTH, "Last", 0, "x\n"))
    wanted = ids(house, "Your berth", "garden")
    everything = set(subjects(house))
    crashes = 0
    while _dies(lambda: move.move(house, "paul", "inbox", wanted, "archive"), crashes):
        crashes += 1
        assert everything <= {*subjects(house), *subjects(house, "archive")}
        both = move.Moved("inbox", "archive", tuple(row.id for row in read.rows(house, "paul", "archive")))
        move.back(house, "paul", both)
    assert crashes > 5
