"""Settings: every table of household.toml in one list, and what it says; each is changed in the same form.

Never: a password on the screen; writing the file.
"""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from core.config import Config, Secret
from tui import messages
from tui.bridge import Bridge
from tui.commands import COMMANDS, bindings
from tui.messages import Done, Tried, Weighed
from tui.screens.dialogs import Confirm, Pick, Prompt
from tui.screens.form import Form, review
from tui.screens.page import Page
from tui.values import Path
from tui.verbs import settings
from tui.widgets.facts import facts, trial
from tui.widgets.reader import Reader
from tui.widgets.sheets import MANY, Changes, Sheet, key_sheet, many, new, ruling, sheets
from tui.widgets.tables import Tables

KINDS = (
    "A member",
    "An alias",
    "Readers of a mailing list",
    "Whose the letters of a sender are",
    "A maildrop",
    "A price for some hours",
    "A key",
    "A rule for your own letters",
)


class Settings(Page):
    """The tables, and the one under the cursor in full."""

    MODE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("settings")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._seen = Secret()
        self._config: Config = bridge.config
        self._leaving: Changes = {}
        self._follow: Path | None = None

    def body(self) -> Iterable[Widget]:
        """Two columns where there is room."""
        with Vertical(id="names"):
            yield Tables(id="tables")
        with Vertical(id="rest"):
            yield Reader(id="facts")

    def on_screen_resume(self) -> None:
        """Read the file again."""
        super().on_screen_resume()
        self.query_one(Tables).focus()
        self.bridge.ask(self, settings.configured)

    def on_settings(self, event: messages.Settings) -> None:
        """The settings as they are now."""
        self._seen, self._config = event.seen, event.config
        tables = self.query_one(Tables)
        rows = list(sheets(event.config))
        tables.load(rows)
        if self._follow is not None:
            tables.cursor = next((n for n, row in enumerate(rows) if row.path == self._follow), tables.cursor)
            self._follow = None
        self._tell()
        self.app.set_keymap(event.config.keys)

    @on(Tables.Moved)
    def _tell(self) -> None:
        if (sheet := self.query_one(Tables).current) is not None:
            self.query_one(Reader).load(facts(sheet))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What a house needs is not deleted; rules and prices have an order; rules are tried on letters."""
        sheet = self.query_one(Tables).current if self.is_mounted else None
        match action:
            case "delete":
                return sheet is not None and sheet.removable
            case "shift":
                return (
                    sheet is not None
                    and sheet.ordered
                    and 0 <= self._place(sheet) + int(str(parameters[0])) < self._rules(sheet)
                )
            case "try":
                return sheet is not None and ruling(sheet.group) and sheet.path[1] == self.bridge.member
            case _:
                return True

    def _place(self, sheet: Sheet) -> int:
        return int(sheet.path[-1])

    def _rules(self, sheet: Sheet) -> int:
        return sum(each.group == sheet.group and not each.heading for each in self.query_one(Tables).rows)

    @on(Tables.Chosen)
    def action_edit(self) -> None:
        """Change the table under the cursor; of a heading, add one below it."""
        sheet = self.query_one(Tables).current
        if sheet is not None and sheet.heading:
            self._add(sheet.path)
        elif sheet is not None:
            self._form(sheet)

    def action_add(self) -> None:
        """One more of the kind under the cursor; where there is but one of it, ask of which kind."""
        sheet = self.query_one(Tables).current
        if sheet is not None and many(sheet.group):
            self._add(sheet.group)
            return
        kinds = (*MANY, ("members", self.bridge.member, "rules"))
        question = Pick("What shall be added?", [str(n) for n in range(len(kinds))], list(KINDS))
        self.app.push_screen(question, lambda which: self._add(kinds[int(which)]) if which else None)

    def _add(self, group: Path) -> None:
        if group != ("keys",):
            self._form(new(group, self._config))
            return
        commands = [command for command in COMMANDS if command.id not in self._config.keys]
        titles = [f"{command.key:>8}   {command.help}" for command in commands]
        question = Pick("Another key for which command?", [command.id for command in commands], titles)
        self.app.push_screen(question, lambda id_: self._form(key_sheet(id_, "")) if id_ else None)

    def _form(self, sheet: Sheet) -> None:
        others = [each for each in self.query_one(Tables).rows if each.group == sheet.group and not each.heading]
        taken = {each.path[-1] for each in others} - {sheet.path[-1]}
        self.app.push_screen(Form(self.bridge, sheet, self._seen, taken))

    def action_shift(self, way: int) -> None:
        """Put the rule or the price under the cursor one place up or down."""
        if (sheet := self.query_one(Tables).current) is not None and sheet.ordered:
            place = self._place(sheet) + way
            self._follow = (*sheet.path[:-1], str(place))
            self.bridge.ask(self, settings.move, self._seen, sheet.path, place)

    def action_try(self) -> None:
        """What the rule under the cursor, or all of them, would do with the letters that came last."""
        if (sheet := self.query_one(Tables).current) is not None:
            self.bridge.ask(self, settings.tried, sheet.path[1], self._place(sheet) if sheet.rule else None)

    def on_tried(self, event: Tried) -> None:
        """Show it beside the list."""
        self.query_one(Reader).load(trial(event))

    def action_delete(self) -> None:
        """Weigh first what would be without the table under the cursor."""
        if (sheet := self.query_one(Tables).current) is not None:
            self._leaving = {sheet.path: None}
            self.bridge.ask(self, settings.weigh, self._seen, self._leaving)

    def on_weighed(self, event: Weighed) -> None:
        """Ask, and delete it; where the house would not work without it, say so."""

        def answered(sure: bool | None) -> None:
            if sure:
                self.bridge.ask(self, settings.save, self._seen, self._leaving)

        sheet = self.query_one(Tables).current
        if event.faults:
            sentences = "; ".join(sentence for _, sentence in event.faults)
            self.notify(f"Not deleted: {sentences}.", severity="error", markup=False, timeout=10)
        elif sheet is not None:
            question = review(event.moving, "Delete", "Keep it") if event.moving else _question(sheet)
            self.app.push_screen(question, answered)

    def action_passphrase(self) -> None:
        """A passphrase for the member who sits here."""

        def once(words: str | None) -> None:
            if words:
                again = Prompt("Once more, to be sure:", hidden=True)
                self.app.push_screen(again, lambda more: twice(words, more))

        def twice(words: str, more: str | None) -> None:
            if words == more:
                self.bridge.ask(self, settings.set_passphrase, self._seen, words)
            else:
                self.notify("These were not the same; nothing was changed.", markup=False)

        self.app.push_screen(Prompt("The passphrase that shall open your mail:", hidden=True), once)

    def action_why(self) -> None:
        """Ask for a file with a message, and tell who would get it."""

        def answered(path: str | None) -> None:
            if path:
                self.bridge.ask(self, settings.why, path)

        self.app.push_screen(Prompt("Who would get the message in which file?", "~/"), answered)

    def on_done(self, event: Done) -> None:
        """Who would get it."""
        self.notify(event.sentence, markup=False, timeout=15)


def _question(sheet: Sheet) -> Confirm:
    stays = " The letters in that mail folder stay on the disk." if sheet.group == ("members",) else ""
    return Confirm(f"Delete {sheet.title}?{stays}", "Delete", "Keep it")
