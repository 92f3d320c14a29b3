from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.config import FILE, Config, check, load
from core.rehearsal.modem import Modem
from core.rehearsal.provider import provider
from core.template import founded
from tests.tui.house import NOW
from tests.tui.steps import SIZE, press, settled, shown, typed
from tests.tui.terminal import ROOT, terminal
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.screens.guide import Guide
from tui.screens.mail import Mail
from tui.verbs.guide import draft
from tui.widgets.choice import Choice
from tui.widgets.section import Section

HOWTO = ROOT / "tests/legacy/howto"
Begin = Callable[[], Mailrun]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the household is to be; nothing is there yet."""
    return tmp_path / "new" / "home"


@pytest.fixture
def guide(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Makes the App as it begins without a household, on a machine with one modem."""
    monkeypatch.setattr("getpass.getuser", lambda: "rose")
    monkeypatch.setattr("core.net.port.found", lambda: [("/dev/ttyUSB7", "USB modem"), ("/dev/ttyS0", "")])
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def make() -> Mailrun:
        bridge = Bridge(draft(scratch), now=lambda: NOW)
        return Mailrun(bridge, first=partial(Guide, bridge, home))

    return make


def fill(pilot: Pilot[int], table: tuple[str, ...], key: str, text: str) -> None:
    """Put a text into a field of the last section of this table."""
    section = next(each for each in pilot.app.screen.query(Section) if table in (each.sheet.path, each.sheet.path[:-1]))
    entry = section.entries[key]
    if entry.field.choices:
        entry.query_one(Choice).value = text
    else:
        entry.query_one(Input).value = text


def there(path: Path) -> bool:
    """Whether anything was made there."""
    return path.parent.exists()


def flat(pilot: Pilot[int]) -> str:
    """The text on the screen without its line ends."""
    return " ".join(shown(pilot).split())


async def test_three_steps_lead_to_a_house(guide: Begin, home: Path) -> None:
    """A newcomer types what is needed, and the mail opens with the first run's price; the file is the house's alone."""
    async with guide().run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "1 of 3" in shown(pilot)
        assert str(home.parent) in flat(pilot).replace(" ", "")
        await typed(pilot, "mill.example")
        await press(pilot, "ctrl+n")
        fill(pilot, ("maildrop",), "host", "pop.isp.example")
        fill(pilot, ("maildrop",), "user", "dfzt12")
        fill(pilot, ("maildrop",), "password", "winter")
        await press(pilot, "ctrl+n")
        fill(pilot, ("line",), "kind", "modem")
        await settled(pilot)
        fill(pilot, ("line",), "numbers", "0860123456, 0860654321")
        fill(pilot, ("line", "tariff"), "per_minute", "0.02")
        assert not there(home)
        await press(pilot, "ctrl+n")

        assert isinstance(pilot.app.screen, Mail)
        notes = "".join(note.message for note in pilot.app._notifications)
        assert "F9 makes the first run: at least" in notes
        assert "0.02 EUR" in notes
    config = load(home / FILE)
    assert config.members["rose"].address == "rose@mill.example"
    assert config.household.postmaster == "rose"
    assert config.maildrop[0].password.reveal() == "winter"
    assert config.smarthost is None
    assert config.line.device == "/dev/ttyUSB7"
    assert config.line.numbers == ("0860123456", "0860654321")
    assert (home / FILE).stat().st_mode & 0o777 == 0o600
    assert "# the domain the world writes to" in (home / FILE).read_text(encoding="utf-8")


async def test_nothing_is_lost_between_the_steps(guide: Begin) -> None:
    """Back and forth, what was typed stays; a fault is told at its field, and there is no going on with it."""
    async with guide().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+n")
        assert "domain is needed" in shown(pilot)
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+n")
        fill(pilot, ("smarthost",), "host", "smtp.isp.example")
        await press(pilot, "ctrl+n")
        fill(pilot, ("line",), "kind", "modem")
        await press(pilot, "ctrl+n")
        assert "a modem needs at least one number" in flat(pilot)

        await press(pilot, "escape", "escape")
        assert "mill.example" in shown(pilot)
        await press(pilot, "ctrl+n")
        assert pilot.app.screen.query(Section)[3].texts["host"] == "smtp.isp.example"


async def test_a_second_person_needs_another_login(guide: Begin, home: Path) -> None:
    """Their address follows from login and domain; whoever was not filled in does not live here."""
    async with guide().run_test(size=SIZE) as pilot:
        await settled(pilot)
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+o")
        await typed(pilot, "rose")
        await press(pilot, "ctrl+n")
        assert "There is rose already." in shown(pilot)
        await press(pilot, *["backspace"] * 4)
        await typed(pilot, "ben")
        await press(pilot, "ctrl+o", "ctrl+n", "ctrl+n", "ctrl+n")

        assert isinstance(pilot.app.screen, Mail), shown(pilot)
    assert [member.address for member in load(home / FILE).members.values()] == [
        "rose@mill.example",
        "ben@mill.example",
    ]


async def test_a_guide_that_is_left_keeps_nothing(guide: Begin, home: Path) -> None:
    """It asks first; then the program ends, and there is no folder."""
    app = guide()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+n", "ctrl+x", "n")
        assert "2 of 3" in shown(pilot)
        await press(pilot, "f9", "1", "escape", "escape", "y")
    assert app.return_code == 0
    assert not there(home)


class Names:
    """Name servers of a world with one domain."""

    async def mx(self, domain: str) -> list[str]:
        """Where its mail goes."""
        return ["mx.isp.example"] if domain == "mill.example" else []

    async def addresses(self, host: str) -> list[str]:
        """No host has one."""
        return []


async def test_the_provider_is_tried_before_anything_is_written(guide: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a line that is there the box and the smart host are logged in to; a wrong password is told."""
    monkeypatch.setattr("core.world.Resolver", Names)
    async with provider("dfzt12", "winter") as isp, guide().run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+n", "ctrl+t")
        assert "Fill in the box or the smart host first." in shown(pilot)
        for table, port in (("maildrop", isp.pop), ("smarthost", isp.smtp)):
            for key, text in (("host", "127.0.0.1"), ("security", "none"), ("port", str(port)), ("user", "dfzt12")):
                fill(pilot, (table,), key, text)
            fill(pilot, (table,), "password", "winter" if table == "maildrop" else "summer")
        await press(pilot, "ctrl+t")

        assert "maildrop isp lets us in; no letters there" in flat(pilot)
        assert "refused the login; check user and password in [smarthost]" in flat(pilot)


async def test_the_modem_is_asked_and_nothing_is_dialled(guide: Begin, tmp_path: Path) -> None:
    """The port that was found is suggested; a modem that answers is told, and so is a port where none does."""
    device, calls = tmp_path / "modem", list[bool]()
    async with Modem(device, {}, hook=calls.append), guide().run_test(size=SIZE) as pilot:
        await settled(pilot)
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+n", "ctrl+n")
        fill(pilot, ("line",), "kind", "modem")
        await settled(pilot)
        assert "found here: /dev/ttyUSB7 (USB modem), /dev/ttyS0" in flat(pilot)
        fill(pilot, ("line",), "numbers", "0860123456")
        await press(pilot, "ctrl+t")
        assert "! /dev/ttyUSB7: there is no such port" in flat(pilot)

        fill(pilot, ("line",), "device", str(device))
        await press(pilot, "ctrl+t")
        assert "modemanswers" in flat(pilot).replace(" ", "")  # a long path breaks it anywhere
        assert "!" not in shown(pilot)
        assert calls == []


async def test_an_old_set_up_fills_the_steps(guide: Begin, home: Path) -> None:
    """What init --from understands stands in the fields, and what no field shows is in the file all the same."""
    old = sorted((HOWTO / "modem").iterdir())
    async with guide().run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+f", *["backspace"] * 40)
        pilot.app.screen.query_one(Input).value = ", ".join(map(str, old))
        await press(pilot, "enter")
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+n", "ctrl+n", "ctrl+n")

        assert isinstance(pilot.app.screen, Mail), shown(pilot)
    assert load(home / FILE).household.domain == "mill.example"


def test_without_a_household_a_terminal_gets_the_guide(tmp_path: Path) -> None:
    """Left at once it ends in order and has made nothing; the terminal is as before."""
    home = tmp_path / "nowhere" / "yet"
    with terminal(["-m", "tui", "--household", str(home)]) as screen:
        screen.wait_for("Who lives here?")
        screen.press("\x18")
        screen.wait_for("Nothing of this is kept")
        screen.press("y")
        assert screen.end() == 0

        assert b"\x1b[?1049l" in screen.seen
        assert not home.parent.exists()


def test_a_folder_that_cannot_be_looked_into_is_one_sentence(tmp_path: Path) -> None:
    """The guide is for those who have no household, not for those who cannot get at theirs."""
    with terminal(["-m", "tui", "--household", str(tmp_path / ("x" * 300))]) as screen:
        assert screen.end() == 78
        assert b"household.toml: cannot be read" in screen.seen.replace(b"\r\n", b"")


async def test_a_disk_that_refuses_is_told_at_the_last_step(guide: Begin, home: Path) -> None:
    """Nothing of what was typed is lost by it, and the same key tries again."""
    home.parent.write_text("a file where a folder should be")
    async with guide().run_test(size=SIZE) as pilot:
        await settled(pilot)
        fill(pilot, ("household",), "domain", "mill.example")
        await press(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
        assert "a part of this path is no folder" in flat(pilot)
        assert "3 of 3" in shown(pilot)

        home.parent.unlink()
        await press(pilot, "ctrl+n")
        assert isinstance(pilot.app.screen, Mail), shown(pilot)


def household(told: dict[tuple[str, ...], object]) -> Config:
    """The values of the file that is made of this."""
    config, faults = check(founded(told))
    assert config is not None, faults
    return config


@pytest.mark.parametrize(
    ("table", "security", "port"),
    [
        ("maildrop", "tls", 995),
        ("maildrop", "starttls", 110),
        ("smarthost", "tls", 465),
        ("smarthost", "starttls", 587),
        ("smarthost", "none", 25),
    ],
)
def test_a_port_follows_from_the_security(table: str, security: str, port: int) -> None:
    """What was not told is as usual."""
    path = ("maildrop", "0") if table == "maildrop" else ("smarthost",)
    house = {("household", "domain"): "mill.example", ("members", "rose", "name"): "Rose"}
    given = {(*path, "host"): "h.example", (*path, "user"): "me", (*path, "security"): security}
    config = household({**house, **given})
    found = config.maildrop[0].port if table == "maildrop" else config.smarthost and config.smarthost.port

    assert found == port
