from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core import config
from core.config import FILE, Config, load
from core.deliver import Delivery, deliver
from core.household import Household
from core.mail.split import Routed
from core.rehearsal.provider import provider
from core.store import settings
from tests.tui.conftest import Open
from tests.tui.house import NOW
from tests.tui.steps import SIZE, WIDE, press, settled, shown, typed
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.commands import here
from tui.screens.form import Form
from tui.screens.mail import Mail
from tui.screens.settings import Settings
from tui.widgets.entry import Entry
from tui.widgets.tables import Tables


def read(house: Household) -> Config:
    """What the file says now."""
    return load(house.folder / FILE)


def text(house: Household) -> str:
    """The file."""
    return (house.folder / FILE).read_text(encoding="utf-8")


async def at(pilot: Pilot[int], *path: str) -> None:
    """On the Settings screen, with the cursor on this table."""
    await settled(pilot)
    await press(pilot, "4")
    tables = pilot.app.screen.query_one(Tables)
    tables.cursor = next(number for number, row in enumerate(tables.rows) if row.path == path)
    await settled(pilot)


def fill(pilot: Pilot[int], key: str, value: str) -> None:
    """Put a text into a field of the form."""
    entry = next(entry for entry in pilot.app.screen.query(Entry) if entry.field.key == key)
    entry.query_one(Input).value = value


def notices(pilot: Pilot[int]) -> str:
    """What was told in passing."""
    return "\n".join(note.message for note in pilot.app._notifications)


async def test_the_settings_are_shown_without_passwords(screens: Open) -> None:
    """Members, aliases, provider, line and tariff can be read; secrets cannot."""
    async with screens().run_test(size=(120, 50)) as pilot:
        await at(pilot, "maildrop", "0")

        words = shown(pilot)
        assert "granny" in words
        assert "pop.isp.example:995" in words
        assert "0.05 EUR a call" in words
        assert "set, and not shown" in words
        assert "not for the screen" not in words
        await press(pilot, "enter")
        assert "not for the screen" not in shown(pilot)


CHANGES = [
    (("household",), "name", "The mill", lambda c: c.household.name == "The mill"),
    (("household",), "warn_after", "3.5", lambda c: c.household.warn_after == 3.5),
    (("members", "luc"), "also", "", lambda c: c.members["luc"].also == ()),
    (("members", "paul"), "also", "p@a.example, q@a.example", lambda c: len(c.members["paul"].also) == 2),
    (("aliases", "granny"), "", "grandma@far.example, luc", lambda c: c.aliases["granny"][1] == "luc"),
    (("routing",), "prefix", "mbox-", lambda c: c.routing.prefix == "mbox-"),
    (("maildrop", "0"), "password", "winter", lambda c: c.maildrop[0].password.reveal() == "winter"),
    (("maildrop", "0"), "large", "2 MB", lambda c: c.maildrop[0].large == 2_000_000),
    (("smarthost",), "port", "587", lambda c: c.smarthost.port == 587),
    (("line",), "numbers", "0860111111", lambda c: c.line.numbers == ("0860111111",)),
    (("line",), "chat", "ogin:, me, word:, plum", lambda c: [p[1].reveal() for p in c.line.chat] == ["me", "plum"]),
    (("line", "tariff"), "per_minute", "0.25", lambda c: str(c.line.tariff.per_minute) == "0.25"),
    (("bill",), "budget", "10", lambda c: c.bill.budget == 10),
    (("due",), "between", "cheap, sat-sun", lambda c: c.due.between == ("cheap", "sat-sun")),
]


@pytest.mark.parametrize(("path", "key", "value", "true"), CHANGES, ids=lambda value: str(value)[:24])
async def test_every_table_can_be_changed(
    screens: Open, house: Household, path: tuple[str, ...], key: str, value: str, true: object
) -> None:
    """The same form changes one key of any table; comments, other keys and the earlier version stay."""
    before = text(house)
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, *path)
        await press(pilot, "enter")
        fill(pilot, key, value)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, Settings), shown(pilot)

    assert callable(true)
    assert true(read(house))
    assert "# everybody" in text(house)
    assert read(house).maildrop[0].user == "dfzt12"
    assert (house.folder / f"{FILE}~").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("group", "keys", "true"),
    [
        (("members",), ("mia", "enter", "Mia", "enter", "mia@home.example"), lambda c: c.members["mia"].name == "Mia"),
        (("aliases",), ("boys", "enter", "paul, luc"), lambda c: c.aliases["boys"] == ("paul", "luc")),
        (
            ("routing", "lists"),
            ("crew.example", "enter", "luc"),
            lambda c: c.routing.lists == {"crew.example": ("luc",)},
        ),
        (("routing", "senders"), ("school.example", "enter", "ann"), lambda c: len(c.routing.senders) == 1),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_a_table_is_added(
    screens: Open, house: Household, group: tuple[str, ...], keys: tuple[str, ...], true: object
) -> None:
    """On a heading, Enter asks for a name and what it stands for."""
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, *group)
        await press(pilot, "enter")
        for part in keys:
            await (press(pilot, part) if part == "enter" else typed(pilot, part))
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, Settings), shown(pilot)

    assert callable(true)
    assert true(read(house))


async def test_a_maildrop_is_added_and_deleted(screens: Open, house: Household) -> None:
    """The second box has its own table; deleted, the first is as it was."""
    before = text(house)
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "maildrop")
        await press(pilot, "a")
        for key, value in (("name", "old"), ("host", "pop.old.example"), ("user", "paul")):
            fill(pilot, key, value)
        await press(pilot, "ctrl+s")
        assert [box.name for box in read(house).maildrop] == ["isp", "old"]

        await at(pilot, "maildrop", "1")
        await press(pilot, "d", "y")
        assert text(house).split() == before.split()


async def test_prices_for_some_hours_are_added_put_in_order_and_deleted(screens: Open, house: Household) -> None:
    """Of those that fit the last one holds, so that their order can be changed."""
    before = text(house)
    async with screens().run_test(size=SIZE) as pilot:
        for hour, price in (("22:00", "0.01"), ("6:00", "0.05")):
            await at(pilot, "line", "tariff", "rules")
            await press(pilot, "enter")
            fill(pilot, "from", hour)
            fill(pilot, "per_minute", price)
            await press(pilot, "ctrl+s")
        await at(pilot, "line", "tariff", "rules", "0")
        assert "1. every day 22:00-24:00: 0.01 EUR a minute" in shown(pilot)
        await press(pilot, "J")
        assert [rule.from_ for rule in read(house).line.tariff.rules] == ["6:00", "22:00"]
        for _ in range(2):
            await at(pilot, "line", "tariff", "rules", "0")
            await press(pilot, "d", "y")
        assert text(house).split() == before.split()


async def test_the_smart_host_can_be_deleted_and_the_postmaster_cannot(screens: Open, house: Household) -> None:
    """Without a smart host the house only fetches; without a postmaster it would not work."""
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "smarthost")
        await press(pilot, "d", "y")
        assert read(house).smarthost is None

        await at(pilot, "members", "paul")
        await press(pilot, "d")
        assert "Not deleted" in notices(pilot)
        assert "paul" in read(house).members


async def test_a_renamed_alias_is_one_alias(screens: Open, house: Household) -> None:
    """The old name goes when the new one comes, and no name is taken twice."""
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "aliases", "granny")
        await press(pilot, "enter")
        fill(pilot, "alias", "family")
        await press(pilot, "ctrl+s")
        assert "There is family already." in shown(pilot)

        fill(pilot, "alias", "rose")
        await press(pilot, "ctrl+s")
        assert list(read(house).aliases) == ["family", "rose"]


@pytest.mark.parametrize(
    ("path", "key", "value", "sentence"),
    [
        (("maildrop", "0"), "port", "99x", "must be a whole number"),
        (("maildrop", "0"), "large", "much", 'a size such as "100 kB"'),
        (("line", "tariff"), "per_call", "cheap", "an amount such as"),
        (("line",), "chat", "ogin:", "must be a list of pairs"),
    ],
)
async def test_a_field_is_checked_as_it_is_typed(
    screens: Open, house: Household, path: tuple[str, ...], key: str, value: str, sentence: str
) -> None:
    """The fault stands below the field at once, and nothing is saved while it is there."""
    before = text(house)
    async with screens().run_test(size=(120, 60)) as pilot:
        await at(pilot, *path)
        await press(pilot, "enter")
        fill(pilot, key, value)
        await settled(pilot)
        assert sentence in " ".join(shown(pilot).split())

        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, Form)
        assert text(house) == before


@pytest.mark.parametrize(
    ("path", "key", "value", "sentence"),
    [
        (("household",), "postmaster", "pail", "did you mean paul?"),
        (("aliases", "family"), "", "family2", "nobody of that name"),
        (("members", "luc"), "address", "Paul.Dupont@home.example", "both have the address"),
        (("line",), "numbers", "", "a modem needs at least one number"),
    ],
)
async def test_what_does_not_agree_is_told_before_it_is_saved(
    screens: Open, house: Household, path: tuple[str, ...], key: str, value: str, sentence: str
) -> None:
    """A file that could not be opened again is never written."""
    before = text(house)
    async with screens().run_test(size=(120, 60)) as pilot:
        await at(pilot, *path)
        await press(pilot, "enter")
        fill(pilot, key, value)
        await press(pilot, "ctrl+s")

        assert isinstance(pilot.app.screen, Form)
        assert sentence in " ".join(shown(pilot).split())
        assert text(house) == before


async def test_a_file_that_was_edited_meanwhile_is_not_overwritten(screens: Open, house: Household) -> None:
    """Somebody else's change is told and kept."""
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "aliases", "family")
        await press(pilot, "enter")
        (house.folder / FILE).write_text(text(house) + "# mine\n", encoding="utf-8")
        fill(pilot, "", "paul")
        await press(pilot, "ctrl+s")

        assert "changed this file" in notices(pilot)
        assert isinstance(pilot.app.screen, Form)
        assert text(house).endswith("# mine\n")
        assert len(read(house).aliases["family"]) == 3


async def test_leaving_a_changed_form_asks(screens: Open, house: Household) -> None:
    """An untouched form closes at once; a changed one only after a question."""
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "household")
        await press(pilot, "enter", "escape")
        assert isinstance(pilot.app.screen, Settings)

        await press(pilot, "enter", "x", "escape")
        assert "Leave without saving?" in shown(pilot)
        await press(pilot, "y")
        assert isinstance(pilot.app.screen, Settings)
        assert read(house).household.name == "The Dupont house"


async def test_a_choice_is_made_by_arrows_and_by_the_mouse(screens: Open, house: Household) -> None:
    """All words are shown, and one of them is chosen."""
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "line")
        await press(pilot, "enter", "right", "right", "ctrl+s")
        assert read(house).line.kind == "always"

        await press(pilot, "enter")
        await pilot.click("Choice", offset=(2, 0))
        await press(pilot, "ctrl+s")
        assert read(house).line.kind == "modem"


async def test_a_key_is_remapped_at_once(screens: Open, house: Household) -> None:
    """The new key works without a new start; deleted, the old one is back."""
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "keys")
        await press(pilot, "enter", "enter")
        fill(pilot, "", "f5")
        await press(pilot, "ctrl+s")
        assert read(house).keys == {"app.mail": "f5"}

        await press(pilot, "f5")
        assert isinstance(pilot.app.screen, Mail)
        await at(pilot, "keys", "app.mail")
        await press(pilot, "d", "y", "1")
        assert isinstance(pilot.app.screen, Mail)
        assert "f5" not in [it.key for it in here(pilot.app.screen)]


def fetched(house: Household, number: int, to: str, member: str) -> None:
    """A letter that came from the provider."""
    message = f"X-Original-To: {to}\nFrom: g@far.example\nSubject: Number {number}\n\nHi\n".encode()
    routed = Routed((member,), "envelope", "X-Original-To", to)
    deliver(house, [Delivery(f"isp/{number}", message, routed, "g@far.example")], NOW)


async def test_letters_that_would_go_elsewhere_are_shown_before_saving(screens: Open, house: Household) -> None:
    """Of the last letters those are told that a changed alias takes to others; no saves nothing."""
    (house.folder / FILE).write_text(settings.changed(text(house), {("aliases", "house"): ["luc"]}), encoding="utf-8")
    for number in range(3):
        fetched(house, number, "house@home.example", "luc")
    fetched(house, 9, "luc.jackson@home.example", "luc")
    app = Mailrun(Bridge(Household(house.folder, read(house), house.spool, house.ledger), "paul", now=lambda: NOW))
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, "aliases", "house")
        await press(pilot, "enter")
        fill(pilot, "", "ann")
        await press(pilot, "ctrl+s")
        words = shown(pilot)
        assert "3 letters would go elsewhere" in words
        assert "luc → ann" in words
        assert "Number 2" in words

        await press(pilot, "n")
        assert read(house).aliases["house"] == ("luc",)
        await press(pilot, "ctrl+s", "y")
        assert read(house).aliases["house"] == ("ann",)


async def test_w_tells_who_would_get_a_message(screens: Open, tmp_path: Path) -> None:
    """A file is judged as if it came from the provider, and the evidence is told."""
    file = tmp_path / "letter.eml"
    file.write_bytes(b"X-Original-To: luc.jackson@home.example\nSubject: x\n\nHi\n")
    async with screens().run_test(size=SIZE) as pilot:
        await at(pilot, "household")
        await press(pilot, "w", "backspace", "backspace")
        await typed(pilot, str(file))
        await press(pilot, "enter")

        assert "For luc. The provider wrote X-Original-To" in notices(pilot)


async def test_a_test_never_dials(screens: Open) -> None:
    """On a line that is down the boxes are not asked; the modem is, and says that it is not there."""
    async with screens().run_test(size=WIDE) as pilot:
        await at(pilot, "maildrop", "0")
        await press(pilot, "enter", "ctrl+t")
        assert "a test does not dial" in shown(pilot)

        await press(pilot, "escape")
        await at(pilot, "line")
        await press(pilot, "enter", "ctrl+t")
        assert "/dev/nowhere" in shown(pilot)
        assert "! " in shown(pilot)


class Names:
    """Name servers of a world with one domain."""

    async def mx(self, domain: str) -> list[str]:
        """Where its mail goes."""
        return ["mx.isp.example"] if domain == "home.example" else []

    async def addresses(self, host: str) -> list[str]:
        """No host has one."""
        return []


async def test_a_test_logs_in_where_the_line_is_up(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed is tried before it is saved: the box, the smart host, and whose letters it takes."""
    monkeypatch.setattr("core.world.Resolver", Names)
    async with provider("dfzt12", "winter", []) as isp:
        isp.desk.replies["Luc.Jackson@home.example"] = "553 5.7.1 not yours"
        ends = {("maildrop", "0"): isp.pop, ("smarthost",): isp.smtp}
        plan = {(*path, key): value for path in ends for key, value in (("host", "127.0.0.1"), ("security", "none"))}
        changed = settings.changed(text(house), {("line", "kind"): "always", **plan})
        (house.folder / FILE).write_text(changed, encoding="utf-8")
        app = Mailrun(Bridge(Household(house.folder, config.parse(changed), house.spool, house.ledger), "paul"))
        async with app.run_test(size=(120, 50)) as pilot:
            for path, port in ends.items():
                await at(pilot, *path)
                await press(pilot, "enter")
                fill(pilot, "port", str(port))
                await press(pilot, "ctrl+t")
                assert "! " in shown(pilot)
                assert "refused" in " ".join(shown(pilot).split())

                fill(pilot, "password", "winter")
                await press(pilot, "ctrl+t")
                words = " ".join(shown(pilot).split())
                assert "lets us in" in words
                await press(pilot, "escape", "y")
        assert "mail for home.example goes to mx.isp.example" in words
        assert "it takes letters from Paul.Dupont@home.example" in words


async def test_a_member_sets_a_passphrase(screens: Open, house: Household) -> None:
    """It is asked twice, and the file has its hash only."""
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "4", "p")
        await typed(pilot, "plums")
        await press(pilot, "enter")
        await typed(pilot, "plums")
        await press(pilot, "enter")

        hashed = read(house).members["paul"].passphrase.reveal()
        assert hashed.startswith("scrypt$")
        assert "plums" not in text(house)
