from pathlib import Path

import pytest

from core.household import Household
from core.order import NAME, order, remember
from core.rows import Sorting
from tests.tui.house import build


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with letters."""
    return build(tmp_path)


def test_each_member_and_folder_has_an_order_of_its_own(house: Household) -> None:
    """Conversations in the inbox, dates where nobody follows one, until something else was chosen."""
    remember(house, "paul", "boats", Sorting("size", backward=True))
    remember(house, "paul", "sent", Sorting("subject"))

    assert order(house, "paul", "boats") == Sorting("size", backward=True)
    assert order(house, "paul", "sent") == Sorting("subject")
    assert order(house, "paul", "inbox") == Sorting("threads")
    assert order(house, "luc", "sent") == Sorting("date")


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"inbox": 3}', '{"inbox": "colour"}', "\x00\xff"])
def test_a_file_of_orders_that_is_none_is_as_good_as_none(house: Household, text: str) -> None:
    """It is passed over, and written anew."""
    house.box("paul").with_name(NAME).write_text(text, encoding="latin-1")

    assert order(house, "paul", "inbox") == Sorting("threads")
    remember(house, "paul", "inbox", Sorting("date"))
    assert order(house, "paul", "inbox") == Sorting("date")
