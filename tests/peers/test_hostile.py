"""Real letters, with all that is wrong in them: each is read, quoted, passed on, saved and found, and each is shown."""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core import read
from core.errors import InputError
from core.household import Household
from core.mail import compose
from core.mail.addresses import mailboxes, normal
from core.mail.clean import BAD
from core.mail.compose import Draft, Whom
from core.mail.query import parse
from core.open import open_household
from core.read import Letter
from core.store import mbox
from tests.peers.test_corpus import named_corpus
from tests.tui.house import NOW, SETTINGS
from tests.tui.steps import WIDE, settled, shown
from tests.tui.terminal import terminal
from tests.tui.wire import strange
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.screens import pile
from tui.screens.reading import Reading
from tui.verbs import letter as verbs
from tui.verbs.desk import Desk
from tui.widgets.letters import Letters

pytestmark = [pytest.mark.peers, pytest.mark.timeout(600)]

WHOM: tuple[Whom, ...] = ("sender", "everyone", "list")
HOSTILE = re.compile(rb"[\x00-\x06\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\[/|^.{5000}", re.MULTILINE)
FRAME = 0.01  # seconds, in which a frame is painted
FEW = 8  # of the most hostile letters are looked at on a real terminal


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """A house where all of them are in one inbox, in the order of their files."""
    return filled(tmp_path_factory.mktemp("letters"), list(named_corpus().values()))


def filled(folder: Path, messages: list[bytes]) -> Household:
    """A house with these in Paul's inbox."""
    (folder / "household.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "household.toml").chmod(0o600)
    house = open_household(folder)
    box = house.box("paul")
    box.parent.mkdir(parents=True, exist_ok=True)
    with mbox.locked(box) as inbox:
        for message in messages:
            inbox.append([message], "someone@far.example", NOW)
        inbox.sync()
    return house


@pytest.fixture(scope="module")
def letters(house: Household) -> list[Letter]:
    """All of them, read."""
    return [read.letter(house, "paul", "inbox", row.id) for row in read.rows(house, "paul", "inbox", "file")]


def bad(text: str) -> list[str]:
    """What of a text of several lines must not reach a terminal."""
    return BAD.findall(re.sub(r"[\n\t]", "", text))


def test_all_that_is_shown_of_a_letter_is_safe(letters: list[Letter]) -> None:
    """No control or direction character is left in a row, a head, a text or the name of an attachment."""
    for letter in letters:
        assert not BAD.search(letter.row.sender + letter.row.to + letter.row.subject), letter.row
        assert not any(BAD.search(name + value) for name, value in letter.head), letter.row
        assert not bad(letter.text), letter.row
        assert not any(BAD.search(part.name + part.kind) for part in letter.attachments), letter.row


def drafts(house: Household, letter: Letter) -> Iterator[Draft]:
    """All that can be made of a letter."""
    for whom in WHOM:
        with suppress(InputError):  # it came over no list
            yield compose.reply(letter.raw, "paul", house.config, whom)
    yield compose.forward(letter.raw, "paul", house.config)
    yield compose.forward(letter.raw, "paul", house.config, whole=True)
    yield compose.renew(letter.raw, "paul", house.config)


def words(text: str) -> list[str]:
    """The words of a text, however they are wrapped and quoted."""
    return re.sub(r"[>\s]+", " ", text).split()


def people(draft: Draft) -> list[str]:
    """Whom it is to; a group of nobody is nobody."""
    return [normal(box.address) for value in (draft.to, draft.cc) for box in mailboxes(value.encode())]


def test_each_is_answered_and_passed_on(house: Household, letters: list[Letter]) -> None:
    """Whatever is made of a letter can be written, is safe to edit, and is the same draft when it is opened again."""
    for letter in letters:
        for draft in drafts(house, letter):
            again = compose.parse_draft(compose.write(draft, house.config, NOW))
            assert not bad(draft.text), letter.row
            assert again.subject.split() == draft.subject.split(), letter.row
            assert people(again) == people(draft), letter.row
            assert words(again.text) == words(draft.text), letter.row
            assert [file.content for file in again.attachments] == [file.content for file in draft.attachments]


def test_each_is_sent_on_as_it_is(house: Household, letters: list[Letter]) -> None:
    """A letter that is resent has its body unchanged, and goes to whom it shall."""
    for letter in letters:
        sent = compose.resend(letter.raw, "paul", house.config, "grandma@far.example", NOW, "one")
        head, _, body = sent.partition(b"\n\n")
        assert letter.raw.replace(b"\r\n", b"\n").endswith(body), letter.row
        assert re.search(rb"(?im)^Resent-To: .*grandma@far\.example", head), letter.row


def test_each_attachment_is_saved(house: Household, letters: list[Letter], tmp_path: Path) -> None:
    """The files are written into the folder that was named and nowhere else, each with its content."""
    desk = Desk(house, "paul", NOW)
    for number, letter in enumerate(one for one in letters if one.attachments):
        folder = tmp_path / "here" / str(number)
        folder.mkdir(parents=True)
        verbs.save(desk, "inbox", letter.row.id, str(folder))
        kept = [path.read_bytes() for path in folder.iterdir()]
        assert sorted(kept) == sorted(
            read.attachment(house, "paul", "inbox", letter.row.id, part.path) for part in letter.attachments
        ), letter.row
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_each_is_found_by_its_words(house: Household, letters: list[Letter]) -> None:
    """A letter is found by the longest word of its text; every thirtieth is looked for."""
    for letter in letters[::30]:
        longest = max((word for word in letter.text.split() if word.isalpha()), key=len, default="")
        if 4 < len(longest) < 30:
            found = read.search(house, "paul", parse(longest, NOW), "inbox")
            assert found.find(letter.row.id) is not None, (letter.row, longest)


async def test_a_tenth_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One letter after the other is opened on the real screen, to its end, and nothing bad is in a frame.

    Every tenth of them; ``test_letters`` draws all.
    """
    monkeypatch.setattr(pile, "GLANCE", 0.001)
    tenth = list(named_corpus().values())[::10]
    house = filled(tmp_path, tenth)
    everything = [row.id for row in read.rows(house, "paul")]
    read.mark(house, "paul", "inbox", everything, add="R")  # or each would be marked, synced and counted
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("home", "enter")
        reading, rows = app.screen.query_one(Reading), list(app.screen.query_one(Letters).rows)
        for row in rows:
            await opened(reading, row.id)
            assert not bad(shown(pilot)), row
            app.simulate_key("end")
            await asyncio.sleep(FRAME)
            assert not bad(shown(pilot)), row
            app.simulate_key("n")
        assert len(rows) == len(everything) == len(tenth)


async def opened(reading: Reading, id_: str) -> None:
    """Wait until a letter is shown; far quicker than Pilot's own pauses, which hundreds of letters would add up."""
    for _ in range(5000):
        if reading.letter is not None and reading.letter.row.id == id_:
            await asyncio.sleep(FRAME)
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"{id_} was not shown in ten seconds")


def test_the_most_hostile_are_shown_on_a_terminal(tmp_path: Path) -> None:
    """Of the letters with most that could be obeyed, nothing but what the screens themselves use is on the wire."""
    worst = sorted(named_corpus().values(), key=lambda message: len(HOSTILE.findall(message)), reverse=True)[:FEW]
    filled(tmp_path, worst)
    with terminal(["-m", "tui", "--household", str(tmp_path), "--as", "paul"], size=(40, 120)) as screen:
        screen.wait_for("Inbox")
        screen.press("\x1b[H\r")
        for _ in worst:
            screen.quiet()
            screen.press("hh")
            screen.quiet()
            screen.press("\x1b[F")
            screen.quiet()
            screen.press("hn")
        screen.quiet()
        screen.press("qq")
        assert screen.end() == os.EX_OK
        assert strange(bytes(screen.seen)) == []
