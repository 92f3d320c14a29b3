"""New letters told outside the screens: the terminal's bell, its title, a notice on the desktop.

The desk may be everybody's, so a notice tells how many letters came and from whom, and never what they say.

Never: a subject; a shell.
"""

import asyncio
import contextlib
import html
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.events import Event, Fetched
from core.mail.text import safe

NAMED = 3  # senders that are told by name
PATIENCE = 5.0  # seconds for the desktop's program
UNTITLED = ("linux", "vt", "ansi", "cons", "dumb")  # terminals without a title, some of which would print it
PUSH, POP = "\x1b[22;2t", "\x1b[23;2t"  # xterm's stack of titles; what does not know it passes it over


@dataclass(frozen=True, slots=True)
class News:
    """What has come to the member at the desk in this run."""

    count: int = 0
    senders: tuple[str, ...] = ()


def heard(news: News, event: Event, member: str) -> News:
    """The news after an event of the run."""
    if not isinstance(event, Fetched) or member not in event.members:
        return news
    return News(news.count + 1, tuple(dict.fromkeys([*news.senders, *([event.sender] if event.sender else [])])))


def sentence(news: News) -> tuple[str, str]:
    """How many, and from whom."""
    count = "1 new letter" if news.count == 1 else f"{news.count} new letters"
    more = f" and {len(news.senders) - NAMED} more" if len(news.senders) > NAMED else ""
    return count, safe(f"from {', '.join(news.senders[:NAMED])}{more}" if news.senders else "")


async def desktop(news: News, environ: Mapping[str, str]) -> None:
    """A notice where there is a desktop and notify-send; whatever goes wrong there is no concern of the house."""
    program = shutil.which("notify-send", path=environ.get("PATH"))
    if program is None or not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return
    count, whom = sentence(news)
    words = ("--app-name=mailrun", "--icon=mail-unread", "--", f"mailrun: {count}", html.escape(whom, quote=False))
    quiet = asyncio.subprocess.DEVNULL
    with contextlib.suppress(OSError):
        process = await asyncio.create_subprocess_exec(program, *words, stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()


class Title:
    """The terminal's title while the screens are on; ``write`` is how bytes get there meanwhile."""

    def __init__(self, write: Callable[[str], object], terminal: str) -> None:
        self._write = write
        self._able = not terminal.startswith(UNTITLED)
        self._shown = ""

    def show(self, unread: int) -> None:
        """How many letters are unread; the title before is kept by the terminal."""
        text = f"mailrun: {unread} new" if unread else "mailrun"
        if self._able and text != self._shown:
            self._write(f"{'' if self._shown else PUSH}\x1b]2;{text}\x07")
            self._shown = text

    def restore(self) -> None:
        """The title as it was; the screens are off the terminal."""
        if self._shown and sys.__stderr__ is not None:
            sys.__stderr__.write(POP)
            sys.__stderr__.flush()
            self._shown = ""
