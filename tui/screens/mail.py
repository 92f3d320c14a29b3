"""Mail: folders, the list, the letter; one pane at a time on a narrow terminal, two or three on a wide one.

Never: reading or changing an mbox; the bridge is asked for both.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Literal

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from core.events import Fetched, Finished
from core.mail.routed import words as evidence
from core.read import Row
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import TRIAGE, Changed, Done, Drafted, Folders, Rows, Told
from tui.screens.compose import Compose
from tui.screens.dialogs import Confirm, Pick, Prompt
from tui.screens.page import Page
from tui.screens.reading import Reading
from tui.screens.triage import Always, Give
from tui.verbs import mail, writing
from tui.widgets.letters import FolderList, Letters, title
from tui.widgets.words import letters

Pane = Literal["folders", "list", "letter"]
GLANCE = 0.12  # seconds the cursor rests on a row before its letter is shown beside the list
FRESH = 0.7  # seconds between new letters of a run and a look at them
OUTGOING = ("sent", "drafts")
ABOUT_ONE = ("reply", "forward", "delete", "undelete", "archive", "move", "flag", "unread", "give")


class Mail(Page):
    """The letters of the member at the desk."""

    MODE = "mail"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("mail")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._member = ""
        self._folder = "inbox"
        self._query = ""
        self._glance: Timer | None = None
        self._fresh: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Folders beside the list and the letter."""
        rows = Letters(id="letters", empty="")
        rows.now = self.bridge.now()
        with Container(id="panes"):
            yield FolderList(id="folders")
            with Container(id="both"):
                with Vertical(id="list"):
                    yield Static(id="where", markup=False)
                    yield Input(id="search", placeholder="words to look for", compact=True, select_on_focus=False)
                    yield rows
                yield Reading(self.bridge, id="letter")

    def on_mount(self) -> None:
        """Begin with the list."""
        super().on_mount()
        self.query_one("#search").display = False
        self.pane("list")

    def on_screen_resume(self) -> None:
        """Look again; another member begins at the inbox."""
        super().on_screen_resume()
        if self._member != self.bridge.member:
            self._member, self._folder, self._query = self.bridge.member, "inbox", ""
            self._list.load([])
            self._reading.clear()
            self.pane("list")
        self.action_look()

    @property
    def _list(self) -> Letters:
        return self.query_one(Letters)

    @property
    def _searching(self) -> bool:
        return self.query_one("#search").display

    @property
    def _reading(self) -> Reading:
        return self.query_one(Reading)

    def pane(self, pane: Pane) -> None:
        """Give this pane the keys; on a narrow terminal it is the one that is shown."""
        for name in ("folders", "list", "letter"):
            self.set_class(name == pane, f"-{name}")
        target = {"folders": "#folders", "list": "#letters", "letter": "#letter"}[pane]
        self.query_one(target).focus()
        self.refresh_bindings()

    # Answers

    def on_folders(self, event: Folders) -> None:
        """Folders with their counts."""
        folders = self.query_one(FolderList)
        names = [folder.name for folder in event.folders]
        folders.load(event.folders, names.index(self._folder) if self._folder in names else 0)
        self._head()

    def on_rows(self, event: Rows) -> None:
        """The list; at first the cursor stands on the first unread letter, else on the newest."""
        if event.folder != self._folder or event.query != self._query:
            return
        rows = self._list
        rows.now, rows.outgoing = self.bridge.now(), event.folder in OUTGOING
        rows.empty = self._nothing()
        new = next((n for n, row in enumerate(event.rows) if "R" not in row.flags), -1)
        rows.load(event.rows, new)
        self._head()
        self.refresh_bindings()

    def on_changed(self, event: Changed) -> None:
        """Letters were moved or removed."""
        if event.sentence:
            self.notify(event.sentence, markup=False, timeout=3)
        self.action_look()

    def on_done(self, event: Done) -> None:
        """It was done."""
        if event.sentence:
            self.notify(event.sentence, markup=False, timeout=3)
        self.bridge.ask(self, mail.folders)

    def on_drafted(self, event: Drafted) -> None:
        """A letter to write."""
        self.app.push_screen(Compose(self.bridge, event.draft, event.id, event.answers))

    def on_told(self, event: Told) -> None:
        """New letters of a run appear while it goes on, soon after they came."""
        super().on_told(event)
        mine = isinstance(event.event, Fetched) and self._member in event.event.members
        if (mine or isinstance(event.event, Finished)) and self._fresh is None:
            self._fresh = self.set_timer(FRESH, self._freshen)

    def _freshen(self) -> None:
        self._fresh = None
        self.action_look()

    # What is shown

    def _nothing(self) -> str:
        if self._query:
            return "Nothing found. Esc shows the whole folder."
        if self._folder == TRIAGE:
            return "Everything that came found somebody."
        if self._folder == "inbox":
            return "Nothing here yet. F9 makes a run and fetches what has come; c writes a letter."
        return "Nothing here."

    def _head(self) -> None:
        rows = self._list.rows
        unread = sum("R" not in row.flags for row in rows) if self._folder not in OUTGOING else 0
        count = letters(len(rows)) + (f", {unread} unread" if unread else "")
        found = f"  “{self._query}”" if self._query else ""
        hint = "   t gives one to its member, T makes the rule" if rows and self._folder == TRIAGE else ""
        self.query_one("#where", Static).update(Content(f" {title(self._folder)}{found}   {count}{hint}"))

    @on(Letters.Moved, "#letters")
    def _moved(self) -> None:
        if self._glance is not None:
            self._glance.stop()
        if not self._list.current_key:
            self._reading.clear()
        elif not self.has_class("-narrow") or self.has_class("-letter"):
            self._glance = self.set_timer(GLANCE, self._fetch)

    def _fetch(self) -> None:
        if key := self._list.current_key:
            self._reading.show(self._folder, key)
            if self.has_class("-letter"):
                self._flag(self._list.current, add="R")

    @on(Letters.Chosen, "#letters")
    def _chosen(self, event: Letters.Chosen) -> None:
        if self._folder == "drafts":
            self.bridge.ask(self, writing.draft, event.key)
            return
        self.pane("letter")
        self._fetch()

    @on(FolderList.Chosen, "#folders")
    def _entered(self, event: FolderList.Chosen) -> None:
        self._go(event.key)
        self.pane("list")

    def _go(self, folder: str) -> None:
        self._folder, self._query = folder, ""
        self._list.load([])
        self.action_look()

    @on(Reading.Step)
    def _step(self, event: Reading.Step) -> None:
        self._list.cursor += event.way

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What needs a letter is offered only where there is one."""
        if action == "back":
            return not self.has_class("-list") or bool(self._query) or self._searching
        row = None if self.has_class("-folders") else self._list.current
        if action == "always":
            return row is not None and self._folder == TRIAGE
        if action == "again":
            return row is not None and (row.failed or self._about_failure())
        if action in ABOUT_ONE:
            return row is not None
        return True

    def action_look(self) -> None:
        """Ask for folders and list again."""
        if self._member:
            self.bridge.ask(self, mail.folders)
            if self._query:
                self.bridge.ask(self, mail.search, self._folder, self._query)
            else:
                self.bridge.ask(self, mail.rows, self._folder)

    def action_back(self) -> None:
        """From the letter or the folders to the list; from a search to the folder."""
        if self._query and self.has_class("-list"):
            self._query = ""
            self.action_look()
        self.query_one("#search").display = False
        self.pane("list")

    def action_folders(self) -> None:
        """To the folders."""
        self.pane("folders")

    def action_folder(self, way: int) -> None:
        """The next or the previous folder."""
        names = [folder.name for folder in self.query_one(FolderList).rows]
        if self._folder in names:
            folder = names[(names.index(self._folder) + way) % len(names)]
            self.query_one(FolderList).cursor = names.index(folder)
            self._go(folder)

    def action_compose(self) -> None:
        """A new letter."""
        self.bridge.ask(self, writing.blank)

    def action_reply(self, everyone: bool = False) -> None:
        """Answer the letter under the cursor."""
        if key := self._list.current_key:
            self.bridge.ask(self, writing.reply, self._folder, key, everyone=everyone)

    def action_forward(self) -> None:
        """Pass it on."""
        if key := self._list.current_key:
            self.bridge.ask(self, writing.forward, self._folder, key)

    def action_delete(self) -> None:
        """Mark as deleted, and on to the next."""
        self._flag(self._list.current, add="D")
        self._list.action_down()

    def action_undelete(self) -> None:
        """Take the mark away."""
        self._flag(self._list.current, remove="D")

    def action_flag(self) -> None:
        """Important, or no longer."""
        self._turn("F")

    def action_unread(self) -> None:
        """Unread, or read."""
        self._turn("R")

    def _turn(self, flag: str) -> None:
        row = self._list.current
        if row is not None and flag in row.flags:
            self._flag(row, remove=flag)
        else:
            self._flag(row, add=flag)

    def _flag(self, row: Row | None, add: str = "", remove: str = "") -> None:
        """Mark in the mbox, and on the screen at once."""
        if row is None or (add and add in row.flags) or (remove and remove not in row.flags):
            return
        flags = "".join(sorted({*row.flags, *add} - {*remove}))
        shown = [replace(each, flags=flags) if each.id == row.id else each for each in self._list.rows]
        self._list.load(shown)
        self._head()
        self.bridge.ask(self, mail.mark, self._folder, [row.id], add, remove)

    def action_archive(self) -> None:
        """Into the archive."""
        self._put("archive")

    def action_move(self) -> None:
        """Into a folder to be chosen."""
        names = [folder.name for folder in self.query_one(FolderList).rows if folder.name not in (self._folder, TRIAGE)]
        question = Pick("Move the letter to:", names, [title(name) for name in names])
        self.app.push_screen(question, lambda name: self._put(name or ""))

    def _put(self, folder: str) -> None:
        if folder and (key := self._list.current_key):
            self.bridge.ask(self, mail.move, self._folder, [key], folder)

    def action_give(self) -> None:
        """It is for somebody else."""
        if (row := self._list.current) is not None:
            self.app.push_screen(Give(self.bridge, self._folder, row.id, _why(row)))

    def action_always(self) -> None:
        """And so are all that are like it."""
        if (row := self._list.current) is not None:
            self.app.push_screen(Always(self.bridge, row.id, _why(row)))

    def _about_failure(self) -> bool:
        """Whether the letter that is shown tells of one that came back."""
        letter = self._reading.letter
        return letter is not None and letter.about is not None and letter.row.id == self._list.current_key

    def action_again(self) -> None:
        """Ask for the right address, and write to it once more."""

        def answered(address: str | None) -> None:
            if address:
                self.bridge.ask(self, writing.again, self._folder, key, address)

        key, letter = self._list.current_key, self._reading.letter
        if letter is None or letter.row.id != key:
            self.notify("Open the letter first; it says who did not get it.", markup=False, timeout=3)
            return
        failed = letter.about.failed if letter.about else letter.failed
        self.app.push_screen(Prompt("The right address:", failed[0].address if failed else ""), answered)

    def action_expunge(self) -> None:
        """Ask, and remove what is marked as deleted."""

        def answered(sure: bool | None) -> None:
            if sure:
                self.bridge.ask(self, mail.expunge, self._folder, keys)

        keys = [row.id for row in self._list.rows if "D" in row.flags]
        if keys:
            question = f"Remove {letters(len(keys))} marked as deleted for good?"
            self.app.push_screen(Confirm(question, "Remove", "Keep"), answered)
        else:
            self.notify("Nothing is marked as deleted; d marks.", markup=False, timeout=3)

    def action_search(self) -> None:
        """Ask for words."""
        field = self.query_one("#search", Input)
        self.pane("list")
        field.display = True
        field.value = self._query
        field.focus()

    @on(Input.Submitted, "#search")
    def _searched(self, event: Input.Submitted) -> None:
        self._query = event.value.strip()
        event.input.display = False
        self.pane("list")
        self.action_look()


def _why(row: Row) -> str:
    """From whom it is, and why it came here."""
    routed = f"\n{evidence(row.routed)}" if row.routed else ""
    return f"{row.sender or '(unknown)'}: {row.subject or '(no subject)'}{routed}"
