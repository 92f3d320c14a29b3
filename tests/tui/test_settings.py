from core.config import FILE, load
from core.household import Household
from tests.tui.conftest import Open
from tests.tui.steps import SIZE, press, settled, shown, typed
from tui.screens.dialogs import AliasForm


def aliases(house: Household) -> dict[str, tuple[str, ...]]:
    """What the file says now."""
    return load(house.folder / FILE).aliases


async def test_the_settings_are_shown_without_passwords(screens: Open) -> None:
    """Members, aliases, provider, line and tariff can be read; secrets cannot."""
    async with screens().run_test(size=(120, 50)) as pilot:
        await settled(pilot)
        await press(pilot, "4")

        text = shown(pilot)
        assert "granny" in text
        assert "pop.isp.example:995" in text
        assert "0.05 EUR a call" in text
        assert "not for the screen" not in text


async def test_an_alias_is_added_changed_renamed_and_deleted(screens: Open, house: Household) -> None:
    """Each change is saved at once, and the comments stay in the file."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "4", "a")
        await typed(pilot, "boys")
        await press(pilot, "enter")
        await typed(pilot, "paul, luc")
        await press(pilot, "enter")
        assert aliases(house)["boys"] == ("paul", "luc")

        await press(pilot, "end", "enter")
        await typed(pilot, "2")
        await press(pilot, "ctrl+s")
        assert "boys" not in aliases(house)
        assert aliases(house)["boys2"] == ("paul", "luc")

        await press(pilot, "end", "d", "y")
        assert set(aliases(house)) == {"family", "granny"}
        assert "# everybody" in (house.folder / FILE).read_text(encoding="utf-8")


async def test_an_alias_that_leads_nowhere_is_not_saved(screens: Open, house: Household) -> None:
    """A file that could not be opened again is never written."""
    before = (house.folder / FILE).read_bytes()
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "4", "a")
        await typed(pilot, "loop")
        await press(pilot, "enter")
        await typed(pilot, "loop")
        await press(pilot, "enter")

        assert any("Not saved" in note.message for note in pilot.app._notifications)
        assert (house.folder / FILE).read_bytes() == before


async def test_an_unfinished_alias_is_told_in_the_form(screens: Open) -> None:
    """A name with an @, or nobody behind it, keeps the form open with a sentence."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "4", "a")
        await typed(pilot, "a@b")
        await press(pilot, "ctrl+s")
        assert "one word without @" in shown(pilot)
        assert isinstance(pilot.app.screen, AliasForm)


async def test_a_file_that_was_edited_meanwhile_is_not_overwritten(screens: Open, house: Household) -> None:
    """Somebody else's change is told and kept."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "4")
        path = house.folder / FILE
        path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
        await press(pilot, "d", "y")

        assert any("changed this file" in note.message for note in pilot.app._notifications)
        assert "family" in aliases(house)


async def test_a_member_sets_a_passphrase(screens: Open, house: Household) -> None:
    """It is asked twice, and the file has its hash only."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "4", "p")
        await typed(pilot, "plums")
        await press(pilot, "enter")
        await typed(pilot, "plums")
        await press(pilot, "enter")

        hashed = load(house.folder / FILE).members["paul"].passphrase.reveal()
        assert hashed.startswith("scrypt$")
        assert "plums" not in (house.folder / FILE).read_text(encoding="utf-8")
