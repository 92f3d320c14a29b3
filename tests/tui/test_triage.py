import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core import read, triage
from core.config import FILE, load
from core.household import Household
from core.store import queue
from tests.tui.conftest import Open
from tests.tui.house import returned, strays
from tests.tui.steps import SIZE, WIDE, press, settled, shown
from tui.screens.compose import Compose
from tui.screens.mail import Mail
from tui.values import TRIAGE
from tui.widgets.folders import FolderList
from tui.widgets.letters import Letters


def subjects(house: Household, member: str, folder: str = "inbox") -> list[str]:
    """What is in a folder."""
    return [row.subject for row in read.rows(house, member, folder)]


async def to(pilot: Pilot[int], folder: str, *keys: str) -> None:
    """Into a folder."""
    await settled(pilot)
    await press(pilot, "y")
    folders = pilot.app.screen.query_one(FolderList)
    folders.cursor = [row.name for row in folders.rows].index(folder)
    await press(pilot, "enter", *keys)


async def test_the_postmaster_has_a_folder_of_what_nobody_claimed(screens: Open, house: Household) -> None:
    """It has its number, and each letter tells the evidence that was found; other members have no such folder."""
    strays(house)
    async with screens().run_test(size=WIDE) as pilot:
        await to(pilot, TRIAGE, "home", "enter")

        words = " ".join(shown(pilot).split())
        assert "Triage 3" in words
        assert "names luke@home.example, which is nobody's address here" in words
        assert "As agreed." in words
    async with screens("luc").run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "Triage" not in shown(pilot)


async def test_t_gives_a_letter_to_the_member_it_is_for(screens: Open, house: Household) -> None:
    """It leaves triage and is in the other inbox; the rules stay as they are."""
    strays(house)
    async with screens().run_test(size=SIZE) as pilot:
        await to(pilot, TRIAGE, "home", "t")
        assert "Whose is this letter?" in shown(pilot)
        await press(pilot, "enter")

        assert "Rehearsal moved to Thursday" in subjects(house, "luc")
        assert "Rehearsal moved to Thursday" not in subjects(house, "paul")
        assert isinstance(pilot.app.screen, Mail)
        assert len(pilot.app.screen.query_one(Letters).rows) == 2


async def test_any_letter_can_be_given_to_somebody_else(screens: Open, house: Household) -> None:
    """From every folder, by every member."""
    async with screens("luc").run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "t", "down", "enter")

        assert subjects(house, "luc") == []
        assert subjects(house, "ann") == ["The garden after the storm"]


@pytest.mark.parametrize(
    ("all_of_them", "left"), [(True, ["Parents' evening"]), (False, ["Your violin", "Parents' evening"])]
)
async def test_capital_t_makes_the_rule(screens: Open, house: Household, all_of_them: bool, left: list[str]) -> None:
    """Who, by which rule, and which of those that wait: then the rule is in the file and holds in these screens."""
    strays(house)
    async with screens().run_test(size=SIZE) as pilot:
        await to(pilot, TRIAGE, "home", "T", "down", "enter")
        assert "luke@home.example is an address of luc's." in shown(pilot)
        await press(pilot, "enter")
        words = " ".join(shown(pilot).split())
        assert "1 letter that nobody claimed would be caught as well" in words
        assert "Your violin" in words
        await press(pilot, *(() if all_of_them else ("down",)), "enter")

        assert "luke@home.example" in load(house.folder / FILE).members["luc"].also
        assert [row.subject for row in triage.unclaimed(house)] == left
        assert "Rehearsal moved to Thursday" in subjects(house, "luc")
        await press(pilot, "4")
        assert "luke@home.example" in str([row.fields for row in pilot.app.screen.query_one("#tables").rows])  # type: ignore[attr-defined]


async def test_escape_gives_nothing(screens: Open, house: Household) -> None:
    """Neither dialog changes anything before its last answer."""
    strays(house)
    before = (house.folder / FILE).read_bytes()
    async with screens().run_test(size=SIZE) as pilot:
        await to(pilot, TRIAGE, "home", "t", "escape", "T", "enter", "enter", "escape")

        assert len(triage.unclaimed(house)) == 3
        assert (house.folder / FILE).read_bytes() == before


async def test_search_and_marks_work_in_triage(screens: Open, house: Household) -> None:
    """The folder is a view of the inbox: what is found there is only what nobody claimed."""
    strays(house)
    async with screens().run_test(size=SIZE) as pilot:
        await to(pilot, TRIAGE, "slash", *"garden", "enter")
        assert "Nothing found" in shown(pilot)

        await press(pilot, "escape", "home", "F")
        assert [row.flags for row in triage.unclaimed(house)] == ["F", "", ""]


async def test_a_letter_that_came_back_is_marked_and_sent_again(screens: Open, house: Household) -> None:
    """In Sent it says who did not get it; one key opens it once more, to the address that is corrected."""
    returned(house)
    async with screens().run_test(size=WIDE) as pilot:
        await to(pilot, "sent", "end", "enter")
        words = " ".join(shown(pilot).split())
        assert "x Paul Dupont" in words or "x grandmma@far.example" in words
        assert "grandmma@far.example did not get it" in words

        await press(pilot, "A")
        pilot.app.screen.query_one(Input).value = "grandma@far.example"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Compose)
        assert pilot.app.screen.query_one("#to", Input).value == "grandma@far.example"
        assert "The ferry goes." in shown(pilot)

        await press(pilot, "ctrl+s")
        assert "Come on Friday" in [item.subject for item in queue.pending(house.ledger)]


async def test_the_report_leads_to_the_letter_too(screens: Open, house: Household) -> None:
    """From the report in the inbox the same key writes to the corrected address."""
    returned(house)
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter", "A", "enter")

        assert isinstance(pilot.app.screen, Compose)
        assert pilot.app.screen.query_one("#subject", Input).value == "Come on Friday"
