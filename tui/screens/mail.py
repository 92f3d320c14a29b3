"""Mail: folders, the list, the letter; one pane at a time on a narrow terminal, two or three on a wide one.

Never: reading or changing an mbox; the bridge is asked for both.
"""

from collections.abc import Iterable
from typing import ClassVar, Literal

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget

from core.events import Fetched, Finished
from core.mail.compose import Whom
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Accepted, Changed, Done, Drafted, Folders, Learning, Left, Stirred, Stood, Told
from tui.screens.dialogs import Confirm, Prompt
from tui.screens.page import Page
from tui.screens.pile import Pile
from tui.screens.placing import Placing
from tui.screens.reading import Reading
from tui.screens.resend import Resend
from tui.screens.searching import Searching
from tui.values import LISTS, SEARCH, SEARCHES
from tui.verbs import mail, place, search, writing
from tui.widgets.folders import FolderList, title
from tui.widgets.letters import Letters
from tui.widgets.words import went

Pane = Literal["folders", "list", "letter"]
FRESH = 0.7  # seconds between new letters of a run and a look at them
WATCH = 3.0  # seconds between looks whether another program has changed a mailbox
ABOUT_ONE = ("reply", "forward", "renew", "resend")


class Mail(Page):
    """The letters of the member at the desk."""

    MODE = "mail"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("mail")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._member = ""
        self._fresh: Timer | None = None
        self._onward = ""
        self._stamps: object = None
        self._watching = False

    def body(self) -> Iterable[Widget]:
        """Folders beside the list and the letter."""
        with Container(id="panes"):
            yield FolderList(id="folders")
            yield Placing(self.bridge, id="place")

    def on_mount(self) -> None:
        """Begin with the list."""
        super().on_mount()
        self.pane("list")
        self.set_interval(WATCH, self.watch_boxes)

    def on_screen_resume(self) -> None:
        """Look again; another member begins at the inbox."""
        super().on_screen_resume()
        if self._member != self.bridge.member:
            self._member, self._stamps = self.bridge.member, None
            self._pile.reading.clear()
            self.bridge.ask(self, mail.folders)
            self._pile.open("inbox")
            self.bridge.ask(self, writing.left)
            self.pane("list")
        else:
            self.action_look()

    @property
    def _pile(self) -> Pile:
        return self.query_one(Pile)

    @property
    def _folders(self) -> FolderList:
        return self.query_one(FolderList)

    def pane(self, pane: Pane) -> None:
        """Give this pane the keys; on a narrow terminal it is the one that is shown."""
        for name in ("folders", "list", "letter"):
            self.set_class(name == pane, f"-{name}")
        target = {"folders": "#folders", "list": "#letters", "letter": "#letter"}[pane]
        self.query_one(target).focus()
        self.refresh_bindings()

    # Answers

    def on_folders(self, event: Folders) -> None:
        """Folders with their counts; where the one that is open has gone, its neighbour is opened."""
        names, here = [folder.name for folder in event.folders], self._pile.folder
        first = not self._folders.rows
        self._pile.folders = event.folders
        self._folders.load(event.folders, names.index(here) if first and here in names else None)
        if here not in names:
            self._go(self._folders.current_key)

    def on_rows(self) -> None:
        """Where the last letter of a folder has gone, so has the one that was read."""
        if self.has_class("-letter") and not self._pile.rows.rows:
            self.pane("list")

    def on_changed(self, _: Changed) -> None:
        """Letters or folders are no longer as shown; the pile has seen to its own."""
        self.bridge.ask(self, mail.folders)

    def on_done(self, _: Done) -> None:
        """Marks were changed."""
        self.bridge.ask(self, mail.folders)

    def on_left(self, event: Left) -> None:
        """The program ended while somebody wrote."""
        if event.count:
            what = "A letter that you were writing is" if event.count == 1 else "Letters that you were writing are"
            self.notify(f"{what} in Drafts.", markup=False, timeout=15)

    def on_drafted(self, event: Drafted) -> None:
        """A letter to write."""
        from tui.screens.compose import Compose  # noqa: PLC0415 - the start waits for nothing that is written

        self.app.push_screen(Compose(self.bridge, event.draft, event.id))

    def on_told(self, event: Told) -> None:
        """New letters of a run appear while it goes on, soon after they came."""
        super().on_told(event)
        mine = isinstance(event.event, Fetched) and self._member in event.event.members
        if (mine or isinstance(event.event, Finished)) and self._fresh is None:
            self._fresh = self.set_timer(FRESH, self._freshen)

    def on_learning(self, event: Learning) -> None:
        """The index is brought up to date; when all is known of the folder that is open, it is shown."""
        if event.learned.folder == self._pile.folder:
            self._pile.learning(event.learned)
        if event.learned.stage == "known":
            self.action_look()

    def on_stood(self, event: Stood) -> None:
        """The next run was reckoned again; an empty inbox tells it."""
        super().on_stood(event)
        self._pile.stand()

    def watch_boxes(self) -> None:
        """Ask whether another program has delivered, marked or removed something."""
        if self._member and self.is_current and not self._watching:
            self._watching = True
            self.bridge.ask(self, mail.stirred)

    def on_stirred(self, event: Stirred) -> None:
        """Look again where something has changed."""
        before, self._stamps, self._watching = self._stamps, event.stamps, False
        if before is not None and before != event.stamps:
            self.action_look()

    def _freshen(self) -> None:
        self._fresh = None
        self.action_look()

    # Folders

    @on(FolderList.Chosen, "#folders")
    def _entered(self, event: FolderList.Chosen) -> None:
        self.pane("list")
        self._go(event.key)

    def _go(self, folder: str) -> None:
        if folder == SEARCHES:
            self._pile.find(everywhere=True)
        if folder in (LISTS, SEARCHES):  # only words above others
            return
        self._onward = ""
        names = [each.name for each in self._folders.rows]
        if folder in names:
            self._folders.cursor = names.index(folder)
        self._pile.open(folder)

    @on(FolderList.Asked)
    def _asked(self, event: FolderList.Asked) -> None:
        def made(name: str | None) -> None:
            if name:
                self.bridge.ask(self._pile, place.make, name)

        def renamed(name: str | None) -> None:
            if name:
                self.bridge.ask(self._pile, verbs.rename, event.folder, name)

        def removed(sure: bool | None) -> None:
            if sure:
                self.bridge.ask(self._pile, verbs.remove, event.folder)

        verbs = search if event.folder.startswith(SEARCH) else place
        match event.what:
            case "make":
                self.app.push_screen(Prompt("The name of the new folder:"), made)
            case "rename":
                name = event.folder.removeprefix(SEARCH)
                self.app.push_screen(Prompt(f"The new name of {title(event.folder)}:", name), renamed)
            case "remove":
                kind = "search" if event.folder.startswith(SEARCH) else "folder"
                self.app.push_screen(Confirm(f"Remove the {kind} {title(event.folder)}?", "Remove", "Keep"), removed)

    @on(Pile.Onward)
    def _no_more(self) -> None:
        """Say where there is more to read; asked once more, go there."""
        folder = self._folders.unread_after(self._pile.folder)
        if not folder:
            self.notify("No unread letters any more.", markup=False, timeout=3)
        elif self._onward == folder:
            self._go(folder)
        else:
            self._onward = folder
            said = f"No more unread letters here. Once more, and it goes on to {title(folder)}."
            self.notify(said, markup=False, timeout=5)

    @on(Letters.Chosen, "#letters")
    def _chosen(self) -> None:
        row = self._pile.current
        if row is not None and row.folder == "drafts":
            self.bridge.ask(self, writing.draft, row.id)
            return
        self.pane("letter")
        self._pile.fetch()

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What needs a letter is offered only where there is one."""
        if action == "back":
            pile = self._pile
            return not self.has_class("-list") or pile.searching.active or bool(pile.rows.picked)
        if action == "search":
            return not self._pile.searching.display
        row = None if self.has_class("-folders") else self._pile.current
        if action == "again":
            return row is not None and (row.failed or self._about_failure())
        if action in ABOUT_ONE:
            return row is not None
        return True

    def action_look(self) -> None:
        """Ask for the list, and then for the folders, again."""
        self._watching = False  # where the watch failed, and was not repeated every few seconds
        if self._member:
            self._pile.look()
            self.bridge.ask(self, mail.folders)

    def action_back(self) -> None:
        """From the letter or the folders to the list; there, first the selection ends, then the search."""
        pile = self._pile
        if self.has_class("-list"):
            if pile.rows.picked:
                pile.rows.pick(())
            elif pile.searching.active:
                pile.searching.leave()
        self.pane("list")

    def action_folders(self) -> None:
        """To the folders."""
        self.pane("folders")

    def action_folder(self, way: int) -> None:
        """The next or the previous folder."""
        names = [folder.name for folder in self._folders.rows if folder.name not in (LISTS, SEARCHES)]
        if self._pile.folder in names:
            self._go(names[(names.index(self._pile.folder) + way) % len(names)])

    @on(Reading.Write)
    def _write(self, event: Reading.Write) -> None:
        self.bridge.ask(self, writing.blank, event.to, event.subject)

    def action_compose(self) -> None:
        """A new letter."""
        self.bridge.ask(self, writing.blank)

    def action_reply(self, whom: Whom = "sender") -> None:
        """Answer the letter under the cursor."""
        if row := self._pile.current:
            self.bridge.ask(self, writing.reply, row.folder, row.id, whom)

    def action_forward(self, whole: bool = False) -> None:
        """Pass it on; the whole of it as a file, or its text and files."""
        if row := self._pile.current:
            self.bridge.ask(self, writing.forward, row.folder, row.id, whole=whole)

    def action_renew(self) -> None:
        """Begin a new letter with it."""
        if row := self._pile.current:
            self.bridge.ask(self, writing.renew, row.folder, row.id)

    def action_resend(self) -> None:
        """Send it on as it is."""

        def answered(to: str | None) -> None:
            if to and row:
                self.bridge.ask(self, writing.resend, row.folder, row.id, to)

        if row := self._pile.current:
            self.app.push_screen(Resend(self.bridge), answered)

    def on_accepted(self, event: Accepted) -> None:
        """It was sent on."""
        self.notify(went(event.members, event.waiting, event.leaves), markup=False)
        self.action_look()

    def _about_failure(self) -> bool:
        """Whether the letter that is shown tells of one that came back."""
        letter = self._pile.reading.letter
        return letter is not None and letter.about is not None and letter.row.id == self._pile.rows.current_key

    def action_again(self) -> None:
        """Ask for the right address, and write to it once more."""

        def answered(address: str | None) -> None:
            if address and row:
                self.bridge.ask(self, writing.again, row.folder, row.id, address)

        row, letter = self._pile.current, self._pile.reading.letter
        if row is None or letter is None or letter.row.id != row.id:
            self.notify("Open the letter first; it says who did not get it.", markup=False, timeout=3)
            return
        failed = letter.about.failed if letter.about else letter.failed
        self.app.push_screen(Prompt("The right address:", failed[0].address if failed else ""), answered)

    def action_search(self) -> None:
        """Ask what to look for."""
        self.pane("list")
        self._pile.find()

    @on(Searching.Entered)
    def _searched(self) -> None:
        self.pane("list")
