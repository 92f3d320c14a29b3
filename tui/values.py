"""What the screens show of the house, in plain words and numbers: letters that wait, runs, money, settings.

All text here has been sanitised; widgets still show it as Text, never as markup.

Never: behaviour; a message.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.config import Filing
from core.mail.departure import Departure
from core.rows import Sorting

Answer = Literal["take", "next", "leave", "delete"]  # what is to become of a big letter
Path = tuple[str, ...]  # of a key in household.toml
TRIAGE = "/triage"  # a folder of the postmaster's that is no file: what nobody claimed
SEARCH = "/search/"  # before the name of a saved search, which is shown as a folder
SEARCHES = "/searches"  # above them
LIST = "/list/"  # before the name of a mailing list, whose letters in the inbox are shown as a folder
LISTS = "/lists"  # above them
BY_DATE = Sorting()
NEXT = "with the next run"  # the state of a letter that nothing holds back
URGENT = "first of all"  # and of one that goes before the others


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter in the queue in plain words; ``own``: this member may see and change it."""

    id: str
    member: str
    to: str
    subject: str
    size: int
    since: datetime
    state: str
    why: str
    departure: Departure
    own: bool
    uncertain: bool = False
    due: bool = True


@dataclass(frozen=True, slots=True)
class Big:
    """A letter whose rest waits at the provider for a word.

    ``mine``: it came to this member, ``own``: who may say what is to become of it, as the postmaster may of all. Of one
    that is not own, who wrote what is not told.
    """

    maildrop: str
    uid: str
    sender: str
    subject: str
    to: str
    left: int
    seconds: float
    cost: str
    answer: Answer
    own: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """The statement of an earlier run; not ``over``: it is going on, or the program ended before it did.

    ``forecast``: the time and money that were reckoned before it.
    """

    when: datetime
    sent: int
    fetched: int
    seconds: float
    cost: str
    outcome: str
    why: str
    over: bool = True
    forecast: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Whether the house wants a run ``now``, why or why not, and ``at`` what time it will (None: nobody knows)."""

    now: bool
    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody or some time has cost: the money of both ways, or of each; ``about`` in a few words."""

    name: str
    cost: Decimal
    out: Decimal = Decimal(0)
    into: Decimal = Decimal(0)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """What this month's calls have cost, by member and by call (the newest first), and earlier months beside it.

    ``budget`` 0: there is no limit; ``warning``: a sentence where most of it is used up.
    """

    currency: str = ""
    spent: Decimal = Decimal(0)
    budget: Decimal = Decimal(0)
    warning: str = ""
    members: tuple[Spent, ...] = ()
    calls: tuple[Spent, ...] = ()
    months: tuple[Spent, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """What this month's runs carried, how long they were on the line, and what they cost in each currency."""

    runs: int = 0
    sent: int = 0
    fetched: int = 0
    seconds: float = 0.0
    costs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moving:
    """A letter that would go to other members if the settings were changed."""

    sender: str
    subject: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a letter has in common with others: as a rule, in words, and the letters of the inbox that have it."""

    rule: Filing
    words: str
    caught: tuple[str, ...]
