"""The pile: the letters of one folder, or those that were found, as a list, with the one under the cursor.

Never: where letters go (``placing``); what is in one (``reading``); an mbox, for which the bridge is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
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
from core.learn import Learned
from core.read import Folder, Order, Row
from core.rows import Sorting
from tui.bridge import Bridge
from tui.commands import bindings, bound
from tui.messages import Failed, Found, Rows
from tui.screens.dialogs import Pick
from tui.screens.reading import Reading
from tui.screens.rest import takes
from tui.screens.searching import Searching
from tui.values import BY_DATE, SEARCH, TRIAGE
from tui.verbs import mail, place, search
from tui.widgets.folders import QUIET, nothing, title
from tui.widgets.gauge import bar
from tui.widgets.letters import Letters
from tui.widgets.words import letters

GLANCE = 0.12  # seconds the cursor rests on a row before its letter is shown beside the list
OUTGOING = ("sent", "drafts")
NEW = "\n"  # an answer that is no folder's name: one that is to be made
ORDERS: dict[Order, tuple[str, str]] = {  # each, and the other way round
    "threads": ("Threads, the newest last", "Threads, the newest first"),
    "date": ("Date, the newest last", "Date, the newest first"),
    "sender": ("Sender, from A to Z", "Sender, from Z to A"),
    "subject": ("Subject, from A to Z", "Subject, from Z to A"),
    "size": ("Size, the largest last", "Size, the largest first"),
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
        self._order = BY_DATE
        self._at = self._before = self._fault = ""
        self._learned: Learned | None = None
        self._glance: Timer | None = None

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
        self.folder, self._fault = folder, ""
        self.searching.end()
        self.rows.pick(())
        self.rows.load([])
        self.look()

    def look(self, at: str = "") -> None:
        """Ask for the list again, and look at this letter in it."""
        self._at = at or self._at
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

    def on_failed(self, event: Failed) -> None:
        """A folder that cannot be shown says why, where its letters would be."""
        self._fault = event.sentence
        self.stand()

    def _list(self, found: read.Rows, order: Sorting, at: int | None) -> None:
        rows, self._order, self._fault = self.rows, order, ""
        rows.now, rows.threaded = self.bridge.now(), order.order == "threads"
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
        if event.order.backward:
            return 0
        first = None if event.folder in QUIET else event.rows.first_unread()
        return -1 if first is None else first

    def stand(self) -> None:
        """What an empty folder says may have changed, and what it takes to fetch the rest of a big letter."""
        self.rows.empty = self._fault or self._nothing()
        if (ahead := self.bridge.forecast) is not None:
            self.rows.takes = partial(takes, ahead, self.bridge.config.line.tariff)
            self.rows.refresh()

    def _nothing(self) -> str:
        if self.searching.active:
            return self.searching.nothing()
        return nothing(self.folder, self.bridge.forecast, partial(bound, self.screen))

    def learning(self, learned: Learned) -> None:
        """How far it is with a folder that nobody has looked at yet: the newest letters are there already."""
        before = self._learned
        self._learned = learned if learned.stage == "letters" else None
        if before or self._learned:
            self.head()

    @on(Letters.Picked)
    def _picked(self, event: Letters.Picked) -> None:
        self.head()
        if event.first:
            self.screen.refresh_bindings()

    def head(self) -> None:
        """The line above the list: which folder, how many letters, how many of them are selected."""
        rows, picked = self.rows.whole, len(self.rows.picked)
        unread = rows.unread if self.folder not in QUIET else 0
        count = letters(len(rows)) + (f", {unread} unread" if unread else "")
        hint = "   t gives one to its member, T makes the rule" if rows and self.folder == TRIAGE else ""
        chosen = f"   {picked} selected" if picked else hint
        said = (
            self.searching.says(len(rows), rows.unread, rows.left)
            if self.searching.active
            else f" {title(self.folder)}   {count}"
        )
        if not (rows.whole or self.searching.active):
            done = bar(self._learned.done, self._learned.total) if self._learned else ""
            said = f" {title(self.folder)}   the newest {count}   {done}"
        self.query_one("#where", Static).update(Content(f"{said}{chosen}"), layout=False)

    # A search

    def find(self, *, everywhere: bool = False) -> None:
        """Ask what to look for; the cursor comes back to where it is now."""
        if not self.searching.active:
            self._before = self.rows.current_key
        self.searching.begin(self.folder, everywhere=everywhere)

    def on_found(self, event: Found) -> None:
        """What was found, each time something is typed; the cursor stands on the newest."""
        self._list(event.rows, BY_DATE, -1)

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
                self.flag([row], add="R")

    @on(Reading.Step)
    def _step(self, event: Reading.Step) -> None:
        if event.unread:
            self.action_onward()
        else:
            self.rows.cursor += event.way

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """A search line has keys of its own; what was found has one order."""
        if action in ("order", "turn"):
            return not (self.searching.active or self.folder.startswith("/"))
        return not self.query_one("#search").has_focus

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
                    self.bridge.ask(self, place.sort, self.folder, Sorting(chosen))

        here, names = self._order, [str(name) for name in ORDERS]
        at = names.index(here.order) if here.order in names else 0
        titles = [f"  {forward}" for forward, _ in ORDERS.values()]
        titles[at] = f"● {ORDERS[here.order][here.backward]}"
        turn = f"{bound(self.screen, 'mail.turn')} turns it the other way round."
        self.app.push_screen(Pick(f"In which order? {turn}", names, titles, at), answered)

    def action_turn(self) -> None:
        """The same order the other way round, and keep that."""
        self.bridge.ask(self, place.sort, self.folder, replace(self._order, backward=not self._order.backward))

    # Marks

    def flag(self, rows: Sequence[Row], add: str = "", remove: str = "") -> None:
        """Mark letters in the mbox, and on the screen at once."""
        rows = [row for row in rows if (add and add not in row.flags) or (remove and remove in row.flags)]
        if not rows:
            return
        wanted: dict[str, list[str]] = {}
        for row in rows:
            wanted.setdefault("".join(sorted({*row.flags, *add} - {*remove})), []).append(row.id)
        self.rows.mark(wanted)
        self.head()
        self.bridge.ask(self, place.mark, where(rows), add, remove)


def where(rows: Iterable[Row]) -> dict[str, list[str]]:
    """The ids of letters, by folder."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.folder, []).append(row.id)
    return found
