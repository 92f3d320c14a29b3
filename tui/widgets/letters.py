"""The list of letters: how one looks as a line, which are selected, which threads are folded.

Never: marking, moving or reading a letter.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.message import Message

from core.read import Row, Rows
from tui.commands import bindings
from tui.widgets.folders import title
from tui.widgets.vlist import Cell, VList
from tui.widgets.words import short, size, when

SIGNS = (
    ("●", "unread"),
    ("r", "answered"),
    ("f", "passed on"),
    ("x", "came back"),
    ("D", "marked as deleted by another program"),
    ("◌", "a stub: the rest is at the provider"),
    ("!", "flagged"),
    ("@", "something is attached"),
    ("T L H", "to you, from a list, to several of the house"),
    ("*", "selected"),
    ("+4", "so many replies are folded away"),
)
_ROOMY = 50  # cells for a subject from which on there is room for what its rest takes
_DEEPEST = 8  # levels of a thread that are drawn


class Hidden(NamedTuple):
    """What is folded away below a letter: whether it is unread in part, and the newest date of the thread."""

    unread: bool
    newest: datetime | None


class Letters(VList[Row]):
    """Letters, one a line: marks, sender (or addressee in Sent and Drafts), subject, size, date."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("letters")]

    now: datetime
    outgoing = False
    threaded = False
    placed = False  # the letters are of several folders
    takes: Callable[[int], str] = staticmethod(size)  # what it takes to fetch so many bytes, in words

    class Picked(Message):
        """Other letters are selected now; ``first``: none were before, or none are any more."""

        def __init__(self, first: bool) -> None:
            self.first = first
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.picked: frozenset[str] = frozenset()
        self._folded: frozenset[str] = frozenset()
        self.whole: Rows = Rows(())
        self._news: dict[str, Hidden] = {}

    def key(self, row: Row) -> str:
        """The letter's id in its mbox."""
        return row.id

    def find(self, key: str) -> int | None:
        """Where a letter is; the index knows."""
        assert isinstance(self.rows, Rows)
        return self.rows.find(key)

    # What is shown

    def lead(self, row: Row) -> str:
        """A star for what is selected."""
        return "*" if row.id in self.picked else ""

    def cells(self, row: Row, width: int) -> list[Cell]:
        """Fixed columns at both ends; the subject takes what is left."""
        look = self._look(row)
        people = min(24, max(14, width // 5))
        dated = 11 if width >= 70 else 6
        scoped, sized, placed = 2 * (width >= 70), 5 * (width >= 50), 9 * self.placed
        left = width - 4 - scoped - placed - people - 1 - 2 - sized - 2 - dated
        rest = self.takes(row.whole) if row.whole > 1 and left >= _ROOMY else ""
        left -= len(rest) + bool(rest)
        mark = _mark(row)
        return [
            Cell(mark, 2, _MARKS.get(mark, look)),
            Cell("!" if "F" in row.flags else "", 2, "warn"),
            Cell(_SCOPES.get(row.scope, ""), scoped, "dim"),
            Cell(title(row.folder), max(0, placed - 1), "dim"),
            Cell("", min(1, placed)),
            Cell(self._people(row), people, look),
            Cell("", 1),
            Cell(f"{self._branch(row)}{row.subject or '(no subject)'}", left, look),
            Cell(rest, len(rest) + bool(rest), "dim", right=True),
            Cell("@" if row.mixed else "", 2, "dim", right=True),
            Cell("stub" if row.stub else short(row.size), sized, "dim", right=True),
            Cell("", 2),
            Cell(when(self._date(row), self.now, brief=dated < 11), dated, "dim"),
        ]

    def _people(self, row: Row) -> str:
        if self.outgoing:
            return row.to or "(to nobody yet)"
        return row.sender or "(unknown)"

    def _branch(self, row: Row) -> str:
        """Its place in the thread, and how many letters are folded away below it."""
        drawn = min(row.depth, _DEEPEST)
        tree = f"{'  ' * (drawn - 1)}└─ " if drawn else ""
        return f"{tree}+{row.replies} " if self._shut(row) else tree

    def _look(self, row: Row) -> str:
        if "D" in row.flags:
            return "gone"
        return "strong" if self._strong(row) else "plain"

    def _strong(self, row: Row) -> bool:
        """Whether it, or what is folded away below it, is unread."""
        return "R" not in row.flags or (self._shut(row) and self._hidden(row).unread)

    def _shut(self, row: Row) -> bool:
        return bool(row.replies) and row.id in self._folded

    def _hidden(self, root: Row) -> Hidden:
        """What is folded away below a letter; looked up once."""
        if root.id not in self._news:
            below = list(self._below(root))
            dates = [row.date for row in (root, *below) if row.date is not None]
            self._news[root.id] = Hidden(any("R" not in row.flags for row in below), max(dates, default=None))
        return self._news[root.id]

    def _date(self, row: Row) -> datetime | None:
        """A folded thread is as new as its newest letter, by which it has its place in the list."""
        return self._hidden(row).newest if self._shut(row) else row.date

    # Threads

    def load(self, rows: Sequence[Row], at: int | None = None) -> None:
        """Show these letters, in threads as they are folded."""
        self.whole = rows if isinstance(rows, Rows) else Rows(rows)
        self._news.clear()
        if self.picked:
            self.picked = frozenset(self.whole.places(self.picked))
        super().load(self.whole.collapsed(self._folded) if self._folded else self.whole, at)

    def mark(self, wanted: Mapping[str, Collection[str]]) -> None:
        """Show these letters with these flags (letters by flags), before the mbox has them."""
        for flags, keys in wanted.items():
            self.whole = self.whole.flagged(keys, flags)
        self.load(self.whole)

    def unread_after(self) -> int | None:
        """Where the next unread letter is, round the end; a thread that hides one below the cursor is unfolded."""
        assert isinstance(self.rows, Rows)
        at = self.whole.find(self.current_key)
        after = self.whole.unread_after(-1 if at is None else at)
        if after is None or after == at:
            return None
        if self._folded and self.rows.find(self.whole[after].id) is None:
            self._fold(self._folded - {self.whole[self._root(self.whole, after)].id})
        return self.rows.find(self.whole[after].id)

    def _below(self, row: Row) -> Iterable[Row]:
        at = self.whole.find(row.id)
        return [] if at is None else self.whole[at + 1 : at + 1 + row.replies]

    def _root(self, rows: Sequence[Row], at: int) -> int:
        """Where the thread of a letter begins."""
        while at > 0 and rows[at].depth:
            at -= 1
        return at

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a letter is offered only where there is one; folding only where there are threads."""
        if action == "fold":
            return self.current is not None and self.threaded
        return super().check_action(action, parameters)

    def action_fold(self, every: bool = False) -> None:
        """Fold the replies of this thread away, or show them again; or those of every thread."""
        if not self.rows:
            return
        root = self.rows[self._root(self.rows, self.cursor)]
        if every:
            self._fold(frozenset() if self._folded else frozenset(self.whole.roots()))
        elif root.replies:
            self._fold(self._folded ^ {root.id})

    def _fold(self, folded: frozenset[str]) -> None:
        if folded - self._folded:
            self.cursor = self._root(self.rows, self.cursor)
        self._folded = folded
        self.load(self.whole)

    # Selection

    @property
    def chosen(self) -> list[Row]:
        """The letters that a command means: what is selected, else the one under the cursor with what it hides."""
        if self.picked:
            return [self.whole[at] for at in sorted(self.whole.places(self.picked).values())]
        row = self.current
        return [] if row is None else [row, *(self._below(row) if self._shut(row) else ())]

    def pick(self, keys: Collection[str]) -> None:
        """Select these letters and no others."""
        changed, first = self.picked ^ frozenset(keys), not (self.picked and keys)
        if changed:
            self.picked = frozenset(keys)
            top = self.scroll_offset.y
            seen = range(top, min(top + self.size.height, len(self.rows)))
            self.repaint(*(at for at in seen if self.rows[at].id in changed))
            self.post_message(self.Picked(first))

    def leave(self, keys: Collection[str]) -> None:
        """These letters are going away: the cursor stands on one that stays, the next if there is one."""
        after = (at for at in range(self.cursor, len(self.rows)) if self.rows[at].id not in keys)
        before = (at for at in range(self.cursor, -1, -1) if at < len(self.rows) and self.rows[at].id not in keys)
        self.cursor = next(after, next(before, self.cursor))

    def action_pick(self) -> None:
        """Select the letter or no longer, and on to the next."""
        if key := self.current_key:
            self.pick(self.picked ^ {key})
            self.action_down()

    def action_pick_thread(self) -> None:
        """Select the whole thread, or no longer."""
        if self.rows:
            root = self.rows[self._root(self.rows, self.cursor)]
            thread = {root.id, *(row.id for row in self._below(root))}
            self.pick(self.picked - thread if thread <= self.picked else self.picked | thread)

    def action_pick_all(self) -> None:
        """Select every letter, or none."""
        self.pick(() if self.picked else self.whole.ids())

    def on_click(self, event: events.Click) -> None:
        """With Ctrl, a click selects one more letter; with Shift, all as far as there."""
        at = event.y + self.scroll_offset.y
        if (event.ctrl or event.shift) and at < len(self.rows):
            event.prevent_default()
            low, high = sorted((self.cursor, at))
            between = {row.id for row in self.rows[low : high + 1]}
            self.pick(self.picked | between if event.shift else self.picked ^ {self.rows[at].id})
            self.cursor = at


_MARKS = {"●": "accent", "x": "warn"}
_SCOPES = {"me": "T", "list": "L", "house": "H"}


def _mark(row: Row) -> str:
    """Deleted, came back, a stub, unread, answered, passed on; one cell, and not by colour alone."""
    if "D" in row.flags:
        return "D"
    if row.failed:
        return "x"
    if "R" not in row.flags:
        return "●"
    if row.stub:
        return "◌"
    return "r" if "A" in row.flags else "f" if "P" in row.flags else ""
