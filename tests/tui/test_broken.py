"""Mailboxes that are none, that are cut, swapped or shrunk under the reader's eyes, or hold lines without an end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.household import Household
from core.store import mbox
from tests.tui.conftest import Open
from tests.tui.house import PAUL, Note, put
from tests.tui.steps import WIDE, press, settled, shown, until
from tests.tui.terminal import ROOT
from tui.screens.reading import Reading
from tui.widgets.letters import Letters

LINE = "All work and no line end " * 40_000  # a line of 1 MB


def picture(path: Path) -> None:
    """What no mail program has made."""
    path.write_bytes(b"\x89PNG\r\n\x1a\nThis is a picture.\n" * 2000)


def state(path: Path) -> tuple[int, int]:
    """What a write would change."""
    return path.stat().st_mtime_ns, path.stat().st_size


def swapped(path: Path, *, for_folder: bool = False) -> None:
    """The file is elsewhere now, and perhaps a folder in its place."""
    path.rename(path.with_name("before"))
    if for_folder:
        path.mkdir()


def said(pilot: Pilot[int]) -> str:
    """The text beside the folders as if no line had ended; a path in it may be broken anywhere."""
    return " ".join(line.rpartition("│")[2].strip() for line in shown(pilot).splitlines())


@pytest.fixture
def inbox(house: Household) -> Path:
    """Paul's inbox."""
    return house.box("paul")


async def test_what_is_no_mbox_is_said_and_left_alone(house: Household, screens: Open, inbox: Path) -> None:
    """A file that is no mailbox is named in a sentence; nothing is written to it, and the other folders open."""
    picture(inbox)
    before = state(inbox)
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "this is no mbox: it does not begin with a From_ line; move it elsewhere" in said(pilot)
        await press(pilot, "J", "J")
        assert "Is the roof still on?" in shown(pilot)

    assert state(inbox) == before


async def test_a_mailbox_that_nobody_may_read_is_said(screens: Open, inbox: Path) -> None:
    """A folder where the mailbox should be is named in a sentence."""
    swapped(inbox, for_folder=True)
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "this is no mailbox but a folder" in said(pilot)


async def test_a_mailbox_cut_in_the_middle_is_shown_as_far_as_it_goes(screens: Open, inbox: Path) -> None:
    """The letter at the cut is there with what is left of it, and so are all before it."""
    entries = mbox.entries(inbox)
    last = entries[5]
    os.truncate(inbox, last.offset + last.length - 60)
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert len(pilot.app.screen.query_one(Letters).rows) == 6
        await press(pilot, "end", "enter")
        assert "the plum tree is down" in shown(pilot)
        assert "Far Island" not in shown(pilot)


async def test_a_letter_cut_in_its_head_is_shown(screens: Open, inbox: Path) -> None:
    """What is left of a head is a letter without a text."""
    os.truncate(inbox, mbox.entries(inbox)[5].offset + 90)
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        assert "Grandma" in shown(pilot)


async def test_a_mailbox_that_shrinks_while_it_is_open(screens: Open, inbox: Path) -> None:
    """A letter that another program has removed is said to be gone, and the list is as the mailbox is now."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        rows = pilot.app.screen.query_one(Letters)
        os.truncate(inbox, mbox.entries(inbox)[3].offset)
        await press(pilot, "end", "enter")
        await settled(pilot)
        assert "inbox has no letter" in said(pilot)
        await press(pilot, "escape", "ctrl+r")
        assert len(rows.rows) == 3


async def test_a_mailbox_that_is_replaced_while_it_is_open(house: Household, screens: Open, inbox: Path) -> None:
    """Another file of the same name is the mailbox from then on; no letter of the old one is taken for a new one."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        swapped(inbox)
        put(house, "paul", "inbox", Note("Rosa <rosa@far.example>", PAUL, "A new box", 0.2, "Quite empty.\n", "O"))
        await press(pilot, "ctrl+r")
        assert [row.subject for row in pilot.app.screen.query_one(Letters).rows] == ["A new box"]
        await press(pilot, "enter")
        assert "Quite empty." in shown(pilot)


async def test_lines_of_a_megabyte_are_shown(house: Household, screens: Open) -> None:
    """A letter of one endless line opens, says what is not shown of it, and is quoted in lines that one can read."""
    put(house, "paul", "inbox", Note("Jack <jack@far.example>", PAUL, "Dull", 0.2, f"{LINE}\nthe end\n", "O"))
    put(house, "paul", "inbox", Note("Jack <jack@far.example>", PAUL, LINE, 0.1, "A long subject.\n", "O"))
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        assert "A long subject." in shown(pilot)
        await press(pilot, "p")
        reading = pilot.app.screen.query_one(Reading)
        await until(pilot, lambda: reading.letter is not None and reading.letter.row.subject == "Dull")
        await press(pilot, "end")
        assert "9 more characters are not shown." in shown(pilot)
        await press(pilot, "r")
        assert "> All work and no line end" in shown(pilot)


def test_the_command_line_names_what_is_wrong_with_a_folder(house: Household, inbox: Path) -> None:
    """`mailrun mail folders` counts the others, and says of one that it is no mailbox."""
    picture(inbox)
    command = [sys.executable, "-m", "core", "mail", "folders", "--for", "paul", "--household", str(house.folder)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    lines = dict(line.split("  ", 1) for line in done.stdout.splitlines())
    assert "this is no mbox" in lines["inbox"]
    assert lines["sent"] == "0 unread of 1"
