import errno
import mailbox
import os
import re
import resource
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.store import mbox

WHEN = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
Dying = Callable[[Callable[[], object], int], bool]


def letter(number: int, body: bytes = b"text\n") -> bytes:
    """A letter that differs from the others."""
    return b"From: anna@x.example\nSubject: %d\nMessage-ID: <%d@x>\n\n" % (number, number) + body


def fill(path: Path, *letters: bytes, room: bytes = mbox.ROOM) -> list[mbox.Entry]:
    """Deliver letters as they are delivered."""
    with mbox.locked(path, 5) as box:
        for one in letters:
            box.append([room, one], "anna@x.example", WHEN)
        box.sync()
    return mbox.entries(path)


def texts(path: Path) -> list[bytes]:
    """What is in the box, but for the flags."""
    return [
        re.sub(rb"^(X-)?Status:.*\n", b"", mbox.read(path, entry), flags=re.MULTILINE) for entry in mbox.entries(path)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a mailbox will be."""
    return tmp_path / "mail" / "paul" / "inbox"


def test_a_missing_box_is_empty(path: Path) -> None:
    """Before the first letter there is no file, and nothing to change."""
    assert mbox.entries(path) == []
    assert (mbox.flag(path, ["x"], "R"), mbox.remove(path, ["x"]), mbox.folders(path.parent)) == (0, 0, [])
    assert not path.parent.exists()


def test_letters_come_back_byte_for_byte(path: Path) -> None:
    """What was appended is read again, in its order, at the place that was told."""
    letters = [letter(1, b"From here\n>From there\n"), b"", b"\n", b"no head\n\n\n", letter(2, b"\r\n\0\xff\n")]
    with mbox.locked(path) as box:
        places = [box.append([one], "a@x", WHEN) for one in letters]
        box.sync()
    entries = mbox.entries(path)

    assert [mbox.read(path, entry) for entry in entries] == letters
    assert [(entry.offset, entry.length) for entry in entries] == places
    assert len({entry.id for entry in entries}) == len(letters)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.binary(), st.sampled_from([b"From a\n", b"\n\nFrom a Sat Nov 21 00:38:00 2026\n"]))))
def test_any_bytes_come_back(path: Path, letters: list[bytes]) -> None:
    """Nothing that a letter holds can end it, join it to the next, or get lost."""
    path.unlink(missing_ok=True)
    entries = fill(path, *letters, room=b"")

    assert [mbox.read(path, entry) for entry in entries] == [
        one + (b"\n" if one and not one.endswith(b"\n") else b"") for one in letters
    ]


def test_pythons_own_reader_agrees(path: Path) -> None:
    """Another mbox reader sees the same letters and flags."""
    entries = fill(path, *(letter(number, b"From me\n\nFrom you\n") for number in range(3)))
    mbox.flag(path, [entries[1].id], "RAF")
    box = mailbox.mbox(path)

    assert [one["Subject"] for one in box] == ["0", "1", "2"]
    assert [one.get_flags().split() for one in box] == [[], ["R", "AF"], []]
    box.close()


def test_plan_tells_what_append_will_do(path: Path) -> None:
    """The journal can have offset and length before a byte is written."""
    pieces = [mbox.ROOM, letter(1, b"From a\nFrom b")]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"From a Sat Nov 21 00:38:00 2026\nSubject: a\n\ncut off")
    with mbox.locked(path) as box:
        plan, size = box.plan(pieces, "a@x", WHEN), box.size

        assert (plan, box.append(pieces, "a@x", WHEN)) == (plan, plan)
        assert (plan[0], sum(plan)) == (size + 2, box.size)


@pytest.mark.parametrize("end", [b"cut off", b"no empty line\n", b"whole\n\n"])
def test_a_box_that_ends_anyhow_can_be_appended_to(path: Path, end: bytes) -> None:
    """A letter after one that was cut off is a letter of its own."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"From a Sat Nov 21 00:38:00 2026\nSubject: a\n\n" + end)
    entries = fill(path, letter(1), room=b"")

    assert [mbox.read(path, entry) for entry in entries] == [b"Subject: a\n\n" + end.rstrip(b"\n") + b"\n", letter(1)]


def test_the_box_is_private_and_looks_unread(path: Path) -> None:
    """Mode 0600; the access time is before the change time, as biff and shells want it, also after we looked."""
    fill(path, letter(1))
    seen = path.stat()

    assert (seen.st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert seen.st_atime < int(seen.st_mtime)


@pytest.mark.parametrize("unread", [True, False])
def test_our_own_change_is_no_new_mail(path: Path, *, unread: bool) -> None:
    """Flags and removals leave it as it was whether there is unread mail."""
    first, second = fill(path, letter(1), letter(2))
    if not unread:
        os.utime(path)
    mbox.flag(path, [first.id], "R")
    mbox.remove(path, [second.id])

    now = path.stat()
    assert (now.st_atime_ns < now.st_mtime_ns) is unread


def test_find_and_bytes_at_look_into_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark is found wherever it stands, also across blocks, and from a place on."""
    monkeypatch.setattr("core.store.box.BLOCK", 16)
    first, second = fill(path, letter(1), letter(2))
    with mbox.locked(path) as box:
        mark = b"\nMessage-ID: <2@x>\n"
        found = box.find(mark)

        assert second.offset < found == path.read_bytes().find(mark)
        assert box.bytes_at(found, len(mark)) == mark
        assert (box.find(mark, found), box.find(mark, found + 1), box.find(b"nowhere")) == (found, -1, -1)
        assert box.bytes_at(second.offset, 10**6) == path.read_bytes()[second.offset :]
        assert box.entries() == [first, second]


def test_truncate_cuts_back_but_never_grows(path: Path) -> None:
    """What a crash left half-written is cut off; a box that is shorter than thought is told."""
    first, second = fill(path, letter(1), letter(2))
    with mbox.locked(path) as box:
        box.truncate(second.offset)
        with pytest.raises(StoreError, match="cannot be cut"):
            box.truncate(10**6)

    assert mbox.entries(path) == [first]


def test_head_is_all_before_the_empty_line(path: Path) -> None:
    """The head of a letter is read without its body, however long the head is."""
    long = b"Subject: a\nX-Long: " + b"x" * 20_000 + b"\n"
    entries = fill(path, long + b"\nbody\n", b"From a\nno head end\n", b"\nno head\n", room=b"")

    assert [mbox.head(path, entry) for entry in entries] == [long, b"From a\nno head end\n", b""]


def test_flags_are_set_in_place(path: Path) -> None:
    """Where delivery left room the file keeps its length, its ids and its other bytes."""
    entries = fill(path, letter(1), letter(2))
    size = path.stat().st_size

    assert mbox.flag(path, [entries[0].id, "gone"], "RAD") == 1
    assert mbox.flag(path, [entries[0].id], "OF", "D") == 1
    assert [entry.flags for entry in mbox.entries(path)] == ["ROAF", ""]
    assert [entry.id for entry in mbox.entries(path)] == [entry.id for entry in entries]
    assert path.stat().st_size == size


def test_flags_without_room_rewrite_the_rest(path: Path) -> None:
    """Letters that another program stored get their flags too; nothing else changes, the inode neither."""
    entries = fill(path, *(letter(number) for number in range(5)), room=b"")
    inode = path.stat().st_ino

    assert mbox.flag(path, [entries[1].id, entries[3].id], "RF") == 2
    now = mbox.entries(path)
    assert [entry.flags for entry in now] == ["", "RF", "", "RF", ""]
    assert [entry.id for entry in now] == [entry.id for entry in entries]
    assert texts(path) == [letter(number) for number in range(5)]
    assert (path.stat().st_ino, [one.name for one in path.parent.iterdir()]) == (inode, ["inbox"])


def test_an_unknown_flag_is_refused(path: Path) -> None:
    """Only R, O, A, F, P and D are flags."""
    entries = fill(path, letter(1))

    with pytest.raises(ValueError, match="ROAFPD"):
        mbox.flag(path, [entries[0].id], "X")


@pytest.mark.parametrize("gone", [[0], [1], [4], [0, 4], [1, 2], [0, 1, 2, 3, 4], []])
def test_remove_takes_out_these_letters_only(path: Path, gone: list[int]) -> None:
    """First, last, several and all letters go; the others stay byte for byte, in the same file."""
    entries = fill(path, *(letter(number) for number in range(5)))
    inode = path.stat().st_ino

    assert mbox.remove(path, [entries[number].id for number in gone]) == len(gone)
    assert texts(path) == [letter(number) for number in range(5) if number not in gone]
    assert (path.stat().st_ino, [one.name for one in path.parent.iterdir()]) == (inode, ["inbox"])


def test_letters_alike_are_told_apart(path: Path) -> None:
    """The same letter twice has two ids, and one can be removed."""
    first, second = fill(path, letter(1), letter(1))

    assert second.id == f"{first.id}-2"
    assert mbox.remove(path, [second.id]) == 1
    assert mbox.entries(path) == [first]
    assert mbox.read(path, first) == mbox.ROOM + letter(1)


def test_a_letter_is_found_where_another_program_moved_it(path: Path) -> None:
    """An entry listed earlier still reads its letter after others were removed or got flags."""
    first, second, third = fill(path, letter(1), letter(2), letter(3), room=b"")
    mbox.remove(path, [first.id])
    mbox.flag(path, [second.id], "RF")

    assert mbox.read(path, second).endswith(letter(2))
    assert mbox.read(path, third) == letter(3)
    assert mbox.head(path, third) == letter(3).split(b"\n\n")[0] + b"\n"
    with pytest.raises(StoreError, match="no longer there"):
        mbox.read(path, first)


@pytest.mark.parametrize(
    "data", [b"Subject: a\n\ntext\n", b"PK\x03\x04" * 2000, b"x\n\nFrom a Sat Nov 21 00:38:00 2026\n\n"]
)
def test_what_is_no_mbox_is_told(path: Path, data: bytes) -> None:
    """A file of another kind is named, and never changed."""
    path.parent.mkdir(parents=True)
    path.write_bytes(data)

    for act in (mbox.entries, lambda path: mbox.remove(path, ["x"]), lambda path: mbox.flag(path, ["x"], "R")):
        with pytest.raises(StoreError, match=r"inbox: this is no mbox"):
            act(path)
    assert path.read_bytes() == data


def test_a_box_cut_anywhere_gives_what_can_be_read(path: Path) -> None:
    """Wherever another program or a crash cut the file, what is left of each letter can be read, and no more."""
    entries = fill(path, letter(1), letter(2))
    data = path.read_bytes()
    opening = data.index(b"\n") + 1
    for size in range(opening, len(data)):
        path.write_bytes(data[:size])
        found = mbox.entries(path)

        assert len(found) == (2 if size >= entries[1].offset + opening else 1)
        assert all((mbox.ROOM + letter(n)).startswith(mbox.read(path, one)) for n, one in enumerate(found[1:], 2))
        assert mbox.read(path, found[0]).startswith((mbox.ROOM + letter(1))[: size - opening].rstrip())
        if len(found) == 2:
            assert found[0] == entries[0]


@pytest.mark.parametrize("size", [1, 10, 40])
def test_a_box_without_one_whole_line_is_told(path: Path, size: int) -> None:
    """A file that was cut within its first line is no mbox any more."""
    fill(path, letter(1))
    os.truncate(path, size)

    with pytest.raises(StoreError, match="no mbox"):
        mbox.entries(path)


def test_a_box_that_shrinks_while_it_is_read_is_no_crash(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without locks may empty the file between two reads of ours."""
    fill(path, *(letter(number) for number in range(50)))
    whole, count = os.pread, 0

    def shrinking(fd: int, length: int, offset: int) -> bytes:
        nonlocal count
        count += 1
        if count == 10:
            os.truncate(path, 500)
        return whole(fd, length, offset)

    monkeypatch.setattr(os, "pread", shrinking)

    assert len(mbox.entries(path)) == 50
    assert len(mbox.entries(path)) < 5


def _full(after: int) -> Callable[[int, memoryview, int], int]:
    """A disk that takes so many bytes and no more."""
    whole, left = os.pwrite, after

    def pwrite(fd: int, data: memoryview, offset: int) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = whole(fd, data[:left], offset)
        left -= taken
        return taken

    return pwrite


@pytest.mark.parametrize("after", [0, 1, 40, 110])
def test_a_full_disk_leaves_the_box_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """A letter that does not fit is not there in part."""
    fill(path, letter(1))
    before = path.read_bytes()
    with pytest.MonkeyPatch.context() as patch, mbox.locked(path) as box:
        patch.setattr(os, "pwrite", _full(after))
        with pytest.raises(StoreError, match=r"inbox: the disk is full"):
            box.append([mbox.ROOM, letter(2)], "a@x", WHEN)

    assert path.read_bytes() == before
    assert len(fill(path, letter(2))) == 2


def test_the_kernels_own_limit_leaves_the_box_as_it_was(path: Path) -> None:
    """A file that may not grow (RLIMIT_FSIZE) keeps its letters, in a process of its own."""
    fill(path, letter(1))
    before = path.read_bytes()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5000, resource.RLIM_INFINITY))
        try:
            fill(path, letter(2, b"x" * 3_000_000))
        except StoreError as error:
            os._exit(0 if "may not grow" in str(error) else 2)
        os._exit(1)

    assert os.waitpid(child, 0)[1] == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("room", [b"", mbox.ROOM])
@pytest.mark.parametrize("after", [0, 100, 700, 1000])
def test_a_full_disk_while_flagging_leaves_every_letter(path: Path, after: int, room: bytes) -> None:
    """Where there is no space to rewrite, the box stays as it was."""
    entries = fill(path, *(letter(number) for number in range(5)), room=room)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pwrite", _full(after))
        with pytest.raises(StoreError) if not (room and after) else pytest.MonkeyPatch.context():
            mbox.flag(path, [entries[0].id], "R")

    assert texts(path) == [letter(number) for number in range(5)]
    assert [entry.id for entry in mbox.entries(path)] == [entry.id for entry in entries]


@pytest.mark.parametrize("act", ["remove", "flag"])
def test_a_kill_at_any_step_of_a_rewrite_loses_nothing(path: Path, act: str, dies: Dying) -> None:
    """At every step of a rewrite a kill leaves the old mailbox or the new one, for the next who looks."""
    letters = [letter(number) for number in range(4)]
    step = 0
    while True:
        path.unlink(missing_ok=True)
        entries = fill(path, *letters, room=b"")

        def work(ident: str = entries[1].id) -> object:
            return mbox.remove(path, [ident]) if act == "remove" else mbox.flag(path, [ident], "RF")

        killed = dies(work, step)
        assert texts(path) in ((letters, [letters[0], *letters[2:]]) if act == "remove" else (letters,))
        assert {entry.flags for entry in mbox.entries(path)} <= {"", "RF"}
        if not killed:
            break
        step += 1

    assert step > 8
    with mbox.locked(path, 0):
        assert not [one for one in path.parent.iterdir() if one.suffix == ".rewrite"]


def test_a_killed_delivery_leaves_what_was_there(path: Path, dies: Dying) -> None:
    """At every step of a delivery a kill leaves the earlier letters whole; cut back, the box goes on."""
    [first] = fill(path, letter(1))
    size, step = path.stat().st_size, 0
    while dies(lambda: fill(path, letter(2), letter(3)), step):
        assert mbox.entries(path)[0] == first
        assert mbox.read(path, first).endswith(letter(1))
        with mbox.locked(path, 0) as box:
            box.truncate(size)
        step += 1

    assert step > 3
    assert texts(path) == [letter(1), letter(2), letter(3)]


def test_letters_appended_by_others_after_a_crash_are_kept(path: Path, dies: Dying) -> None:
    """A program that did not wait for our recovery loses nothing: our unfinished part becomes a box beside."""
    entries = fill(path, *(letter(number) for number in range(4)))
    assert dies(lambda: mbox.remove(path, [entries[1].id]), 7)
    assert [one for one in path.parent.iterdir() if one.suffix == ".rewrite"]
    with path.open("ab") as other:
        other.write(b"From b@x Sat Nov 21 00:38:00 2026\n" + letter(9) + b"\n" + b"x" * 100)
    mbox.entries(path)

    assert letter(9) in path.read_bytes()
    assert texts(path.with_name("inbox.rescued")) == [letter(2), letter(3)]
    assert mbox.folders(path.parent) == ["inbox", "inbox.rescued"]


def test_several_processes_append_at_once(path: Path) -> None:
    """Each letter of each process is there once, and none is mixed with another."""
    children = []
    for first in (100, 200, 300):
        child = os.fork()
        if not child:
            for number in range(first, first + 8):
                fill(path, letter(number))
            os._exit(0)
        children.append(child)

    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert sorted(texts(path)) == sorted(letter(first + number) for first in (100, 200, 300) for number in range(8))


def test_a_killed_holder_does_not_stop_the_next(path: Path) -> None:
    """The dotlock of a process that was killed is broken at once."""
    fill(path, letter(1))
    child = os.fork()
    if not child:
        with mbox.locked(path):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    assert path.with_name("inbox.lock").exists()
    assert len(fill(path, letter(2))) == 2


def test_folders_are_mailboxes_only(path: Path) -> None:
    """Locks, indexes, side files and backups are no folders."""
    fill(path, letter(1))
    for name in ("inbox.lock", ".index.db", ".inbox.1-2-3.rewrite", "sent", "old~"):
        (path.parent / name).touch()
    (path.parent / "sub").mkdir()

    assert mbox.folders(path.parent) == ["inbox", "sent"]


def test_what_the_dead_left_is_swept_by_the_next(path: Path, dies: Dying) -> None:
    """Half a side file of a process that was killed does not fill the disk for ever."""
    entries = fill(path, letter(1), letter(2))
    assert dies(lambda: mbox.remove(path, [entries[0].id]), 3)
    left = [one for one in path.parent.iterdir() if one.suffix == ".tmp"]
    fill(path, letter(3))

    assert left
    assert mbox.folders(path.parent) == [one.name for one in path.parent.iterdir()] == ["inbox"]
