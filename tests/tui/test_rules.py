from dataclasses import replace

from msgspec import structs
from textual.pilot import Pilot
from textual.widgets import Input

from core.config import FILE, Junk, load
from core.household import Household
from core.mail import filing
from tests.tui.conftest import Open
from tests.tui.house import NOW, SETTINGS
from tests.tui.steps import SIZE, WIDE, press, settled, shown, static
from tests.tui.test_settings import at, fill, notices
from tests.tui.test_triage import subjects
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.commands import here
from tui.screens.form import Form
from tui.screens.settings import Settings
from tui.widgets.folders import FolderList
from tui.widgets.tables import Tables

RULES = """
# what the club writes
[[members.paul.rules]]
list = "nelug"
folder = "nelug"

[[members.paul.rules]]
from = "news@nelug.example"
junk = true

[[members.paul.rules]]
from = "marta"
mark = "flagged"
"""

TEACHING = """
[junk]
kind = "bogofilter"
check = ["false"]
train_junk = ["tee", "-a", "junked"]
train_good = ["tee", "-a", "cleared"]
"""


def ruled(house: Household) -> None:
    """Paul has three rules."""
    text = SETTINGS.replace("\n[members.luc]", RULES + "\n[members.luc]")
    (house.folder / FILE).write_text(text, encoding="utf-8")


def rules(house: Household) -> list[str]:
    """Paul's rules as the file has them."""
    return [filing.words(rule) for rule in load(house.folder / FILE).members["paul"].rules]


def offered(pilot: Pilot[int]) -> set[str]:
    """The commands that can be carried out."""
    return {it.command.id for it in here(pilot.app.screen)}


async def test_rules_are_shown_in_words_and_in_order(screens: Open, house: Household) -> None:
    """Below a heading for each member, one line each."""
    ruled(house)
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "members", "paul", "rules")

        assert "Rules of paul" in shown(pilot)
        assert "1. list nelug -> folder nelug" in shown(pilot)
        assert "3. from marta -> marked flagged" in shown(pilot)


async def test_a_rule_moves_up_and_down(screens: Open, house: Household) -> None:
    """The cursor goes with it; comments stay with their rules; the first cannot go up, nor the last down."""
    ruled(house)
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "members", "paul", "rules", "2")
        assert ("settings.up" in offered(pilot), "settings.down" in offered(pilot)) == (True, False)
        await press(pilot, "K", "K")

        assert rules(house)[0] == "from marta -> marked flagged"
        assert "# what the club writes\n[[members.paul.rules]]\nlist" in (house.folder / FILE).read_text()
        current = pilot.app.screen.query_one(Tables).current
        assert current is not None
        assert current.title.startswith("1. from marta")
        assert "settings.up" not in offered(pilot)
        await press(pilot, "J")
        assert rules(house)[1] == "from marta -> marked flagged"


async def test_a_rule_is_added_tried_and_saved(screens: Open, house: Household) -> None:
    """In the form; before it is saved it tells what it would take of the letters that came last, and where to."""
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "members", "paul", "rules")
        await press(pilot, "enter")
        fill(pilot, "from", "@island.example")
        fill(pilot, "folder", "island")
        await press(pilot, "ctrl+t")
        assert "Of the last 9 letters 2 would go to island." in shown(pilot)
        assert "Marta Weber: The key is under the blue pot" in shown(pilot)

        await press(pilot, "ctrl+s")
        assert "Of the last 100 letters 2 letters would go elsewhere" in shown(pilot)
        await press(pilot, "y")

        assert rules(house) == ["from anybody at island.example -> folder island"]
        assert isinstance(pilot.app.screen, Settings)


async def test_a_rule_is_changed_and_deleted(screens: Open, house: Household) -> None:
    """Only what was changed is written."""
    ruled(house)
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "members", "paul", "rules", "0")
        await press(pilot, "e")
        fill(pilot, "header", "X-Priority: 1, X-Loop: *")
        fill(pilot, "mark", "read, flagged")
        await press(pilot, "ctrl+s")
        words = "list nelug and X-Priority: 1 and X-Loop: * -> folder nelug, marked read and flagged"
        assert rules(house)[0] == words

        await press(pilot, "d", "y")
        assert rules(house) == ["from news@nelug.example -> junk", "from marta -> marked flagged"]


async def test_a_fault_is_told_in_the_form(screens: Open, house: Household) -> None:
    """A mark that is none, and a rule that does nothing."""
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "members", "paul", "rules")
        await press(pilot, "a")
        fill(pilot, "from", "marta")
        fill(pilot, "mark", "seen")
        await press(pilot, "ctrl+s")
        assert "must be a list of read and flagged" in shown(pilot)
        fill(pilot, "mark", "")
        await press(pilot, "ctrl+s")

        assert isinstance(pilot.app.screen, Form)
        assert "does nothing; give it a folder, mark, copy_to or junk" in " ".join(shown(pilot).split())
        assert rules(house) == []


async def test_rules_are_tried_on_past_letters(screens: Open, house: Household) -> None:
    """One alone, with those that an earlier one takes; or all; only on one's own letters."""
    ruled(house)
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "members", "paul", "rules", "2")
        await press(pilot, "t")
        words = " ".join(shown(pilot).split())
        assert "Of the last 9 letters 2 are like it (marked flagged)." in words
        assert "Nothing has been moved." in words
        await at(pilot, "members", "paul", "rules")
        await press(pilot, "t")
        assert "Of the last 9 letters 1 would go to junk." in " ".join(shown(pilot).split())
        await at(pilot, "members", "luc", "rules")
        assert "settings.try" not in offered(pilot)


async def test_two_keys_make_a_rule_of_a_letter(screens: Open, house: Household) -> None:
    """It says what the rule would catch; the letters that are here go only if they shall, and come back with undo."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "R")
        words = " ".join(shown(pilot).split())
        assert "from marta@island.example" in words
        assert "2 letters of the inbox are like this. Marta Weber is a new folder." in words

        await press(pilot, "enter")
        assert rules(house) == ["from marta@island.example -> folder Marta Weber"]
        assert "The rule holds from now on. 2 letters of the inbox are" in shown(pilot)
        await press(pilot, "y")
        assert (subjects(house, "paul")[-1], len(subjects(house, "paul", "Marta Weber"))) == (
            "Θάλασσα from the pass",
            2,
        )
        await press(pilot, "u")
        assert subjects(house, "paul", "Marta Weber") == []


async def test_another_likeness_and_another_folder(screens: Open, house: Household) -> None:
    """The arrows choose the one, Tab leads to the other, which stays as it was typed; n leaves past letters here."""
    async with screens().run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await press(pilot, "end", "R", "tab", *"../x")
        assert "which is no name for a folder" in " ".join(shown(pilot).split())
        await press(pilot, "enter")
        assert rules(house) == []
        pilot.app.screen.query_one(Input).value = "Archive"
        await press(pilot, "down", "enter", "n")

        assert rules(house) == ["from anybody at island.example -> folder archive"]
        assert subjects(house, "paul")[-1] == "Photographs from the island"


async def test_escape_makes_no_rule(screens: Open, house: Household) -> None:
    """Nothing is written before Enter; letters that one wrote make none."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "mail.rule" in offered(pilot)
        await press(pilot, "R", "j", "k", "escape")
        assert rules(house) == []
        await press(pilot, "J", "J")
        assert "Sent" in static(pilot, "#where")
        assert "mail.rule" not in offered(pilot)


async def test_the_junk_key_moves_and_teaches(screens: Open, house: Household) -> None:
    """There and back again; what was wrong is learned the other way round, and undo takes back both."""
    taught = (house.folder / FILE).read_text() + TEACHING
    (house.folder / FILE).write_text(taught, encoding="utf-8")
    house = replace(house, config=load(house.folder / FILE))
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "exclamation_mark")
        assert subjects(house, "paul", "junk") == ["The key is under the blue pot"]
        assert "blue pot" in (house.folder / "junked").read_text()

        await press(pilot, "u")
        assert (subjects(house, "paul", "junk"), len(subjects(house, "paul"))) == ([], 9)
        assert "blue pot" in (house.folder / "cleared").read_text()

        await press(pilot, "home", "exclamation_mark", "y")
        folders = app.screen.query_one(FolderList)
        folders.cursor = [row.name for row in folders.rows].index("junk")
        await press(pilot, "enter", "exclamation_mark")
        assert subjects(house, "paul", "junk") == []
        assert (house.folder / "cleared").read_text().count("blue pot") == 2


async def test_without_a_program_the_junk_key_only_moves(screens: Open, house: Household) -> None:
    """And a program that cannot be run says so, after the move."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "exclamation_mark")
        assert subjects(house, "paul", "junk") == ["The key is under the blue pot"]
    house = replace(house, config=structs.replace(house.config, junk=Junk(kind="spamc", train_junk=("/no/such",))))
    app = Mailrun(Bridge(house, "paul", now=lambda: NOW))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "exclamation_mark")
        assert len(subjects(house, "paul", "junk")) == 2
        assert "/no/such cannot be run" in notices(pilot)


async def test_the_program_for_junk_is_set_and_tried(screens: Open, house: Household) -> None:
    """In the settings, as everything else."""
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "junk")
        await press(pilot, "e", "right")
        fill(pilot, "check", "grep, -q, casino")
        await press(pilot, "ctrl+t")
        assert "grep tells junk" in shown(pilot)
        await press(pilot, "ctrl+s")

        assert load(house.folder / FILE).junk == Junk(kind="bogofilter", check=("grep", "-q", "casino"))
        assert "told by bogofilter" in shown(pilot)
