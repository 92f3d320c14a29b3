"""Settings: members, aliases, maildrops, smart host, line and tariff; aliases are changed here.

Never: a password on the screen; writing the file.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from core.config import Config, Secret
from tui import bridge, messages
from tui.bridge import Bridge
from tui.commands import bindings
from tui.messages import Alias
from tui.screens.dialogs import AliasForm, Confirm, Prompt
from tui.screens.page import Page
from tui.widgets.reader import Line, Reader
from tui.widgets.tables import Aliases
from tui.widgets.words import money, size


class Settings(Page):
    """The aliases, and everything else to be read."""

    MODE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("settings")]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._seen = Secret()

    def body(self) -> Iterable[Widget]:
        """Two columns where there is room."""
        with Vertical(id="names"):
            yield Static("Aliases", classes="title", markup=False)
            yield Aliases(id="aliases", empty="No aliases yet. a adds one, such as family for all of you.")
        with Vertical(id="rest"):
            yield Reader(id="facts")

    def on_screen_resume(self) -> None:
        """Read the file again."""
        super().on_screen_resume()
        self.query_one(Aliases).focus()
        self.bridge.ask(self, bridge.configured)

    def on_settings(self, event: messages.Settings) -> None:
        """The settings as they are now."""
        self._seen = event.seen
        self.query_one(Aliases).load([Alias(name, to) for name, to in event.config.aliases.items()])
        self.query_one(Reader).load(facts(event.config))

    @on(Aliases.Chosen)
    def action_edit(self) -> None:
        """Change the alias under the cursor."""
        if (alias := self.query_one(Aliases).current) is not None:
            self._form(alias)

    def action_add(self) -> None:
        """A new alias."""
        self._form(Alias("", ()))

    def _form(self, alias: Alias) -> None:
        def answered(answer: tuple[str, tuple[str, ...]] | None) -> None:
            if answer is not None:
                self.bridge.ask(self, bridge.set_alias, self._seen, answer[0], answer[1], alias.name)

        self.app.push_screen(AliasForm(alias.name, alias.to), answered)

    def action_delete(self) -> None:
        """Ask, and delete the alias under the cursor."""

        def answered(sure: bool | None) -> None:
            if sure and alias is not None:
                self.bridge.ask(self, bridge.set_alias, self._seen, alias.name, None)

        if (alias := self.query_one(Aliases).current) is not None:
            self.app.push_screen(Confirm(f"Delete the alias {alias.name}?", "Delete", "Keep it"), answered)

    def action_passphrase(self) -> None:
        """A passphrase for the member who sits here."""

        def once(words: str | None) -> None:
            if words:
                again = Prompt("Once more, to be sure:", hidden=True)
                self.app.push_screen(again, lambda more: twice(words, more))

        def twice(words: str, more: str | None) -> None:
            if words == more:
                self.bridge.ask(self, bridge.set_passphrase, self._seen, words)
            else:
                self.notify("These were not the same; nothing was changed.", markup=False)

        self.app.push_screen(Prompt("The passphrase that shall open your mail:", hidden=True), once)


def facts(config: Config) -> Iterator[Line]:
    """What the file says, in words; household.toml has the rest."""
    yield Line("Members", "accent")
    for name, member in config.members.items():
        yield Line(f"  {name:<10} {member.name:<20} {member.address}")
        if member.also:
            yield Line(f"  {'':<10} {'':<20} {', '.join(member.also)}", "dim")
    yield Line("")
    for box in config.maildrop:
        yield Line(f"Maildrop {box.name}", "accent")
        yield Line(f"  {box.user} at {box.host}:{box.port} ({box.security})")
        kept = f"kept {box.keep_days} days" if box.keep_days else "deleted once safely delivered"
        yield Line(f"  letters are {kept}; above {size(box.large)} only the head is fetched", "dim")
        yield Line("")
    yield from _smarthost(config)
    yield from _line(config)


def _smarthost(config: Config) -> Iterator[Line]:
    host = config.smarthost
    yield Line("Smart host", "accent")
    yield Line(f"  {host.user or 'no login'} at {host.host}:{host.port} ({host.security})" if host else "  none")
    yield Line("")


def _line(config: Config) -> Iterator[Line]:
    line, tariff = config.line, config.line.tariff
    yield Line("Line", "accent")
    if line.kind == "modem":
        yield Line(f"  modem on {line.device}, {', '.join(line.numbers)}, {line.redials} redials")
    elif line.kind == "command":
        yield Line(f"  up by {' '.join(line.up)}")
    else:
        yield Line("  always there")
    call, minute = money(tariff.per_call, tariff.currency), money(tariff.per_minute, tariff.currency)
    yield Line(f"  {call} a call, {minute} a minute, in units of {tariff.unit_seconds} s", "dim")
    yield Line("")
    yield Line("All of this is in household.toml and can be changed there; aliases also here.", "dim")
