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
from core.rows import Order
from core.store import files

NAME = ".orders"
ORDERS: tuple[Order, ...] = get_args(Order)
_BY_DATE = ("drafts", "sent", "junk", "trash")  # nobody follows a conversation there


def order(house: Household, member: str, folder: str) -> Order:
    """The order that was chosen for a folder last, or the one that suits it."""
    chosen = _read(_path(house, member)).get(folder)
    return next((one for one in ORDERS if one == chosen), "date" if folder in _BY_DATE else "threads")


def remember(house: Household, member: str, folder: str, chosen: Order) -> None:
    """From now on a folder is shown in this order.

    Raises:
        StoreError: it cannot be written down.
    """
    path = _path(house, member)
    with files.faults(path):
        files.make_folder(path.parent)
        files.replace(path, json.dumps({**_read(path), folder: chosen}, indent=1).encode())


def _path(house: Household, member: str) -> Path:
    return place(house, member, "inbox").with_name(NAME)


def _read(path: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}
