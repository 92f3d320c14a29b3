"""The lines that every screen has: modes above; keys and the state of things below.

Never: a call to the bridge; values are set from outside.
"""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from core.forecast import Forecast
from tui.commands import Here, here
from tui.widgets.call import Call, words
from tui.widgets.words import letters, money, price, size, span


class Modes(Widget):
    """The four modes, which one this is, and who sits here in which house."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"modes--here", "modes--other", "modes--who"}
    NAMES: ClassVar[tuple[str, ...]] = ("Mail", "Queue", "Connection", "Settings")

    active = reactive("")
    who = reactive("")
    waiting = reactive(0)

    def render(self) -> Text:
        """One line."""
        line = Text(no_wrap=True, end="")
        for number, name in enumerate(self.NAMES, 1):
            look = self.get_component_rich_style(f"modes--{'here' if name.lower() == self.active else 'other'}")
            count = f" ({self.waiting})" if name == "Queue" and self.waiting else ""
            line.append(f" {number} {name}{count} ", look + Style(meta={"mode": name.lower()}))
        if (room := self.size.width - line.cell_len - 1) > 4:
            who = Text(self.who, self.get_component_rich_style("modes--who"), no_wrap=True)
            who.truncate(room, overflow="ellipsis")
            line.append(" " * (room - who.cell_len))
            line.append_text(who)
        return line

    async def on_click(self, event: events.Click) -> None:
        """A click changes the mode."""
        if mode := event.style.meta.get("mode"):
            await self.app.run_action(f"app.mode('{mode}')")


class Hints(Widget):
    """The keys that do something here; they can be clicked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"hints--key", "hints--word"}

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Text:
        """As many as fit; those of the whole program are always there, at the end."""
        known = [it for it in here(self.screen) if it.command.word]
        tail = [it for it in known if it.command.where == "app"]
        line, end = Text("", no_wrap=True, end=""), Text(no_wrap=True, end="")
        for it in tail:
            self._add(end, it)
        for it in known:
            if it not in tail and line.cell_len + _width(it) + end.cell_len < self.size.width:
                self._add(line, it)
        line.append(" " * max(0, self.size.width - line.cell_len - end.cell_len))
        line.append_text(end)
        return line

    def _add(self, line: Text, it: Here) -> None:
        meta = Style(meta={"hint": it.command.id})
        line.append(f" {it.key}", self.get_component_rich_style("hints--key") + meta)
        line.append(f" {it.command.word} ", self.get_component_rich_style("hints--word") + meta)

    async def on_click(self, event: events.Click) -> None:
        """A click is as good as the key."""
        wanted = event.style.meta.get("hint")
        for it in here(self.screen):
            if it.command.id == wanted:
                await self.app.run_action(it.action, it.node)


def _width(it: Here) -> int:
    return len(it.key) + len(it.command.word) + 3


class Standing(Widget):
    """The status line: the line's state in words, what waits, seconds and money of the next run."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"standing--down", "standing--up"}

    call = reactive(Call())
    ahead: reactive[Forecast | None] = reactive(None)
    at = reactive(0.0)

    def render(self) -> Text:
        """One line."""
        look = self.get_component_rich_style(f"standing--{'up' if self.call.on else 'down'}")
        mark = "●" if self.call.on else "○"
        return Text(f" {mark} {words(self.call, self.at)} {self._rest()}", look, no_wrap=True, end="")

    def _rest(self) -> str:
        ahead = self.ahead
        if ahead is None:
            return ""
        wait = f"{letters(ahead.messages_up)} wait{'s' if ahead.messages_up == 1 else ''}"
        held = f"{wait} ({size(ahead.bytes_up)})." if ahead.messages_up else "No letters wait."
        if not self.call.on:
            return f" {held}  Next run {price(ahead.seconds, ahead.cost, ahead.currency)}."
        return f" Planned {span(ahead.seconds)}" + (f", {money(ahead.cost, ahead.currency)}." if ahead.cost else ".")
