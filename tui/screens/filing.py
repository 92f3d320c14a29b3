"""Letters like this one: the rule that files them from now on, made of a letter with two keys.

Never: a rule that was not shown with what it catches; a letter moved without a question.
"""

from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, Static

from core.config import folder_fault
from tui.bridge import Bridge
from tui.messages import Failed, Likenesses, Ruled
from tui.values import Likeness
from tui.verbs import filing
from tui.widgets.words import letters


@dataclass(frozen=True, slots=True)
class Taken:
    """A rule was made: the letters of the inbox that are like it, the folder, and whether they shall go there now."""

    ids: tuple[str, ...]
    folder: str
    question: str


class Alike(ModalScreen[Taken | None]):
    """Which letters are meant, and into which folder they go; answers with those of the inbox that are meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave"),
        Binding("j", "move(1)"),
        Binding("k", "move(-1)"),
        Binding("up", "move(-1)", priority=True),
        Binding("down", "move(1)", priority=True),
    ]

    def __init__(self, bridge: Bridge, folder: str, key: str) -> None:
        super().__init__()
        self._bridge, self._folder, self._key = bridge, folder, key
        self._likes: tuple[Likeness, ...] = ()
        self._there: tuple[str, ...] = ()
        self._inbox = "the inbox"
        self._writing = False
        self._own = False  # whether the folder was typed, and stays as it is

    def compose(self) -> ComposeResult:
        """Who or what, where to, and what that means."""
        with Vertical(classes="dialog"):
            yield Static("From now on, letters like this:", classes="title", markup=False)
            yield OptionList(compact=True)
            with Horizontal(classes="value"):
                yield Static("go into", classes="label", markup=False)
                yield Input(compact=True, select_on_focus=True)
            yield Static(id="found", classes="quiet", markup=False)
            yield Static("Enter: make the rule   Tab: folder   Esc: leave it", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """Ask what it could be."""
        self._bridge.ask(self, filing.propose, self._folder, self._key)

    def on_likenesses(self, event: Likenesses) -> None:
        """The closest first; each with what it catches."""
        if not event.likes:
            self.notify("Nothing in this letter could be a rule; Settings takes any.", markup=False)
            self.dismiss(None)
            return
        self._likes, self._there, self._inbox = event.likes, event.folders, event.inbox
        self.query_one(Input).suggester = SuggestFromList(event.folders, case_sensitive=False)
        options = self.query_one(OptionList)
        options.add_options(Content(like.words) for like in event.likes)
        options.highlighted = 0
        options.focus()

    @property
    def _like(self) -> Likeness:
        return self._likes[self.query_one(OptionList).highlighted or 0]

    def _so_many(self) -> str:
        caught = len(self._like.caught)
        return f"{letters(caught)} of {self._inbox} {'is' if caught == 1 else 'are'}"

    @property
    def _into(self) -> str:
        return self._there_is(self.query_one(Input).value.strip())

    @on(OptionList.OptionHighlighted)
    def _looked(self) -> None:
        if not self._own:
            with self.prevent(Input.Changed):
                self.query_one(Input).value = self._like.rule.folder
        self._tell()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._own = bool(self._into)
        self._tell()

    def _there_is(self, name: str) -> str:
        """A folder of this name in whatever case, or the name."""
        return next((folder for folder in self._there if folder.casefold() == name.casefold()), name)

    def _tell(self) -> None:
        into = self._into
        said = f"{self._so_many()} like this."
        new = f" {into} is a new folder." if into and into not in self._there else ""
        self.query_one("#found", Static).update(Content(self._fault() or said + new))

    def _fault(self) -> str:
        """What is wrong with the folder, if anything."""
        if not self._into:
            return "Into which folder?"
        why = folder_fault(self._into)
        return f'"{self._into}", {why}.' if why else ""

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _chosen(self) -> None:
        if self._likes and not self._fault() and not self._writing:
            self._writing = True
            rule = replace(self._like.rule, folder=self._into)
            self._bridge.ask(self, filing.always, rule, self._folder, self._key)

    def on_ruled(self, _: Ruled) -> None:
        """The rule holds from now on; those that are here already are asked about."""
        caught, into = self._like.caught, self._into
        self.notify(f"Rule made: {self._like.words} -> folder {into}.", markup=False, timeout=5)
        question = f"The rule holds from now on. {self._so_many()} like this: to {into} now?"
        self.dismiss(Taken(caught if into != "inbox" else (), into, question))

    def on_failed(self, event: Failed) -> None:
        """It could not be written."""
        self._writing = False
        self.query_one("#found", Static).update(Content(event.sentence))

    def action_move(self, way: int) -> None:
        """Another likeness."""
        options = self.query_one(OptionList)
        if self._likes:
            options.highlighted = ((options.highlighted or 0) + way) % len(self._likes)

    def action_leave(self) -> None:
        """No rule."""
        self.dismiss(None)
