from core import read
from core.household import Household
from core.store import mbox
from tests.tui.conftest import Open
from tests.tui.house import ISLAND, PAUL, Note, put
from tests.tui.steps import SIZE, WIDE, press, settled, shown, static, typed, until
from tui.screens.mail import Mail
from tui.widgets.letters import FolderList, Letters
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


async def test_all_headers_are_one_key_away(screens: Open) -> None:
    """The key h shows every header, and again the few."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "h")
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


async def test_d_marks_and_dollar_removes_after_a_question(screens: Open, house: Household) -> None:
    """A deletion can be taken back until it was confirmed."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "d", "d", "k", "u", "dollar_sign")
        assert "Remove 1 letter marked as deleted" in shown(pilot)
        assert len(read.rows(house, "paul")) == 9

        await press(pilot, "y")
        subjects = [row.subject for row in read.rows(house, "paul")]
        assert len(subjects) == 8
        assert "The garden after the storm" not in subjects


async def test_a_moves_to_the_archive_and_s_to_a_chosen_folder(screens: Open, house: Household) -> None:
    """The letter is in the other folder, and no longer here."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "a", "s", "enter")

        assert len(read.rows(house, "paul")) == 7
        assert [row.subject for row in read.rows(house, "paul", "archive")] == ["The garden after the storm"]
        assert len(read.rows(house, "paul", "drafts")) == 1


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


async def test_an_empty_folder_says_what_to_do(screens: Open, house: Household) -> None:
    """An empty inbox names the keys that fill it."""
    house.box("paul").unlink()
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)

        assert "Nothing here yet. F9 makes a run" in shown(pilot)
        await press(pilot, "r", "d", "enter", "dollar_sign", "S")
        assert isinstance(pilot.app.screen, Mail)


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
