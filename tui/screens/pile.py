"""The pile: one folder's letters as a list, with the letter under the cursor, and every command about their place.

Place is where letters lie and how they are marked: delete, undo, archive, move, copy, junk, flags, order, selection.

Never: what is in a letter (``reading``); reading or changing an mbox, for which the bridge is asked.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from core import read
from core.mail.routed import words as evidence
from core.read import Folder, Order, Row
from tui.bridge import Bridge
from tui.commands import bindings, bound
from tui.messages import SEARCH, TRIAGE, Changed, Done, Doomed, Found, Rows
from tui.screens.dialogs import Confirm, Pick, Prompt
from tui.screens.filing import Alike, Taken
from tui.screens.reading import Reading
from tui.screens.searching import Searching
from tui.screens.triage import Always, Give
from tui.verbs import mail, place, search
from tui.widgets.folders import QUIET, nothing, title
from tui.widgets.letters import Letters
from tui.widgets.words import letters

GLANCE = 0.12  # seconds the cursor rests on a row before its letter is shown beside the list
OUTGOING = ("sent", "drafts")
NEW = "\n"  # an answer that is no folder's name: one that is to be made
ORDERS: dict[Order, str] = {
    "threads": "Threads: each answer below its letter",
    "date": "Date: the newest last",
    "sender": "Sender, and the newest last",
    "subject": "Subject, and the newest last",
    "size": "Size: the largest last",
}


class Pile(Container):
    """One folder, opened; posts ``Onward`` when the next unread letter is in no sight here."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pile")]

    class Onward(Message):
        """There is nothing unread here any more: on to another folder."""

    def __init__(self, bridge: Bridge, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.bridge = bridge
        self.folder = "inbox"
        self.folders: Sequence[Folder] = ()
        self._order: Order = "date"
        self._target = "archive"
        self._at = self._before = ""
        self._glance: Timer | None = None
        self._moves: dict[str, list[Changed]] = {}

    def compose(self) -> Iterable[Widget]:
        """The list with its head, and the letter."""
        rows = Letters(id="letters")
        rows.now = self.bridge.now()
        with Vertical(id="list"):
            yield Static(id="where", markup=False)
            yield Searching(self.bridge, id="searching")
            yield rows
        yield Reading(self.bridge, id="letter")

    @property
    def rows(self) -> Letters:
        """The list."""
        return self.query_one(Letters)

    @property
    def reading(self) -> Reading:
        """The letter."""
        return self.query_one(Reading)

    @property
    def searching(self) -> Searching:
        """What is looked for."""
        return self.query_one(Searching)

    @property
    def current(self) -> Row | None:
        """The letter under the cursor."""
        return self.rows.current

    # A folder and its letters

    def open(self, folder: str) -> None:
        """Show another folder."""
        self.folder = folder
        self.searching.end()
        self.rows.pick(())
        self.rows.load([])
        self.look()

    def look(self) -> None:
        """Ask for the list again."""
        if self.searching.active:
            self.searching.look()
        elif self.folder.startswith(SEARCH):
            self.bridge.ask(self, search.rows, self.folder)
        else:
            self.bridge.ask(self, mail.rows, self.folder)

    def on_rows(self, event: Rows) -> None:
        """The list; at first the cursor stands on the first unread letter, else on the newest."""
        if event.folder != self.folder or self.searching.active:
            return
        self._list(event.rows, event.order, None if self.rows.rows else self._begin(event))

    def _list(self, found: read.Rows, order: Order, at: int | None) -> None:
        rows, self._order = self.rows, order
        rows.now, rows.threaded = self.bridge.now(), order == "threads"
        rows.outgoing = not self.searching.active and self.folder in OUTGOING
        rows.placed = self.searching.placed if self.searching.active else self.folder.startswith(SEARCH)
        self.stand()
        rows.load(found, at)
        if self._at and (at := rows.find(self._at)) is not None:
            rows.cursor = at
        self._at = ""
        self.head()
        self.screen.refresh_bindings()

    def _begin(self, event: Rows) -> int:
        first = None if event.folder in QUIET else event.rows.first_unread()
        return -1 if first is None else first

    def stand(self) -> None:
        """What an empty folder says may have changed."""
        self.rows.empty = self._nothing()

    def _nothing(self) -> str:
        if self.searching.active:
            return self.searching.nothing()
        return nothing(self.folder, self.bridge.forecast, partial(bound, self.screen))

    @on(Letters.Picked)
    def head(self) -> None:
        """The line above the list: which folder, how many letters, how many of them are selected."""
        rows, picked = self.rows.whole, len(self.rows.picked)
        unread = rows.unread if self.folder not in QUIET else 0
        count = letters(len(rows)) + (f", {unread} unread" if unread else "")
        hint = "   t gives one to its member, T makes the rule" if rows and self.folder == TRIAGE else ""
        chosen = f"   {picked} selected" if picked else hint
        said = (
            self.searching.says(len(rows), rows.unread) if self.searching.active else f" {title(self.folder)}   {count}"
        )
        self.query_one("#where", Static).update(Content(f"{said}{chosen}"))
        self.screen.refresh_bindings()

    # A search

    def find(self, *, everywhere: bool = False) -> None:
        """Ask what to look for; the cursor comes back to where it is now."""
        if not self.searching.active:
            self._before = self.rows.current_key
        self.searching.begin(self.folder, everywhere=everywhere)

    def on_found(self, event: Found) -> None:
        """What was found, each time something is typed; the cursor stands on the newest."""
        self._list(event.rows, "date", -1)

    @on(Searching.Ended)
    def _found_no_more(self) -> None:
        self._at = self._before
        self.look()

    # The letter under the cursor

    @on(Letters.Moved, "#letters")
    def _moved(self) -> None:
        if self._glance is not None:
            self._glance.stop()
        if not self.rows.current_key:
            self.reading.clear()
        elif self.reading.display:
            self._glance = self.set_timer(GLANCE, self.fetch)

    def fetch(self) -> None:
        """Show the letter under the cursor; where it has the keys, it counts as read."""
        if (row := self.current) is not None and row.id:
            self.reading.show(row.folder, row.id)
            if self.screen.has_class("-letter"):
                self._flag([row], add="R")

    @on(Reading.Step)
    def _step(self, event: Reading.Step) -> None:
        if event.unread:
            self.action_onward()
        else:
            self.rows.cursor += event.way

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What needs a letter is offered only where there is one."""
        if action == "undo":
            return bool(self._past) or any("D" in row.flags for row in self.rows.chosen[:1])
        if action == "always":
            return self.current is not None and self.folder == TRIAGE
        if action in ("expunge", "order"):
            return action == "expunge" or not (self.searching.active or self.folder.startswith("/"))
        if action == "rule":
            return self.current is not None and self.folder not in OUTGOING
        if action == "onward":
            return not self.query_one("#search").has_focus
        return self.current is not None

    def action_onward(self) -> None:
        """The next unread letter, round the end of the list; with none left here, on to another folder."""
        if (at := self.rows.unread_after()) is None:
            self.post_message(self.Onward())
        else:
            self.rows.cursor = at

    def action_order(self) -> None:
        """Ask in which order, and keep it."""

        def answered(order: str | None) -> None:
            for chosen in ORDERS:
                if chosen == order:
                    self.bridge.ask(self, place.sort, self.folder, chosen)

        names = [str(name) for name in ORDERS]
        at = names.index(self._order) if self._order in names else 0
        titles = [f"{'●' if name == self._order else ' '} {said}" for name, said in ORDERS.items()]
        self.app.push_screen(Pick("In which order?", names, titles, at), answered)

    # Marks

    def action_flag(self) -> None:
        """Important, or no longer."""
        self._turn("F")

    def action_unread(self) -> None:
        """Unread, or read."""
        self._turn("R")

    def _turn(self, flag: str) -> None:
        rows = self.rows.chosen
        if all(flag in row.flags for row in rows):
            self._flag(rows, remove=flag)
        else:
            self._flag(rows, add=flag)
        self.rows.pick(())

    def _flag(self, rows: Sequence[Row], add: str = "", remove: str = "") -> None:
        """Mark in the mbox, and on the screen at once."""
        rows = [row for row in rows if (add and add not in row.flags) or (remove and remove in row.flags)]
        if not rows:
            return
        wanted: dict[str, list[str]] = {}
        for row in rows:
            wanted.setdefault("".join(sorted({*row.flags, *add} - {*remove})), []).append(row.id)
        self.rows.mark(wanted)
        self.head()
        self.bridge.ask(self, place.mark, _where(rows), add, remove)

    # Places

    def action_delete(self) -> None:
        """Into the trash; what is there already, for good, after a question."""
        rows = self.rows.chosen
        if rows and all(row.folder == "trash" for row in rows):
            self._remove(_where(rows))
        else:
            self._put("trash")

    def action_archive(self) -> None:
        """Into the archive."""
        self._put("archive")

    def action_junk(self) -> None:
        """It is junk; or it is none, and comes back."""
        self._put("inbox" if self.folder == "junk" else "junk")

    def action_move(self) -> None:
        """Into a folder to be chosen."""
        self._ask_where(f"Move {self._count()} to:", copy=False)

    def action_copy(self) -> None:
        """A copy into a folder to be chosen."""
        self._ask_where(f"Copy {self._count()} to:", copy=True)

    def _count(self) -> str:
        count = len(self.rows.chosen)
        return "the letter" if count == 1 else letters(count)

    def _ask_where(self, question: str, *, copy: bool) -> None:
        def answered(name: str | None) -> None:
            if name == NEW:
                self.app.push_screen(Prompt("The name of the new folder:"), named)
            elif name:
                self._target = name
                self._put(name, copy=copy)

        def named(name: str | None) -> None:
            if name:
                self._put(name, copy=copy, new=True)

        names = [folder.name for folder in self.folders if folder.name not in (self.folder, TRIAGE)]
        at = names.index(self._target) if self._target in names else 0
        titles = [*(title(name) for name in names), "New folder ..."]
        self.app.push_screen(Pick(question, [*names, NEW], titles, at), answered)

    def _put(self, to: str, *, copy: bool = False, new: bool = False) -> None:
        rows = [row for row in self.rows.chosen if new or row.folder != to]
        if not rows:
            return
        if not copy:
            self.rows.leave({row.id for row in rows})
        self.rows.pick(())
        self.bridge.ask(self, place.copy if copy else place.put, _where(rows), to, new=new)

    def action_undo(self) -> None:
        """Take the last move back; or the mark of deletion that another program made."""
        marked = [row for row in self.rows.chosen if "D" in row.flags]
        if marked:
            self._flag(marked, remove="D")
        elif self._past:
            self.bridge.ask(self, place.undo, self._past.pop().undo)

    @property
    def _past(self) -> list[Changed]:
        """What this member has moved in this session, the last at the end."""
        return self._moves.setdefault(self.bridge.member, [])

    def on_changed(self, event: Changed) -> None:
        """Letters were moved or removed."""
        way = ""
        if event.undo:
            self._past.append(event)
            way = f" {bound(self.screen, 'mail.undelete')} undoes it."
        if event.sentence:
            self.notify(f"{event.sentence}{way}", markup=False, timeout=5)
        self._at = event.at or self._at
        self.look()

    def on_done(self, event: Done) -> None:
        """It was done."""
        if event.sentence:
            self.notify(event.sentence, markup=False, timeout=3)

    def action_expunge(self) -> None:
        """Ask how many there are to be removed for good."""
        self.bridge.ask(self, place.doomed, self.folder)

    def on_doomed(self, event: Doomed) -> None:
        """Ask, and empty the trash or remove what other programs marked."""
        if event.keys:
            self._remove({event.folder: event.keys}, everything=True)
        else:
            self.notify("The trash is empty, and nothing here is marked as deleted.", markup=False, timeout=3)

    def _remove(self, where: place.Where, *, everything: bool = False) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                self.rows.leave({id_ for ids in where.values() for id_ in ids})
                self.rows.pick(())
                self.bridge.ask(self, place.expunge, where)

        count = letters(sum(len(ids) for ids in where.values()))
        question = f"Remove {count} for good?"
        if everything:
            trash = "trash" in where
            question = f"Empty the trash: {count} for good?" if trash else f"Remove {count} marked as deleted for good?"
        self.app.push_screen(Confirm(question, "Remove", "Keep"), answered)

    def action_rule(self) -> None:
        """Letters like this one go into a folder by themselves."""

        def made(taken: Taken | None) -> None:
            if taken and taken[0]:
                self.bridge.ask(self, place.put, {"inbox": taken[0]}, taken[1])

        if (row := self.current) is not None:
            self.app.push_screen(Alike(self.bridge, row.folder, row.id), made)

    # Other members

    def action_give(self) -> None:
        """It is for somebody else."""
        if rows := self.rows.chosen:
            why = _why(rows[0]) if len(rows) == 1 else "\n".join(_who(row) for row in rows)
            self.app.push_screen(Give(self.bridge, _where(rows), why))
            self.rows.pick(())

    def action_always(self) -> None:
        """And so are all that are like it."""
        if (row := self.current) is not None:
            self.app.push_screen(Always(self.bridge, row.id, _why(row)))


def _where(rows: Iterable[Row]) -> dict[str, list[str]]:
    """The ids of letters, by folder."""
    where: dict[str, list[str]] = {}
    for row in rows:
        where.setdefault(row.folder, []).append(row.id)
    return where


def _who(row: Row) -> str:
    return f"{row.sender or '(unknown)'}: {row.subject or '(no subject)'}"


def _why(row: Row) -> str:
    """From whom it is, and why it came here."""
    return _who(row) + (f"\n{evidence(row.routed)}" if row.routed else "")
