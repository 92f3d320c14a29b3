from collections import Counter

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.widgets import Input

from core.household import Household
from tests.tui.conftest import Open
from tests.tui.house import NOW
from tests.tui.steps import SIZE, press, settled, shown, typed, until
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.commands import COMMANDS, Command, here
from tui.guard import Guard
from tui.screens.compose import Compose
from tui.screens.connection import Connection
from tui.screens.form import Form
from tui.screens.guide import Guide
from tui.screens.mail import Mail
from tui.screens.pile import Pile
from tui.screens.placing import Placing
from tui.screens.queue import Queue
from tui.screens.reading import Reading
from tui.screens.settings import Settings
from tui.widgets.files import Files
from tui.widgets.folders import FolderList
from tui.widgets.letters import Letters
from tui.widgets.lookup import Lookup
from tui.widgets.reader import Reader

ACTORS = {
    "app": Mailrun,
    "mail": Mail,
    "place": Placing,
    "pile": Pile,
    "list": Letters,
    "letters": Letters,
    "folders": FolderList,
    "text": Reader,
    "letter": Reading,
    "search": Lookup,
    "compose": Compose,
    "files": Files,
    "queue": Queue,
    "connection": Connection,
    "stubs": Connection,
    "settings": Settings,
    "form": Form,
    "guide": Guide,
}


def test_ids_are_unique() -> None:
    """A remapped key means one command."""
    assert max(Counter(command.id for command in COMMANDS).values()) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_can_be_carried_out_and_explained(command: Command) -> None:
    """Its place has the action, and the help has a sentence."""
    actor = ACTORS[command.where]
    assert callable(getattr(actor, f"action_{command.action.split('(')[0]}"))
    assert command.help[0].isupper()


@pytest.mark.parametrize("where", ACTORS)
def test_a_key_means_one_thing_in_its_place(where: str) -> None:
    """No two commands of a place share a key."""
    keys = [key for command in COMMANDS if command.where == where for key in command.keys.split(",")]

    assert len(keys) == len(set(keys))


async def test_keys_can_be_remapped_by_id(house: Household) -> None:
    """The new key works, the old one no longer, and the hint line shows the new one."""
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW), keys={"mail.compose": "w"})
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "w Compose" in shown(pilot)
        await press(pilot, "c")
        assert isinstance(app.screen, Mail)

        await press(pilot, "w")
        assert isinstance(app.screen, Compose)


async def test_the_palette_carries_commands_out(screens: Open) -> None:
    """What was found by its words happens as by its key."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+p")
        await typed(pilot, "queue")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.3)
        await press(pilot, "enter")

        assert isinstance(pilot.app.screen, Queue)


async def test_the_palette_has_everything_with_its_key(house: Household) -> None:
    """What help lists can be chosen there too, a line each; a remapped key is shown as remapped."""
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW), keys={"mail.compose": "ctrl+o"})
    async with app.run_test(size=(100, 120)) as pilot:
        await settled(pilot)
        wanted = [f"{it.key}  {it.command.help}" for it in here(app.screen)]
        await press(pilot, "ctrl+p")
        await until(pilot, lambda: "Quit" in shown(pilot))

        assert [line for line in wanted if line not in shown(pilot)] == []
        assert "^O  Compose a new letter" in wanted


async def test_help_lists_what_can_be_done_here(screens: Open) -> None:
    """The keys of the screen, then those of the whole program."""
    async with screens().run_test(size=(100, 60)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")

        text = shown(pilot)
        assert "Reply to the sender" in text
        assert "Make a mail run now" in text
        assert "Send: goes out" not in text
        await press(pilot, "q")
        assert isinstance(pilot.app.screen, Mail)


async def test_every_screen_works_at_60_by_20(screens: Open) -> None:
    """A phone's terminal over ssh: one pane, the status line, nothing crashes."""
    async with screens().run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        for key in ("enter", "escape", "y", "escape", "2", "enter", "3", "4", "a", "escape", "1", "c", "escape"):
            await press(pilot, key)
            if not pilot.app.screen.is_modal:
                assert "0.07 EUR." in shown(pilot).splitlines()[-1]


async def test_a_terminal_may_change_its_size(screens: Open) -> None:
    """The letter that is open stays open, and the list is beside it where there is room."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        for size in ((160, 40), (110, 30), (80, 24), (20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await settled(pilot)

        assert "the plum tree is down" in shown(pilot)


async def test_keys_typed_into_a_field_are_text(screens: Open) -> None:
    """No command fires while somebody writes."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "q1234dc?")

        assert pilot.app.screen.query_one("#to", Input).value == "q1234dc?"


async def test_help_is_there_while_one_types(screens: Open) -> None:
    """Where ? is text, F1 stands on the line of keys, and helps with what can be done there."""
    async with screens().run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        assert " ? Help" in shown(pilot)
        await press(pilot, "c")
        assert " F1 Help" in shown(pilot)
        await press(pilot, "f1")

        assert "Keep as a draft" in shown(pilot)
        assert "F1  Help for this screen" in shown(pilot)


async def test_no_key_of_textual_leaves_a_letter_behind(screens: Open) -> None:
    """Ctrl+Q asks as q does: while a letter is written nothing ends."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+q")

        assert "q Quit" not in shown(pilot)
        assert pilot.app.is_running
        assert ["First send" in note.message for note in pilot.app._notifications] == [True]


def test_the_guard_lets_no_control_character_through() -> None:
    """What a widget drew is text or a sign; Textual's own control segments pass."""
    own = Segment("\x1b[H", None, [(1,)])  # type: ignore[list-item] # any control will do
    drawn = [Segment("plum\x1b]2;x\x07", Style(bold=True)), Segment("tree"), own]

    assert Guard().apply(drawn, Color(0, 0, 0)) == [
        Segment("plum\ufffd]2;x\ufffd", Style(bold=True)),
        Segment("tree"),
        own,
    ]


async def test_help_can_be_searched_and_scrolled_on_a_phone(screens: Open) -> None:
    """The last lines are reached with keys; words narrow it down, and Escape takes them away."""
    async with screens().run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        assert "Quit" not in shown(pilot)
        await press(pilot, *["space"] * 9)
        assert "so many replies are folded away" in shown(pilot)

        await press(pilot, "slash")
        await typed(pilot, "reply")
        assert "Reply to everyone" in shown(pilot)
        assert "archive" not in shown(pilot)
        await press(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, Mail)


async def test_help_shows_a_remapped_key(house: Household) -> None:
    """As it stands on the keyboard, and in two columns where there is room."""
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW), keys={"mail.compose": "ctrl+o"})
    async with app.run_test(size=(120, 50)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")

        assert "^O  Compose a new letter" in shown(pilot)
        assert max(line.find("Everywhere") for line in shown(pilot).splitlines()) > 50
