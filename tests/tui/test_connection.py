from dataclasses import replace
from datetime import timedelta

import pytest

from core import events
from core.config import FILE, load
from core.events import Event
from core.household import Household
from core.store import runs
from tests.tui.conftest import Open
from tests.tui.house import NOW, budget
from tests.tui.steps import SIZE, WIDE, press, settled, shown, until
from tui.app import Mailrun
from tui.bridge import Bridge
from tui.messages import Told
from tui.screens.connection import Connection
from tui.widgets.call import Call, after, said, words
from tui.widgets.way import Way


def through(*run: Event) -> Call:
    """The state after these events, one a second from 100 on."""
    call = Call()
    for second, event in enumerate(run):
        call = after(call, event, 100.0 + second)
    return call


def test_both_directions_are_followed_through_a_run() -> None:
    """Letters and bytes of each direction come from their own events."""
    call = through(
        events.Dialing("0860123456", 1),
        events.Connected("", 33600),
        events.Sending("a1", 1, 3, 900),
        events.Listed("isp", 14, 96_000),
        events.Listed("other", 2, 2000),
        events.Fetched("isp", "u1", 900, ("paul",), "envelope", "Grandma", "Hello"),
        events.Progress("up", 500, 900),
        events.Progress("down", 900, 98_000),
    )

    out, into = Way(500, 900, 1, 3, ((106.0, 500),)), Way(900, 98_000, 1, 16, ((107.0, 900),))
    assert call == Call("up", "0860123456", 1, 33600, 101.0, out, into)
    assert words(call, 149.0) == "On the line 0:48."


@pytest.mark.parametrize("end", [events.HungUp(12.0), events.Finished("failed")])
def test_a_run_ends_with_the_line_down(end: Event) -> None:
    """Whatever ended it, nothing of the run is left in the status line."""
    call = through(events.Dialing("1", 2), events.Connected("1", 0), end)

    assert words(call, 0.0) == "Line is down."
    assert not call.on


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (events.Dialing("0860", 2), "dialling 0860, try 2"),
        (events.Modem("ATDT0860", sent=True), "> ATDT0860"),
        (events.Modem("CONNECT 33600"), "< CONNECT 33600"),
        (events.Refused("0860", "busy"), "0860: busy"),
        (events.Connected("0860", 33600, "ppp0", "192.0.2.17", 2.4), "connected: 33,600 bit/s, ppp0 is up, 192.0.2.17"),
        (events.Listed("isp", 1, 4200), "isp: 1 letter waits, 4 kB"),
        (events.Outgone("a1", "g@far.example", "sent", "250 ok"), "to g@far.example: sent, 250 ok"),
        (
            events.Fetched("isp", "u1", 900, ("paul",), "envelope", "g@far.example", "Hi"),
            "from g@far.example: for paul",
        ),
        (events.Fetched("isp", "u1", 900, ("paul",), "postmaster", "", "Hi"), "from (no sender): for paul (nobody"),
        (
            events.Fetched("isp", "u1", 900, ("luc",), "envelope", "a@far.example", "Hi", left=2_400_000),
            "from a@far.example: for luc; 2.4 MB of it are still at the provider",
        ),
        (events.Slower("isp", "it cannot PIPELINING"), "isp: slower, because it cannot PIPELINING"),
        (events.Trouble("isp", "wrong password"), "isp: wrong password"),
        (events.HungUp(75.0, "done"), "hung up after 1:15: done"),
        (events.Progress("up", 1, 2), ""),
        (events.Reckoned(1.0, "0.01", 2.0, "0.02"), ""),
    ],
)
def test_events_are_told_in_words(event: Event, text: str) -> None:
    """One line each; progress is for the meters."""
    assert said(event).startswith(text)
    assert bool(said(event)) == bool(text)


async def test_the_forecast_and_earlier_runs_are_shown(screens: Open) -> None:
    """What the next run would be, and what the last ones were, with reasons."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")

        text = shown(pilot)
        assert "The next run: about" in text
        assert "EUR" in text
        assert "partial: the line came down: NO CARRIER" in text
        assert "Run now  F9" in text


async def test_the_month_is_added_up(screens: Open, house: Household) -> None:
    """Runs of other months do not count; a currency has its own sum, and a run that is going on has none yet."""
    for days, cost, currency in ((40, "9.00", "EUR"), (1, "0.10", "USD"), (1, "0.05", "EUR")):
        when = NOW - timedelta(days=days)
        run = runs.start(house.ledger, when)
        runs.finish(house.ledger, run, events.Finished("complete", sent=1, cost=cost, currency=currency), now=when)
    runs.start(house.ledger, NOW)
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")

        assert "This month: 6 runs, 7 sent, 20 fetched, 3 min 32 s, 0.30 EUR + 0.10 USD." in shown(pilot)


async def test_during_a_call_a_small_terminal_shows_what_is_said(screens: Open) -> None:
    """The words of the modem take the place of earlier runs, and the last of them are in sight."""
    async with screens().run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        assert "This month" in shown(pilot)
        pilot.app.screen.bridge.call = Call("up", "0860", 1, 33600, 1.0)  # type: ignore[attr-defined] # a Page
        for number in range(20):
            pilot.app.screen.post_message(Told(events.Modem(f"word {number}")))
        await until(pilot, lambda: "word 19" in shown(pilot) and "This month" not in shown(pilot))

        assert "Hang up" in shown(pilot)


async def test_a_run_that_fails_says_why_and_leaves_the_line_down(screens: Open, house: Household) -> None:
    """There is no such modem: the sentence is shown, the statement is written, F9 runs again."""
    before = len(runs.statements(house.ledger))
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3", "f9")
        await until(pilot, lambda: len(runs.statements(house.ledger)) > before and "Line is down." in shown(pilot))
        await settled(pilot)

        assert "failed" in shown(pilot)
        assert any("/dev/nowhere" in note.message for note in pilot.app._notifications)
        assert "Run now  F9" in shown(pilot)


async def test_f9_works_on_every_screen(screens: Open, house: Household) -> None:
    """Also while a letter is being written."""
    before = len(runs.statements(house.ledger))
    async with screens().run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "f9")

        await until(pilot, lambda: len(runs.statements(house.ledger)) > before)


@pytest.mark.parametrize(
    ("width", "words"), [(80, "plus what comes."), (130, "what waits at the provider is not known yet.")]
)
async def test_before_the_first_run_the_price_is_the_least(
    screens: Open, house: Household, width: int, words: str
) -> None:
    """Nobody knows yet what comes, and the status line says so in the words that fit."""
    with house.ledger.transaction() as rows:
        rows.execute("DELETE FROM shares")
        rows.execute("DELETE FROM runs")
    async with screens().run_test(size=(width, 24)) as pilot:
        await settled(pilot)
        last = shown(pilot).splitlines()[-1]

        assert "at least" in last
        assert last.endswith(words)
        await press(pilot, "3")
        assert "what waits at the" in shown(pilot)


async def test_a_budget_that_is_nearly_used_up_is_told(house: Household) -> None:
    """In passing once, in the status line and beside the bill as long as it is so."""
    budget(house)
    bridge = Bridge(replace(house, config=load(house.folder / FILE)), "paul", now=lambda: NOW)
    async with Mailrun(bridge).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3")

        said = "83 % of this month's budget is used up: 0.25 of 0.30 EUR"
        assert [note.message for note in pilot.app._notifications] == [f"{said}."]
        assert shown(pilot).splitlines()[-1].endswith(f"{said}.")
        assert f"! {said}." in shown(pilot)


@pytest.mark.parametrize(("key", "made"), [("n", False), ("y", True)])
async def test_a_run_over_budget_is_made_only_after_a_question(house: Household, key: str, made: bool) -> None:
    """Also from where a letter is written; without a run there is no statement of one."""
    path = house.folder / FILE
    path.write_text(f'{path.read_text()}\n[bill]\nbudget = "0.25"\n', "utf-8")
    bridge, before = Bridge(replace(house, config=load(path)), "paul", now=lambda: NOW), len(all_runs(house))
    async with Mailrun(bridge).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "c", "f9")
        await until(pilot, lambda: "all the same?" in shown(pilot))
        assert "This month's calls have cost 0.25 of a budget of 0.25 EUR." in shown(pilot)
        assert len(all_runs(house)) == before
        await press(pilot, key)
        await until(pilot, lambda: not bridge.call.on and len(all_runs(house)) == before + made)


def all_runs(house: Household) -> list[runs.Statement]:
    """The statements of all runs."""
    return runs.statements(house.ledger)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("letters = 3", "A run is due: 3 letters to send."),
        ('letters = 3\nbetween = ["0:00-1:00"]', "The next run is due from tomorrow"),
        ("letters = 30", "about 38 kB to come in."),
    ],
)
async def test_when_the_house_wants_a_run_is_told(house: Household, rule: str, words: str) -> None:
    """Now, at which hour, or nothing where nobody knows."""
    path = house.folder / FILE
    path.write_text(f"{path.read_text()}\n[due]\n{rule}\n", "utf-8")
    bridge = Bridge(replace(house, config=load(path)), "paul", now=lambda: NOW)
    async with Mailrun(bridge).run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")

        assert words in shown(pilot)


async def test_cheaper_hours_are_told(house: Household) -> None:
    """From when on the same run costs less, and how much."""
    path = house.folder / FILE
    path.write_text(f'{path.read_text()}\n[[line.tariff.rules]]\nfrom = "22:00"\nper_minute = "0.01"\n', "utf-8")
    bridge = Bridge(replace(house, config=load(path)), "paul", now=lambda: NOW)
    async with Mailrun(bridge).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "3")

        assert ":00 on it costs 0.06 EUR." in shown(pilot)


async def test_the_bill_is_a_key_away(screens: Open) -> None:
    """For whom, the calls with what was reckoned before them, the months; the list of runs has the forecast too."""
    async with screens().run_test(size=WIDE) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        text = shown(pilot)
        assert "Luc 0.09   Paul 0.07   Ann 0.06   the house 0.03      out 0.03   in 0.22" in text
        assert "1:31, 0.09   complete" in text
        await press(pilot, "b")

        assert "out 0.03, in 0.04" in shown(pilot)
        assert "0:41; the forecast was 0.07" in shown(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Connection)


def test_the_clock_of_a_call_begins_when_it_costs() -> None:
    """What the link takes to come up is paid for already."""
    call = through(events.Dialing("0860", 1), events.Connected("0860", 33600, seconds=9.0, online=4.0))

    assert words(call, 110.0) == "On the line 0:13."
