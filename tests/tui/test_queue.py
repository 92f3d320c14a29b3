from textual.widgets import Input

from core.household import Household
from core.mail.departure import NEXT, Departure
from core.store import queue
from tests.tui.conftest import Open
from tests.tui.house import NOW
from tests.tui.steps import SIZE, press, settled, shown, typed
from tui.screens.leave import Leave
from tui.widgets.tables import Spool


def held(house: Household) -> set[str]:
    """The letters that are held back."""
    return {item.id for item in queue.pending(house.ledger) if item.held}


async def test_what_waits_is_told_in_words(screens: Open) -> None:
    """Each letter has its state and its reason."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2")

        text = shown(pilot)
        assert "uncertain" in text
        assert "with the next run" in text
        assert "will be tried again" in text
        assert "Nobody said whether the other side took it" in text


async def test_only_what_can_be_done_is_offered(screens: Open, house: Household) -> None:
    """Back where a letter is open, and nothing about letters where none waits."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2")
        assert "Esc Back" not in shown(pilot)
        await press(pilot, "enter")
        assert "Esc Back" in shown(pilot)

        await press(pilot, "escape")
        for item in queue.pending(house.ledger):
            queue.cancel(house.ledger, item.id)
        await press(pilot, "1", "2")
        line = shown(pilot).splitlines()[-2]
        assert "Nothing waits." in shown(pilot)
        assert line.split() == ["F9", "Run", "?", "Help", "q", "Quit"]


async def test_h_holds_a_letter_back_and_lets_it_go(screens: Open, house: Household) -> None:
    """The same key does both, and the status line counts what goes."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2", "end", "h")
        assert held(house) == {"a1"}
        assert "2 letters wait" in shown(pilot)

        await press(pilot, "h")
        assert held(house) == set()


async def test_a_letter_can_leave_first_or_later(screens: Open, house: Household) -> None:
    """! makes it urgent and w asks for a time; a time that is none is told at once."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2", "end", "!")
        assert queue.get(house.ledger, "a1").departure.urgent
        assert "first of all" in shown(pilot)

        await press(pilot, "w", "tab")
        await typed(pilot, "soon")
        await press(pilot, "enter")
        assert '"soon" is no time' in shown(pilot)

        pilot.app.screen.query_one(Input).value = "tomorrow 7:30"
        await press(pilot, "enter")
        assert "from Sat 07:30" in shown(pilot)
        assert "not before Sat 21 Nov 2026, 07:30" in shown(pilot)
        assert "2 letters wait" in shown(pilot)


async def test_a_letter_can_wait_until_calls_cost_less(screens: Open) -> None:
    """Where the tariff has such an hour, it is one of the ways, and under the cursor where it was chosen before."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        later, chosen = Departure(not_before=NOW.replace(hour=20, minute=0)), list[Departure | None]()
        for departure, keys in ((NEXT, ("end", "enter")), (later, ("enter",))):
            await pilot.app.push_screen(Leave(NOW, departure, later.not_before), chosen.append)
            await settled(pilot)
            assert "When calls cost less: from 20:00" in shown(pilot)
            await press(pilot, *keys)
        assert chosen == [later, later]


async def test_cancelling_asks_first(screens: Open, house: Household) -> None:
    """No changes nothing; yes takes the letter out of the queue."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2", "end", "d", "n")
        assert len(queue.pending(house.ledger)) == 4

        await press(pilot, "d", "y")
        assert "a1" not in [item.id for item in queue.pending(house.ledger)]


async def test_an_uncertain_letter_is_sent_again_only_after_a_warning(screens: Open, house: Household) -> None:
    """It may arrive twice; that is a person's decision."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2", "r")
        assert "Nobody said whether this letter was taken" in shown(pilot)
        assert queue.get(house.ledger, "a4").recipients[0].state == "uncertain"

        await press(pilot, "y")
        assert queue.get(house.ledger, "a4").recipients[0].state == "waiting"


async def test_enter_reads_the_letter(screens: Open) -> None:
    """The text of a waiting letter is shown below the list."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2", "end", "enter")

        assert "here it is." in shown(pilot)


async def test_another_members_letter_is_nobodys_business(screens: Open, house: Household) -> None:
    """Only the postmaster sees subjects of others, and may hold or cancel their letters."""
    async with screens("luc").run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2", "home", "h", "enter")

        text = shown(pilot)
        assert "Timetable" not in text
        assert "here it is." not in text
        assert held(house) == set()
        assert len(pilot.app.screen.query_one(Spool).rows) == 4


async def test_an_empty_queue_is_calm(screens: Open, house: Household) -> None:
    """One sentence, and no rule below nothing."""
    for item in queue.pending(house.ledger):
        queue.cancel(house.ledger, item.id)
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2")

        assert "Nothing waits." in shown(pilot)
        assert "─" not in shown(pilot)
