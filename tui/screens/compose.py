"""Compose: from whom, to whom, the text and its files; kept as a draft while one writes, and when it is refused.

Never: addresses taken apart, a message built, a file read; core does it when the bridge asks.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input, TextArea

from core import picture
from core.mail.compose import Attachment, Draft, addresses
from core.mail.departure import Departure
from core.mail.departure import words as leaves
from core.mail.doubts import doubts
from tui import messages
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Accepted, Attached, Contacts, Edited, Failed, Kept, Spelled, Stood, Unsent
from tui.screens.dialogs import Confirm, Pick
from tui.screens.leave import Leave
from tui.screens.page import Page
from tui.screens.smaller import Smaller
from tui.screens.spelling import Walk
from tui.verbs import writing
from tui.widgets.addressees import Typed
from tui.widgets.area import Area
from tui.widgets.cargo import Cargo
from tui.widgets.files import Files
from tui.widgets.letterhead import Letterhead
from tui.widgets.words import went

EVERY = 5.0  # seconds between two looks whether the draft has changed


class Compose(Page):
    """One letter being written; ``kept`` is its id among the drafts, if it is there."""

    MODE = "mail"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compose")]

    def __init__(self, bridge: Bridge, draft: Draft, kept: str = "") -> None:
        super().__init__(bridge)
        self._draft = draft
        self._saved: Draft | None = draft  # as it is on disk, or was empty; None: the disk refused it
        self._kept = kept
        self._touched = False  # since the last look
        self._keeping = False
        self._sending = False
        self._then: Callable[[], object] | None = None
        self._folder = Path.home()  # where the last file was found
        self._offers: deque[messages.Smaller] = deque()  # pictures of which somebody is to be asked
        self._taken = 1  # the size that was chosen last

    def body(self) -> Iterable[Widget]:
        """The head above the text, and below it what goes along."""
        with Vertical(id="writing"):
            yield Letterhead(self._draft, self.bridge.config)
            yield Area(self._draft.text, id="text")
            yield Cargo(self.bridge.config.line.tariff)

    def on_mount(self) -> None:
        """The first empty field has the keys; an answer begins below what is quoted."""
        super().on_mount()
        self.bridge.writing = self._unkept
        empty = next((name for name in ("to", "subject") if not getattr(self._draft, name)), "")
        if empty:
            self._letterhead.enter(empty)
        else:
            self._area.focus()
        answers = self._draft.origin is not None and self._draft.origin.flag == "A" and not self._kept
        self._area.move_cursor((below(self._draft.text) if answers else 0, 0))
        self._changed()
        self.bridge.ask(self, writing.contacts)
        if not self._kept:  # of those that are passed on
            self._lighten(self._draft.attachments)
        self.set_interval(EVERY, self._look)

    def on_unmount(self) -> None:
        """Nothing is being written any more."""
        self.bridge.writing = None
        super().on_unmount()

    @property
    def _area(self) -> Area:
        return self.query_one(Area)

    @property
    def _letterhead(self) -> Letterhead:
        return self.query_one(Letterhead)

    def draft(self) -> Draft:
        """The letter as it is on the screen."""
        return self._letterhead.filled(replace(self._draft, text=self._area.text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What is offered only where it does something."""
        if action == "detach":
            return bool(self._draft.attachments)
        if action == "smaller":
            return any(map(_drawn, self._draft.attachments)) and picture.possible()
        if action == "sender":
            return self._letterhead.several
        if action == "next":
            return isinstance(self.focused, Input) and not (isinstance(self.focused, Typed) and self.focused.offered)
        return True

    def action_next(self) -> None:
        """To the next field, before the next key is read: on a slow line many keys come at once."""
        self.focus_next()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._touched = True

    def on_contacts(self, event: Contacts) -> None:
        """Who may be written to."""
        self._letterhead.know(event.contacts, event.nicknames)

    def _change(self, draft: Draft) -> None:
        """What is not typed has changed: files, the address, when it leaves."""
        self._draft, self._touched = draft, True
        self._changed()

    def _changed(self) -> None:
        cargo = self.query_one(Cargo)
        cargo.ahead = self.bridge.forecast
        cargo.carry(self._draft.attachments)
        self._letterhead.show(self._draft)
        self._weigh()
        self.refresh_bindings()

    def _weigh(self) -> None:
        text = len(self._area.text.encode("utf-8", "replace"))
        self.query_one(Cargo).weigh(text, leaves(self._draft.departure, self.bridge.now()))

    def on_stood(self, event: Stood) -> None:
        """The line was reckoned anew."""
        super().on_stood(event)
        self._changed()

    # Keeping

    def _unkept(self) -> tuple[Draft, str] | None:
        """What would be lost if the program ended now."""
        draft = self.draft()
        return None if draft == self._saved else (draft, self._kept)

    def _look(self) -> None:
        """Every few seconds: keep what has changed."""
        if self._touched:
            self._touched = False
            self._weigh()
            self._autosave()

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
        """Where the disk refused the draft, the letter stays open, and the next look tries again."""
        if self._keeping or self._sending:
            self._keeping, self._sending, self._then = False, False, None
            self._saved, self._touched = None, True

    def action_keep(self) -> None:
        """Keep as a draft and close."""
        self._keep(self._close)

    def _close(self) -> None:
        self.bridge.ask(self, writing.close)
        self.dismiss()

    def action_drop(self) -> None:
        """Ask, and throw the draft away."""

        def answered(sure: bool | None) -> None:
            if sure:
                if self._kept:
                    self.bridge.ask(self, writing.drop, self._kept)
                self._close()

        self.app.push_screen(Confirm("Throw this letter away?", "Throw away", "Go on writing"), answered)

    # Sending

    def action_send(self) -> None:
        """Ask about what looks like a mistake; then keep it and submit it. A refused letter is a draft."""

        def answered(sure: bool | None) -> None:
            if sure:
                self._send()

        draft = self.draft()
        if not any(text.strip(" ,") for text in (draft.to, draft.cc, draft.bcc)):
            self.notify("Nobody is named in To, Cc or Bcc.", severity="warning", markup=False)
            self._letterhead.enter("to")
            return
        wrong, found = self._letterhead.complain(), doubts(draft, self.bridge.config)
        if found and not wrong:
            self.app.push_screen(Confirm("\n".join(found), "Send it so", "Go on writing"), answered)
        else:
            self._send()

    def _send(self) -> None:
        if not self._sending:
            self._sending = True
            self._keep(lambda: self.bridge.ask(self, writing.send, self.draft(), self._kept))

    def on_accepted(self, event: Accepted) -> None:
        """It is on its way."""
        self.notify(went(event.members, event.waiting, event.leaves), markup=False)
        self._close()

    def on_unsent(self, event: Unsent) -> None:
        """It was not accepted; it stays here, and in the drafts."""
        self._sending = False
        self.notify(event.why, title="Not sent; kept as a draft", severity="error", markup=False, timeout=10)

    # From whom, and when

    @on(Letterhead.Sender)
    def action_sender(self) -> None:
        """Choose another address of one's own."""

        def answered(address: str | None) -> None:
            if address:
                self._change(replace(self._draft, address="" if address == own[0] else address))

        own = list(addresses(self._draft.sender, self.bridge.config))
        self.app.push_screen(Pick("Write from which address?", own, own), answered)

    def action_leave(self) -> None:
        """Choose when it leaves."""

        def answered(departure: Departure | None) -> None:
            if departure is not None:
                self._change(replace(self._draft, departure=departure))

        cheaper = self.bridge.forecast.cheaper_from if self.bridge.forecast else None
        self.app.push_screen(Leave(self.bridge.now(), self._draft.departure, cheaper), answered)

    # Files, editor, spelling

    def action_attach(self) -> None:
        """Choose a file."""
        from tui.screens.picker import Picker  # noqa: PLC0415 - not needed before the first file

        def answered(path: Path | None) -> None:
            if path is not None:
                self._folder = path.parent
                self.bridge.ask(self, writing.attach, str(path))

        self.app.push_screen(Picker(self._folder, "Attach which file?"), answered)

    def on_attached(self, event: Attached) -> None:
        """One more."""
        self._change(replace(self._draft, attachments=(*self._draft.attachments, event.attachment)))
        self._lighten([event.attachment])

    def _lighten(self, files: Iterable[Attachment]) -> None:
        """Pictures that take long on this line may go smaller."""
        for file in files:
            if _drawn(file) and self.query_one(Cargo).takes_long(file) and picture.possible():
                self.bridge.ask(self, writing.smaller, file)

    def action_smaller(self) -> None:
        """Ask about the picture under the cursor, or else about the largest."""
        files, here = self._draft.attachments, self.query_one(Files).current
        if here is None or not _drawn(files[here.number]):
            self._ask_about(max(filter(_drawn, files), key=lambda file: len(file.content)))
        else:
            self._ask_about(files[here.number])

    @on(Files.Smaller)
    def _smaller(self, event: Files.Smaller) -> None:
        self._ask_about(self._draft.attachments[event.number])

    def _ask_about(self, file: Attachment) -> None:
        self.bridge.ask(self, writing.smaller, file, asked=True)

    def on_smaller(self, event: messages.Smaller) -> None:
        """How small a picture could be; one question at a time."""
        if len(event.sizes) > 1:
            self._offers.append(event)
            if len(self._offers) == 1:
                self._offer()
        elif event.asked:
            self.notify(f"{event.file.name} would hardly be smaller; it goes as it is.", markup=False)

    def _offer(self) -> None:
        """Ask about the picture that has waited longest."""

        def answered(number: str | None) -> None:
            event = self._offers.popleft()
            if number:
                self._taken = int(number)
                self._exchange(event.file, event.sizes[self._taken].file)
            if self._offers:
                self._offer()

        sizes = self._offers[0].sizes
        self.app.push_screen(Smaller(sizes, self.query_one(Cargo).carriage, self._taken), answered)

    def _exchange(self, old: Attachment, new: Attachment) -> None:
        """Another file in the place of one, if it is still there."""
        files = tuple(new if file is old else file for file in self._draft.attachments)
        if files != self._draft.attachments:
            self._change(replace(self._draft, attachments=files))

    def action_detach(self) -> None:
        """Take off the one under the cursor."""
        self.query_one(Files).action_remove()

    @on(Files.Removed)
    def _removed(self, event: Files.Removed) -> None:
        files = self._draft.attachments
        self._change(replace(self._draft, attachments=files[: event.number] + files[event.number + 1 :]))
        if not self._draft.attachments:
            self._area.focus()

    async def action_editor(self) -> None:
        """Write in $EDITOR."""
        await self.bridge.edit(self, self._area.text)

    def on_edited(self, event: Edited) -> None:
        """Back from the editor."""
        self._area.text, self._touched = event.text, True
        self._area.focus()

    def action_spell(self) -> None:
        """Look for unknown words."""
        self.bridge.ask(self, writing.spell, self._area.text)

    def on_spelled(self, event: Spelled) -> None:
        """Go through them."""
        Walk(self._area, event.unknown).on()


def _drawn(file: Attachment) -> bool:
    return file.kind.startswith("image/")


def below(text: str) -> int:
    """The line on which an answer begins: below what is quoted, above the signature."""
    lines = text.split("\n")
    return max(0, lines.index("-- ") - 2) if "-- " in lines else len(lines) - 1
