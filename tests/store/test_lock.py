import os
import re
from pathlib import Path

import pytest

from core.errors import BusyError, StoreError
from core.store.lock import exclusive


def test_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    """The sentence has the file, the holder, its process and the time; two threads are two holders."""
    path = tmp_path / "run.lock"
    with exclusive(path, "mailrun run"), pytest.raises(BusyError) as told, exclusive(path, "another"):
        pass

    wanted = rf"{re.escape(str(path))}: mailrun run \(process {os.getpid()}\) has had it since \d\d:\d\d on \d{{4}}-"
    assert re.match(wanted, str(told.value))


def test_it_can_be_had_again(tmp_path: Path) -> None:
    """After leaving, by whatever way, the lock is free; the file says nothing any more."""
    path = tmp_path / "new" / "run.lock"
    with pytest.raises(KeyError), exclusive(path, "mailrun run"):
        raise KeyError
    with exclusive(path, "mailrun run"):
        pass

    assert path.read_bytes() == b""


def test_a_killed_holder_has_let_go(tmp_path: Path) -> None:
    """The kernel frees the lock of a dead process, though its name stands there still."""
    path = tmp_path / "run.lock"
    child = os.fork()
    if not child:
        with exclusive(path, "mailrun run"):
            os._exit(0)
    os.waitpid(child, 0)

    assert b"mailrun run" in path.read_bytes()
    with exclusive(path, "the next"):
        assert b"the next" in path.read_bytes()


def test_a_name_that_is_a_folder_is_told(tmp_path: Path) -> None:
    """A lock file that cannot be opened is a fault of the disk."""
    with pytest.raises(StoreError, match="folder"), exclusive(tmp_path, "mailrun run"):
        pass
