"""The head of a letter being written: from whom, to whom, the subject.

Never: where contacts come from; sending.
"""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from core.config import Config
from core.mail.compose import Draft, addresses, author
from core.mail.contacts import Contact
from core.mail.doubts import faults
from tui.widgets.addressees import Addressees

TO = {"to": "To", "cc": "Cc", "bcc": "Bcc"}
MORE = "   ^F: another address"
LABEL = 11  # cells before the fields, and behind them


class Letterhead(Vertical):
    """The fields; posts ``Sender`` when another address is wanted to write from."""

    class Sender(Message):
        """The sender was clicked."""

    def __init__(self, draft: Draft, config: Config) -> None:
        super().__init__(id="letterhead")
        self._draft, self._config = draft, config
        self._nicknames: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """A line each."""
        with Horizontal(classes="field"):
            yield Static("From", classes="label", markup=False)
            yield Static("", id="from", markup=False)
        for name, label in TO.items():
            yield Addressees(label, getattr(self._draft, name), name, self._faults)
        with Horizontal(classes="field"):
            yield Static("Subject", classes="label", markup=False)
            yield Input(self._draft.subject, id="subject", compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """From whom."""
        self.show(self._draft)

    def on_resize(self) -> None:
        """There may be room for a hint."""
        self.show(self._draft)

    def show(self, draft: Draft) -> None:
        """Another address to write from, perhaps."""
        self._draft = draft
        mine = author(draft, self._config)
        more = MORE if self.several and cell_len(mine + MORE) + LABEL <= self.size.width else ""
        self.query_one("#from", Static).update(Content(mine + more))

    @property
    def several(self) -> bool:
        """Whether there is another address to write from."""
        return len(addresses(self._draft.sender, self._config)) > 1

    def filled(self, draft: Draft) -> Draft:
        """The draft with these fields as they are on the screen."""
        to, cc, bcc = (field.text for field in self.query(Addressees))
        return replace(draft, to=to, cc=cc, bcc=bcc, subject=self.query_one("#subject", Input).value)

    def know(self, contacts: Sequence[Contact], nicknames: Sequence[str]) -> None:
        """Whom the member may want to write to."""
        self._nicknames = nicknames
        for field in self.query(Addressees):
            field.know(contacts)

    def complain(self) -> bool:
        """Show what is wrong with the addresses; whether there is anything."""
        wrong = [field.complain() for field in self.query(Addressees)]
        return any(wrong)

    def enter(self, name: str) -> None:
        """The keys go to this field."""
        self.query_one(f"#{name}", Input).focus()

    def _faults(self, text: str) -> Sequence[str]:
        return faults(text, self._config, self._nicknames)

    @on(events.Click, "#from")
    def _clicked(self) -> None:
        if self.several:
            self.post_message(self.Sender())
