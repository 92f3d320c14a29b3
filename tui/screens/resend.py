"""To whom a letter is to be sent on, as it is.

Never: sending it.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.mail.doubts import faults
from tui.bridge import Bridge
from tui.messages import Contacts
from tui.verbs import writing
from tui.widgets.addressees import Addressees


class Resend(ModalScreen[str]):
    """The recipients as typed; empty when it was left with Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._nicknames: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """The question and the field."""
        with Vertical(classes="dialog"):
            yield Static("Send this letter on, as it is; answers go to its author.", markup=False)
            yield Addressees("To", "", "to", lambda text: faults(text, self._bridge.config, self._nicknames))
            yield Static("Enter: send it     Esc: leave it", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """Ask who may be meant."""
        self.query_one(Input).focus()
        self._bridge.ask(self, writing.contacts)

    def on_contacts(self, event: Contacts) -> None:
        """Who may be meant."""
        self._nicknames = event.nicknames
        self.query_one(Addressees).know(event.contacts)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        field = self.query_one(Addressees)
        if field.text.strip(" ,") and not field.complain():
            self.dismiss(field.text)
