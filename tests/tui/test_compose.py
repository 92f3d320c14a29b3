import io
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
from PIL import Image
from textual import events
from textual.widgets import Input

from core import read
from core.errors import BusyError
from core.household import Household
from core.mail.compose import Attachment, Draft, write
from core.open import open_household
from core.store import queue
from core.submit import submit
from tests.tui.conftest import Open
from tests.tui.house import NOW, Note, put
from tests.tui.steps import SIZE, press, settled, shown, typed, until
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.screens.compose import Compose
from tui.screens.mail import Mail
from tui.screens.picker import Picker
from tui.verbs import writing
from tui.widgets.area import Area
from tui.widgets.files import Files


def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


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
        await press(pilot, "ctrl+s", "y")

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
        await press(pilot, "escape", "escape", "y", "j", "enter", "enter")
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
    """The file goes with the letter; a path that leads nowhere chooses nothing."""
    picture = tmp_path / "plum-tree.jpg"
    picture.write_bytes(b"\xff\xd8" + bytes(60_000))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+t")
        await typed(pilot, str(tmp_path / "none"))
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Picker)

        pilot.app.screen.query_one(Input).value = str(picture)
        await press(pilot, "enter")
        assert re.search(r"plum-tree.jpg +60 kB +1:23 +0.03 EUR +picture", shown(pilot))
        assert "This letter: 83 kB, about 1 min 24 s, 0.03 EUR; it leaves with the next run" in shown(pilot)

        await typed(pilot, "luc")
        await press(pilot, "ctrl+s", "y")
        row = read.rows(house, "luc")[-1]
        assert [part.name for part in read.letter(house, "luc", "inbox", row.id).attachments] == ["plum-tree.jpg"]


def photograph(folder: Path, name: str) -> Path:
    """A photograph of some 400 kB."""
    image = Image.effect_mandelbrot((2000, 1500), (-2, -1.5, 1, 1.5), 50).convert("RGB")
    image.save(folder / name, "JPEG", quality=95)
    return folder / name


async def test_a_photograph_is_offered_smaller(screens: Open, tmp_path: Path) -> None:
    """Its sizes are shown with what each costs; the one that is chosen goes, and the file stays as it was."""
    photo = photograph(tmp_path, "plum-tree.jpg")
    before = photo.read_bytes()
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        compose.bridge.ask(compose, writing.attach, str(photo))
        await settled(pilot)
        assert "plum-tree.jpg (2000 x 1500): send this picture smaller?" in shown(pilot)
        assert re.search(r"as it is +\d+ kB +\d+ min \d+ s +0\.\d\d EUR", shown(pilot))
        assert re.search(r"1024 x 768 +\d+ kB +\d+ s +0\.\d\d EUR", shown(pilot))

        await press(pilot, "j", "enter")
        (file,) = compose.draft().attachments
        assert (Image.open(io.BytesIO(file.content)).size, photo.read_bytes()) == ((1024, 768), before)


async def test_photographs_are_asked_about_one_by_one(screens: Open, tmp_path: Path) -> None:
    """Escape leaves one as it is; the next question follows, and begins at what was chosen before."""
    photos = [photograph(tmp_path, f"photo-{number}.jpg") for number in range(3)]
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        for photo in photos:
            compose.bridge.ask(compose, writing.attach, str(photo))
        await settled(pilot)
        await press(pilot, "escape", "j", "enter", "enter")

        sizes = [Image.open(io.BytesIO(file.content)).size for file in compose.draft().attachments]
        assert sizes == [(2000, 1500), (1024, 768), (1024, 768)]


async def test_a_photograph_that_is_passed_on_is_offered(screens: Open, house: Household, tmp_path: Path) -> None:
    """What somebody has sent costs as much as what one attaches."""
    photo = photograph(tmp_path, "photo.jpg").read_bytes()
    draft = Draft("luc", "paul", text="Look.\n", attachments=(Attachment("photo.jpg", "image/jpeg", photo),))
    submit(house, write(draft, house.config, NOW), "luc", ["paul"], NOW)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "f")
        assert "photo.jpg (2000 x 1500): send this picture smaller?" in shown(pilot)

        await press(pilot, "enter")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        assert Image.open(io.BytesIO(compose.draft().attachments[0].content)).size == (1600, 1200)


async def test_a_picture_can_be_made_smaller_later(screens: Open, tmp_path: Path) -> None:
    """A key asks again about the picture under the cursor; there is none for other files."""
    (tmp_path / "notes.txt").write_text("notes\n")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        compose.bridge.ask(compose, writing.attach, str(tmp_path / "notes.txt"))
        await settled(pilot)
        assert not compose.check_action("smaller", ())
        compose.bridge.ask(compose, writing.attach, str(photograph(tmp_path, "photo.jpg")))
        await settled(pilot)
        await press(pilot, "escape", "ctrl+g", "enter")
        assert Image.open(io.BytesIO(compose.draft().attachments[1].content)).size == (1600, 1200)

        pilot.app.screen.query_one(Files).focus()
        await press(pilot, "j", "s", "enter")
        assert Image.open(io.BytesIO(compose.draft().attachments[1].content)).size == (1024, 768)
        await press(pilot, "s")
        assert any("would hardly be smaller" in note.message for note in pilot.app._notifications)


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
        await press(pilot, "W")
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


async def test_a_recipient_is_completed_while_one_types(screens: Open) -> None:
    """Those who may be meant are offered; Tab takes one, Escape closes the offers only."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc, gr")
        await settled(pilot)
        assert "granny   grandma@far.example" in shown(pilot)

        await press(pilot, "down", "tab")
        field = pilot.app.screen.query_one("#to", Input)
        assert field.value == "luc, Grandma <grandma@far.example>, "
        await typed(pilot, "an")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Compose)
        await press(pilot, "tab")
        assert field.value == "luc, Grandma <grandma@far.example>, an"
        assert 'Nobody in this house is called "an"' in shown(pilot)


async def test_an_offer_is_taken_with_the_mouse(screens: Open) -> None:
    """A click takes it, and the keys stay in the field."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc")
        await settled(pilot)
        await pilot.click(".offers", offset=(2, 0))
        await settled(pilot)

        field = pilot.app.screen.query_one("#to", Input)
        assert field.value == "Luc Jackson <Luc.Jackson@home.example>, "
        assert field.has_focus


async def test_what_looks_like_a_mistake_is_asked_about(screens: Open, house: Household) -> None:
    """No file, no subject, a stranger in the house: one question, and no goes on writing."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+s")
        assert any("Nobody is named" in note.message for note in pilot.app._notifications)
        await typed(pilot, "luc")
        pilot.app.screen.query_one(Area).text = "The picture is attached."
        await press(pilot, "ctrl+s")
        assert "You wrote “attached”, but nothing is attached." in shown(pilot)
        assert "The letter has no subject." in shown(pilot)

        await press(pilot, "n")
        assert isinstance(pilot.app.screen, Compose)
        assert len(read.rows(house, "luc")) == 1
        await press(pilot, "ctrl+s", "y")
        assert len(read.rows(house, "luc")) == 2


async def test_a_letter_is_held_until_its_time(screens: Open, house: Household) -> None:
    """^O chooses when it leaves; the screen says so, the draft keeps it, and the queue obeys."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "tom@far.example")
        await press(pilot, "ctrl+o", "tab")
        await typed(pilot, "24 Dec 9:00")
        await press(pilot, "enter")
        assert "it leaves from 24 Dec, 09:00" in shown(pilot)

        await press(pilot, "escape", "y", "j", "enter", "enter")
        await press(pilot, "ctrl+s", "y")
        (letter,) = [q for q in queue.pending(house.ledger) if q.recipients[0].address == "tom@far.example"]
        assert f"{letter.departure.not_before:%d %m %H}" == "24 12 08"


async def test_a_letter_goes_out_from_another_address(screens: Open, house: Household) -> None:
    """^F offers one's own addresses, where there are several."""
    async with screens("luc").run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+f", "down", "enter")
        assert "Luc Jackson <luc.j@old.example>" in shown(pilot)
        await typed(pilot, "paul")
        await press(pilot, "ctrl+s", "y")

        row = read.rows(house, "paul")[-1]
        assert b"\nFrom: Luc Jackson <luc.j@old.example>\n" in b"\n" + read.letter(house, "paul", "inbox", row.id).raw


async def test_files_of_any_name_are_chosen_and_taken_off(screens: Open, tmp_path: Path) -> None:
    """Names that look like markup or commands of a terminal are shown as they are; d takes off the chosen one."""
    folder = tmp_path / "a[" / "nope]"
    folder.mkdir(parents=True)
    for name in ("[bold]a[:nope].txt", "b\x1b[2J.txt", "c.txt"):
        (folder / name).write_text("x")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        compose._folder = folder
        for steps in (1, 2, 3):
            await press(pilot, "ctrl+t")
            await until(pilot, lambda: "c.txt" in shown(pilot))
            await press(pilot, *["down"] * steps, "enter")
        assert "[bold]a[:nope].txt" in shown(pilot)
        assert not re.search("[\x00-\x09\x0b-\x1f]", shown(pilot))

        compose.query_one(Files).focus()
        await press(pilot, "home", "down", "d")
        assert [file.name for file in compose.draft().attachments] == ["[bold]a[:nope].txt", "c.txt"]


async def test_an_answer_begins_below_the_quote_and_above_the_signature(house: Household) -> None:
    """The cursor stands where one writes on."""
    path = house.folder / "household.toml"
    path.write_text(path.read_text().replace("[members.paul]", '[members.paul]\nsignature = "Paul\\nBelow"'))
    app = Mailrun(Bridge(open_household(house.folder), "paul", now=lambda: NOW))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "r")
        await typed(pilot, "Yes.")

        area = app.screen.query_one(Area)
        assert area.text.endswith("> I kiss you all\n> Grandma\n\nYes.\n\n-- \nPaul\nBelow\n")


@pytest.mark.skipif(which("hunspell") is None and which("aspell") is None, reason="no spell checker is installed")
async def test_unknown_words_are_gone_through(screens: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suggestion takes the place of a word; another word is left everywhere; quotes are not looked at."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        area = pilot.app.screen.query_one(Area)
        area.text = "> I helo you\nI promissed it to Zorgbert, and Zorgbert knows\nthe gardenn"
        await press(pilot, "ctrl+l")
        assert "I promissed it to" in shown(pilot)
        await press(pilot, "enter", "end", "enter", "tab", *["backspace"], "enter")

        assert area.text == "> I helo you\nI promised it to Zorgbert, and Zorgbert knows\nthe garden"
        assert any("No more unknown words" in note.message for note in pilot.app._notifications)


async def test_without_a_dictionary_one_sentence_says_what_to_install(
    screens: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else happens."""
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "ctrl+l")

        assert any("install hunspell" in note.message for note in pilot.app._notifications)


async def test_two_quick_sends_are_one_letter(screens: Open, house: Household) -> None:
    """Whoever presses the key twice sends once."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc")
        pilot.app.screen.query_one("#subject", Input).value = "Once"
        await pilot.press("ctrl+s", "ctrl+s", "ctrl+s")
        await settled(pilot)

        assert [row.subject for row in read.rows(house, "luc")].count("Once") == 1


async def test_a_letter_that_was_being_written_is_told_of_once(screens: Open, house: Household) -> None:
    """Where the program ended while somebody wrote, the next start says where the letter is."""
    draft = read.save_draft(house, "paul", Draft("paul", text="half a let"), NOW)
    (house.box("paul").parent / f".writing-{gone()}").write_text(draft)
    for told in (True, False):
        async with screens().run_test(size=SIZE) as pilot:
            await settled(pilot)
            notes = [note.message for note in pilot.app._notifications]
            assert ("A letter that you were writing is in Drafts." in notes) == told


async def test_nothing_is_told_of_a_letter_that_was_closed(screens: Open, house: Household) -> None:
    """Sent or kept, it was finished; no mark stays."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        compose._autosave()
        await settled(pilot)
        assert list(house.box("paul").parent.glob(".writing-*"))

        await press(pilot, "ctrl+s", "y")
        assert not list(house.box("paul").parent.glob(".writing-*"))


async def test_a_draft_of_another_program_is_written_on(screens: Open, house: Household) -> None:
    """What mutt postponed is opened, sent as the member's, and gone from the drafts."""
    put(house, "paul", "drafts", Note("paul", "luc", "From mutt", 1, "Half a letter.\n", "RO"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "y", "j", "enter", "enter")
        assert "Paul Dupont <Paul.Dupont@home.example>" in shown(pilot)
        await press(pilot, "ctrl+s")

        assert [(row.sender, row.subject) for row in read.rows(house, "luc")][-1] == ("Paul Dupont", "From mutt")
        assert read.rows(house, "paul", "drafts") == []


@pytest.mark.parametrize(("path", "why"), [("/dev/zero", "no file"), ("{}", "no file"), ("{}/none", "No such file")])
async def test_what_is_no_file_is_not_attached(screens: Open, tmp_path: Path, path: str, why: str) -> None:
    """A device, a folder, nothing: a sentence each, and no draft of a letter that nobody has begun."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        compose.bridge.ask(compose, writing.attach, path.format(tmp_path))
        await settled(pilot)

        assert any(why in note.message for note in pilot.app._notifications)
        assert compose._unkept() is None


async def test_a_file_of_two_gigabytes_is_not_read(screens: Open, tmp_path: Path) -> None:
    """It is told that no letter carries it."""
    with (tmp_path / "film.mkv").open("wb") as film:
        film.truncate(2_000_000_000)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        compose.bridge.ask(compose, writing.attach, str(tmp_path / "film.mkv"))
        await settled(pilot)

        assert any("larger than 50 MB" in note.message for note in pilot.app._notifications)


async def test_all_of_it_is_there_on_a_telephone(screens: Open, tmp_path: Path) -> None:
    """At 60 x 20, with five files: fields, room to write, files, weight; a click chooses a file and takes it off."""
    async with screens("luc").run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        compose = pilot.app.screen
        assert isinstance(compose, Compose)
        for number in range(5):
            (tmp_path / f"picture-{number}.jpg").write_bytes(bytes(1000 * number))
            compose.bridge.ask(compose, writing.attach, str(tmp_path / f"picture-{number}.jpg"))
        await settled(pilot)
        text = shown(pilot)
        assert all(word in text for word in ("From", "Subject", "picture-0.jpg", "it leaves with the next run"))
        assert compose.query_one(Area).size.height >= 3

        await pilot.click(Files, offset=(5, 1))
        await press(pilot, "d")
        assert [file.name[8] for file in compose.draft().attachments] == ["0", "2", "3", "4"]


async def test_a_letter_that_was_sent_is_not_offered_to_be_sent_again(
    screens: Open, house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another program holds the drafts, the letter has gone all the same, and the screen closes."""

    def held(*_: object) -> None:
        raise BusyError("drafts: another program has it open")

    monkeypatch.setattr(read, "expunge", held)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c")
        await typed(pilot, "luc")
        pilot.app.screen.query_one("#subject", Input).value = "Once"
        await press(pilot, "ctrl+s")

        assert isinstance(pilot.app.screen, Mail)
        assert [row.subject for row in read.rows(house, "luc")].count("Once") == 1
