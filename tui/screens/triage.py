"""Whose is this letter? Two small dialogs: give it to somebody once, or make the rule that will always do so.

Never: a letter given, or a rule written, that was not shown first.
"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from core.mail.rules import Rule
from tui.bridge import Bridge
from tui.messages import Caught, Changed, Proposed, Ruled
from tui.verbs import place, triage
from tui.widgets.words import letters


class Asking(ModalScreen[bool]):
    """A question with a list of answers; True when letters were given out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave"),
        Binding("j", "down"),
        Binding("k", "up"),
    ]

    def __init__(self, bridge: Bridge, why: str) -> None:
        super().__init__()
        self.bridge = bridge
        self._why = why
        self._answers: list[str] = []

    def compose(self) -> ComposeResult:
        """The question, what is known, and the answers."""
        with Vertical(classes="dialog"):
            yield Static(id="question", classes="title")
            with VerticalScroll(classes="details"):
                yield Static(Content(self._why), id="known")
            yield OptionList(compact=True)
            yield Static("Enter: choose     Esc: leave it", classes="quiet", markup=False)

    def offer(self, question: str, answers: list[str], known: str = "") -> None:
        """Ask something."""
        self.query_one("#question", Static).update(Content(question))
        if known:
            self.query_one("#known", Static).update(Content(known))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Content(answer) for answer in answers)
        options.highlighted = 0
        options.focus()

    def others(self, but: str = "") -> list[str]:
        """The members, without one."""
        return [name for name in self.bridge.config.members if name != but]

    def called(self, names: list[str]) -> list[str]:
        """How they are called."""
        return [self.bridge.config.members[name].name or name for name in names]

    def action_leave(self) -> None:
        """Nothing is given."""
        self.dismiss(False)

    def action_down(self) -> None:
        """The next answer."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The answer before."""
        self.query_one(OptionList).action_cursor_up()


class Give(Asking):
    """These letters (ids by folder) are for somebody else."""

    def __init__(self, bridge: Bridge, where: place.Where, why: str) -> None:
        super().__init__(bridge, why)
        self._where = where
        self._names = self.others(bridge.member)

    def on_mount(self) -> None:
        """Ask whose it is."""
        count = sum(len(ids) for ids in self._where.values())
        self.offer(
            f"Whose {'is this letter' if count == 1 else f'are these {count} letters'}?", self.called(self._names)
        )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.bridge.ask(self, place.give, self._where, self._names[event.option_index])

    def on_changed(self, event: Changed) -> None:
        """It is theirs."""
        self.notify(event.sentence, markup=False, timeout=3)
        self.dismiss(True)


class Always(Asking):
    """Letters like this one are for a member: first who, then by which rule, then which of those that wait."""

    def __init__(self, bridge: Bridge, key: str, why: str) -> None:
        super().__init__(bridge, why)
        self._key = key
        self._names = self.others()
        self._member = ""
        self._rules: tuple[tuple[Rule, str], ...] = ()
        self._rule: Rule | None = None
        self._caught: list[str] = []

    def on_mount(self) -> None:
        """Ask whose they are."""
        self.offer("Letters like this are always for whom?", self.called(self._names))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        at = event.option_index
        if not self._member:
            self._member = self._names[at]
            self.bridge.ask(self, triage.propose, self._key, self._member)
        elif self._rule is None:
            self._rule = self._rules[at][0]
            self.bridge.ask(self, triage.preview, self._rule, self._member)
        else:
            keys = self._caught if at == 0 else [self._key]
            self.bridge.ask(self, triage.always, self._rule, self._member, keys)

    def on_proposed(self, event: Proposed) -> None:
        """The rules, the closest first."""
        self._rules = event.rules
        if event.rules:
            self.offer("By which rule?", [sentence for _, sentence in event.rules])
        else:
            self.notify("Nothing in this letter could be a rule; t gives it to somebody once.", markup=False)
            self.dismiss(False)

    def on_caught(self, event: Caught) -> None:
        """What the rule means for those that wait."""
        others = [row for row in event.rows if row.id != self._key]
        self._caught = [self._key, *(row.id for row in others)]
        sentence = next(sentence for rule, sentence in self._rules if rule == self._rule)
        rows = [f"{row.sender}: {row.subject or '(no subject)'}" for row in others]
        known = "\n".join((f"{letters(len(others))} that nobody claimed would be caught as well:", *rows))
        every = f"Write the rule; this letter and {len(others)} more go there now"
        only = "Write the rule; only this letter goes there now"
        if others:
            self.offer(sentence, [every, only], known)
        else:
            self.offer(sentence, [only], "No other letter that waits would be caught.")

    def on_ruled(self, _: Ruled) -> None:
        """The rule holds from now on."""
        self.notify("The rule is in household.toml; Settings shows it.", markup=False, timeout=5)
        self.dismiss(True)
