from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core.errors import InputError, StoreError
from core.store.spool import Spool

LETTER = b"Subject: a\n\n" + bytes(range(256)) + b"\n"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """A spool whose folder does not exist yet."""
    return Spool(tmp_path / "spool")


def test_a_letter_comes_back_byte_for_byte(spool: Spool) -> None:
    """What was added is read again, and listed."""
    spool.add("a1-b_2", LETTER)

    assert (spool.read("a1-b_2"), spool.ids()) == (LETTER, {"a1-b_2"})


def test_letters_are_private(spool: Spool) -> None:
    """Only the owner reads the spool."""
    spool.add("a", LETTER)

    assert (spool.folder / "a.eml").stat().st_mode & 0o777 == 0o600
    assert spool.folder.stat().st_mode & 0o777 == 0o700


def test_a_letter_is_never_overwritten(spool: Spool) -> None:
    """An id that is there already is refused, and its letter stays."""
    spool.add("a", LETTER)

    with pytest.raises(StoreError, match="waits already"):
        spool.add("a", b"other\n")
    assert spool.read("a") == LETTER


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".hidden", "a b", "a.eml", "\u0661", "a\n", "a" * 65, "-a"])
def test_names_that_are_no_ids_are_refused(spool: Spool, name: str) -> None:
    """An id cannot lead out of the spool or hide in it."""
    for act in (lambda: spool.add(name, LETTER), lambda: spool.read(name), lambda: spool.remove(name)):
        with pytest.raises(InputError, match="no letter's id"):
            act()


def test_remove_twice_is_no_fault(spool: Spool) -> None:
    """What is gone may be removed again; reading it says so."""
    spool.add("a", LETTER)
    spool.remove("a")
    spool.remove("a")

    assert spool.ids() == set()
    with pytest.raises(StoreError, match="no such file"):
        spool.read("a")


def test_a_spool_that_does_not_exist_is_empty(spool: Spool) -> None:
    """A new household has no spool yet."""
    assert spool.ids() == set()
    assert spool.sweep() == 0
    spool.remove("a")


def test_a_killed_writer_leaves_the_whole_letter_or_none(
    spool: Spool, dies: Callable[[Callable[[], object], int], bool]
) -> None:
    """At every step of adding a letter a kill leaves all of it or nothing, and the next try works."""
    spool.folder.mkdir()
    step = 0
    while dies(partial(spool.add, f"k{step}", LETTER), step):
        assert all(spool.read(ident) == LETTER for ident in spool.ids())
        step += 1
    spool.sweep()

    assert step >= 3
    assert {path.suffix for path in spool.folder.iterdir()} == {".eml"}
