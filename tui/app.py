"""The App: modes, theme, keys, the guard, what a crash shows, the exit status.

Never: mail, a file, a worker.
"""

import asyncio
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.theme import Theme

from core.mail.text import safe_lines
from tui.bridge import Bridge
from tui.commands import Palette, bindings
from tui.guard import Guard
from tui.keymap import misread
from tui.screens.dialogs import Confirm
from tui.screens.help import Help
from tui.screens.modes import MODES
from tui.screens.who import Who
from tui.theme import EVENING, THEMES, lacking

SORRY = "mailrun made a mistake and had to end. The line is down.\nPlease report what stands above."


class Mailrun(App[int]):
    """The screens of one household."""

    TITLE = "mailrun"
    DEFAULT_MODE = "mail"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    COMMANDS: ClassVar = {Palette}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-vast")]  # noqa: RUF012 - Textual's own type

    def __init__(
        self,
        bridge: Bridge,
        keys: Mapping[str, str] | None = None,
        theme: Theme = EVENING,
        first: Callable[[], Screen[str]] | None = None,
    ) -> None:
        super().__init__(ansi_color=theme.ansi or None)
        self._bridge, self._keys, self._fitting = bridge, dict(keys or {}), theme
        self._first = first or partial(Who, bridge, bridge.member)
        bridge.attach(self)
        if first or (member := bridge.config.members.get(bridge.member)) is None or member.passphrase:
            bridge.member = ""  # nobody's mail is read before it is known who sits here
        self.animation_level = "none"  # smooth scrolling multiplies the work of every page
        self._filters.append(Guard())  # a private list; Textual is pinned, and a test reads a real terminal
        for each in THEMES:
            self.register_theme(each)
        self.theme = self._colours()
        for mode, screen in MODES.items():
            self.add_mode(mode, partial(screen, bridge))
        self.set_keymap(self._keys)

    def on_mount(self) -> None:
        """Ask who it is, unless that is known and needs no passphrase."""
        for sign in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(sign, self._ended)
        if self._bridge.member:
            self.call_after_refresh(self._bridge.look)
        else:
            self.push_screen(self._first(), self._seated)
        for _, sentence in misread(self._keys):
            self.notify(sentence, severity="warning", markup=False, timeout=15)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What Textual's own themes lack."""
        return lacking(self.current_theme)

    def watch_theme(self, name: str) -> None:
        """Other colours: they are kept for the member who chose them."""
        if self._bridge.member and self.is_running and name != self._colours():
            from tui.verbs import settings  # noqa: PLC0415 - loads what tries settings; the start waits for neither

            self._bridge.ask(self.screen, settings.colours, name)

    def _colours(self) -> str:
        """The theme of the member at the desk, where the terminal has colours for it."""
        member = self._bridge.config.members.get(self._bridge.member)
        wanted = member.theme if member and not self._fitting.ansi else ""
        return wanted if wanted in self.available_themes else self._fitting.name

    def _seated(self, _: str | None = None) -> None:
        """Somebody sits at the desk: their colours, their mail."""
        self.theme = self._colours()
        self.action_mode("mail")

    def action_mode(self, mode: str) -> None:
        """Another mode."""
        self.switch_mode(mode)

    def action_run(self) -> None:
        """Make a run, or hang up."""
        self._bridge.toggle()

    def action_help(self) -> None:
        """The keys of this screen."""
        self.push_screen(Help(self.screen))

    def action_who(self) -> None:
        """Another member sits down."""
        if not self._writing():
            self.push_screen(Who(self._bridge), self._seated)

    async def action_leave(self) -> None:
        """Quit; first hang up, if the house is on the line and wants that."""
        if self._writing():
            return
        if self._bridge.call.on:
            question = "A run is on. Hang up and quit?"
            self.push_screen(Confirm(question, "Hang up and quit", "Stay"), self._quit)
        else:
            self.exit(0)

    async def _quit(self, sure: bool | None) -> None:
        if sure:
            await self._bridge.rescue()
            await self._bridge.close()
            self.exit(0)

    def _writing(self) -> bool:
        """Whether a letter is being written, which nobody shall lose; says so."""
        if self._bridge.writing:
            self.action_mode("mail")
            self.notify("First send the letter or keep it as a draft (Esc).", markup=False)
        return bool(self._bridge.writing)

    def _ended(self) -> None:
        """The terminal was closed, or the system goes down: the line comes down first."""
        self.call_next(self._quit, True)

    def _fatal_error(self) -> None:
        """A crash shows where, but no values: letters and passwords are nobody's business."""
        text = safe_lines("".join(traceback.format_exception(sys.exception())))
        self._exit_renderables.append(Text(f"{text}\n{SORRY}"))
        self._close_messages_no_wait()
