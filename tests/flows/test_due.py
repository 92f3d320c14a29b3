"""When a run is due: tables of cases, and the command for cron."""

import io
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.cli import main
from core.due import ALWAYS, Due, due
from core.events import Finished
from core.household import Household
from core.mail.departure import Departure
from core.open import clock, open_household
from core.store import queue, runs
from core.submit import submit
from core.zone import local
from tests.flows.town import TOML

PARIS = ZoneInfo("Europe/Paris")
TARIFF = '[line.tariff]\nper_minute = "0.10"\n[[line.tariff.rules]]\nfrom = "22:00"\nto = "6:00"\nper_minute = "0.02"\n'
NIGHT = 'between = "22:00-6:00"'


def at(text: str) -> datetime:
    """That time in the house: on Friday the 20th of November, or another day."""
    day, _, hour = text.rpartition(" ")
    return datetime.fromisoformat(f"{day or '2026-11-20'} {hour:0>5}").replace(tzinfo=PARIS)


@pytest.fixture(autouse=True)
def _paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The house is in Paris."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def opened(folder: Path, rules: str, tariff: str = "") -> Household:
    """A house with these rules."""
    path = folder / "household.toml"
    path.write_text(TOML.format(pop=1, smtp=1, maildrop="") + tariff + f"[due]\n{rules}\n")
    path.chmod(0o600)
    return open_household(folder)


def write(house: Household, when: str, departure: Departure = Departure()) -> None:  # noqa: B008 a frozen value
    """A letter for outside, of that time."""
    submit(house, b"To: grandma@far.example\n\nhello\n", "paul", None, at(when), departure=departure)


def ran(house: Household, when: str) -> None:
    """A whole run began then."""
    run = runs.start(house.ledger, at(when))
    runs.finish(house.ledger, run, Finished("complete"), now=at(when))


URGENT, HELD = Departure(urgent=True), Departure(held=True)
EVENING = Departure(not_before=at("18:00"))


NONE, ONE = "no letters to send", "1 letter to send"
SHUT = f"{ALWAYS}, but not at this hour"
PAUSE = "the last run began less than 60 min ago"
MIDNIGHT = "2026-11-21 0:00"


@pytest.mark.parametrize(
    ("rules", "waiting", "last", "now", "why", "later"),
    [
        ("", [], "", "12:00", ALWAYS, "now"),
        (NIGHT, [], "", "12:00", SHUT, "22:00"),
        (NIGHT, [], "", "23:00", ALWAYS, "now"),
        ("letters = 2", ["9:00"], "", "12:00", ONE, ""),
        ("letters = 2", ["9:00", "10:00"], "", "12:00", "2 letters to send", "now"),
        ("letters = 2", ["9:00", EVENING], "", "12:00", ONE, "18:00"),
        ("letters = 2", ["9:00", HELD], "", "12:00", ONE, ""),
        ("letters = 2", [URGENT], "", "12:00", "an urgent letter waits", "now"),
        (f"letters = 2\n{NIGHT}", [URGENT], "", "12:00", "an urgent letter waits", "now"),
        (f"letters = 1\n{NIGHT}", ["9:00"], "", "12:00", "1 letter to send, but not at this hour", "22:00"),
        ("hours = 12", ["9:00"], "", "12:00", ONE, "21:00"),
        ("hours = 2.5", ["9:00"], "", "12:00", "a letter has waited for 2.5 h", "now"),
        (f"hours = 3\n{NIGHT}", ["21:00"], "", "21:30", ONE, MIDNIGHT),
        ("every = 24", [], "", "12:00", "there was no whole run yet", "now"),
        ("every = 24", [], "11:00", "12:00", NONE, "2026-11-21 11:00"),
        ("letters = 1", ["9:00"], "11:30", "12:00", PAUSE, "12:30"),
        ("letters = 1\npause = 10", ["9:00"], "11:30", "12:00", "1 letter to send", "now"),
        (f"letters = 1\n{NIGHT}", ["9:00"], "11:30", "12:00", PAUSE, "22:00"),
        ("letters = 1", [URGENT], "11:30", "12:00", PAUSE, "12:30"),  # it was there at 11:30
        ("letters = 1", [URGENT], "8:30", "9:15", "an urgent letter waits", "now"),  # written since
        ("", [], "11:30", "12:00", ALWAYS, "now"),
        ("every = 24", [], "2026-11-19 11:00", "12:00", "the last whole run was 24 h ago", "now"),
        ('between = ["sat-sun", "12-25"]', [], "", "12:00", SHUT, MIDNIGHT),
        ('between = "cheap"', [], "", "12:00", SHUT, "22:00"),
        ('between = "cheap"', [], "", "5:59", ALWAYS, "now"),
    ],
)
def test_a_run_is_due(
    tmp_path: Path, rules: str, waiting: list[str | Departure], last: str, now: str, why: str, later: str
) -> None:
    """Now or later, for a reason that is told; letters that are held never make a run due."""
    house = opened(tmp_path, rules, TARIFF)
    for one in waiting:
        write(house, one) if isinstance(one, str) else write(house, "9:00", one)
    if last:
        ran(house, last)
    if later == "now":
        assert due(house, at(now)) == Due(True, why, at(now))
    else:
        assert due(house, at(now)) == Due(False, why, at(later) if later else None)


def test_summer_time_ends_and_the_night_begins_an_hour_later(tmp_path: Path) -> None:
    """The hour is that of the clock on the wall on that day."""
    house = opened(tmp_path, NIGHT)
    found = due(house, at("2026-10-25 00:00") + timedelta(hours=7))
    assert found.at is not None
    assert found.at.isoformat() == "2026-10-25T22:00:00+01:00"


def said(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    """What the command line answers: its status, and what it says."""
    with pytest.raises(SystemExit) as ended:
        main(["--household", str(folder), *words])
    told = capsys.readouterr()
    return ended.value.code, told.out, told.err


def test_for_cron_nothing_happens_quietly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 and no word; why not is told to those who ask."""
    opened(tmp_path, "letters = 9").ledger.close()
    assert said(tmp_path, capsys, "run", "--if-due") == (0, "", "")
    assert said(tmp_path, capsys, "run", "--if-due", "-v")[1] == "not due: no letters to send\n"
    told = json.loads(said(tmp_path, capsys, "run", "--if-due", "--json")[1])
    assert told == {"event": "due", "now": False, "why": "no letters to send", "at": None}


def test_a_due_run_over_budget_is_refused_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody shall believe that letters go out while they do not."""
    house = opened(tmp_path, "letters = 1", TARIFF + '[bill]\nbudget = "0.01"\n')
    write(house, "9:00")
    house.ledger.close()
    status, out, err = said(tmp_path, capsys, "run", "--if-due")
    assert (status, out) == (77, "")
    assert err == (
        "mailrun: this month's calls have cost 0.00 of a budget of 0.01 EUR, so no call is made; bill.budget sets it, "
        "and `mailrun run --over-budget` makes one all the same\n"
    )


def test_a_letter_waits_until_calls_are_cheap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until the first hour at which the next call would cost less; there may be none."""
    tomorrow = local(clock()).date() + timedelta(days=1)
    rule = f'[[line.tariff.rules]]\ndays = "{tomorrow}"\nper_minute = "0.01"\n'
    house = opened(tmp_path, "", '[line.tariff]\nper_minute = "0.10"\n' + rule)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"To: grandma@far.example\n\nhello\n")))
    assert said(tmp_path, capsys, "send", "--as", "paul", "-t", "--not-before", "cheap")[0] == 0
    [letter] = queue.pending(house.ledger)
    assert letter.departure.not_before == datetime.combine(tomorrow, datetime.min.time(), PARIS)
