from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet

from core.household import Household
from tests.tui.house import NOW, build
from tui.app import Mailrun
from tui.bridge import Bridge

Open = Callable[..., Mailrun]


@pytest.fixture(autouse=True, scope="session")
def _sheets() -> Iterator[None]:
    """Each of the hundreds of apps has the same style sheets, and would take a fifth of its time to parse them."""
    parse, parsed = Stylesheet._parse_rules, dict[Any, Any]()

    def remembered(sheet: Stylesheet, *args: Any, **kwargs: Any) -> Any:
        key = (tuple(sheet._variables.items()), args, tuple(kwargs.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *args, **kwargs)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stylesheet, "_parse_rules", remembered)
        yield


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
