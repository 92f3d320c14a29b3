"""Help: what can be done on the screen it was called from, by place, each with its key.

Never: a key that does nothing there.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from core.mail.query import LANGUAGE
from tui.commands import Here, here
from tui.widgets.letters import SIGNS

PLACES = {
    "place": "Letters",
    "pile": "The list",
    "mail": "Mail",
    "letters": "In the list of letters",
    "folders": "In the folders",
    "queue": "What waits",
    "connection": "Connection",
    "stubs": "Big letters at the provider",
    "settings": "Settings",
    "search": "In the search line",
    "list": "In the list",
    "letter": "In the letter",
    "compose": "While you write",
    "form": "In this form",
    "guide": "In this guide",
    "app": "Everywhere",
}
KEYS = 10  # cells for a key and the gap behind it
WIDTHS = (60, 112)  # of the dialog with one column, and with two
BESIDE = 7  # cells of it that are no column
AROUND = 6  # lines of the dialog that are not the commands
TWO = 100  # cells from which there are two columns
Group = tuple[str, Sequence[Here]]


class Help(ModalScreen[None]):
    """Shown over the screen; leaves with any of Escape, q, ?, Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "leave"),
        Binding("slash", "find"),
        Binding("j", "line(1)"),
        Binding("k", "line(-1)"),
        Binding("space", "page"),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._groups = list(_groups(here(about)))
        self._signs = bool(about.query("Letters"))

    def compose(self) -> ComposeResult:
        """A field that appears when it is wanted, and the commands in one column or two."""
        with Vertical(classes="dialog help"):
            yield Static(Content("What you can do here"), classes="title")
            yield Input(placeholder="words to look for", compact=True)
            with VerticalScroll(), Horizontal():
                yield Static(id="one")
                yield Static(id="two")
            yield Static("/: find     j, k, Space: scroll     Esc: close", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """The keys scroll at first."""
        self.query_one(Input).display = False
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """As many columns as there is room for."""
        self._show()

    @on(Input.Changed)
    def _show(self) -> None:
        wanted = self.query_one(Input).value.casefold().split()
        groups = [(title, [it for it in them if _has(it, wanted)]) for title, them in self._groups]
        room = self._room()
        parts = [_part(title, them, room) for title, them in groups if them]
        if self._signs and not wanted:
            parts.append([_title("What / looks for"), *(_said(what, words, room) for what, words in LANGUAGE)])
            parts.append([_title("Marks in the list"), *(_line(sign, words, room) for sign, words in SIGNS)])
        one, two = _halves(parts) if self.size.width >= TWO else (parts, [])
        self.query_one("#one", Static).update(_text(one) if parts else Content("Nothing here is called so."))
        self.query_one("#two", Static).update(_text(two))
        self.query_one("#two").display = bool(two)
        lines = max(sum(map(_height, column)) for column in (one, two))
        self.query_one(".dialog").styles.max_height = max(lines, 2) + AROUND

    def _room(self) -> int:
        """Cells for a sentence behind its key."""
        two = self.size.width >= TWO
        whole = min(WIDTHS[two], int(self.size.width * 0.94)) - BESIDE
        return (whole // 2 if two else whole) - KEYS

    @on(Input.Submitted)
    def _found(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_find(self) -> None:
        """Only what has these words."""
        self.query_one(Input).display = True
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """First from the words to everything, then away."""
        field = self.query_one(Input)
        if not field.display:
            self.dismiss()
            return
        field.clear()
        field.display = False
        self.query_one(VerticalScroll).focus()

    def action_line(self, way: int) -> None:
        """A line down or up."""
        self.query_one(VerticalScroll).scroll_relative(y=way, animate=False)

    def action_page(self) -> None:
        """A page down."""
        self.query_one(VerticalScroll).scroll_page_down(animate=False)


def _groups(commands: Sequence[Here]) -> Iterator[Group]:
    """By place: first those of the screen and what has the keys on it, last those of the whole program."""
    places = dict.fromkeys(it.command.where for it in commands)
    for place in sorted(places, key=lambda place: (place == "app", place in ("list", "letter"))):
        yield PLACES.get(place, place.capitalize()), [it for it in commands if it.command.where == place]


def _has(it: Here, words: Sequence[str]) -> bool:
    return all(word in f"{it.key} {it.command.help}".casefold() for word in words)


def _part(title: str, commands: Sequence[Here], room: int) -> list[Content]:
    return [_title(title), *(_line(it.key, it.command.help, room) for it in commands)]


def _title(text: str) -> Content:
    return Content.styled(text, "bold $primary")


def _line(key: str, help_: str, room: int) -> Content:
    """A key and its sentence, which keeps its column where it needs more lines."""
    words = f"\n{' ' * KEYS}".join(textwrap.wrap(help_, max(room, 10)))
    return Content.styled(f"{key:>{KEYS - 2}}", "bold") + Content(f"  {words}")


def _said(what: str, meaning: str, room: int) -> Content:
    """Words to type, and what they mean."""
    words = textwrap.wrap(meaning, max(room, 10), initial_indent="_" * (len(what) - KEYS + 4))
    first = words[0].lstrip("_") if words else ""
    rest = "".join(f"\n{' ' * KEYS}{line}" for line in words[1:])
    return Content.styled(f"  {what}", "bold") + Content(f"  {first}{rest}")


def _halves(parts: Sequence[list[Content]]) -> tuple[Sequence[list[Content]], Sequence[list[Content]]]:
    """Two columns of much the same height; a part stays whole."""
    lengths = [_height(part) for part in parts]
    at = min(range(len(parts) + 1), key=lambda n: abs(sum(lengths[:n]) - sum(lengths[n:])))
    return parts[:at], parts[at:]


def _height(part: list[Content]) -> int:
    return sum(line.plain.count("\n") + 1 for line in part) + 1


def _text(parts: Sequence[list[Content]]) -> Content:
    return Content("\n\n").join(Content("\n").join(part) for part in parts)
