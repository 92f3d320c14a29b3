import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.errors import BusyError, StoreError
from core.mail.departure import Departure
from core.store import ledger as module
from core.store import queue
from core.store.ledger import Ledger, moment, open_ledger, stamp

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
ADD = "INSERT INTO runs (started) VALUES (?)"


def _count(ledger: Ledger) -> int:
    return int(ledger.rows("SELECT count(*) FROM runs")[0][0])


def test_a_transaction_is_kept_when_it_is_left(ledger: Ledger) -> None:
    """What was written is there for another opening of the file."""
    with ledger.transaction() as rows:
        rows.execute(ADD, ("x",))

    assert _count(open_ledger(ledger.path)) == 1


def test_a_failed_transaction_changes_nothing(ledger: Ledger) -> None:
    """An exception inside undoes everything, and passes."""

    def work() -> None:
        with ledger.transaction() as rows:
            rows.execute(ADD, ("x",))
            raise KeyError

    with pytest.raises(KeyError):
        work()

    assert _count(ledger) == 0


def test_an_inner_transaction_belongs_to_the_outer_one(ledger: Ledger) -> None:
    """Several functions can be joined to one all-or-nothing."""

    def work() -> None:
        with ledger.transaction():
            with ledger.transaction() as rows:
                rows.execute(ADD, ("x",))
            raise KeyError

    with pytest.raises(KeyError):
        work()

    assert _count(ledger) == 0


def test_it_is_one_private_file_that_is_synced(ledger: Ledger) -> None:
    """Mode 0600, synchronous FULL, a rollback journal that is empty between transactions."""
    with ledger.transaction() as rows:
        rows.execute(ADD, ("x",))

    assert ledger.path.stat().st_mode & 0o777 == 0o600
    assert (ledger.rows("PRAGMA synchronous"), ledger.rows("PRAGMA journal_mode")) == ([(2,)], [("truncate",)])
    journal = ledger.path.with_name("ledger.db-journal")
    assert not journal.exists() or journal.stat().st_size == 0


def test_threads_wait_for_each_other(ledger: Ledger) -> None:
    """One ledger is used by several threads at once, and no transaction is lost."""

    def work() -> None:
        for _ in range(10):
            with ledger.transaction() as rows:
                rows.execute(ADD, ("x",))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _count(ledger) == 40


def test_processes_wait_for_each_other(ledger: Ledger) -> None:
    """Several processes write to one file, and no transaction is lost."""
    children = []
    for _ in range(3):
        child = os.fork()
        if not child:
            own = open_ledger(ledger.path)
            for _ in range(5):
                with own.transaction() as rows:
                    rows.execute(ADD, ("x",))
            os._exit(0)
        children.append(child)

    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert _count(ledger) == 15


def test_a_writer_that_does_not_end_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process in the midst of a transaction makes us wait, then the sentence says so."""
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    other = open_ledger(ledger.path)

    with ledger.transaction(), pytest.raises(BusyError, match="another mailrun"), other.transaction():
        pass


KILLED = """
import sys
from pathlib import Path
from core.store.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]))
for number in range(10**6):
    with ledger.transaction() as rows:
        rows.execute("INSERT INTO runs (started) VALUES (?)", (str(number),))
        rows.execute("INSERT INTO runs (started) VALUES (?)", (str(number),))
    print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_told(tmp_path: Path) -> None:
    """After a kill at any moment the ledger is whole, and has every transaction that had returned."""
    path = tmp_path / "ledger.db"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        told = [int(child.stdout.readline()) for _ in range(20)]
        child.send_signal(signal.SIGKILL)
        told += [int(line) for line in child.stdout if line.endswith("\n")]
    ledger = open_ledger(path)

    assert ledger.rows("PRAGMA integrity_check") == [("ok",)]
    assert _count(ledger) % 2 == 0
    assert _count(ledger) >= 2 * len(told)


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    """A file of another kind is named and left as it is."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"From a Sat Nov 21 00:00:00 2026\n" * 100)

    with pytest.raises(StoreError, match=r"ledger\.db: this is no ledger"):
        open_ledger(path)
    assert path.read_bytes().startswith(b"From ")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    """What cannot be opened is one of our faults, with the file's name."""
    with pytest.raises(StoreError, match=tmp_path.name):
        open_ledger(tmp_path)


def test_a_full_disk_is_told_and_changes_nothing(ledger: Ledger) -> None:
    """Where the file cannot grow, the transaction never was, and the ledger goes on."""
    pages = ledger.rows("PRAGMA page_count")[0][0]
    ledger.rows(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match="disk is full"), ledger.transaction() as rows:
        rows.execute(ADD, ("x" * 100_000,))

    assert _count(ledger) == 0
    with ledger.transaction() as rows:
        rows.execute(ADD, ("x",))
    assert _count(ledger) == 1


def test_a_newer_ledger_is_left_alone(ledger: Ledger) -> None:
    """A schema from the future is refused."""
    ledger.rows("PRAGMA user_version=99")

    with pytest.raises(StoreError, match="newer mailrun"):
        open_ledger(ledger.path)


def test_an_older_ledger_takes_the_missing_steps(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new step is applied once to a file that has not seen it; what is there stays."""
    with ledger.transaction() as rows:
        rows.execute(ADD, ("x",))
    monkeypatch.setattr(module, "STEPS", (*module.STEPS, ("ALTER TABLE runs ADD COLUMN extra TEXT DEFAULT 'new'",)))
    open_ledger(ledger.path).close()
    newer = open_ledger(ledger.path)

    assert newer.rows("SELECT started, extra FROM runs") == [("x", "new")]
    assert newer.rows("PRAGMA user_version") == [(len(module.STEPS),)]


def test_a_ledger_of_the_first_version_opens_with_its_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited in it waits on, held or not, and leaves with the next run."""
    steps = module.STEPS
    monkeypatch.setattr(module, "STEPS", steps[:1])
    old = open_ledger(tmp_path / "ledger.db")
    with old.transaction() as rows:
        for ident, held in (("a1", 0), ("a2", 1)):
            letter = (ident, stamp(NOW), held)
            rows.execute("INSERT INTO letters VALUES (?, 'paul', 'paul@home.example', 9, ?, 'Hello', ?, '')", letter)
            rows.execute("INSERT INTO recipients (id, place, address) VALUES (?, 0, 'x@far.example')", (ident,))
    old.close()
    monkeypatch.setattr(module, "STEPS", steps)

    found = {letter.id: letter.departure for letter in queue.pending(open_ledger(old.path))}
    assert found == {"a1": Departure(), "a2": Departure(held=True)}


def test_a_step_that_fails_leaves_the_old_ledger(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are all or nothing."""
    monkeypatch.setattr(module, "STEPS", (*module.STEPS, ("CREATE TABLE more (x)", "NONSENSE")))
    with pytest.raises(StoreError):
        open_ledger(ledger.path)

    connection = sqlite3.connect(ledger.path)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    connection.close()


def test_moments_come_back_and_sort_as_text() -> None:
    """A moment of any time zone is kept as UTC; text order is time order."""
    east = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=2)))

    assert moment(stamp(east)) == east
    assert stamp(east) < stamp(NOW)
    assert moment(None) is None
