"""A member's saved searches, in their file."""

import errno
import os
from pathlib import Path

import pytest

from core import searches
from core.errors import InputError, StoreError
from core.household import Household
from tests.tui.house import build


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with letters."""
    return build(tmp_path)


def test_searches_are_saved_for_one_member(house: Household) -> None:
    """In the order in which they were saved, in a file that the member alone may read; nobody else has them."""
    assert searches.saved(house, "paul") == {}
    searches.save(house, "paul", " From Marta ", "from:marta")
    searches.save(house, "paul", "Big", "larger:1M")
    searches.save(house, "paul", "From Marta", "from:marta is:unread")

    assert list(searches.saved(house, "paul").items()) == [("From Marta", "from:marta is:unread"), ("Big", "larger:1M")]
    assert searches.saved(house, "luc") == {}
    assert house.box("paul").with_name(".searches").stat().st_mode & 0o777 == 0o600


def test_a_search_is_renamed_in_its_place_and_removed(house: Household) -> None:
    """The others stay as they are."""
    for name in ("one", "two", "three"):
        searches.save(house, "paul", name, f"subject:{name}")
    searches.rename(house, "paul", "one", "first")
    searches.rename(house, "paul", "two", "two ")
    searches.remove(house, "paul", "three")

    assert list(searches.saved(house, "paul").items()) == [("first", "subject:one"), ("two", "subject:two")]


def test_a_file_that_somebody_edited_is_read_as_far_as_it_goes(house: Household) -> None:
    """Lines without a tab, a name or a query, and broken characters, are borne."""
    path = house.box("paul").with_name(".searches")
    path.write_bytes(b"no tab\n\tno name\nno query\t \n\xff\tplum\nescape\tfrom:\x1b[2J\nGood\tfrom:marta\n")

    assert searches.saved(house, "paul") == {"\ufffd": "plum", "escape": "from:\ufffd[2J", "Good": "from:marta"}


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("", "plum", "no name"),
        ("a\tb", "plum", "no name"),
        ("x" * 61, "plum", "no name"),
        ("plums", " ", "looks for nothing"),
    ],
)
def test_what_cannot_be_saved_is_told(house: Household, name: str, query: str, told: str) -> None:
    """A sentence says why, and nothing has changed."""
    with pytest.raises(InputError, match=told):
        searches.save(house, "paul", name, query)
    assert searches.saved(house, "paul") == {}


def test_what_is_not_there_cannot_be_changed(house: Household) -> None:
    """No search is renamed to the name of another, and none that is gone is changed."""
    searches.save(house, "paul", "one", "plum")
    searches.save(house, "paul", "two", "pear")
    with pytest.raises(InputError, match="two already"):
        searches.rename(house, "paul", "one", "two")
    with pytest.raises(InputError, match="no saved search three"):
        searches.rename(house, "paul", "three", "four")
    with pytest.raises(InputError, match="no saved search three"):
        searches.remove(house, "paul", "three")
    with pytest.raises(InputError, match="no member"):
        searches.saved(house, "nobody")


def test_a_full_disk_leaves_the_old_searches(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is replaced whole, or not at all."""
    searches.save(house, "paul", "one", "plum")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StoreError, match="disk is full"):
        searches.save(house, "paul", "two", "pear")

    assert searches.saved(house, "paul") == {"one": "plum"}
