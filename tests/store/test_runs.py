from datetime import UTC, datetime, timedelta

import pytest

from core.errors import StoreError
from core.events import Finished
from core.store import runs
from core.store.ledger import Ledger

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


def test_typical_is_the_median_of_complete_runs(ledger: Ledger) -> None:
    """Failed runs teach nothing, and a run that carried little tells nothing about the rate."""
    for size, seconds, connecting in ((20_000, 10.0, 20.0), (30_000, 10.0, 30.0), (1000, 10.0, 40.0)):
        _run(ledger, Finished("complete", bytes_down=size, seconds_online=seconds), connecting)
    _run(ledger, Finished("failed", bytes_down=10**9, seconds_online=1.0), 99.0)

    assert runs.typical(ledger) == runs.Typical(20_000, 20_000, 30.0)


def test_without_runs_nothing_is_typical(ledger: Ledger) -> None:
    """A new household knows nothing yet."""
    assert runs.typical(ledger) == runs.Typical()


def test_a_damaged_account_is_told(ledger: Ledger) -> None:
    """An account that cannot be read names the run and the file."""
    run = _run(ledger, Finished("complete"))
    with ledger.transaction() as rows:
        rows.execute("UPDATE runs SET account = '{'")

    with pytest.raises(StoreError, match=rf"ledger\.db: the account of run {run} is damaged"):
        runs.statements(ledger)
