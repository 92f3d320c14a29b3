import os
import sqlite3
from array import array
from collections.abc import Callable
from contextlib import closing
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.mail.summary import Summary, summary, summed
from core.store import index, mbox, orders, tables

WHEN = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
OPENING = b"From other@x Sat Nov 21 00:38:00 2026\n"
Act = Callable[[Path, int], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a mailbox will be."""
    (tmp_path / "paul").mkdir()
    return tmp_path / "paul" / "inbox"


def letter(number: int) -> bytes:
    """A letter; every fourth is the same one."""
    return b"From: Anna <anna@x.example>\nSubject: %d\nMessage-ID: <%d@x>\n\ntext\n" % (number % 4, number % 4)


def append(path: Path, number: int) -> None:
    """As delivery does it."""
    with mbox.locked(path, 5) as box:
        box.append([mbox.ROOM, letter(number)], "anna@x.example", WHEN)
        box.sync()


def append_raw(path: Path, number: int) -> None:
    """As another program does it, without room for flags, and now and then without the last empty line."""
    old = path.read_bytes() if path.exists() else b""
    gap = b"" if not old or old.endswith(b"\n\n") else b"\n"
    with path.open("ab") as file:
        file.write(gap + OPENING + letter(number) + b"\n" * (number % 2))


def flag(path: Path, number: int) -> None:
    """In place where there is room."""
    ids = [one.id for one in mbox.entries(path)][number % 5 :][:1]
    mbox.flag(path, ids, "RF"[number % 2], "FR"[number % 2], index.places(path, ids))


def remove(path: Path, number: int) -> None:
    """Take a letter or two out."""
    ids = [one.id for one in mbox.entries(path)][number % 5 :: 3]
    assert mbox.remove(path, ids, index.places(path, ids)) == len(ids)


def flag_raw(path: Path, number: int) -> None:
    """As mutt does it: in place, and the old times put back."""
    if path.exists():
        before, old = path.stat(), path.read_bytes()
        at = old.find(b"\nX-Status: ", number * 40)
        with path.open("r+b") as file:
            file.seek(at + 11 if at >= 0 else len(old))
            file.write(b"AF"[number % 2 :][:1] if at >= 0 else b"")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def rewrite(path: Path, number: int) -> None:
    """As a mail program does it that writes the whole file anew, perhaps as another file, in another order."""
    letters = [mbox.read(path, entry) for entry in mbox.entries(path)]
    text = b"".join(OPENING + b"Status: RO\n" + one + b"\n" for one in reversed(letters[number % 3 :]))
    if number % 2:
        path.write_bytes(text)
    else:
        new = path.with_name("new")
        new.write_bytes(text)
        new.replace(path)


def cut(path: Path, number: int) -> None:
    """A crash of another program, which leaves at least a From_ line."""
    if path.exists() and path.stat().st_size > 60:
        os.truncate(path, max(60, path.stat().st_size - number))


def spoil(path: Path, number: int) -> None:
    """A damaged index."""
    file = path.with_name(index.NAME)
    if file.exists() and (old := file.read_bytes()):
        file.write_bytes((old[: number * 10], b"rubbish" * 100, b"")[number % 3])


def fresh(path: Path) -> list[tuple[object, ...]]:
    """What is there, without an index."""
    return [(*astuple(entry), *summary(head)) for entry, head in mbox.heads(path)]


def told(path: Path) -> list[tuple[object, ...]]:
    """What the index says."""
    return [(*one[:4], *one[6:-1]) for one in index.known(path)]


acts = st.sampled_from([append, append_raw, flag, flag_raw, remove, rewrite, cut, spoil])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None)
@given(st.lists(st.tuples(acts, st.integers(0, 60), st.booleans()), max_size=12))
def test_the_index_says_what_the_mailbox_says(path: Path, steps: list[tuple[Act, int, bool]]) -> None:
    """Whoever changes the mailbox, in whatever way, and whether or not anybody looked in between."""
    path.unlink(missing_ok=True)
    for act, number, look in steps:
        act(path, number)
        if look:
            assert told(path) == fresh(path)
    found = mbox.entries(path)

    assert told(path) == fresh(path)
    assert index.counts(path) == (sum("R" not in one.flags for one in found), len(found))
    assert index.places(path, [one.id for one in found[::2]]) == found[::2]
    assert all(one in index.beginning(path, one.id[:5]) for one in found)


def test_a_second_look_asks_the_index_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the mailbox has not changed, no letter is read."""
    append(path, 1)
    os.utime(path, ns=(1, 1))
    monkeypatch.setattr(index, "_settled", lambda _: True)
    before = index.known(path)
    monkeypatch.setattr("core.store.known.mark", None)

    assert index.known(path) == before
    assert path.with_name(index.NAME).stat().st_mode & 0o777 == 0o600


def test_new_letters_are_read_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a delivery only the letter before the new ones is read again, for it may have grown."""
    for number in range(9):
        append(path, number)
    index.known(path)
    append(path, 9)
    heads: list[bytes] = []

    def noted(found: dict[bytes, bytes]) -> Summary:
        heads.append(found[b"subject"])
        return summed(found)

    monkeypatch.setattr("core.store.known.summed", noted)

    assert len(index.known(path)) == 10
    assert len(heads) == 2


def test_a_mailbox_changed_just_now_is_not_believed(path: Path) -> None:
    """Within one tick of the clock a change leaves no trace in the times."""
    append(path, 1)
    index.known(path)
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        assert rows.execute("SELECT sure FROM boxes").fetchone() == (1,)


@pytest.mark.parametrize("table", ["letters", "boxes"])
def test_an_index_of_another_make_is_replaced(path: Path, table: str) -> None:
    """A table with other columns, even under our own version, does no harm."""
    append(path, 1)
    index.known(path)
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        rows.execute(f"DROP TABLE {table}")
        rows.execute(f"CREATE TABLE {table} (a, b)")

    assert told(path) == fresh(path)
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        assert rows.execute("SELECT count(*) FROM letters").fetchone() == (1,)


def test_an_index_of_a_newer_mailrun_is_replaced(path: Path) -> None:
    """Its tables may be others."""
    append(path, 1)
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        rows.execute("CREATE TABLE letters (a, b)")
        rows.execute("PRAGMA user_version=99")

    assert told(path) == fresh(path)


def test_where_another_process_has_the_index_the_mailbox_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long, and nothing fails."""
    monkeypatch.setattr(tables, "_PATIENCE", 0.01)
    append(path, 1)
    with closing(sqlite3.connect(path.with_name(index.NAME), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        assert told(path) == fresh(path)
        assert index.counts(path) == (1, 1)


def test_where_there_can_be_no_index_the_mailbox_is_read(path: Path) -> None:
    """A folder in its place stands for everything that keeps the file from being made or written."""
    append(path, 1)
    path.with_name(index.NAME).mkdir()

    assert told(path) == fresh(path)
    assert index.beginning(path, str(fresh(path)[0][0])) == mbox.entries(path)


def test_a_file_that_is_no_mbox_is_said(path: Path) -> None:
    """With the index as without, and again at the second look."""
    path.write_bytes(b"hello\n" * 9)
    for _ in range(2):
        with pytest.raises(StoreError, match="no mbox"):
            index.known(path)


def test_folders_of_a_member_share_one_index(path: Path) -> None:
    """Each mailbox is known by its name."""
    append(path, 1)
    append(path.with_name("sent"), 2)

    assert [told(one) for one in (path, path.with_name("sent"))] == [fresh(path), fresh(path.with_name("sent"))]
    assert sorted(one.name for one in path.parent.iterdir()) == [index.NAME, "inbox", "sent"]


def test_a_mailbox_that_is_gone_is_forgotten(path: Path) -> None:
    """When the next one comes, the index keeps nothing of those that are no more."""
    append(path.with_name("old"), 1)
    index.known(path.with_name("old"))
    path.with_name("old").unlink()
    append(path, 2)

    assert told(path) == fresh(path)
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        assert rows.execute("SELECT name FROM boxes").fetchall() == [("inbox",)]
        assert rows.execute("SELECT count(*) FROM letters").fetchone() == (1,)


def test_flags_and_removal_believe_no_outdated_place(path: Path) -> None:
    """Where letters have moved since they were looked up, they are searched for."""
    for number in range(3):
        append(path, number)
    known = index.places(path, [one.id for one in mbox.entries(path)][2:])
    mbox.remove(path, [mbox.entries(path)[0].id])

    assert mbox.flag(path, [known[0].id], "F", known=known) == 1
    assert [one.flags for one in mbox.entries(path)] == ["", "F"]
    assert mbox.remove(path, [known[0].id], known) == 1
    assert [one.subject for one in index.known(path)] == ["1"]


@pytest.mark.parametrize(
    ("depths", "turned"),
    [([], [4, 3, 2, 1, 0]), ([0, 1, 2, 0, 0], [4, 3, 0, 1, 2]), ([0, 0, 1, 0, 1], [3, 4, 1, 2, 0])],
)
def test_an_order_is_turned_thread_by_thread(depths: list[int], turned: list[int]) -> None:
    """The last thread comes first, and in it each letter is still before its answers."""
    order = orders.Order(array("I", range(5)), array("H", depths), array("I", range(len(depths))))

    found = orders.backward(order)

    assert list(found.numbers) == turned
    if depths:
        assert [depths[number] for number in turned] == list(found.depths)
        assert list(found.replies) == turned


@pytest.mark.parametrize("put", [append, append_raw])
@pytest.mark.parametrize("wanted", [slice(0, 1), slice(4, 5), slice(1, 9, 2)])
def test_flags_of_ours_are_known_at_once(path: Path, monkeypatch: pytest.MonkeyPatch, put: Act, wanted: slice) -> None:
    """Also of a mailbox so large that its other letters are believed, and of letters that grew with their flags."""
    monkeypatch.setattr(index, "LARGE", 0)
    for number in range(9):
        put(path, number)
    index.update(path)
    ids = [one.id for one in index.known(path)][wanted]

    for add, remove in (("RF", ""), ("", "F")):
        known, before = index.places(path, ids), path.stat()
        mbox.flag(path, ids, add, remove, known)
        index.flagged(path, ids, before, path.stat())
        view = index.view(path, "file", trust=True)
        there = [*view.some(view.order.numbers).values()]
        assert sorted(astuple(one.entry) for one in there) == sorted(astuple(one) for one in mbox.entries(path))
        assert view.unread == sum("R" not in one.flags for one in mbox.entries(path))


def test_two_processes_use_one_index(path: Path) -> None:
    """A run delivers while the screens look: both see what is there."""
    child = os.fork()
    if not child:
        status = 1
        try:
            for number in range(20):
                append(path, number)
                index.known(path)
            status = 0
        finally:
            os._exit(status)
    while not os.waitpid(child, os.WNOHANG)[0]:
        assert len(index.known(path)) <= 20

    assert told(path) == fresh(path)
    assert len(index.known(path)) == 20


def test_the_last_letters_with_a_flag_are_known_with_their_moments(path: Path) -> None:
    """In the order of the file, no more than were asked for; for no flag the last of all."""
    with mbox.locked(path) as box:
        for flags, day in [("A", 1), ("", 2), ("AF", 3), ("A", 4)]:
            head = f"X-Status: {flags}\nDate: Mon, {day:02} Nov 2026 09:00:00 +0000\n"
            box.append([f"{head}Subject: {day}\n\nhi\n".encode()], "a@far.example", WHEN)
        box.sync()

    def days(flag: str, most: int) -> list[int]:
        return [datetime.fromtimestamp(moment, UTC).day for _, moment in index.marked(path, flag, most)]

    assert (days("A", 2), days("", 3)) == ([3, 4], [2, 3, 4])
    assert all(entry in mbox.entries(path) for entry, _ in index.marked(path, "A", 9))
