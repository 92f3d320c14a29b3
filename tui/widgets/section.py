"""The fields of one sheet below its title, as a part of a longer page.

Never: the file.
"""

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.widgets.entry import Entry
from tui.widgets.sheets import Changes, Sheet
from tui.widgets.steps import OF_KIND, skipped, told


class Section(Vertical):
    """Shows a sheet; ``old`` where it is filled with an old set-up, of which only the changes count."""

    def __init__(self, sheet: Sheet, *, old: bool = False) -> None:
        super().__init__(classes="section")
        self.sheet = sheet
        self._old = old

    def compose(self) -> ComposeResult:
        """The title, and each field."""
        yield Static(Content(self.sheet.title), classes="title")
        for field in self.sheet.fields:
            yield Entry(field)

    @property
    def entries(self) -> dict[str, Entry]:
        """The fields that are shown."""
        return {entry.field.key: entry for entry in self.query(Entry) if entry.display}

    @property
    def texts(self) -> dict[str, str]:
        """What is typed; what is not shown stays as it was."""
        shown = self.entries
        return {f.key: shown[f.key].text.strip() if f.key in shown else f.text for f in self.sheet.fields}

    @property
    def empty(self) -> bool:
        """Whether it is left for later."""
        return skipped(self.sheet, self.texts)

    def changes(self) -> Changes:
        """What the file is told."""
        return {} if self.empty else told(self.sheet, self.texts, old=self._old)

    def faults(self) -> list[Entry]:
        """The fields that are wrong, each told so."""
        return [] if self.empty else [entry for entry in self.entries.values() if entry.fault()]

    def of_kind(self, kind: str) -> None:
        """Only what a line of this kind needs."""
        for entry in self.query(Entry):
            entry.display = OF_KIND.get(entry.field.key, kind) == kind

    def fill(self, key: str, text: str) -> None:
        """Suggest a text, where nothing is typed."""
        field = next(entry for entry in self.query(Entry) if entry.field.key == key).query_one(Input)
        field.value = field.value or text

    def explain(self, key: str, meaning: str) -> None:
        """Say more of what a field means."""
        entry = next(entry for entry in self.query(Entry) if entry.field.key == key)
        entry.field = replace(entry.field, meaning=meaning)
        entry.complain("")
