"""Who is it? The first screen: choose a member, and say the passphrase where there is one.

Never: a passphrase kept after it was handed to the bridge.
"""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.bridge import Bridge
from tui.messages import Denied, Opened
from tui.verbs import mail


class Who(ModalScreen[str]):
    """Answers with the member whose mail is open now; modal, so that no other key leads past it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "down"),
        Binding("k", "up"),
        Binding("escape", "back"),
        Binding("q", "app.leave"),
    ]

    def __init__(self, bridge: Bridge, member: str = "") -> None:
        super().__init__()
        self.bridge = bridge
        self._member = member

    def compose(self) -> ComposeResult:
        """The members, and a field that appears when a passphrase is wanted."""
        with Vertical(id="who"):
            yield Static(Content(self.bridge.config.household.name), classes="title")
            yield Static("Who is it?", markup=False)
            yield OptionList(*self._options(), compact=True)
            yield Input(placeholder="Passphrase", password=True, compact=True)
            yield Static("", classes="wrong", markup=False)
            yield Static("Enter: open     q: quit", classes="quiet", markup=False)

    def _options(self) -> Iterable[Option]:
        for name, member in self.bridge.config.members.items():
            person = Content(member.name or name)
            locked = Content.styled("   asks for a passphrase", "dim") if member.passphrase else Content("")
            yield Option(person + locked, id=name)

    def on_mount(self) -> None:
        """A member who was named already is asked for the passphrase only."""
        self.query_one(Input).display = False
        names = list(self.bridge.config.members)
        options = self.query_one(OptionList)
        options.highlighted = names.index(self._member) if self._member in names else 0
        options.focus()
        if self._member:
            self._choose(self._member)

    def action_down(self) -> None:
        """The next member."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The member before."""
        self.query_one(OptionList).action_cursor_up()

    def action_back(self) -> None:
        """From the passphrase back to the members; from there back to the desk, if somebody sits there."""
        if self.query_one(Input).display:
            self.query_one(Input).display = False
            self.query_one(OptionList).focus()
        elif self.bridge.member:
            self.dismiss(self.bridge.member)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option.id or "")

    def _choose(self, member: str) -> None:
        self._member = member
        if self.bridge.config.members[member].passphrase:
            field = self.query_one(Input)
            field.display = True
            field.focus()
        else:
            self.bridge.ask(self, mail.enter, member)

    @on(Input.Submitted)
    def _said(self, event: Input.Submitted) -> None:
        self.bridge.ask(self, mail.enter, self._member, event.value)
        event.input.clear()

    def on_denied(self, _: Denied) -> None:
        """Wrong; another try."""
        self.query_one(".wrong", Static).update("That is not the passphrase.")

    def on_opened(self, event: Opened) -> None:
        """In."""
        self.dismiss(event.member)
