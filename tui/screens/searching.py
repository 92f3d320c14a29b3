"""Searching: a line above the list in which is typed what to look for, and what is found while it is typed.

Never: the list of what was found (``pile`` shows it); what the words mean.
"""

from collections.abc import Iterable, Sequence

from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from core.mail import suggest
from core.mail.suggest import Known
from tui.bridge import Bridge
from tui.messages import Choices, Failed, Found
from tui.screens.dialogs import Prompt
from tui.screens.help import Help
from tui.values import SEARCH
from tui.verbs import search
from tui.widgets.folders import title
from tui.widgets.lookup import Lookup, Ways
from tui.widgets.words import letters

MOST = 50  # earlier searches of a session


class Searching(Vertical):
    """The line with its suggestions; posts ``Entered`` when the list is wanted, ``Ended`` when the folder is.

    ``Found`` comes from here, and only for what is typed now: an answer never takes the place of a newer one.
    """

    class Entered(Message):
        """The keys are wanted in the list."""

    class Ended(Message):
        """Nothing is looked for any more."""

    def __init__(self, bridge: Bridge, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.bridge = bridge
        self.active = False
        self.text = ""
        self.everywhere = False
        self._folder = "inbox"
        self._known = Known()
        self._asked: tuple[str, str] | None = None
        self._member = ""
        self._earlier: list[str] = []
        self._at = 0

    def compose(self) -> Iterable[Widget]:
        """The line, where it looks, and what could come next."""
        with Horizontal(id="lookup"):
            yield Static("/", id="slash", markup=False)
            yield Lookup(
                id="search",
                placeholder='words, "a phrase", from:marta, before:2025, is:unread, has:attachment ...',
                compact=True,
                select_on_focus=False,
            )
            yield Static(id="scope", markup=False)
        yield Static(id="fault", classes="wrong", markup=False)
        yield Ways(id="ways")

    def on_mount(self) -> None:
        """Not before it is wanted."""
        self._complain(())
        self.display = False

    @property
    def _line(self) -> Lookup:
        return self.query_one(Lookup)

    @property
    def _ways(self) -> Ways:
        return self.query_one(Ways)

    @property
    def where(self) -> str:
        """The folder that is looked through; empty: all of them."""
        return "" if self.everywhere else self._folder

    def begin(self, folder: str, *, everywhere: bool = False) -> None:
        """Show the line, with what is looked for already; it has the keys."""
        if self._member != self.bridge.member:  # what somebody else looked for is nobody's business
            self._member, self._earlier, self._known = self.bridge.member, [], Known()
        if not self.active:
            self._folder, self.everywhere, self.text = folder, everywhere, ""
        self.display = True
        self._at = len(self._earlier)
        self._write(self.text)
        self._scope()
        self._complain(())
        self._line.focus()
        self.bridge.ask(self, search.known)

    def look(self) -> None:
        """Look for the same again."""
        self._ask()

    def end(self) -> None:
        """Look for nothing any more, and say nothing of it."""
        self._remember()
        self.active, self.text, self.display, self._asked = False, "", False, None
        self._ways.ways = ()

    def leave(self) -> None:
        """Back to the folder."""
        self.end()
        self.post_message(self.Ended())

    @property
    def placed(self) -> bool:
        """Whether what is found may lie in several folders."""
        return self.everywhere or self._folder.startswith(SEARCH) or "in:" in self.text.casefold()

    def nothing(self) -> str:
        """What is said where nothing was found."""
        way = "Esc: back to the folder." if self.everywhere else "Tab in the line looks everywhere."
        return f"Nothing found. {way}"

    def says(self, count: int, unread: int, left: int) -> str:
        """What was looked for, and how much there is; of how many letters (``left``) only the heads were searched."""
        place = "Everywhere" if self.everywhere else title(self._folder)
        text = "" if self.display else f"  “{self.text.strip()}”"
        more = f"; {letters(left)} still being read for search" if left else ""
        news = f", {unread} unread" if unread else ""
        return f" {place}{text}   {letters(count)} found{news}{more}"

    # While it is typed

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self.text:
            return
        self.text = event.value
        self._suggest()
        self._ask()

    def _suggest(self) -> None:
        self._ways.ways = suggest.complete(self.text, self._line.cursor_position, self._known)

    def _ask(self) -> None:
        """Look for what is typed; one question at a time, the latest one next."""
        wanted = self.where, self.text
        if len(self.text.strip()) < 2 and self.text.isascii():  # nearly every letter has a word that begins so
            if self.active:
                self.active = False
                self.post_message(self.Ended())
        elif self._asked is None:
            self._asked = wanted
            self.bridge.ask(self, search.find, *wanted)

    def on_found(self, event: Found) -> None:
        """An answer; what was typed since is asked next."""
        self._asked = None
        if (event.folder, event.text) == (self.where, self.text):
            self.active = True
            self._complain(event.faults)
        else:
            event.stop()
            self._ask()

    def on_failed(self, _: Failed) -> None:
        """There was no answer; the house has been told."""
        self._asked = None

    def on_choices(self, event: Choices) -> None:
        """Whom and what a search could name."""
        event.stop()
        self._known = event.known
        self._suggest()

    def _complain(self, faults: Sequence[str]) -> None:
        """Tell what of the line means nothing."""
        fault = self.query_one("#fault", Static)
        fault.update(Content(f" {'; '.join(faults)}"))
        fault.display = bool(faults)

    # Keys of the line

    @on(Lookup.Asked)
    def _wanted(self, event: Lookup.Asked) -> None:
        event.stop()
        match event.what:
            case "list":
                self._enter()
            case "scope":
                self.everywhere = not self.everywhere
                self._scope()
                self._ask()
            case "save":
                self._save()
            case "earlier" | "later":
                self._step(-1 if event.what == "earlier" else 1)
            case "take" if self._ways.ways:
                self._take(self._ways.current or self._ways.ways[0])
            case "help":
                self.app.push_screen(Help(self.screen))
            case "leave":
                self._leave()

    def _enter(self) -> None:
        """Take the chosen suggestion, or go to the list."""
        if (way := self._ways.current) is not None:
            self._take(way)
            return
        self._ways.ways = ()
        self._remember()
        self.display = False
        self._ask()
        self.post_message(self.Entered())

    def _leave(self) -> None:
        """Put the suggestions away, or else end the search."""
        if self._ways.chosen >= 0:
            self._ways.ways = ()
            return
        self.leave()
        self.post_message(self.Entered())

    def _step(self, way: int) -> None:
        """Another suggestion, or else an earlier search."""
        if self._ways.ways:
            self._ways.step(way)
            return
        self._at = max(0, min(self._at + way, len(self._earlier)))
        self._write(self._earlier[self._at] if self._at < len(self._earlier) else "")

    @on(Ways.Taken)
    def _clicked(self, event: Ways.Taken) -> None:
        event.stop()
        self._take(event.way)

    def _take(self, way: suggest.Suggestion) -> None:
        self._line.value = way.text
        self._line.cursor_position = way.cursor
        self._line.focus()

    def _write(self, text: str) -> None:
        self._line.value = text
        self._line.cursor_position = len(text)

    def _remember(self) -> None:
        text = self.text.strip()
        if text:
            self._earlier = [*(one for one in self._earlier if one != text), text][-MOST:]

    def _scope(self) -> None:
        here = "everywhere of mine" if self.everywhere else f"in {title(self._folder)}"
        self.query_one("#scope", Static).update(Content(here))

    def on_click(self, event: events.Click) -> None:
        """A click on where is looked changes it."""
        if event.widget is self.query_one("#scope"):
            self._line.action_ask("scope")

    # A search that is kept

    def _save(self) -> None:
        def named(name: str | None) -> None:
            if name:
                self.bridge.ask(self, search.save, name, where, text)

        where, text = self.where, self.text
        if text.strip():
            self.app.push_screen(Prompt("A name for this search:", text.strip()), named)
