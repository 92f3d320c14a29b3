from tests.tui.conftest import Open
from tests.tui.steps import SIZE, press, settled, shown, typed
from tui.screens.mail import Mail
from tui.screens.who import Who


async def test_a_member_without_passphrase_is_in_with_one_key(screens: Open) -> None:
    """Nobody was named: the members are offered, and Enter opens the mail."""
    async with screens("").run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert isinstance(pilot.app.screen, Who)
        assert "Luc Jackson" in shown(pilot)

        await press(pilot, "j", "enter")
        assert isinstance(pilot.app.screen, Mail)
        assert "Luc Jackson, The Dupont house" in shown(pilot)


async def test_a_passphrase_is_asked_and_checked(screens: Open) -> None:
    """A wrong one is told; the right one opens, and neither is shown."""
    async with screens("ann").run_test(size=SIZE) as pilot:
        await settled(pilot)
        await typed(pilot, "summer")
        assert "summer" not in shown(pilot)
        await press(pilot, "enter")
        assert "That is not the passphrase." in shown(pilot)

        await typed(pilot, "winter")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Mail)


async def test_another_member_sits_down(screens: Open) -> None:
    """After @ the list is the other member's, and nothing of the first stays on the screen."""
    async with screens().run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "at", "j", "enter")

        text = shown(pilot)
        assert "Luc Jackson, The Dupont house" in text
        assert "1 letter, 1 unread" in text
        assert "The key is under" not in text


async def test_at_the_question_nobodys_mail_can_be_read(screens: Open) -> None:
    """Without an answer no mode opens, whatever is pressed."""
    async with screens("ann").run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "escape", "1", "2", "escape", "f9")

        assert isinstance(pilot.app.screen, Who)
