"""The order in which a member looks at each folder, kept in a small file beside the inbox.

It is a habit and not a letter: a file that cannot be read is as good as none.

Never: the letters themselves; another member's habits.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import get_args

from core.folder import place
from core.household import Household
from core.rows import Order, Sorting
from core.store import files

NAME = ".orders"
ORDERS: tuple[Order, ...] = get_args(Order)
_BACKWARD = "-"  # before the name of an order
_BY_DATE = ("drafts", "sent", "junk", "trash")  # nobody follows a conversation there


def order(house: Household, member: str, folder: str) -> Sorting:
    """The order that was chosen for a folder last, or the one that suits it."""
    chosen = str(_read(_path(house, member)).get(folder, ""))
    usual: Order = "date" if folder in _BY_DATE else "threads"
    name = next((one for one in ORDERS if one == chosen.removeprefix(_BACKWARD)), usual)
    return Sorting(name, chosen.startswith(_BACKWARD))


def remember(house: Household, member: str, folder: str, chosen: Sorting) -> None:
    """From now on a folder is shown in this order.

    Raises:
        StoreError: it cannot be written down.
    """
    path, text = _path(house, member), f"{_BACKWARD * chosen.backward}{chosen.order}"
    with files.faults(path):
        files.make_folder(path.parent)
        files.replace(path, json.dumps({**_read(path), folder: text}, indent=1).encode())


def _path(house: Household, member: str) -> Path:
    return place(house, member, "inbox").with_name(NAME)


def _read(path: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}
