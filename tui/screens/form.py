"""One form for every table of household.toml: checked while it is typed, tried for real, weighed, and saved.

Never: a form of one table only; the file.
"""

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from core.config import Secret
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Failed, Settings, Tested, Weighed
from tui.screens.dialogs import Confirm
from tui.values import Moving
from tui.verbs import settings
from tui.widgets.entry import Entry
from tui.widgets.sheets import Changes, Sheet
from tui.widgets.words import letters

SHORT = 4  # fields that fit on any terminal, with what is found below them


class Form(ModalScreen[bool]):
    """The fields of one sheet; True when the file was changed. ``taken`` are the names of others of its kind."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]

    def __init__(self, bridge: Bridge, sheet: Sheet, seen: Secret, taken: Collection[str] = ()) -> None:
        super().__init__()
        self._bridge, self._sheet, self._seen, self._taken = bridge, sheet, seen, taken
        self._saving = False

    def compose(self) -> ComposeResult:
        """Fields that scroll, what is found, and what can be done."""
        with Vertical(classes="dialog form long" if len(self._sheet.fields) > SHORT else "dialog form") as whole:
            whole.styles.max_height = 3 * len(self._sheet.fields) + 12
            yield Static(Content(self._sheet.title), classes="title")
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._sheet.fields:
                    yield Entry(field)
            yield Static(id="found")
            with Horizontal(classes="buttons"):
                yield Button(Content("Save (^S)"), id="save", variant="primary", compact=True)
                if self._sheet.tested:
                    yield Button(Content("Test (^T)"), id="test", compact=True)
                yield Button(Content("Leave (Esc)"), id="leave", compact=True)

    def on_mount(self) -> None:
        """The first field has the keys."""
        self.query_one("#found").display = False
        self.query(Entry).first().enter()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Only some tables can be tried."""
        return action != "test" or self._sheet.tested

    @property
    def _entries(self) -> dict[str, Entry]:
        return {entry.field.key: entry for entry in self.query(Entry)}

    def _changes(self) -> Changes | None:
        """What was changed; None while a field is wrong."""
        entries = self._entries
        wrong = [entry for entry in entries.values() if entry.fault()]
        name = entries.get(self._sheet.key) if self._sheet.key else None
        if name is not None and name.text.strip() in self._taken:
            name.complain(f"There is {name.text.strip()} already.")
            wrong.append(name)
        if wrong:
            wrong[0].enter()
            return None
        return self._sheet.changes({key: entry.text for key, entry in entries.items()})

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input is self.query(Input).last():
            self.action_save()
        else:
            self.focus_next()

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        await self.run_action(event.button.id or "")

    def action_leave(self) -> None:
        """No change; asks first if something was typed."""
        texts = {entry.field.key: entry.text for entry in self.query(Entry)}
        if all(texts[field.key] == field.text for field in self._sheet.fields):
            self.dismiss(False)
        else:
            self.app.push_screen(Confirm("Leave without saving?", "Leave", "Go on"), self._left)

    def _left(self, sure: bool | None) -> None:
        if sure:
            self.dismiss(False)

    # Saving

    def action_save(self) -> None:
        """Weigh the change first: is the file still good, and would letters go elsewhere?"""
        changes = self._changes()
        if changes == {}:
            self.dismiss(False)
        elif changes is not None and not self._saving:
            self._saving = True
            self._bridge.ask(self, settings.weigh, self._seen, changes)

    def on_weighed(self, event: Weighed) -> None:
        """Faults at their fields; letters that would move are shown before anything is saved."""
        if event.faults:
            self._saving = False
            self._blame(event)
        elif event.moving:
            self.app.push_screen(review(event.moving), self._decided)
        else:
            self._decided(sure=True)

    def _blame(self, event: Weighed) -> None:
        entries, rest = self._entries, []
        for path, sentence in event.faults:
            entry = entries.get(path[-1]) if path else None
            if entry is not None:
                entry.complain(sentence)
                entry.enter()
            else:
                rest.append((False, sentence))
        self._find(tuple(rest))

    def _decided(self, sure: bool | None) -> None:
        changes = self._changes() if sure else None
        self._saving = bool(changes)
        if changes:
            self._bridge.ask(self, settings.save, self._seen, changes)

    def on_settings(self, _: Settings) -> None:
        """It is in the file."""
        self.dismiss(True)

    def on_failed(self, event: Failed) -> None:
        """It is not, or it could not be tried."""
        self._saving = False
        self._find(((False, event.sentence),))

    # Trying

    def action_test(self) -> None:
        """Try what is typed, without saving it."""
        changes = self._changes()
        if changes is not None and self._sheet.rule:
            self._bridge.ask(self, settings.tried_so, self._seen, changes, self._sheet.path)
        elif changes is not None:
            self._find(((True, "Trying it for real. Nothing is dialled for that."),))
            self._bridge.test(self, settings.test, self._seen, changes, self._sheet.path)

    def on_tested(self, event: Tested) -> None:
        """What was found."""
        self._find(event.findings)

    def _find(self, findings: tuple[tuple[bool, str], ...]) -> None:
        field = self.query_one("#found", Static)
        field.display = bool(findings)
        lines = [
            Content(sentence) if good else Content.styled(f"! {sentence}", "$error") for good, sentence in findings
        ]
        field.update(Content("\n").join(lines))


def review(moving: tuple[Moving, ...], yes: str = "Save", no: str = "Go on changing") -> Confirm:
    """The question before a change that would take letters to others."""
    details = [
        f"{', '.join(each.before)} → {', '.join(each.after)}   {each.sender}: {each.subject or '(no subject)'}"
        for each in moving
    ]
    would = (
        f"Of the last 100 letters {letters(len(moving))} would go elsewhere. Letters that are here stay where they are."
    )
    return Confirm(would, yes, no, details)
