from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import StoreError
from core.events import Finished
from core.store import ledger as ledgers
from core.store import runs
from core.store.ledger import Ledger, stamp

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def _run(ledger: Ledger, finished: Finished, connecting: float = 0.0) -> int:
    run = runs.start(ledger, NOW)
    runs.finish(ledger, run, finished, now=NOW, number="0860", rate=33600, connecting=connecting)
    return run


def test_a_statement_tells_all_of_the_run(ledger: Ledger) -> None:
    """What was finished comes back, with start, end, number and rate."""
    finished = Finished("partial", sent=1, bytes_down=2, seconds_online=3.5, cost="0.07", currency="EUR", why="dropped")
    run = runs.start(ledger, NOW)
    end = NOW + timedelta(minutes=2)
    runs.finish(ledger, run, finished, now=end, number="0860", rate=33600, connecting=21.5)

    assert runs.statements(ledger) == [runs.Statement(run, NOW, end, "0860", 33600, 21.5, finished)]


def test_the_newest_is_first_and_the_number_is_limited(ledger: Ledger) -> None:
    """Statements come newest first."""
    numbers = [_run(ledger, Finished("complete")) for _ in range(4)]

    assert [one.id for one in runs.statements(ledger, 2)] == numbers[:1:-1]


def test_a_run_that_was_killed_says_so(ledger: Ledger) -> None:
    """A run without an end counts as failed."""
    runs.start(ledger, NOW)

    statement = runs.statements(ledger)[0]
    assert (statement.ended, statement.finished.outcome) == (None, "failed")
    assert "ended before" in statement.finished.why


def test_whole_runs_are_those_over_the_same_number(ledger: Ledger) -> None:
    """Faults teach nothing, but a limit is none; where no run was over this number, all others count."""
    first, _, last = (_run(ledger, Finished(outcome)) for outcome in ("complete", "failed", "complete"))

    limited = _run(ledger, Finished("partial", left=3))

    assert [one.id for one in runs.whole(ledger, number="0860")] == [limited, last, first]
    assert [one.id for one in runs.whole(ledger, 1, number="other")] == [limited]


def test_shares_and_measures_stand_beside_the_account(ledger: Ledger) -> None:
    """Who pays for what, in exact money, and what the run teaches."""
    run, share = runs.start(ledger, NOW), runs.Share("paul", "up", 100, Decimal("0.07"))
    measured = runs.Measured(2.5, 3000, 4000)
    runs.finish(ledger, run, Finished("complete"), now=NOW, measured=measured, shares=[share])

    assert runs.shares(ledger, [run, 99]) == {run: [share]}
    assert runs.since(ledger, NOW)[0].measured == measured
    assert runs.since(ledger, NOW + timedelta(seconds=1)) == []


def test_an_account_of_an_older_version_is_read(ledger: Ledger) -> None:
    """It has no forecast, no measures and no shares."""
    run = _run(ledger, Finished("complete"))
    with ledger.transaction() as rows:
        rows.execute('UPDATE runs SET account = \'{"outcome":"complete","sent":2,"cost":"0.07"}\'')

    assert runs.statements(ledger)[0].finished == Finished("complete", sent=2, cost="0.07")
    assert (runs.statements(ledger)[0].measured, runs.shares(ledger, [run])) == (runs.UNKNOWN, {})


def test_runs_of_a_first_ledger_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its statements are read as they were; a run after them has all that is noted today."""
    with monkeypatch.context() as past:
        past.setattr(ledgers, "STEPS", ledgers.STEPS[:1])
        old = ledgers.open_ledger(tmp_path / "ledger.db")
        with old.transaction() as rows:
            account = '{"outcome":"complete","fetched":2,"bytes_down":9000,"seconds_online":12.5,"cost":"0.07"}'
            rows.execute("INSERT INTO runs (started, ended, account) VALUES (?, ?, ?)", (*[stamp(NOW)] * 2, account))
        old.close()
    ledger = ledgers.open_ledger(tmp_path / "ledger.db")
    _run(ledger, Finished("complete", forecast_seconds=9.5, forecast_cost="0.07", bytes_left=4))

    new, first = runs.statements(ledger)
    assert first.finished == Finished("complete", fetched=2, bytes_down=9000, seconds_online=12.5, cost="0.07")
    assert (new.finished.forecast_cost, new.finished.bytes_left) == ("0.07", 4)


def test_a_damaged_account_is_told(ledger: Ledger) -> None:
    """An account that cannot be read names the run and the file."""
    run = _run(ledger, Finished("complete"))
    with ledger.transaction() as rows:
        rows.execute("UPDATE runs SET account = '{'")

    with pytest.raises(StoreError, match=rf"ledger\.db: the account of run {run} is damaged"):
        runs.statements(ledger)
