"""What would happen: to a letter that has not come, and to those that have if the settings were others.

Letters are judged as they were fetched, without what delivery put in front.

Never: a change on disk.
"""

from dataclasses import dataclass

from core.config import Config
from core.household import Household
from core.mail.split import Routed
from core.read import Row

__all__ = ["Change", "compare", "judge"]


@dataclass(frozen=True, slots=True)
class Change:
    """A letter that would go to others: whom it goes to with the settings of now, and with the changed ones."""

    row: Row
    before: Routed
    after: Routed


def judge(message: bytes, config: Config, maildrop: str = "") -> Routed:
    """Who would get a message that comes from this maildrop (empty: the first one), and by which evidence.

    Raises:
        InputError: there is no maildrop of that name.
    """
    raise NotImplementedError


def compare(house: Household, changed: Config, limit: int = 100) -> list[Change]:
    """Which of the last letters that were fetched for the house would go to other members, the newest first.

    Raises:
        BusyError, StoreError: a mailbox could not be read.
    """
    raise NotImplementedError
