"""The desk: the house, who sits there, the time, and whether a call is on.

Never: a verb.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.household import Household


@dataclass(frozen=True, slots=True)
class Desk:
    """What a verb works with."""

    house: Household
    member: str
    now: datetime
    line: Literal["down", "dialing", "up", "closing"] = "down"
