"""The lines that every screen has: modes above; keys and the state of things below.

Never: a call to the bridge; values are set from outside.
"""

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from core.forecast import Forecast
from tui.commands import Here, here
from tui.widgets.call import Call, toll, words
from tui.widgets.words import money, price, size, span, waiting

# What a newcomer needs first where a pane has the keys; on a small terminal the rest is in help.
NEEDED = {
    "letter": ("mail.back", "letter.more", "letter.files", "mail.reply", "mail.move", "mail.delete", "letter.newer"),
    "compose": ("compose.send", "compose.attach", "compose.keep", "compose.leave"),
    "list": ("list.open", "mail.back", "mail.compose", "mail.search", "mail.folders", "mail.move", "mail.delete"),
}
MORE = ", plus what comes"  # before any run has told how much comes


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
        if (room := self.size.width - line.cell_len - 2) > 4:
            who = Text(self.who, self.get_component_rich_style("modes--who"), no_wrap=True)
            who.truncate(room, overflow="ellipsis")
            line.append(" " * (room - who.cell_len + 1))
            line.append_text(who)
        return line

    async def on_click(self, event: events.Click) -> None:
        """A click changes the mode."""
        if mode := event.style.meta.get("mode"):
            await self.app.run_action(f"app.mode('{mode}')")


class Hints(Widget):
    """The keys that do something here; they can be clicked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"hints--key", "hints--word"}

    calling = reactive(default=False)

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Text:
        """As many as fit; those of the whole program are always there, at the end."""
        known = needed([it for it in here(self.screen) if it.command.word])
        tail = [it for it in known if it.command.where == "app"]
        line, end = Text("", no_wrap=True, end=""), Text(no_wrap=True, end="")
        for it in tail:
            self._add(end, it)
        for it in known:
            if (
                it not in tail
                and line.cell_len + len(it.key) + len(self._word(it)) + 3 + end.cell_len < self.size.width
            ):
                self._add(line, it)
        line.append(" " * max(0, self.size.width - line.cell_len - end.cell_len))
        line.append_text(end)
        return line

    def _word(self, it: Here) -> str:
        return "Hang up" if self.calling and it.command.id == "app.run" else it.command.word

    def _add(self, line: Text, it: Here) -> None:
        meta = Style(meta={"hint": it.command.id})
        line.append(f" {it.key}", self.get_component_rich_style("hints--key") + meta)
        line.append(f" {self._word(it)} ", self.get_component_rich_style("hints--word") + meta)

    async def on_click(self, event: events.Click) -> None:
        """A click is as good as the key."""
        wanted = event.style.meta.get("hint")
        for it in here(self.screen):
            if it.command.id == wanted:
                await self.app.run_action(it.action, it.node)


def needed(commands: list[Here]) -> list[Here]:
    """What is needed most comes first; of the rest the order stays."""
    places = {it.command.where for it in commands}
    first = next((ids for place, ids in NEEDED.items() if place in places), ())
    return sorted(commands, key=lambda it: first.index(it.command.id) if it.command.id in first else len(first))


class Standing(Widget):
    """The status line: the line's state in words, what waits, seconds and money of the next run."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"standing--down", "standing--up"}

    def __init__(self) -> None:
        super().__init__()
        self.call, self.at = Call(), 0.0
        self.ahead: Forecast | None = None
        self.warning = ""
        self._drawn = ""
        self._state: object = None
        self._clock = 0  # the second of the call that is shown

    def show(self, call: Call, ahead: Forecast | None, at: float, warning: str) -> None:
        """So things stand at this moment; drawn only where that is said differently."""
        state, clock = (call.state, ahead, warning), int(call.seconds(at))
        if (state, clock) == (self._state, self._clock):
            return
        self._state, self._clock = state, clock
        self.call, self.ahead, self.at, self.warning = call, ahead, at, warning
        if self.is_attached and self._said() != self._drawn:
            self.refresh()

    def render(self) -> Text:
        """One line: the longest way to say it that fits."""
        look = self.get_component_rich_style(f"standing--{'up' if self.call.on else 'down'}")
        self._drawn = self._said()
        return Text(self._drawn, look, no_wrap=True, end="")

    def _said(self) -> str:
        ways = [f" {'●' if self.call.on else '○'} {words(self.call, self.at)}{rest}" for rest in self._rest()]
        if self.ahead is not None and not self.call.on:
            ways += _brief(self.ahead)
        return next((way for way in ways if cell_len(way) <= self.size.width), ways[-1])

    def _rest(self) -> list[str]:
        """What stands behind the state of the line, in several lengths."""
        ahead = self.ahead
        if self.call.on and self.call.reckoned is not None:
            return [f"  {toll(self.call.reckoned)}.", f"  {toll(self.call.reckoned, brief=True)}.", ""]
        if ahead is None:
            return [""]
        if self.call.on:
            cost = f", {money(ahead.cost, ahead.currency)}" if ahead.cost else ""
            return [f"  Planned {span(ahead.seconds)}{cost}."]
        count = ahead.messages_up
        wait = f"{waiting(count)} ({size(ahead.bytes_up)})." if count else "No letters wait."
        run = f"  {wait}  Next run {_price(ahead)}"
        if self.warning:
            return [f"{run}.  {self.warning}.", f"{run}."]
        return [f"{run}."] if ahead.known else [f"{run}; what waits at the provider is not known yet.", f"{run}{MORE}."]


def _brief(ahead: Forecast) -> list[str]:
    said = f" ○ Line down. {ahead.messages_up} waiting. Run {_price(ahead)}"
    return [f"{said}."] if ahead.known else [f"{said}{MORE}.", f"{said}."]


def _price(ahead: Forecast) -> str:
    return price(ahead.seconds, ahead.cost, ahead.currency, known=ahead.known)
