"""Compose: To, Cc, Bcc, Subject and the text; kept as a draft every few seconds and whenever sending was refused.

Never: addresses taken apart, a message built; core does both when the bridge asks.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from core.mail.compose import Draft
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Accepted, Attached, Edited, Failed, Kept, Unsent
from tui.screens.dialogs import Confirm, Prompt
from tui.screens.page import Page
from tui.verbs import writing
from tui.widgets.area import Area
from tui.widgets.words import size, span

EVERY = 5.0  # seconds between two looks whether the draft has changed
FIELDS = {"to": "To", "cc": "Cc", "bcc": "Bcc", "subject": "Subject"}


class Compose(Page):
    """One letter being written; ``kept`` is its id among the drafts, if it is there."""

    MODE = "mail"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compose")]

    def __init__(self, bridge: Bridge, draft: Draft, kept: str = "") -> None:
        super().__init__(bridge)
        self._draft = draft
        self._saved: Draft | None = draft  # as it is on disk, or was empty; None: the disk refused it
        self._kept = kept
        self._keeping = False
        self._then: Callable[[], object] | None = None

    def body(self) -> Iterable[Widget]:
        """The fields above the text."""
        with Vertical(id="writing"):
            for name, label in FIELDS.items():
                with Horizontal(classes="field"):
                    yield Static(label, classes="label", markup=False)
                    yield Input(getattr(self._draft, name), id=name, compact=True, select_on_focus=False)
            yield Static(id="files")
            yield Area(self._draft.text, id="text")

    def on_mount(self) -> None:
        """The first empty field has the keys; a reply begins in the text."""
        super().on_mount()
        self.bridge.writing = True
        empty = next((name for name in ("to", "subject") if not getattr(self._draft, name)), "text")
        self.query_one(f"#{empty}").focus()
        self.query_one(Area).move_cursor((0, 0))
        self._files()
        self.set_interval(EVERY, self._autosave)

    def on_unmount(self) -> None:
        """Nothing is being written any more."""
        self.bridge.writing = False
        super().on_unmount()

    def draft(self) -> Draft:
        """The letter as it is on the screen."""
        to, cc, bcc, subject = (self.query_one(f"#{name}", Input).value for name in FIELDS)
        return replace(self._draft, to=to, cc=cc, bcc=bcc, subject=subject, text=self.query_one(Area).text)

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    # Keeping

    def _autosave(self) -> None:
        if self.draft() != self._saved:
            self._keep(None)

    def _keep(self, then: Callable[[], object] | None) -> None:
        """Keep the draft if it changed, and then go on; one at a time, so that each replaces the one before."""
        self._then = then or self._then
        if self._keeping:
            return
        draft = self.draft()
        if draft != self._saved:
            self._keeping, self._saved = True, draft
            self.bridge.ask(self, writing.keep, draft, self._kept)
        elif self._then is not None:
            then, self._then = self._then, None
            then()

    def on_kept(self, event: Kept) -> None:
        """It is on disk; what was typed meanwhile is kept next time, or now when something waits for it."""
        self._keeping, self._kept = False, event.id
        if self._then is not None:
            self._keep(None)

    def on_failed(self, _: Failed) -> None:
        """The disk refused: the letter stays open, and the next look tries again."""
        self._keeping, self._then, self._saved = False, None, None

    def action_keep(self) -> None:
        """Keep as a draft and close."""
        self._keep(partial(self.dismiss, None))

    def action_drop(self) -> None:
        """Ask, and throw the draft away."""

        def answered(sure: bool | None) -> None:
            if sure:
                if self._kept:
                    self.bridge.ask(self, writing.drop, self._kept)
                self.dismiss()

        self.app.push_screen(Confirm("Throw this letter away?", "Throw away", "Go on writing"), answered)

    # Sending

    def action_send(self) -> None:
        """Keep it, and then submit it; a refused letter is a draft."""
        self._keep(lambda: self.bridge.ask(self, writing.send, self.draft(), self._kept))

    def on_accepted(self, event: Accepted) -> None:
        """It is on its way."""
        self.notify(went(event), markup=False)
        self.dismiss()

    def on_unsent(self, event: Unsent) -> None:
        """It was not accepted; it stays here, and in the drafts."""
        self.notify(event.why, title="Not sent; kept as a draft", severity="error", markup=False, timeout=10)

    # Attachments and editor

    def action_attach(self) -> None:
        """Ask which file."""

        def answered(path: str | None) -> None:
            if path:
                self.bridge.ask(self, writing.attach, path)

        self.app.push_screen(Prompt("Attach which file?", "~/"), answered)

    def action_detach(self) -> None:
        """Take the last one off."""
        self._draft = replace(self._draft, attachments=self._draft.attachments[:-1])
        self._files()

    def on_attached(self, event: Attached) -> None:
        """One more."""
        self._draft = replace(self._draft, attachments=(*self._draft.attachments, event.attachment))
        self._files()

    def _files(self) -> None:
        rate = self.bridge.config.line.rate
        parts = [
            f"{file.name} {size(len(file.content))}, {span(len(file.content) * 1.37 * 10 / rate)} on the line"
            for file in self._draft.attachments
        ]
        field = self.query_one("#files", Static)
        field.display = bool(parts)
        field.update(Content(" Attached: " + ";  ".join(parts)))

    async def action_editor(self) -> None:
        """Write in $EDITOR."""
        await self.bridge.edit(self, self.query_one(Area).text)

    def on_edited(self, event: Edited) -> None:
        """Back from the editor."""
        self.query_one(Area).text = event.text
        self.query_one(Area).focus()


def went(event: Accepted) -> str:
    """What became of an accepted letter, in a sentence."""
    home = f"Delivered to {', '.join(event.members)}. " if event.members else ""
    away = f"To {', '.join(event.waiting)}: {event.leaves}." if event.waiting else ""
    return home + away
