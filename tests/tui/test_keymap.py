import pytest

from core.household import Household
from tests.tui.house import NOW
from tests.tui.steps import SIZE, settled
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.commands import COMMANDS
from tui.keymap import misread
from tui.keys import display
from tui.widgets.bars import NEEDED


@pytest.mark.parametrize(
    ("key", "seen"),
    [
        ("ctrl+o", "^O"),
        ("question_mark", "?"),
        ("slash", "/"),
        ("plus", "+"),
        ("f5", "F5"),
        ("escape", "Esc"),
        ("space", "Space"),
        ("G", "G"),
        ("alt+x", "Alt-x"),
        ("ctrl+pagedown", "Ctrl-PgDn"),
    ],
)
def test_a_key_is_shown_as_it_stands_on_the_keyboard(key: str, seen: str) -> None:
    """The names of the key table are for files."""
    assert display(key) == seen


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"mail.compose": "w"}, ""),
        ({"mail.compose": "w, f5"}, ""),
        ({"mail.reply": "d", "mail.delete": "r"}, ""),
        ({"queue.hold": "c"}, ""),
        ({"app.quit": "Q"}, ""),
        ({"mail.compos": "w"}, "did you mean mail.compose?"),
        ({"mail.compose": "ctrl-o"}, 'keys.mail.compose is "ctrl-o", which is no key'),
        ({"mail.compose": ""}, "which is no key"),
        ({"mail.compose": "r"}, "r is both “Compose a new letter” and “Reply to the sender”"),
        ({"mail.compose": "slash"}, "/ is both"),
        ({"mail.compose": "?"}, "? is both"),
        ({"mail.reply": "j"}, "j is both"),
        ({"app.run": "f"}, "f is both"),
    ],
)
def test_keys_that_cannot_work_are_told(keys: dict[str, str], sentence: str) -> None:
    """An unknown command with the nearest one, a word that is no key, and two commands on one key."""
    told = list(misread(keys))

    assert [id_ for id_, _ in told] == (list(keys) if sentence else [])
    assert sentence in "".join(text for _, text in told)


async def test_the_house_hears_of_them_at_the_start(house: Household) -> None:
    """One sentence each, and the screens open."""
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW), keys={"mail.compos": "w"})
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)

        assert ["mail.compose" in note.message for note in app._notifications] == [True]


def test_what_is_needed_first_is_there() -> None:
    """The line of keys names commands that exist, and that have a word there."""
    known = {command.id for command in COMMANDS if command.word}

    assert {id_ for ids in NEEDED.values() for id_ in ids} <= known
