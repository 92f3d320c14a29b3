import io
import os
import stat
from email.message import EmailMessage
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from core import read
from core.errors import InputError
from core.household import Household
from core.store import mbox
from tests.tui.conftest import Open
from tests.tui.house import NOW, PAUL, Note, put
from tests.tui.steps import SIZE, press, settled, shown, static, typed, until
from tui import viewer
from tui.screens.compose import Compose
from tui.screens.picture import Picture
from tui.screens.reading import Reading
from tui.verbs import letter as verbs
from tui.verbs.desk import Desk
from tui.widgets.letters import Letters
from tui.widgets.reader import Reader

PAGE = """\
<p>Dear customer, <a href="https://evil.example/login?x=1">www.bank.example</a> asks you to
<a href="mailto:help@far.example?Subject=x%20y&bcc=all@evil.example">write</a>.</p>
<img src="https://track.example/p.gif?id=7" width=1 height=1><img src="https://cdn.example/logo.png" alt="Our bank">"""
LONG = (
    "Yes.\n\nOn Monday Paul wrote:\n" + "".join(f"> line {number} of what he wrote\n" for number in range(14)) + "\nNo."
)


def letter(subject: str = "With files") -> EmailMessage:
    """The beginning of a letter to Paul."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Marta <marta@island.example>", PAUL, subject
    message["Date"] = f"{NOW:%a, %d %b %Y %H:%M:%S %z}"
    return message


def files() -> EmailMessage:
    """A letter with a text, a patch, and a program that calls itself a picture."""
    message = letter()
    message.set_content("Here they are.\n")
    message.add_attachment("one,two\n1,2\n", subtype="csv", filename="numbers.csv")
    message.add_attachment(b"MZ\x90\0\3\0", maintype="image", subtype="jpeg", filename="plum.jpg.exe")
    return message


def keep(house: Household, message: EmailMessage) -> None:
    """Into Paul's inbox, as the newest letter."""
    with mbox.locked(house.box("paul")) as box:
        box.append([b"Status: O\n" + message.as_bytes()], "marta@island.example", NOW)
        box.sync()


@pytest.fixture
def long(house: Household) -> Household:
    """The newest letter quotes fourteen lines."""
    put(house, "paul", "inbox", Note("Marta <m@island.example>", PAUL, "Long", 0.1, LONG, "O"))
    return house


@pytest.mark.usefixtures("long")
async def test_a_long_quote_is_one_line_until_it_is_unfolded(screens: Open) -> None:
    """The key x shows it and folds it up again; Enter and a click do so with the one in sight."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        assert "┆ On Monday Paul wrote:   + 14 quoted lines" in shown(pilot)
        assert "line 3" not in shown(pilot)

        await press(pilot, "x")
        assert "> line 3 of what he wrote" in shown(pilot)
        await press(pilot, "enter")
        assert "line 3" not in shown(pilot)
        row = next(n for n, line in enumerate(shown(pilot).splitlines()) if "┆" in line)
        await pilot.click(offset=(10, row))
        await settled(pilot)
        assert "> line 3 of what he wrote" in shown(pilot)


@pytest.mark.usefixtures("long")
async def test_words_are_found_in_the_letter_though_they_be_folded_up(screens: Open) -> None:
    """Each place is shown and counted; Esc ends it, and the letter stays."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "ctrl+f")
        await typed(pilot, "LINE 1")
        await settled(pilot)
        assert static(pilot, "#matches") == "1 of 5"
        assert "> line 10 of what he wrote" in shown(pilot)

        await press(pilot, "enter", "f3", "f3")
        assert static(pilot, "#matches") == "3 of 5"
        await press(pilot, "shift+f3", "ctrl+f")
        await typed(pilot, "x")
        assert static(pilot, "#matches") == "not found"
        await press(pilot, "escape")
        assert not pilot.app.screen.query_one("#finding").display
        assert "> line 10 of what he wrote" in shown(pilot)
        await press(pilot, "escape")
        assert "The key is under" in shown(pilot)


async def test_an_empty_letter_says_that_it_is(screens: Open, house: Household) -> None:
    """Rather than leave people waiting for the rest."""
    put(house, "paul", "inbox", Note("Marta <m@island.example>", PAUL, "Oh", 0.1, "", "O"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")

        assert "Nothing is written in this letter" in shown(pilot)


async def test_space_at_the_end_goes_to_the_next_unread_letter(screens: Open) -> None:
    """A page at a time, then on to what nobody has read."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "space", "space")

        row = pilot.app.screen.query_one(Letters).current
        assert row is not None
        assert row.subject == "Re: The garden after the storm"
        await until(pilot, lambda: "I can bring the saw." in shown(pilot))


def program(folder: Path) -> Path:
    """A program that writes down what it is given: into the file "seen" in its folder."""
    made, seen = folder / "program", folder / "seen"
    made.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}.new && mv {seen}.new {seen}\n')
    made.chmod(0o755)
    return made


async def test_a_page_tells_where_its_links_lead_and_what_was_not_loaded(
    screens: Open, house: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that says another place is told apart, and nothing is opened without a question."""
    monkeypatch.setenv("BROWSER", str(program(tmp_path)))
    seen = tmp_path / "seen"
    message = letter("Your account")
    message.set_content(PAGE, subtype="html")
    keep(house, message)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        text = shown(pilot)
        assert "says www.bank.example, leads to evil.example" in text
        assert "2 remote pictures were not loaded; 1 of them, from track.example, only counts" in text

        await press(pilot, "l", "enter")
        text = shown(pilot)
        assert "It leads to evil.example" in text
        assert "https://evil.example/login?x=1" in text
        await press(pilot, "escape")
        assert not seen.exists()

        await press(pilot, "l", "enter", "enter")
        await until(pilot, seen.exists)
        assert seen.read_text() == "https://evil.example/login?x=1"


async def test_a_link_to_write_to_somebody_begins_a_letter(screens: Open, house: Household) -> None:
    """Whom and what about are filled in, and nothing else that the link wants."""
    message = letter("Your account")
    message.set_content(PAGE, subtype="html")
    keep(house, message)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "l", "j", "enter", "enter")

        assert isinstance(pilot.app.screen, Compose)
        assert pilot.app.screen.query_one("#to", Input).value == "help@far.example"
        assert pilot.app.screen.query_one("#subject", Input).value == "x y"


async def test_addresses_that_are_written_out_can_be_followed_with_keys(
    screens: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only with the mouse; where there is no browser, that is said, and the address can be copied."""
    monkeypatch.setattr(viewer, "browser", list)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "l")

        assert "It leads to ferry.example" in shown(pilot)
        assert "No browser was found" in shown(pilot)
        await press(pilot, "enter")
        assert pilot.app.clipboard == "https://ferry.example/times"


async def test_links_that_are_none_of_the_web_can_only_be_copied(screens: Open, house: Household) -> None:
    """What a browser would run, or look up on this computer, is not offered to it."""
    message = letter("Odd")
    message.set_content('<a href="file:///etc/passwd">x</a>', subtype="html")
    keep(house, message)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "l")

        assert pilot.app.screen.query_one(OptionList).option_count == 1
        assert "links of the web and of mail only" in shown(pilot)
        await press(pilot, "enter")
        assert pilot.app.clipboard == "file:///etc/passwd"


async def test_what_is_attached_is_told_by_its_content_and_honestly(screens: Open, house: Household) -> None:
    """A program that calls itself a picture is neither shown nor opened, only saved."""
    keep(house, files())
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        text = shown(pilot)
        assert "[1] numbers.csv   table (CSV), 12 bytes" in text
        assert "[2] plum.jpg.exe   Windows program, 6 bytes" in text
        assert "its name ends in .exe, not in .jpg: it is a program" in text

        await press(pilot, "v", "j", "enter")
        assert pilot.app.screen.query_one(OptionList).option_count == 1
        assert "Save it" in shown(pilot)


async def test_text_that_is_attached_is_read_in_place(screens: Open, house: Household) -> None:
    """Esc leads back to the letter, and again to the list."""
    keep(house, files())
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "v", "enter", "enter")
        assert "one,two" in shown(pilot)
        assert "Here they are." not in shown(pilot)

        await press(pilot, "escape")
        assert "Here they are." in shown(pilot)
        await press(pilot, "escape")
        assert "The key is under" in shown(pilot)


async def test_a_click_on_what_is_attached_asks_what_to_do(screens: Open, house: Household) -> None:
    """As the key does."""
    keep(house, files())
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        row = next(n for n, line in enumerate(shown(pilot).splitlines()) if "numbers.csv" in line)
        await pilot.click(offset=(10, row))
        await settled(pilot)

        assert "Read it here" in shown(pilot)


async def test_the_page_is_one_key_away_where_there_is_one(screens: Open, house: Household) -> None:
    """Its links can be followed, too; Esc leads back to the text."""
    message = letter("Both")
    message.set_content("As text.\n")
    message.add_alternative(PAGE, subtype="html")
    keep(house, message)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        assert "As text." in shown(pilot)
        await press(pilot, "H")
        assert "Dear customer" in shown(pilot)
        await press(pilot, "l", "enter")
        assert "It leads to evil.example" in shown(pilot)
        await press(pilot, "escape", "escape")
        assert "As text." in shown(pilot)


@pytest.mark.usefixtures("long")
async def test_a_letter_is_where_it_was_after_a_look_at_its_source(screens: Open) -> None:
    """Unfolded and scrolled as before."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "x", "space")
        before = shown(pilot)
        await press(pilot, "backslash", "space", "escape")

        assert "> line 13 of what he wrote" in before
        assert shown(pilot) == before


def test_what_cannot_be_written_is_told(house: Household) -> None:
    """The sentence names the place; nothing is left half-written there."""
    keep(house, files())
    desk, key = Desk(house, "paul", NOW), read.rows(house, "paul")[-1].id
    (part, *_) = read.letter(house, "paul", "inbox", key).attachments

    with pytest.raises(InputError, match="/nowhere is no folder"):
        verbs.save(desk, "inbox", key, "/nowhere", part)
    with pytest.raises(InputError, match="/nowhere/x cannot be written: No such file"):
        verbs.write(desk, "inbox", key, "/nowhere/x")
    with pytest.raises(InputError, match="cannot be written: embedded null byte"):
        verbs.write(desk, "inbox", key, "x\0y")


async def test_files_are_saved_one_or_all_and_overwrite_nothing(
    screens: Open, house: Household, tmp_path: Path
) -> None:
    """One or all of them; the second of a name gets a number."""
    keep(house, files())
    where = tmp_path / "downloads"
    where.mkdir()
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "S")
        await _answer(str(where), pilot)
        await press(pilot, "v", "enter", "j", "enter")
        await _answer(str(where), pilot)

        assert sorted(path.name for path in where.iterdir()) == ["numbers-2.csv", "numbers.csv", "plum.jpg.exe"]
        assert (where / "numbers-2.csv").read_bytes() == b"one,two\n1,2\n"


async def test_a_file_goes_to_a_program_after_a_question_and_leaves_nothing(
    screens: Open, house: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies read-only in a folder of its own, and is gone when the screens are."""
    seen = tmp_path / "seen"
    monkeypatch.setenv("MAILRUN_VIEWER", str(program(tmp_path)))
    keep(house, files())
    app = screens()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "v", "enter", "end", "enter")
        assert "Open numbers.csv with" in shown(pilot)
        await press(pilot, "y")
        await until(pilot, seen.exists)

        file = Path(seen.read_text())
        assert _kept(file) == (b"one,two\n1,2\n", 0o400, 0o700)
        await app._bridge.close()
        assert not os.access(file.parents[1], os.F_OK)


def picture(colour: tuple[int, int, int]) -> EmailMessage:
    """A letter with a picture of one colour, and one that is cut off."""
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("textual_image")
    out = io.BytesIO()
    image.new("RGB", (60, 40), colour).save(out, "PNG")
    message = letter()
    message.set_content("Look.\n")
    for number, content in enumerate((out.getvalue(), out.getvalue()[:60]), 1):
        message.add_attachment(content, maintype="image", subtype="png", filename=f"{number}.png")
    return message


async def test_a_picture_is_shown_over_the_letter(screens: Open, house: Household) -> None:
    """In cells where the terminal knows nothing better; Esc leads back."""
    keep(house, picture((200, 30, 40)))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "v", "enter", "enter")
        assert isinstance(pilot.app.screen, Picture)
        widths = [region.width for region in (child.region for child in pilot.app.screen.query("#picture > *"))]
        assert widths[0] > 20

        await press(pilot, "escape")
        assert "Look." in shown(pilot)


async def test_a_broken_picture_is_told(screens: Open, house: Household) -> None:
    """And nothing else happens."""
    keep(house, picture((200, 30, 40)))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "v", "j", "enter", "enter")

        assert ["2.png is broken" in note.message for note in pilot.app._notifications] == [True]
        assert "Look." in shown(pilot)


async def test_a_viewer_that_fails_is_told(screens: Open, house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what to do instead."""
    monkeypatch.setenv("MAILRUN_VIEWER", "false")
    keep(house, files())
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "v", "enter", "end", "enter", "y")
        await until(pilot, lambda: any("could not open it" in note.message for note in pilot.app._notifications))


async def test_the_source_is_shown_safely(screens: Open, house: Household) -> None:
    """Every byte that a terminal would obey is a sign for one."""
    put(house, "paul", "inbox", Note("Marta <m@island.example>", PAUL, "Odd", 0.1, "\x1b]2;owned\x07 and so on", "O"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "backslash")
        assert "Content-Type: text/plain; charset=utf-8" in shown(pilot)
        assert "�]2;owned� and so on" in shown(pilot)

        await press(pilot, "backslash")
        assert "Content-Type" not in shown(pilot)


async def test_a_letter_is_written_to_a_new_file_only(screens: Open, long: Household, tmp_path: Path) -> None:
    """All of it, quotes too; a file that is there is left alone."""
    where = tmp_path / "letter.txt"
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "P")
        await _answer(str(where), pilot)
        written = where.read_text()
        assert written.startswith("From: Marta <m@island.example>\n")
        assert "> line 13 of what he wrote\n" in written

        await press(pilot, "P")
        await _answer(str(where), pilot)
        assert "is there already" in list(pilot.app._notifications)[-1].message
        assert where.read_text() == written


@pytest.mark.usefixtures("long")
async def test_the_whole_text_goes_to_the_clipboard(screens: Open) -> None:
    """What is folded up, too."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "Y")

        assert "> line 13 of what he wrote" in pilot.app.clipboard


@pytest.mark.usefixtures("long")
async def test_a_letter_that_is_read_again_stays_where_it_is(screens: Open) -> None:
    """New mail in the list neither scrolls the letter nor folds it up."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "x", "space")
        reading, reader = pilot.app.screen.query_one(Reading), pilot.app.screen.query_one(Reader)
        before = reader.scroll_offset.y
        reading.show(*reading._place)
        await settled(pilot)

        assert reader.scroll_offset.y == before > 0
        assert "> line 13 of what he wrote" in shown(pilot)


def _kept(file: Path) -> tuple[bytes, int, int]:
    """What a file holds, and who may read it and its folder."""
    own, folder = (stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent))
    return file.read_bytes(), own, folder


async def _answer(text: str, pilot: Pilot[int]) -> None:
    """Answer the question that is asked, in place of what it proposes."""
    pilot.app.screen.query_one(Input).value = text
    await press(pilot, "enter")
