"""One field of a form: its name, what is typed, and below it what it means, or what is wrong with it.

Never: the file.
"""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.widgets.choice import Choice
from tui.widgets.fields import NOTHING, Field


class Entry(Vertical):
    """Shows one field, and checks it while it is typed."""

    def __init__(self, field: Field) -> None:
        super().__init__(classes="entry")
        self.field = field

    def compose(self) -> ComposeResult:
        """Name and value on one line, the sentence on the next."""
        with Horizontal(classes="value"):
            yield Static(self.field.label, classes="label", markup=False)
            yield self._value()
        yield Static(Content(self._meaning()), classes="note")

    def _value(self) -> Choice | Input:
        field = self.field
        if field.choices:
            return Choice(field.choices, field.text or field.default)
        hint = "unchanged" if field.has else field.default or ("needed" if field.needed else "")
        return Input(field.text, placeholder=hint, password=field.secret, compact=True, select_on_focus=False)

    def _meaning(self) -> str:
        field = self.field
        lists = "; commas between" if field.several and "comma" not in field.meaning else ""
        gone = f"; empty: as it is; {NOTHING} takes it out" if field.has else ""
        return field.meaning + lists + gone

    @property
    def text(self) -> str:
        """What is typed or chosen."""
        return self.query_one(Choice).value if self.field.choices else self.query_one(Input).value

    def fault(self) -> str:
        """What is wrong with it now; shown, too."""
        sentence = self.field.fault(self.text)
        self.complain(sentence)
        return sentence

    def complain(self, sentence: str) -> None:
        """Show what is wrong; nothing: what the field means."""
        note = self.query_one(".note", Static)
        note.update(Content(sentence or self._meaning()))
        note.set_class(bool(sentence), "wrong")

    def enter(self) -> None:
        """The keys go here."""
        self.query_one(Choice if self.field.choices else Input).focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        """Check as it is typed; a field that is still empty is told only when it is to be saved."""
        self.complain(self.field.fault(self.text) if self.text.strip() else "")
