"""The first-run guide: who lives here, the provider, the line; then household.toml is written, and the mail opens.

Never: anything kept of a guide that was left; a password on the screen.
"""

from operator import itemgetter
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.config import FILE, Secret
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Adopted, Failed, Founded, Seated, Tested, Weighed
from tui.screens.dialogs import Confirm, Prompt
from tui.values import Path as Keys
from tui.verbs import guide
from tui.widgets.bars import MORE, Hints
from tui.widgets.choice import Choice
from tui.widgets.section import Section
from tui.widgets.sheets import Changes
from tui.widgets.steps import page_of, person, steps
from tui.widgets.words import price

PEOPLE, PROVIDER, LINE = range(3)
TRIED = {PROVIDER: (("maildrop", "0"), ("smarthost",)), LINE: (("line",),)}
OLD = "Files of the old set-up (.fetchmailrc, aliases, genericstable, sendmail.mc, wvdial.conf), commas between:"
NOTHING = "Fill in the box or the smart host first."
LEAVE = "Leave without setting up a house? Nothing of this is kept."


class Guide(ModalScreen[str]):
    """Answers with the member who set the house up; modal, so that no key leads past it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("guide")]

    def __init__(self, bridge: Bridge, folder: Path) -> None:
        super().__init__()
        self._bridge, self._folder = bridge, folder.absolute()
        self._steps = steps(None)
        self._old = Secret()  # the file of an old set-up, if one was taken over
        self._at = PEOPLE
        self._going = False
        self._trying = PEOPLE  # the step whose trial is on; the first has none

    def compose(self) -> ComposeResult:
        """Which step it is, where it leads, the fields, what is found, the keys."""
        with Vertical(id="guide"):
            yield Static(id="step", classes="title")
            yield Static(Content(f"It is written to {self._folder / FILE} at the end."), classes="quiet")
            with Vertical(id="steps"):
                yield from self._pages()
            with VerticalScroll(id="findings", can_focus=False):
                yield Static(id="found")
        yield Hints()

    def _pages(self) -> list[VerticalScroll]:
        old = bool(self._old)
        return [
            VerticalScroll(
                Static(Content(step.lead), classes="lead"),
                *(Section(sheet, old=old) for sheet in step.sheets),
                classes="page",
                can_focus=False,
            )
            for step in self._steps
        ]

    def on_mount(self) -> None:
        """Look who sits here, and which ports there are."""
        self._bridge.ask(self, guide.begin)
        self._show(PEOPLE)

    def on_seated(self, event: Seated) -> None:
        """Suggest them, where nothing is typed yet."""
        first = self._sections(PEOPLE)[1]
        first.fill("login", event.login)
        first.fill("name", event.name)
        line = self._sections(LINE)[0]
        names = [f"{device} ({what})" if what else device for device, what in event.ports]
        here = f"found here: {', '.join(names)}" if names else "no port was found; is the modem plugged in?"
        line.explain("device", f"the modem's port; {here}")
        if event.ports:
            line.fill("device", event.ports[0][0])

    def _sections(self, at: int) -> list[Section]:
        return list(self.query(".page")[at].query(Section))

    def _told(self) -> Changes:
        """What all three steps say."""
        return {key: value for section in self.query(Section) for key, value in section.changes().items()}

    def _show(self, at: int) -> None:
        """This step, and the keys in its first field."""
        self._at = at
        for number, page in enumerate(self.query(".page")):
            page.display = number == at
        self.query_one("#step", Static).update(Content(f"A new house, {at + 1} of 3: {self._steps[at].title}"))
        self._find(())
        self._kind()
        next(iter(self._sections(at)[0].entries.values())).enter()
        self.refresh_bindings()

    @on(Choice.Changed)
    def _kind(self) -> None:
        line = self._sections(LINE)[0]
        line.of_kind(line.texts["kind"])

    def _find(self, findings: tuple[tuple[bool, str], ...]) -> None:
        """What was found; what is wrong stands first."""
        lines = [
            Content(sentence) if good else Content.styled(f"! {sentence}", "$error")
            for good, sentence in sorted(findings, key=itemgetter(0))
        ]
        self.query_one("#found", Static).update(Content("\n").join(lines))
        self.query_one("#findings").display = bool(findings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Each step offers what belongs to it."""
        if action in ("person", "old"):
            return self._at == PEOPLE
        return action != "test" or self._at in TRIED

    # From step to step

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if event.input is self.query(".page")[self._at].query(Input).last():
            self.action_next()
        else:
            self.focus_next()

    def action_back(self) -> None:
        """The step before; from the first one, away."""
        if self._at == PEOPLE:
            self.action_leave()
        else:
            self._show(self._at - 1)

    def action_leave(self) -> None:
        """Ask, and end the program; nothing was written."""
        self.app.push_screen(Confirm(LEAVE, "Leave", "Go on"), lambda sure: self.app.exit(0) if sure else None)

    def action_next(self) -> None:
        """Look whether all is right so far, and go on; after the last step, write it."""
        if not self._wrong() and not self._going:
            self._going = True
            self._bridge.ask(self, guide.weigh, self._old, self._told())

    def _wrong(self) -> bool:
        """Whether a field of this step is wrong; it says so, and has the keys."""
        wrong = [entry for section in self._sections(self._at) for entry in section.faults()]
        seen: set[str] = set()
        for section in self._sections(PEOPLE)[1:]:
            login = section.texts.get("login", section.sheet.path[-1])
            if login in seen:
                section.entries["login"].complain(f"There is {login} already.")
                wrong.append(section.entries["login"])
            seen.add(login)
        if wrong:
            wrong[0].enter()
        return bool(wrong)

    def on_weighed(self, event: Weighed) -> None:
        """Faults of this step or an earlier one at their fields; without any, on."""
        faults = [(path, sentence) for path, sentence in event.faults if page_of(path) <= self._at]
        self._going = not faults and self._at == LINE
        if self._going:
            self._bridge.ask(self, guide.write, self._folder, self._old, self._told())
        elif not faults:
            self._show(self._at + 1)
        else:
            self._blame(faults)

    def _blame(self, faults: list[tuple[Keys, str]]) -> None:
        self._show(min(page_of(path) for path, _ in faults))
        rest = [sentence for path, sentence in faults if not self._complain(path, sentence)]
        self._find(tuple((False, sentence) for sentence in rest))

    def _complain(self, path: Keys, sentence: str) -> bool:
        """Say it at the field of this step that is to blame, if one is."""
        for section in self._sections(self._at):
            if section.sheet.path == path[:-1] and path[-1] in section.entries:
                section.entries[path[-1]].complain(sentence)
                section.entries[path[-1]].enter()
                return True
        return False

    def on_failed(self, event: Failed) -> None:
        """It could not be done."""
        self._going = False
        self._find(((False, event.sentence),))

    def on_founded(self, event: Founded) -> None:
        """The house is there."""
        ahead = event.ahead
        run = price(ahead.seconds, ahead.cost, ahead.currency, known=ahead.known)
        sentence = f"The house is set up in {self._folder}. F9 makes the first run: {run}{MORE}."
        self.app.notify(sentence, markup=False, timeout=15)
        self.dismiss(self._bridge.member)

    # What a step offers

    async def action_person(self) -> None:
        """One more who lives here."""
        section = Section(person(old=bool(self._old)))
        await self.query(".page").first().mount(section)
        self.call_after_refresh(section.entries["login"].enter)

    def action_old(self) -> None:
        """Ask for the files of another set-up."""

        def answered(names: str | None) -> None:
            if names:
                self._bridge.ask(self, guide.old, names)

        self.app.push_screen(Prompt(OLD, "~/.fetchmailrc, /etc/aliases"), answered)

    async def on_adopted(self, event: Adopted) -> None:
        """All steps are filled with what the old set-up told."""
        self._old, self._steps = event.text, steps(event.config)
        await self.query(".page").remove()
        await self.query_one("#steps").mount(*self._pages())
        self._show(PEOPLE)
        understood = ((True, "All of it was understood. Look through the three steps."),)
        self._find(tuple((False, remark) for remark in event.remarks) or understood)

    def action_test(self) -> None:
        """Try what is typed for real."""
        known = {section.sheet.path for section in self._sections(self._at) if not section.empty}
        tables = tuple(path for path in TRIED[self._at] if path in known)
        if not tables:
            self._find(((False, NOTHING),))
        elif not self._wrong():
            self._trying = self._at
            self._find(((True, "Trying it for real. Nothing is dialled for that."),))
            self._bridge.test(self, guide.test, self._old, self._told(), tables)

    def on_tested(self, event: Tested) -> None:
        """What was found, while the step is shown that asked."""
        if self._trying == self._at:
            self._find(event.findings)
