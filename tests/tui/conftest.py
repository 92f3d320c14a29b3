from collections.abc import Callable
from pathlib import Path

import pytest

from core.household import Household
from tests.tui.house import NOW, build
from tui.app import Mailrun
from tui.bridge import Bridge

Open = Callable[..., Mailrun]


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with letters, a queue and earlier runs."""
    return build(tmp_path)


@pytest.fixture
def screens(house: Household) -> Open:
    """Makes the App on that house, with this member at the desk, on the evening of the fixtures."""

    def make(member: str = "paul") -> Mailrun:
        return Mailrun(Bridge(house, member, now=lambda: NOW))

    return make
