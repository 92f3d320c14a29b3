from functools import partial

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from core import read, searches
from core.folder import make
from core.household import Household
from core.store import dotlock, mbox
from tests.tui.conftest import Open
from tests.tui.house import ISLAND, NOW, PAUL, Note, put
from tests.tui.steps import SIZE, WIDE, press, settled, shown, static, typed, until
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.commands import bound
from tui.screens.mail import Mail
from tui.screens.placing import Placing
from tui.values import TRIAGE
from tui.widgets.folders import FolderList, nothing
from tui.widgets.letters import Letters
from tui.widgets.reader import Reader


def flags(house: Household, subject: str) -> str:
    """The flags of a letter of Paul's, as the mbox has them."""
    return next(row.flags for row in read.rows(house, "paul") if row.subject == subject)


async def test_the_list_begins_at_the_first_unread_letter(screens: Open) -> None:
    """The cursor stands on the oldest letter that was not read, and the counts are told."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)

        row = pilot.app.screen.query_one(Letters).current
        assert row is not None
        assert row.subject == "The garden after the storm"
        assert static(pilot, "#where") == " Inbox   9 letters, 4 unread"


async def test_enter_opens_a_letter_and_marks_it_read_in_the_mbox(screens: Open, house: Household) -> None:
    """The letter fills a narrow terminal; Escape leads back to the list."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter")

        assert "the plum tree is down" in shown(pilot)
        assert "The key is under" not in shown(pilot)
        assert "R" in flags(house, "The garden after the storm")
        await press(pilot, "escape")
        assert "The key is under" in shown(pilot)


async def test_a_wide_terminal_shows_the_letter_under_the_cursor(screens: Open, house: Household) -> None:
    """Beside the list the letter appears without a key, and stays unread."""
    async with screens().run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "the plum tree is down" in shown(pilot))

        assert "Luc Jackson" in shown(pilot)
        assert "Archive" in shown(pilot)
        assert "R" not in flags(house, "The garden after the storm")


async def test_why_it_came_is_told(screens: Open) -> None:
    """The evidence that named the member stands in the letter's head."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter")

        assert "X-Original-To" in shown(pilot)


async def test_headers_come_in_three_levels(screens: Open) -> None:
    """The key h shows a few more, then every header, and again the few."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "h")
        assert "Date Fri, 20 Nov 2026" in shown(pilot)
        assert "MIME-Version" not in shown(pilot)

        await press(pilot, "h")
        assert "MIME-Version: 1.0" in shown(pilot)

        await press(pilot, "h")
        assert "MIME-Version" not in shown(pilot)


async def test_hostile_subjects_are_shown_and_obeyed_by_nobody(screens: Open, house: Household) -> None:
    """Markup is text, and a control or direction character is a sign for one."""
    hostile = "[/nope] [red]x[/red] \x1b]2;owned\x07 \u202egnp"
    put(house, "paul", "inbox", Note("[link=file:///]a[/link] <a@far.example>", PAUL, hostile, 1, hostile, "O"))
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")

        text = shown(pilot)
        assert "[/nope] [red]x[/red]" in text
        assert not set(text) & set("\x1b\x07\u202e")


def subjects(house: Household, folder: str = "inbox") -> list[str]:
    """What is in a folder of Paul's."""
    return [row.subject for row in read.rows(house, "paul", folder)]


def notices(pilot: Pilot[int]) -> str:
    """What was said in passing, the last of it."""
    return [note.message for note in pilot.app._notifications][-1]


async def test_d_puts_a_letter_into_the_trash_and_u_back(screens: Open, house: Household) -> None:
    """At once, with a way back that the notice names; the letter is as it was, and the cursor on it."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "d", "d")
        assert subjects(house, "trash") == ["The key is under the blue pot", "Meeting on the 7th"]
        assert notices(pilot) == "1 letter moved to Trash. u undoes it."

        await press(pilot, "u", "u")
        assert notices(pilot) == "1 letter back in Inbox."
        assert subjects(house, "trash") == []
        assert flags(house, "Meeting on the 7th") == "RO"
        row = pilot.app.screen.query_one(Letters).current
        assert row is not None
        assert row.subject == "The key is under the blue pot"
        assert not pilot.app.screen.query_one(Placing).check_action("undo", ())


async def test_deleting_in_the_trash_is_for_good_after_a_question(screens: Open, house: Household) -> None:
    """One letter by d, all of them by $ from everywhere; no is an answer."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "d", "d", "d", "dollar_sign")
        assert "Empty the trash: 3 letters for good?" in shown(pilot)
        await press(pilot, "n", "y", "G", "enter", "d")
        assert "Remove 1 letter for good?" in shown(pilot)
        await press(pilot, "y")
        assert len(subjects(house, "trash")) == 2

        await press(pilot, "dollar_sign", "y")
        assert subjects(house, "trash") == []
        assert len(subjects(house)) == 6
        await press(pilot, "dollar_sign")
        assert notices(pilot).startswith("The trash is empty")


async def test_what_another_program_marked_is_shown_and_removed(screens: Open, house: Household) -> None:
    """A mark of deletion that Dovecot left can be taken away, or carried out."""
    rows = read.rows(house, "paul")
    mbox.flag(house.box("paul"), [rows[0].id, rows[1].id], "D")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "u", "dollar_sign")
        assert "Remove 1 letter marked as deleted for good?" in shown(pilot)

        await press(pilot, "y")
        assert "The key is under the blue pot" in subjects(house)
        assert "Meeting on the 7th" not in subjects(house)


async def test_what_is_gone_meanwhile_does_not_come_back(screens: Open, house: Household) -> None:
    """Undo says in a sentence what another program has done with the letters."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "v", "v", "d", "d")
        mbox.remove(house.box("paul", "trash"), [row.id for row in read.rows(house, "paul", "trash")][1:])
        await press(pilot, "u")
        assert notices(pilot).startswith("The letter is no longer in Trash; another program")

        await press(pilot, "u")
        assert notices(pilot) == "1 letter back in Inbox. Another program has moved or removed the other 1."


async def test_undo_may_be_asked_for_at_once(screens: Open, house: Household) -> None:
    """Also before the letters have gone: the last of several quick deletions is taken back."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home")
        actions = pilot.app.screen.query_one(Placing)
        actions.action_delete()
        actions.action_delete()
        actions.action_undo()
        await settled(pilot)

        assert subjects(house, "trash") == ["The key is under the blue pot"]
        assert len(subjects(house)) == 8


async def test_what_cannot_be_undone_now_can_be_later(
    screens: Open, house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program has the mailbox there is a sentence; the way back is kept."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "v", "v")
        mbox.remove(house.box("paul"), [read.rows(house, "paul")[0].id])
        await press(pilot, "d")
        assert notices(pilot).startswith("1 letter moved to Trash. Another program has moved or removed the other 1.")

        with monkeypatch.context() as busy:
            busy.setattr(mbox, "locked", partial(mbox.locked, timeout=0.0))
            with dotlock.writing(house.box("paul", "trash"), 1):
                await press(pilot, "u")
        assert "trash" in notices(pilot)
        await press(pilot, "u")
        assert notices(pilot) == "1 letter back in Inbox."


async def test_commands_mean_the_selected_letters(screens: Open, house: Household) -> None:
    """The line above counts them; one key acts on all, and the selection ends; so it does by Escape."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "v", "v", "v")
        assert "3 selected" in static(pilot, "#where")
        assert " *" not in shown(pilot).splitlines()[2]
        assert shown(pilot).splitlines()[2].startswith("*")

        await press(pilot, "F")
        assert [row.flags for row in read.rows(house, "paul")][:3] == ["ROF"] * 3
        assert "selected" not in static(pilot, "#where")
        await press(pilot, "home", "v", "v", "v", "F", "ctrl+a", "escape", "home", "v", "v", "a")
        assert subjects(house, "archive") == ["The key is under the blue pot", "Meeting on the 7th"]
        assert flags(house, "Your berth") == "RO"
        assert len(subjects(house)) == 7

        await press(pilot, "u")
        assert len(subjects(house)) == 9
        assert "selected" not in static(pilot, "#where")


async def test_the_mouse_selects_with_ctrl_and_shift(screens: Open) -> None:
    """Ctrl adds one letter, Shift all as far as the click; nothing is opened."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.click(Letters, offset=(30, 0), control=True)
        await pilot.click(Letters, offset=(30, 2), shift=True)
        await settled(pilot)

        assert "3 selected" in static(pilot, "#where")
        assert "As ever." not in shown(pilot)


async def test_letters_go_to_a_folder_that_is_chosen_or_new(screens: Open, house: Household) -> None:
    """The dialog begins at the last folder; the copy leaves the letter where it is."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "s", "end", "enter", *"Boats", "enter")
        assert subjects(house, "Boats") == ["The key is under the blue pot"]
        assert notices(pilot) == "1 letter moved to Boats. u undoes it."

        await press(pilot, "C", "down", "enter")
        assert subjects(house, "junk") == ["Meeting on the 7th"]
        assert "Meeting on the 7th" in subjects(house)
        await press(pilot, "s", "enter")
        assert subjects(house, "junk") == ["Meeting on the 7th"] * 2


async def test_a_saved_search_is_no_place_for_letters(screens: Open, house: Household) -> None:
    """It is not among the folders to move to; what it found is moved from where it lies."""
    searches.save(house, "paul", "Island", "from:marta")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "y", "G", "enter", "s")
        offered = pilot.app.screen.query_one(OptionList).options
        assert [str(option.prompt) for option in offered][-2:] == ["Trash", "New folder ..."]

        await press(pilot, "escape", "dollar_sign")
        assert notices(pilot).startswith("The trash is empty")
        await press(pilot, "home", "a")
        assert subjects(house, "archive") == ["The key is under the blue pot"]


async def test_mailing_lists_are_shown_below_the_folders(screens: Open, house: Household) -> None:
    """One of which several letters are in the inbox; what is done with a letter there is done in the inbox."""
    for number, name in enumerate(("Nelug <nelug.lists.example>",) * 3 + ("<shop.example>",)):
        list_id = f"List-Id: {name}\n"
        put(
            house,
            "paul",
            "inbox",
            Note("news@nelug.example", PAUL, f"Talk {number}", 9 - number, "Soon.\n", "O", list_id),
        )
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "Lists" in shown(pilot)
        assert "shop" not in shown(pilot)
        await press(pilot, "y", "G", "enter")
        assert static(pilot, "#where") == " Nelug   3 letters, 3 unread"
        assert [row.subject for row in pilot.app.screen.query_one(Letters).rows] == ["Talk 0", "Talk 1", "Talk 2"]

        await press(pilot, "home", "a", "J")
        assert "Talk 0" in subjects(house, "archive")
        assert static(pilot, "#where").startswith(" Inbox")


async def test_letters_are_deleted_while_they_are_read(screens: Open, house: Household) -> None:
    """The next letter appears; after the last one the list has the keys again."""
    put(house, "paul", "boats", Note(ISLAND, PAUL, "A ketch", 2, "Ketches are dear.\n", "O"))
    put(house, "paul", "boats", Note(ISLAND, PAUL, "A yawl", 1, "Yawls are odd.\n", "O"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "K", "enter", "d")
        await until(pilot, lambda: "Yawls are odd." in shown(pilot))
        await press(pilot, "d")
        assert "Nothing in this folder." in shown(pilot)

        await press(pilot, "u")
        assert subjects(house, "boats") == ["A yawl"]
        assert "A yawl" in shown(pilot)


async def test_junk_goes_and_comes_back_by_one_key(screens: Open, house: Household) -> None:
    """In the folder of junk, the same key says that a letter is none."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "exclamation_mark")
        assert subjects(house, "junk") == ["The garden after the storm"]

        await press(pilot, "y", *"jjjj", "enter", "exclamation_mark")
        assert subjects(house, "junk") == []
        assert "No junk." in shown(pilot)


async def test_folders_of_ones_own_are_made_renamed_and_removed(screens: Open, house: Household) -> None:
    """In the pane of folders; the usual ones offer neither."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "y", "n", *"Boats", "enter")
        assert "Boats" in shown(pilot)
        await press(pilot, "d", "R")
        assert isinstance(pilot.app.screen, Mail)

        await press(pilot, "G", "R", *"!", "enter")
        assert "Boats!" in [folder.name for folder in read.folders(house, "paul")]
        await press(pilot, "d", "y")
        assert "Boats!" not in shown(pilot)


async def test_tab_goes_to_the_next_unread_letter_and_folder(screens: Open, house: Household) -> None:
    """Round the end of the list; when all is read, to the next folder, but not before it was said."""
    put(house, "paul", "boats", Note(ISLAND, PAUL, "A ketch", 1, "For sale.\n", "O"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "tab")
        row = pilot.app.screen.query_one(Letters).current
        assert row is not None
        assert row.subject == "Re: The garden after the storm"
        await press(pilot, "ctrl+a", "N", "tab")
        assert notices(pilot).endswith("Once more, and it goes on to Boats.")

        await press(pilot, "n")
        assert static(pilot, "#where").startswith(" Boats")
        await press(pilot, "enter", "space", "space")
        assert notices(pilot) == "No unread letters any more."


async def test_an_order_is_chosen_and_kept(screens: Open) -> None:
    """The one that holds is marked; it holds in the next session, too."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "o", "down", "down", "down", "enter")
        assert pilot.app.screen.query_one(Letters).rows[0].subject == "Bread, batteries, the small screws"
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert pilot.app.screen.query_one(Letters).rows[0].subject == "Bread, batteries, the small screws"
        await press(pilot, "o")
        assert pilot.app.screen.query_one(OptionList).highlighted == 3


async def test_the_newest_letters_stand_at_the_top_for_whom_likes_it_so(screens: Open, house: Household) -> None:
    """The other way round, the list begins with what came last; a new letter appears there, and the cursor stays."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "O")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        letters = pilot.app.screen.query_one(Letters)
        assert [letters.cursor, letters.rows[0].subject] == [0, "Photographs from the island"]
        put(house, "paul", "inbox", Note(ISLAND, PAUL, "One more", 0, "Hello.\n", "O"))
        await press(pilot, "ctrl+r")
        assert [letters.cursor, letters.rows[0].subject] == [1, "One more"]
        assert "One more" in shown(pilot)
        await press(pilot, "o")
        assert "● Threads, the newest first" in shown(pilot)


async def test_search_shows_what_was_found_and_escape_everything(screens: Open) -> None:
    """Words are looked for in sender, subject and text."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await typed(pilot, "plum tree")
        await press(pilot, "enter")
        assert len(pilot.app.screen.query_one(Letters).rows) == 1

        await press(pilot, "escape")
        assert len(pilot.app.screen.query_one(Letters).rows) == 9


async def test_folders_are_reached_by_y_and_by_capital_j(screens: Open) -> None:
    """In Sent the addressee is shown instead of the sender."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "y", "j", "j", "enter")
        assert "Is the roof still on?" in shown(pilot)
        assert "Grandma" in shown(pilot)

        await press(pilot, "J")
        assert static(pilot, "#where").startswith(" Archive")


async def test_an_empty_inbox_says_what_the_next_run_costs(house: Household) -> None:
    """It names the keys that fill it, as they are bound, and no command does anything that needs a letter."""
    house.box("paul").unlink()
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW), keys={"mail.compose": "w"})
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        said = " ".join(shown(pilot).split())
        assert "Nothing here yet. F9 makes a run: about 38 s, 0.07 EUR. w writes a letter." in said

        await press(pilot, *"rdaFNCsvVzZt", "enter", "space", "tab", "dollar_sign", "u")
        assert isinstance(pilot.app.screen, Mail)


@pytest.mark.parametrize("folder", ["drafts", "sent", "archive", "junk", "trash", TRIAGE, "boats"])
async def test_every_empty_folder_says_what_it_is_for(screens: Open, house: Household, folder: str) -> None:
    """Each in a sentence of its own."""
    house.box("paul", "sent").unlink()
    make(house, "paul", "boats")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        folders = pilot.app.screen.query_one(FolderList)
        await press(pilot, "y")
        folders.cursor = [row.name for row in folders.rows].index(folder)
        await press(pilot, "enter")

        said = " ".join(shown(pilot).split())
        assert nothing(folder, None, lambda id_: bound(pilot.app.screen, id_)) in said


async def test_new_letters_leave_the_cursor_on_its_letter(screens: Open, house: Household) -> None:
    """Another program removes and adds letters; the cursor stays where the person put it."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        mbox.remove(house.box("paul"), [read.rows(house, "paul")[0].id])
        put(house, "paul", "inbox", Note(ISLAND, PAUL, "One more", 0, "Hello.", "O"))
        await press(pilot, "ctrl+r")

        letters = pilot.app.screen.query_one(Letters)
        assert letters.current is not None
        assert letters.current.subject == "The garden after the storm"
        assert len(letters.rows) == 9


async def test_what_another_program_delivers_appears_without_a_key(screens: Open, house: Household) -> None:
    """The mailboxes are looked at every few seconds; nothing else moves."""
    async with screens().run_test(size=(80, 12)) as pilot:
        await settled(pilot)
        await press(pilot, "end", "k")
        mail, before = pilot.app.screen, shown(pilot)
        assert isinstance(mail, Mail)
        mail.watch_boxes()
        await settled(pilot)
        put(house, "paul", "inbox", Note(ISLAND, PAUL, "An old one", 2, "Hello.\n", "RO"))
        put(house, "paul", "boats", Note(ISLAND, PAUL, "A ketch", 2, "Hello.\n", "O"))
        mail.watch_boxes()
        await settled(pilot)

        assert "An old one" in shown(pilot)
        assert [folder.name for folder in pilot.app.screen.query_one(FolderList).rows][-1] == "boats"
        letters = pilot.app.screen.query_one(Letters)
        assert letters.current is not None
        assert letters.current.subject in before.splitlines()[letters.cursor - letters.scroll_offset.y + 2]


async def test_a_letter_that_another_program_removed_is_told(screens: Open, house: Household) -> None:
    """Opening it shows a sentence, and the screens go on."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        house.box("paul").write_bytes(b"")
        await press(pilot, "enter")

        assert ["inbox has no letter" in note.message for note in pilot.app._notifications] == [True]
        assert pilot.app.is_running


async def test_the_mouse_opens_letters_and_folders(screens: Open) -> None:
    """A click does what Enter does; the hint line and the modes can be clicked, too."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.click(Letters, offset=(30, 0))
        await settled(pilot)
        assert "As ever." in shown(pilot)

        await pilot.click(FolderList, offset=(3, 2))
        await settled(pilot)
        assert "Is the roof still on?" in shown(pilot)

        await pilot.click("Modes", offset=(12, 0))
        await settled(pilot)
        assert pilot.app.current_mode == "queue"


async def test_selected_text_can_be_copied(screens: Open) -> None:
    """What is marked with the mouse in a letter is the letter's text."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        pilot.app.screen.query_one(Reader).text_select_all()
        await pilot.pause()

        assert "the plum tree is down" in (pilot.app.screen.get_selected_text() or "")
