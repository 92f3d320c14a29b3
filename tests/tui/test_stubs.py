import pytest

from core import events, stub
from core.household import Household
from tests.tui.conftest import Open
from tests.tui.house import stubs
from tests.tui.steps import SIZE, WIDE, press, settled, shown, until
from tui.messages import Told
from tui.screens.dialogs import Confirm, Pick
from tui.widgets.call import Call
from tui.widgets.tables import Bigs


@pytest.fixture(autouse=True)
def _big(house: Household) -> None:
    """Three big letters wait at the provider."""
    stubs(house)


def answers(house: Household) -> dict[str, str]:
    """What is to become of each."""
    return {one.uid: one.answer for one in stub.waiting(house)}


async def test_big_letters_are_shown_with_what_they_take(screens: Open) -> None:
    """Who, whom, what, how big, how long, how much; one's own first, and only the unanswered wait for a word."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")

        text = shown(pilot)
        assert "1 big letter waits for your word, 1 for others" in text
        row = next(line for line in text.splitlines() if "Photographs from the island" in line)
        assert [word in row for word in ("marta@island.example", "Paul", "2.4 MB", "40:44", "0.82 EUR")] == [True] * 5
        assert text.index("The choir") < text.index("Yearbook")


async def test_of_others_letters_only_the_size_is_told(screens: Open, house: Household) -> None:
    """Luc sees that something big is there for Paul, but not what or from whom, and has no say in it."""
    async with screens("luc").run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        text = shown(pilot)
        assert "Yearbook" in text
        assert "(a letter of another member)" in text
        assert all(word not in text for word in ("Photographs", "marta", "choir", "zoe"))

        pilot.app.screen.query_one(Bigs).cursor = 1
        await press(pilot, "t")
        assert answers(house)["u7"] == "leave"


async def test_the_cursor_chooses_the_letter_that_is_answered(screens: Open, house: Household) -> None:
    """Big letters have the arrows as soon as there are some; F9 is for the run wherever the keys go."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3", "j", "n")

        chosen = pilot.app.screen.query_one(Bigs).current
        assert chosen is not None
        assert answers(house)[chosen.uid] == "next"
        assert pilot.app.screen.query_one(Bigs).cursor == 1


@pytest.mark.parametrize("state", ["down", "up"])
async def test_a_key_answers(screens: Open, house: Household, state: str) -> None:
    """While a run is on and while the line is down, whatever has the keys."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        if state == "up":
            pilot.app.screen.bridge.call = Call("up", "0860", 1, 33600, 1.0)  # type: ignore[attr-defined] # a Page
        assert "t Take" in shown(pilot)
        for key, answer in (("t", "take"), ("n", "next"), ("l", "leave")):
            await press(pilot, key)
            assert answers(house)["u7"] == answer

        said = [note.message for note in pilot.app._notifications]
        assert ("The rest comes now." in said) == (state == "up")


async def test_what_is_deleted_is_asked_about_twice(screens: Open, house: Household) -> None:
    """It cannot be fetched after that."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "3", "d")
        assert isinstance(pilot.app.screen, Confirm)
        await press(pilot, "n")
        assert answers(house)["u7"] == "leave"

        await press(pilot, "d", "y")
        assert answers(house)["u7"] == "delete"


async def test_a_click_on_a_big_letter_asks(screens: Open, house: Household) -> None:
    """With the mouse alone: the row, and then the answer."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        await pilot.click(Bigs, offset=(20, 0))
        await settled(pilot)
        assert isinstance(pilot.app.screen, Pick)
        assert "Take: fetch it, now if a line is up" in shown(pilot)
        await press(pilot, "home", "enter")

        assert answers(house)["u7"] == "take"


async def test_a_stub_that_comes_is_in_the_list_at_once(screens: Open, house: Household) -> None:
    """The addressee can answer while the line is still up."""
    with house.ledger.transaction() as rows:
        rows.execute("DELETE FROM stubs")
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        assert "t Take" not in shown(pilot)
        stubs(house)
        told = events.Fetched("isp", "u7", 20_000, ("paul",), "envelope", "marta@island.example", "P", left=2_380_000)
        pilot.app.screen.post_message(Told(told))
        await until(pilot, lambda: "waits for your word" in shown(pilot))

        assert "t Take" in shown(pilot)
