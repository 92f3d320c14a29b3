import re
from dataclasses import replace

from textual.pilot import Pilot

from core import read, searches
from core.household import Household
from tests.tui.conftest import Open
from tests.tui.house import ISLAND, PAUL, Note, put
from tests.tui.steps import SIZE, press, settled, shown, static, typed, until
from tui.screens.searching import Searching
from tui.widgets.folders import FolderList
from tui.widgets.letters import Letters
from tui.widgets.lookup import Lookup, Ways


def subjects(pilot: Pilot[int]) -> list[str]:
    """What the list shows."""
    return [row.subject for row in pilot.app.screen.query_one(Letters).rows]


def line(pilot: Pilot[int]) -> Lookup:
    """The line of the search."""
    return pilot.app.screen.query_one(Lookup)


async def look(pilot: Pilot[int], text: str) -> None:
    """Type what to look for, and wait for what is found."""
    await typed(pilot, text)
    searching = pilot.app.screen.query_one(Searching)
    await until(pilot, lambda: searching._asked is None)
    await settled(pilot)


async def test_letters_are_found_while_it_is_typed(screens: Open) -> None:
    """Each key makes the list shorter; a line says how many there are, and the cursor keeps its letter."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await look(pilot, "gard")
        assert subjects(pilot) == ["The garden after the storm", "Re: The garden after the storm"]
        assert static(pilot, "#where") == " Inbox   2 letters found, 2 unread"
        row = pilot.app.screen.query_one(Letters).current
        assert row is not None
        assert row.subject == "The garden after the storm"

        await look(pilot, "en from:luc")
        assert subjects(pilot) == ["Re: The garden after the storm"]
        assert line(pilot).has_focus


async def test_escape_leads_back_to_where_the_cursor_was(screens: Open) -> None:
    """From the line, and from the list of what was found."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "home", "j")
        for keys in (["escape"], ["enter", "escape"]):
            await press(pilot, "slash")
            await look(pilot, "berth")
            assert subjects(pilot) == ["Your berth"]
            await press(pilot, *keys)
            assert len(subjects(pilot)) == 9
            row = pilot.app.screen.query_one(Letters).current
            assert row is not None
            assert row.subject == "Meeting on the 7th"
            assert pilot.app.screen.query_one(Letters).has_focus


async def test_tab_looks_everywhere_and_tells_where(screens: Open, house: Household) -> None:
    """Each letter has its folder beside it, and is opened from there."""
    put(house, "paul", "archive", Note(ISLAND, PAUL, "The garden of old", 9000, "Roses.\n", "RO"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await look(pilot, "garden")
        await press(pilot, "tab")
        assert subjects(pilot)[0] == "The garden of old"
        assert "everywhere of mine" in shown(pilot)
        await pilot.click("#scope")
        await look(pilot, "")
        assert len(subjects(pilot)) == 2
        await press(pilot, "tab")
        assert "Archive  Marta Weber" in shown(pilot)
        await press(pilot, "enter")
        assert static(pilot, "#where") == " Everywhere  “garden”   3 letters found, 2 unread"

        await press(pilot, "home", "enter")
        assert "Roses." in shown(pilot)
        await press(pilot, "escape", "d")
        assert [row.subject for row in read.rows(house, "paul", "trash")] == ["The garden of old"]
        assert len(read.rows(house, "paul")) == 9


async def test_what_could_come_next_is_offered_and_taken(screens: Open) -> None:
    """Down and Enter choose; Right takes the first; people are those of the letters."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await look(pilot, "fr")
        assert "from:  who wrote it" in shown(pilot)
        await press(pilot, "down", "enter")
        assert line(pilot).value == "from:"
        await look(pilot, "web")
        assert [way.shown for way in pilot.app.screen.query_one(Ways).ways] == ['from:"Marta Weber"']
        await press(pilot, "right")
        await look(pilot, "")
        assert line(pilot).value == 'from:"Marta Weber" '
        assert subjects(pilot) == ["The key is under the blue pot", "Photographs from the island"]
        assert not pilot.app.screen.query_one(Ways).display


async def test_earlier_searches_come_back_by_up(screens: Open) -> None:
    """The last one first; Down leads back to an empty line."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        for text in ("berth", "bread"):
            await press(pilot, "slash")
            await look(pilot, text)
            await press(pilot, "enter", "escape")
        await press(pilot, "slash", "up")
        assert line(pilot).value == "bread"
        await press(pilot, "up", "up")
        assert line(pilot).value == "berth"
        await press(pilot, "down", "down")
        assert line(pilot).value == ""


async def test_nobody_sees_what_another_member_looked_for(screens: Open) -> None:
    """Earlier searches go with the member who made them."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await look(pilot, "secret")
        await press(pilot, "escape", "at", "down", "enter")
        assert "Luc Jackson" in shown(pilot)
        await press(pilot, "slash", "up")
        assert line(pilot).value == ""


async def test_a_search_is_saved_as_a_folder(screens: Open, house: Household) -> None:
    """It is among the folders, finds what it found, and can be renamed and removed."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await look(pilot, "gard")
        await press(pilot, "ctrl+s")
        pilot.app.screen.query_one("Input").value = "Garden"  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert searches.saved(house, "paul") == {"Garden": "in:inbox gard*"}

        await press(pilot, "escape", "y", "G")
        assert "Searches" in shown(pilot)
        assert re.search(r"Garden +2", shown(pilot))
        await press(pilot, "enter")
        assert subjects(pilot) == ["The garden after the storm", "Re: The garden after the storm"]
        assert static(pilot, "#where") == " Garden   2 letters, 2 unread"

        await press(pilot, "slash")
        await look(pilot, "saw")
        assert subjects(pilot) == ["Re: The garden after the storm"]
        assert static(pilot, "#where") == " Garden   1 letter found, 1 unread"
        await press(pilot, "escape")
        assert len(subjects(pilot)) == 2

        await press(pilot, "y", "R", *"ing", "enter")
        assert list(searches.saved(house, "paul")) == ["Gardening"]
        await press(pilot, "d", "y")
        assert searches.saved(house, "paul") == {}
        assert not pilot.app.screen.query_one(FolderList).has(["/searches"])


async def test_a_search_within_a_list_is_saved_as_one(screens: Open, house: Household) -> None:
    """What is shown as a folder is looked through as one, and its meaning is kept with the search."""
    for number in range(4):
        note = Note("Anna <anna@far.example>", "v@far.example", f"Meeting {number}", number, "At eight.\n", "RO")
        put(house, "paul", "inbox", replace(note, more="List-Id: The village <v.far.example>\n"))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "y", "G", "enter", "slash")
        await look(pilot, "meeting -3")
        assert sorted(subjects(pilot)) == ["Meeting 0", "Meeting 1", "Meeting 2"]
        await press(pilot, "ctrl+s", "enter")

        (kept,) = searches.saved(house, "paul").values()
        assert kept == 'in:inbox list:"The village <v.far.example>" meeting -3*'


async def test_what_means_nothing_is_told_beside_what_was_found(screens: Open) -> None:
    """An impossible date is one sentence; the rest is looked for."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await look(pilot, "garden before:2025-13")
        assert len(subjects(pilot)) == 2
        assert "before:2025-13 means nothing; write 2025, 2025-03" in shown(pilot)
        await look(pilot, " xyzzy")
        assert "Nothing found. Tab in the line looks everywhere." in shown(pilot)


async def test_an_older_answer_never_replaces_a_newer_one(screens: Open) -> None:
    """What is typed while an answer is on its way is asked next, and only that is shown."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        searching = pilot.app.screen.query_one(Searching)
        line(pilot).value = "garden"
        line(pilot).value = "berth"
        await until(pilot, lambda: searching._asked is None)
        await settled(pilot)

        assert subjects(pilot) == ["Your berth"]


async def test_hostile_searches_are_shown_as_they_are(screens: Open) -> None:
    """Markup and the engine's own syntax are words like any other."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        line(pilot).value = '[/x] NEAR("a" * ^ from:[red]'
        await look(pilot, "")
        await press(pilot, "enter")
        assert static(pilot, "#where") == ' Inbox  “[/x] NEAR("a" * ^ from:[red]”   no letters found'


async def test_the_language_is_explained_from_the_line(screens: Open) -> None:
    """F1 shows the keys of the line and what can be looked for."""
    async with screens().run_test(size=(120, 60)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", "f1")

        assert "In the search line" in shown(pilot)
        assert "these words side by side" in shown(pilot)
