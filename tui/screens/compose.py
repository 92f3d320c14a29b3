"""Compose: from whom, to whom, the text and its files; kept as a draft while one writes, and when it is refused.

Never: addresses taken apart, a message built, a file read; core does it when the bridge asks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from core.forecast import carriage
from core.mail.compose import Draft, addresses, author
from core.mail.departure import Departure
from core.mail.departure import words as leaves
from core.mail.doubts import doubts, faults
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Accepted, Attached, Contacts, Edited, Failed, Kept, Spelled, Stood, Unsent
from tui.screens.dialogs import Confirm, Pick
from tui.screens.leave import Leave
from tui.screens.page import Page
from tui.screens.spelling import Walk
from tui.verbs import writing
from tui.widgets.addressees import Addressees
from tui.widgets.area import Area
from tui.widgets.files import File, Files
from tui.widgets.words import money, price, size

EVERY = 5.0  # seconds between two looks whether the draft has changed
PACKED = 1.37  # a file in base64, by its size
HEAD = 600  # bytes of a letter's head, about
TO = {"to": "To", "cc": "Cc", "bcc": "Bcc"}


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
        self._nicknames: Sequence[str] = ()
        self._folder = Path.home()  # where the last file was found

    def body(self) -> Iterable[Widget]:
        """The fields above the text, the files and the weight of it all below."""
        draft = self._draft
        with Vertical(id="writing"):
            with Horizontal(classes="field"):
                yield Static("From", classes="label", markup=False)
                yield Static("", id="from", markup=False)
            for name, label in TO.items():
                yield Addressees(label, getattr(draft, name), name, self._faults)
            with Horizontal(classes="field"):
                yield Static("Subject", classes="label", markup=False)
                yield Input(draft.subject, id="subject", compact=True, select_on_focus=False)
            yield Area(draft.text, id="text")
            yield Files(id="files")
            yield Static("", id="weight", markup=False)

    def on_mount(self) -> None:
        """The first empty field has the keys; an answer begins below what is quoted."""
        super().on_mount()
        self.bridge.writing = self._unkept
        empty = next((name for name in ("to", "subject") if not getattr(self._draft, name)), "text")
        self.query_one(f"#{empty}").focus()
        answers = self._draft.origin is not None and self._draft.origin.flag == "A" and not self._kept
        self._area.move_cursor((below(self._draft.text) if answers else 0, 0))
        self._changed()
        self.bridge.ask(self, writing.contacts)
        self.set_interval(EVERY, self._look)

    def on_unmount(self) -> None:
        """Nothing is being written any more."""
        self.bridge.writing = None
        super().on_unmount()

    @property
    def _area(self) -> Area:
        return self.query_one(Area)

    def draft(self) -> Draft:
        """The letter as it is on the screen."""
        to, cc, bcc = (field.text for field in self.query(Addressees))
        subject = self.query_one("#subject", Input).value
        return replace(self._draft, to=to, cc=cc, bcc=bcc, subject=subject, text=self._area.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """A file can be taken off where there is one, an address be chosen where there are several."""
        if action == "detach":
            return bool(self._draft.attachments)
        if action == "sender":
            return len(self._addresses()) > 1
        return True

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._touched = True

    def on_contacts(self, event: Contacts) -> None:
        """Who may be written to."""
        self._nicknames = event.nicknames
        for field in self.query(Addressees):
            field.know(event.contacts)

    def _faults(self, text: str) -> Sequence[str]:
        return faults(text, self.bridge.config, self._nicknames)

    # What is shown

    def _change(self, draft: Draft) -> None:
        """What is not typed has changed: files, the address, when it leaves."""
        self._draft, self._touched = draft, True
        self._changed()

    def _changed(self) -> None:
        other = "   ^F: another address" if len(self._addresses()) > 1 else ""
        self.query_one("#from", Static).update(Content(author(self._draft, self.bridge.config) + other))
        rate = [
            File(number, file.name, len(file.content), *self._carriage(len(file.content)), file.kind)
            for number, file in enumerate(self._draft.attachments)
        ]
        self.query_one(Files).show(rate)
        self._weigh()
        self.refresh_bindings()

    def _carriage(self, count: int) -> tuple[float, str]:
        """Seconds and money on the line for a file."""
        ahead, tariff = self.bridge.forecast, self.bridge.config.line.tariff
        if ahead is None:
            return 0.0, ""
        seconds, cost = carriage(ahead, tariff, round(count * PACKED))
        return seconds, money(cost, tariff.currency) if tariff.per_minute else ""

    def _weigh(self) -> None:
        """Tell what the whole letter weighs, and when it leaves."""
        ahead, tariff = self.bridge.forecast, self.bridge.config.line.tariff
        files = sum(len(file.content) for file in self._draft.attachments)
        whole = HEAD + len(self._area.text.encode("utf-8", "replace")) + round(files * PACKED)
        said = size(whole)
        if ahead is not None:
            seconds, cost = carriage(ahead, tariff, whole)
            said += f", {price(max(1, seconds), cost, tariff.currency)}"
        said += f"; leaves {leaves(self._draft.departure, self.bridge.now())}".replace(
            "leaves held", "held in the queue"
        )
        roomy = len(said) + len("This letter: ") + 2 < self.size.width
        self.query_one("#weight", Static).update(Content(f"This letter: {said}" if roomy else said))

    def on_resize(self) -> None:
        """Another width: other words."""
        self._weigh()

    def on_stood(self, event: Stood) -> None:
        """The line is reckoned anew."""
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
        """The disk refused: the letter stays open, and the next look tries again."""
        self._keeping, self._sending, self._then, self._saved, self._touched = False, False, None, None, True

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
            self.query_one("#to").focus()
            return
        wrong = [field.complain() for field in self.query(Addressees)]
        found = doubts(draft, self.bridge.config)
        if found and not any(wrong):
            self.app.push_screen(Confirm("\n".join(found), "Send it so", "Go on writing"), answered)
        else:
            self._send()

    def _send(self) -> None:
        if not self._sending:
            self._sending = True
            self._keep(lambda: self.bridge.ask(self, writing.send, self.draft(), self._kept))

    def on_accepted(self, event: Accepted) -> None:
        """It is on its way."""
        self.notify(went(event), markup=False)
        self._close()

    def on_unsent(self, event: Unsent) -> None:
        """It was not accepted; it stays here, and in the drafts."""
        self._sending = False
        self.notify(event.why, title="Not sent; kept as a draft", severity="error", markup=False, timeout=10)

    # From whom, and when

    def _addresses(self) -> tuple[str, ...]:
        return addresses(self._draft.sender or self.bridge.member, self.bridge.config)

    def action_sender(self) -> None:
        """Choose another address of one's own."""

        def answered(address: str | None) -> None:
            if address:
                self._change(replace(self._draft, address="" if address == own[0] else address))

        own = list(self._addresses())
        self.app.push_screen(Pick("Write from which address?", own, own), answered)

    @on(events.Click, "#from")
    def _from(self) -> None:
        if self.check_action("sender", ()):
            self.action_sender()

    def action_leave(self) -> None:
        """Choose when it leaves."""

        def answered(departure: Departure | None) -> None:
            if departure is not None:
                self._change(replace(self._draft, departure=departure))

        self.app.push_screen(Leave(self.bridge.now(), self._draft.departure), answered)

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

    def action_detach(self) -> None:
        """Take off the one under the cursor."""
        self.query_one(Files).action_remove()

    @on(Files.Removed)
    def _removed(self, event: Files.Removed) -> None:
        files = self._draft.attachments
        self._change(replace(self._draft, attachments=files[: event.number] + files[event.number + 1 :]))
        if not self._draft.attachments and self.focused is None:
            self._area.focus()

    async def action_editor(self) -> None:
        """Write in $EDITOR."""
        await self.bridge.edit(self, self._area.text)

    def on_edited(self, event: Edited) -> None:
        """Back from the editor."""
        self._area.text = event.text
        self._area.focus()

    def action_spell(self) -> None:
        """Look for unknown words."""
        self.bridge.ask(self, writing.spell, self._area.text)

    def on_spelled(self, event: Spelled) -> None:
        """Go through them."""
        Walk(self._area, event.unknown).on()


def below(text: str) -> int:
    """The line on which an answer begins: below what is quoted, above the signature."""
    lines = text.split("\n")
    return max(0, lines.index("-- ") - 2) if "-- " in lines else len(lines) - 1


def went(event: Accepted) -> str:
    """What became of an accepted letter, in a sentence."""
    home = f"Delivered to {', '.join(event.members)}. " if event.members else ""
    away = f"To {', '.join(event.waiting)}: {event.leaves}." if event.waiting else ""
    return home + away
