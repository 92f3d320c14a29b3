"""Large mailboxes: what is believed for a moment, and how it comes right."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.store import hands, index, known, mbox, orders, tables

WHEN = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
OPENING = b"From other@x Sat Nov 21 00:38:00 2026\n"
Act = Callable[[Path, int], object]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a mailbox will be; every one counts as large, and threads are not made anew for each letter."""
    monkeypatch.setattr(index, "LARGE", 0)
    monkeypatch.setattr(orders, "_FEW", 0)
    return tmp_path / "inbox"


def letter(number: int) -> bytes:
    """A letter; most of them answer another one."""
    head = b"From: Anna <anna@x.example>\nSubject: %d\nMessage-ID: <%d@x>\n" % (number % 7, number)
    answers = b"References: <%d@x>\n" % (number // 3) if number % 3 else b""
    return head + b"Date: %d Nov 2026 10:00:00 +0100\n" % (number % 20 + 1) + answers + b"\ntext\n"


def append(path: Path, *numbers: int) -> None:
    """As delivery does it."""
    with mbox.locked(path, 5) as box:
        for number in numbers:
            box.append([mbox.ROOM, letter(number)], "anna@x.example", WHEN)
        box.sync()


def remove(path: Path, number: int) -> None:
    """Take out one, or a few."""
    ids = [one.id for one in mbox.entries(path)][number % 5 :: 1 + number % 4][: 1 + number % 3]
    mbox.remove(path, ids)


def flag(path: Path, number: int) -> None:
    """In place, one in the midst."""
    entries = mbox.entries(path)
    mbox.flag(path, [one.id for one in entries][number % 5 :][:1], "RF"[number % 2], "FR"[number % 2])


def rewrite(path: Path, number: int) -> None:
    """By a program that writes another file, in another order."""
    letters = [mbox.read(path, entry) for entry in mbox.entries(path)]
    new = path.with_name("new")
    new.write_bytes(b"".join(OPENING + one + b"\n" for one in reversed(letters[number % 3 :])))
    new.replace(path)


def cut(path: Path, number: int) -> None:
    """A crash of another program."""
    if path.exists() and path.stat().st_size > 60:
        os.truncate(path, max(60, path.stat().st_size - number))


def lost(path: Path, number: int) -> None:
    """Somebody deletes the index."""
    if number % 4 == 0:
        tables.throw_away(path.with_name(index.NAME))


def truth(path: Path) -> list[tuple[str, str]]:
    """What the mailbox says, by date."""
    with path.open("rb") as file:
        found = list(index._numbered(known.letters(file.fileno()), Counter()))
    return [(one.id, one.flags) for one in sorted(found, key=lambda one: one.moment)]


def shown(view: index.View) -> list[tuple[str, str]]:
    """What a list shows."""
    found = view.some(view.order.numbers)
    return [(found[number].id, found[number].flags) for number in view.order.numbers]


acts = st.sampled_from([append, append, remove, flag, rewrite, cut, lost])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(st.lists(st.tuples(acts, st.integers(0, 60), st.sampled_from(["", "trust", "exact"])), max_size=14))
def test_what_is_believed_comes_right(path: Path, steps: list[tuple[Act, int, str]]) -> None:
    """Whatever happens, in whatever order somebody looks, a list is a list, and the exact one is the truth."""
    path.unlink(missing_ok=True)
    append(path, *range(5))
    for act, number, look in steps:
        act(path, number)
        if look:
            view = index.view(path, "threads", trust=look == "trust")
            numbers, depths, replies = view.order
            assert len(numbers) == len(depths) == len(replies) == len(set(numbers))
            assert all(min(depths[at + 1 : at + 1 + below]) > depths[at] for at, below in enumerate(replies) if below)
            assert not depths or depths[0] == 0
            assert len(index.view(path, "date", trust=True).order.numbers) == len(numbers)

    index.update(path)

    view = index.view(path, "date", trust=True)
    assert (shown(view), view.sure, view.whole) == (truth(path), True, True)
    assert view.unread == sum("R" not in flags for _, flags in truth(path))
    assert sorted(index.view(path, "threads").order.numbers) == sorted(view.order.numbers)


def seen(path: Path) -> index.View:
    """A list by somebody who trusts, of which the newest letters at least are true."""
    return index.view(path, "date", trust=True)


def noted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where letters are compared from now on."""
    looked: list[int] = []

    def mark(fd: int, offset: int, span: int, real: Callable[[int, int, int], int] = known.mark) -> int:
        looked.append(offset)
        return real(fd, offset, span)

    monkeypatch.setattr(known, "mark", mark)
    return looked


def test_letters_that_came_are_read_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are believed, and compared later."""
    append(path, *range(40))
    index.update(path)
    looked = noted(monkeypatch)

    append(path, 40, 41)
    view = seen(path)

    assert (len(view.order.numbers), len(looked), view.sure) == (42, 1, False)
    assert seen(path).order == view.order


def test_letters_that_were_taken_out_are_missed_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few letters tell which; the others are believed to be where they must be then."""
    append(path, *range(64))
    index.update(path)
    ids = [one.id for one in mbox.entries(path)]
    looked = noted(monkeypatch)

    mbox.remove(path, ids[20:22])
    view = seen(path)

    assert (len(view.order.numbers), view.sure) == (62, False)
    assert len(looked) < 30
    assert shown(view) == truth(path)


def test_our_own_flags_need_no_second_look(path: Path) -> None:
    """Who has set them tells the index, and the list stays as sure as it was."""
    append(path, *range(9))
    index.update(path)
    ids = [one.id for one in mbox.entries(path)][3:5]
    with mbox.locked(path) as box:
        before = path.stat()
        box.flag(ids, "RF", "")
        after = path.stat()

    index.flagged(path, ids, before, after)

    view = seen(path)
    assert (shown(view), view.sure, view.unread) == (truth(path), True, 7)


def test_flags_of_others_between_are_not_passed_over(path: Path) -> None:
    """Where somebody else changed the mailbox before us, nobody is sure of anything."""
    append(path, *range(9))
    index.update(path)
    flag(path, 1)
    ids = [one.id for one in mbox.entries(path)][3:5]
    before = path.stat()
    mbox.flag(path, ids, "R", "")
    index.flagged(path, ids, before, path.stat())

    assert not seen(path).sure
    index.update(path)
    assert shown(seen(path)) == truth(path)


def test_of_a_new_mailbox_the_newest_letters_are_there_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no index is made by who only wants to see them."""
    monkeypatch.setattr(index, "_TAIL", 700)
    append(path, *range(40))

    view = seen(path)

    assert (view.whole, view.sure, 1 < len(view.order.numbers) < 6) == (False, False, True)
    assert mbox.entries(path)[-1].id in [id_ for id_, _ in shown(view)]
    assert [one.id for one in index.places(path, [mbox.entries(path)[-1].id])] == [mbox.entries(path)[-1].id]
    assert index.unbuilt(path)


def test_an_open_list_outlives_its_index(path: Path) -> None:
    """Deleted, made anew, spoiled: what was read stays, and what cannot be read is left out."""
    append(path, *range(9))
    index.update(path)
    view = seen(path)
    before = shown(view)
    tables.throw_away(path.with_name(index.NAME))
    index.update(path)
    assert shown(view) == before

    view = seen(path)
    mbox.remove(path, [mbox.entries(path)[0].id])
    index.update(path)
    assert len(view.some(view.order.numbers)) == 8

    path.with_name(index.NAME).write_bytes(b"rubbish" * 9000)
    assert len(view.some(view.order.numbers)) <= 8
    assert view.numbers(["none"]) == {}


def test_two_processes_read_as_one_does(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes which piece, and letters that are longer than a piece among them."""
    append(path, *range(200))
    with path.open("ab") as file:
        file.write(OPENING + letter(7) + b"a line\n" * 3000 + b"\n" + OPENING + letter(200) + b"\n")
    monkeypatch.setattr(known, "_BLOCK", 2048)
    monkeypatch.setattr(known, "_SLACK", 1024)
    with path.open("rb") as file:
        alone = list(known.letters(file.fileno()))
        monkeypatch.setattr(hands, "_PIECE", 3000)
        monkeypatch.setattr(hands, "LARGE", 0)
        monkeypatch.setattr("threading.active_count", lambda: 1)
        told: list[int] = []
        both = [one for some in hands.read(file.fileno(), lambda done, _: told.append(done)) for one in some]

    assert both == alone
    assert len(alone) == 202
    assert told == sorted(told)
    assert told[-1] == path.stat().st_size


@contextmanager
def one_taken(count: int, tickets: Callable[[int], AbstractContextManager[int]] = hands._tickets) -> Iterator[int]:
    """The other process has taken a piece."""
    with tickets(count) as all_:
        hands._taken(all_)
        yield all_


def test_the_end_of_the_other_process_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the system, not a list that ends early."""
    append(path, *range(99))
    monkeypatch.setattr(hands, "_PIECE", 1000)
    monkeypatch.setattr(hands, "LARGE", 0)
    monkeypatch.setattr("threading.active_count", lambda: 1)
    monkeypatch.setattr(hands, "_help", lambda *_: None)
    monkeypatch.setattr(hands, "_tickets", one_taken)
    with path.open("rb") as file, pytest.raises(OSError, match="ended"):
        for _ in hands.read(file.fileno()):
            pass
