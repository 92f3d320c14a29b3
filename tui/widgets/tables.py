"""Short lists of everything else: what waits, earlier runs, the tables of the settings.

Never: changing what they show.
"""

from datetime import datetime
from typing import ClassVar

from tui.values import NEXT, URGENT, Answer, Big, Earlier, Waiting
from tui.widgets.sheets import Sheet
from tui.widgets.vlist import Cell, VList
from tui.widgets.words import clock, short, size, when


class Spool(VList[Waiting]):
    """Waiting letters: to whom, subject, size, since when, and what is to become of them."""

    now: datetime

    def key(self, row: Waiting) -> str:
        """The letter's id in the queue."""
        return row.id

    def cells(self, row: Waiting, width: int) -> list[Cell]:
        """The subject takes what the others leave."""
        to, state, sized = max(16, width // 4), 19, 6 if width >= 90 else 0
        dated = 11 if width >= 70 else 6
        look = "accent" if row.state == URGENT else "plain" if row.state == NEXT else "warn" if row.due else "dim"
        left = width - 1 - to - 1 - sized - 1 - dated - 2 - state - 1
        return [
            Cell("", 1),
            Cell(row.to, to),
            Cell("", 1),
            Cell(row.subject or "(no subject)", left, "plain" if row.own else "dim"),
            Cell(short(row.size), sized, "dim", right=True),
            Cell("", 1),
            Cell(when(row.since, self.now, brief=dated < 11), dated, "dim"),
            Cell("", 2),
            Cell(row.state, state, look),
        ]


class Bigs(VList[Big]):
    """Big letters at the provider: from whom to whom, subject, size, time and money to fetch them, and the answer."""

    ANSWERS: ClassVar[dict[Answer, tuple[str, str]]] = {
        "take": ("take", "accent"),
        "next": ("next run", "accent"),
        "leave": ("leave", "dim"),
        "delete": ("delete", "warn"),
    }

    def key(self, row: Big) -> str:
        """Its maildrop and its UID; neither has a line end."""
        return f"{row.maildrop}\n{row.uid}"

    def cells(self, row: Big, width: int) -> list[Cell]:
        """The subject takes what the others leave."""
        who = 24 if width >= 110 else 15
        to = 12 if width >= 110 else 8 if width >= 70 else 0
        timed = 8 if width >= 70 else 0
        cost = 10 if row.cost or width >= 110 else 0
        answer, look = self.ANSWERS[row.answer]
        plain = "plain" if row.own else "dim"
        left = width - 1 - who - 1 - to - 1 - 8 - timed - cost - 2 - 9
        return [
            Cell("", 1),
            Cell(row.sender or ("" if to else f"for {row.to}"), who, plain),
            Cell("", 1),
            Cell(row.to, to, "dim"),
            Cell("", 1),
            Cell(row.subject, left, plain),
            Cell(size(row.left), 8, right=True),
            Cell(clock(row.seconds), timed, "dim", right=True),
            Cell(row.cost, cost, "dim", right=True),
            Cell("", 2),
            Cell(answer, 9, look),
        ]


class Runs(VList[Earlier]):
    """Earlier runs: when, sent, fetched, time on the line, cost, outcome."""

    now: datetime
    ROOM = 90  # cells from which on the forecast stands beside what came of it

    def key(self, row: Earlier) -> str:
        """When it began."""
        return row.when.isoformat()

    def cells(self, row: Earlier, width: int) -> list[Cell]:
        """Numbers in columns; the reason takes what is left."""
        look = "plain" if row.outcome == "complete" else "warn"
        fixed = [
            Cell("", 1),
            Cell(f"{when(row.when, self.now)}", 12, "dim"),
            Cell(str(row.sent), 7, right=True),
            Cell(str(row.fetched), 9, right=True),
            Cell(clock(row.seconds), 8, right=True),
            Cell(row.cost, 10, right=True),
            Cell(row.forecast, self._forecast(width + 1), "dim", right=True),
            Cell("", 3),
        ]
        outcome = f"{row.outcome}: {row.why}" if row.why else row.outcome
        return [*fixed, Cell(outcome, width - 50 - self._forecast(width + 1), look)]

    @classmethod
    def _forecast(cls, width: int) -> int:
        return 17 if width >= cls.ROOM else 0

    @classmethod
    def head(cls, width: int) -> str:
        """What stands above the columns."""
        forecast = f"{'forecast was':>{cls._forecast(width)}}" if cls._forecast(width) else ""
        return f"  when           sent  fetched    time      cost{forecast}   outcome"


class Tables(VList[Sheet]):
    """The tables of household.toml: headings, and below them what they hold."""

    def key(self, row: Sheet) -> str:
        """The path in the file; no key in it has a line end."""
        return "\n".join(row.path)

    def cells(self, row: Sheet, width: int) -> list[Cell]:
        """Two columns; what belongs to a heading is indented."""
        below = row.group != row.path and not row.heading
        name = min(26, max(14, width // 3))
        indent = 3 if below else 1
        if row.ordered:
            return [Cell("", indent), Cell(row.title, width - indent - 1)]
        title = Cell(row.title, name - indent, "plain" if below else "strong")
        about = Cell(row.about, width - name - 1, "plain" if below else "dim")
        return [Cell("", indent), title, Cell("", 1), about]
