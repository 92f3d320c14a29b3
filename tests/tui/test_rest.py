"""A big letter of which only the beginning is here: what the list and the letter say of the rest, and the key to it."""

import pytest
from textual.pilot import Pilot

from core import stub
from core.household import Household
from core.store import queue
from core.store import stubs as at_provider
from tests.tui.conftest import Open
from tests.tui.house import stubs
from tests.tui.steps import SIZE, WIDE, press, settled, shown, typed
from tui.screens.dialogs import Confirm, Pick


@pytest.fixture(autouse=True)
def _big(house: Household) -> None:
    """The newest letter is the beginning of a big one."""
    stubs(house)


def answer(house: Household) -> str:
    """What is to become of it."""
    return next(one.answer for one in stub.waiting(house) if one.uid == "u7")


async def read(pilot: Pilot[int]) -> None:
    """Open the newest letter."""
    await settled(pilot)
    await press(pilot, "G", "enter")


async def test_the_letter_says_what_its_rest_takes_and_a_key_fetches_it(screens: Open, house: Household) -> None:
    """One line above the text; t and Enter have it fetched, and the line then says so."""
    async with screens().run_test(size=SIZE) as pilot:
        await read(pilot)
        assert "The rest is at the provider: 2.4 MB, " in shown(pilot)
        assert "t fetches it." in shown(pilot)

        await press(pilot, "t")
        assert isinstance(pilot.app.screen, Pick)
        await press(pilot, "enter")

        assert answer(house) == "take"
        assert "The rest comes as soon as a line is up: 2.4 MB, " in shown(pilot)


async def test_deleting_the_rest_is_asked_twice(screens: Open, house: Household) -> None:
    """It names those to whom the letter is; only a yes deletes."""
    async with screens().run_test(size=SIZE) as pilot:
        await read(pilot)
        for said, after in (("escape", "leave"), ("y", "delete")):
            await press(pilot, "t", "end", "enter")
            assert isinstance(pilot.app.screen, Confirm)
            assert "at the provider, for Paul?" in " ".join(shown(pilot).split())

            await press(pilot, said)

            assert answer(house) == after


async def test_what_cannot_be_had_any_more_is_said(screens: Open, house: Household) -> None:
    """The stub of a letter that is gone from the provider says so, and the key does nothing."""
    at_provider.forget(house.ledger, "isp", ["u7"])
    async with screens().run_test(size=SIZE) as pilot:
        await read(pilot)
        assert "The rest of this letter is not at the provider any more." in shown(pilot)

        await press(pilot, "t")

        assert not isinstance(pilot.app.screen, Pick)


@pytest.mark.parametrize(("size", "there"), [(SIZE, False), ((160, 45), False), (WIDE, True)])
async def test_the_list_tells_what_the_rest_takes_where_there_is_room(
    screens: Open, size: tuple[int, int], there: bool
) -> None:
    """Size, time and money beside the word; in a narrow list only the word."""
    async with screens().run_test(size=size) as pilot:
        await settled(pilot)

        row = next(line for line in shown(pilot).splitlines() if "Photographs" in line)
        assert "stub" in row
        assert ("2.4 MB, " in row, "EUR" in row) == (there, there)


async def test_half_a_letter_is_not_sent_on_as_a_whole_one(screens: Open, house: Household) -> None:
    """Neither as it is nor as a file; its text can be passed on, for that says what is missing."""
    async with screens().run_test(size=SIZE) as pilot:
        await read(pilot)
        await press(pilot, "W")
        await press(pilot, "B")
        await typed(pilot, "grandma@far.example")
        await press(pilot, "enter", "enter")

        said = [note.message for note in pilot.app._notifications]
        assert said == ["only the beginning of this letter is here; fetch the rest first, then send it on"] * 2
        assert not [one for one in queue.pending(house.ledger) if "Photographs" in one.subject]
