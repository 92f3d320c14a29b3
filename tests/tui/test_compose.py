from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from core import read
from core.household import Household
from core.store import queue
from tests.tui.conftest import Open
from tests.tui.steps import SIZE, press, settled, shown, typed
from tui.app import Mailrun
from tui.screens.compose import Compose
from tui.screens.mail import Mail
from tui.widgets.area import Area


async def test_a_letter_to_the_house_and_outside_is_sent(screens: Open, house: Household) -> None:
    """The member has it at once, the outside address waits in the queue, a copy is in Sent, no draft stays."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc, marta@island.example")
        await press(pilot, "enter", "enter", "enter")
        await typed(pilot, "Saw")
        await press(pilot, "enter")
        await typed(pilot, "Bring it.")
        await press(pilot, "ctrl+s")

        assert isinstance(pilot.app.screen, Mail)
        assert [row.subject for row in read.rows(house, "luc")][-1] == "Saw"
        assert "marta@island.example" in [r.address for q in queue.pending(house.ledger) for r in q.recipients]
        assert [row.subject for row in read.rows(house, "paul", "sent")][-1] == "Saw"
        assert read.rows(house, "paul", "drafts") == []


async def test_a_nickname_of_ones_own_expands(screens: Open, house: Household) -> None:
    """A nickname of the member's address book goes to the addresses that it stands for."""
    read.add_to_book(house, "paul", "alias crew luc rosa@sailing.example")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "crew")
        await press(pilot, "ctrl+s")

        (sent,) = [
            q for q in queue.pending(house.ledger) if "rosa@sailing.example" in [r.address for r in q.recipients]
        ]
        assert [r.state for r in sent.recipients if r.address == "luc"] == ["sent"]


async def test_a_refused_letter_stays_open_and_is_kept_as_a_draft(screens: Open, house: Household) -> None:
    """A name that nobody has is told in a sentence; nothing is queued and nothing is lost."""
    waiting = len(queue.pending(house.ledger))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "lucc")
        await press(pilot, "ctrl+s")

        assert isinstance(pilot.app.screen, Compose)
        assert any("lucc" in note.message for note in pilot.app._notifications)
        assert [row.to for row in read.rows(house, "paul", "drafts")] == ["lucc"]
        assert len(queue.pending(house.ledger)) == waiting


async def test_escape_keeps_a_draft_and_enter_opens_it_again(screens: Open, house: Household) -> None:
    """The draft is written on where it was left, and replaces itself."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc")
        await press(pilot, "escape", "y", "j", "enter", "enter")
        assert isinstance(pilot.app.screen, Compose)
        assert pilot.app.screen.query_one("#to", Input).value == "luc"

        await typed(pilot, "More")
        await press(pilot, "escape")
        assert [(row.to, row.subject) for row in read.rows(house, "paul", "drafts")] == [("luc", "More")]


async def test_an_untouched_new_letter_leaves_no_draft(screens: Open, house: Household) -> None:
    """Escape out of an empty letter keeps nothing."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "escape")

        assert isinstance(pilot.app.screen, Mail)
        assert read.rows(house, "paul", "drafts") == []


async def test_drafts_are_saved_while_one_writes(screens: Open, house: Household) -> None:
    """A look at the draft saves what has changed, and only that."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        await typed(pilot, "luc")
        compose._autosave()
        await settled(pilot)
        first = read.rows(house, "paul", "drafts")
        compose._autosave()
        await settled(pilot)

        assert [row.to for row in first] == ["luc"]
        assert read.rows(house, "paul", "drafts") == first


async def test_a_reply_quotes_and_marks_the_letter_as_answered(screens: Open, house: Household) -> None:
    """The answer goes to the sender, with the text below quote marks; the list says that it was answered."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "r")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        assert "grandma@far.example" in compose.query_one("#to", Input).value
        assert compose.query_one("#subject", Input).value == "Re: The garden after the storm"
        assert "> the plum tree is down" in compose.query_one(Area).text

        await press(pilot, "ctrl+s")
        answered = next(row for row in read.rows(house, "paul") if row.subject == "The garden after the storm")
        assert "A" in answered.flags


async def test_a_file_is_attached_with_its_time_on_the_line(screens: Open, house: Household, tmp_path: Path) -> None:
    """The file goes with the letter; a wrong path is a sentence."""
    picture = tmp_path / "plum-tree.jpg"
    picture.write_bytes(b"\xff\xd8" + bytes(60_000))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+t")
        pilot.app.screen.query_one(Input).value = str(tmp_path / "no such")
        await press(pilot, "enter")
        assert any("cannot be attached" in note.message for note in pilot.app._notifications)

        await press(pilot, "ctrl+t")
        pilot.app.screen.query_one(Input).value = str(picture)
        await press(pilot, "enter")
        assert "plum-tree.jpg 60 kB, 24 s on the line" in shown(pilot)

        await typed(pilot, "luc")
        await press(pilot, "ctrl+s")
        row = read.rows(house, "luc")[-1]
        assert [part.name for part in read.letter(house, "luc", "inbox", row.id).attachments] == ["plum-tree.jpg"]


async def test_nobody_leaves_a_letter_behind(screens: Open) -> None:
    """While a letter is being written, neither quitting nor another member is possible."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await pilot.app.run_action("mode('queue')")
        await settled(pilot)
        await press(pilot, "q", "at")

        assert pilot.app.is_running
        assert isinstance(pilot.app.screen, Compose)


async def test_throwing_a_draft_away_asks_first(screens: Open, house: Household) -> None:
    """No keeps it open, yes removes the draft, too."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc")
        await press(pilot, "ctrl+x", "n")
        assert isinstance(pilot.app.screen, Compose)

        pilot.app.screen._autosave()
        await settled(pilot)
        await press(pilot, "ctrl+x", "y")
        assert isinstance(pilot.app.screen, Mail)
        assert read.rows(house, "paul", "drafts") == []


@pytest.mark.parametrize("lines", [200, 2000])
async def test_undoing_a_long_paste_keeps_the_program_alive(screens: Open, lines: int) -> None:
    """Textual's own text area dies of this (textual issue 6686), and the letter with it."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        area = pilot.app.screen.query_one(Area)
        area.focus()
        await pilot.pause()
        pilot.app.post_message(events.Paste("\n".join(f"line {n}" for n in range(lines))))
        await settled(pilot)
        await press(pilot, "ctrl+z")

        assert area.text == ""
        assert pilot.app.is_running


async def test_without_a_terminal_to_hand_over_the_editor_is_a_sentence(screens: Open) -> None:
    """Where the terminal cannot be suspended, that is told, and the letter stays."""
    app: Mailrun = screens()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+e")

        assert any("editor" in note.message for note in app._notifications)
        assert isinstance(app.screen, Compose)


async def test_a_letter_is_passed_on_as_a_file_and_marked(screens: Open, house: Household) -> None:
    """The whole letter goes along as an attached letter, and the list says that it was passed on."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+f")
        assert "The garden after the storm.eml" in shown(pilot)
        await typed(pilot, "luc")
        await press(pilot, "ctrl+s")

        row = read.rows(house, "luc")[-1]
        letter = read.letter(house, "luc", "inbox", row.id)
        assert [part.kind for part in letter.attachments] == ["message/rfc822"]
        assert b"\nI kiss you all\nGrandma\n" in letter.raw
        passed = next(row for row in read.rows(house, "paul") if row.subject == "The garden after the storm")
        assert "P" in passed.flags


async def test_a_letter_is_sent_on_as_it_is(screens: Open, house: Household) -> None:
    """It arrives from its author, and tells who sent it on."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "B")
        await typed(pilot, "luc, tom@far.example")
        await press(pilot, "enter")

        row = read.rows(house, "luc")[-1]
        head = dict(read.letter(house, "luc", "inbox", row.id).head)
        assert (row.sender, row.subject) == ("Grandma", "The garden after the storm")
        assert head["Resent-From"] == "Paul Dupont <Paul.Dupont@home.example>"
        assert "tom@far.example" in [r.address for q in queue.pending(house.ledger) for r in q.recipients]


async def test_a_sent_letter_is_edited_as_new(screens: Open) -> None:
    """E opens it as a letter to the same people."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "J", "J", "E")

        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        assert compose.query_one("#to", Input).value == "Grandma <grandma@far.example>"
        assert compose.query_one(Area).text == "We heard the wind."


async def test_an_answer_to_no_list_is_a_sentence(screens: Open) -> None:
    """L says that the letter came over no list."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "L")

        assert any("came over no list" in note.message for note in pilot.app._notifications)
