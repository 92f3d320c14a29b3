"""The questions before something from a letter is opened: an attached file, a link.

Never: opening anything that was not asked for; a program that came with a letter.
"""

from collections.abc import Callable
from urllib.parse import parse_qs, unquote

from textual.app import App

from core.mail import kinds
from core.mail.blocks import Link
from core.mail.clean import safe
from core.mail.parts import Part
from core.mail.remote import host
from tui import viewer
from tui.screens import picture
from tui.screens.dialogs import Confirm, Pick
from tui.widgets.letter import file

Act = Callable[[], object]
SHOWN = tuple(f"{kind} picture" for kind in ("PNG", "JPEG", "GIF", "WebP", "BMP", "TIFF"))
FOLLOWED = ("http", "https", "mailto")


def handle(app: App[int], part: Part, *, look: Act, show: Act, view: Act, save: Act) -> None:
    """Ask what to do with an attached file, by what it is."""

    def chosen(what: str | None) -> None:
        if what == "view":
            _confirm(app, part, view)
        elif what:
            {"look": look, "show": show, "save": save}[what]()

    ways = {"save": "Save it"}
    if kinds.text(part.found):
        ways = {"look": "Read it here", **ways}
    if part.found in SHOWN and picture.possible():
        ways = {"show": "Show it here", **ways}
    if viewer.command() and not kinds.program(part.found, part.name):
        ways["view"] = f"Open it with {viewer.command()[0]}"
    details = [part.doubt] if part.doubt else []
    app.push_screen(Pick(file(part), [*ways], [*ways.values()], details=details), chosen)


def _confirm(app: App[int], part: Part, view: Act) -> None:
    """Once more before a program gets what a stranger sent."""

    def answered(sure: bool | None) -> None:
        if sure:
            view()

    details = [part.found, *([part.doubt] if part.doubt else [])]
    if part.found in ("web page", "SVG picture"):
        details.append("A browser loads what it names from the network, and its sender learns that it was read.")
    question = f"Open {part.name} with {viewer.command()[0]}?"
    app.push_screen(Confirm(question, "Open", "Leave it", details), answered)


def follow(app: App[int], link: Link, *, go: Callable[[str], object], write: Callable[[str, str], object]) -> None:
    """Show where a link truly leads, and ask."""

    def chosen(what: str | None) -> None:
        if what == "open":
            go(link.target)
        elif what == "copy":
            app.copy_to_clipboard(link.target)
            app.notify("Copied.", markup=False, timeout=3)
        elif what == "write":
            write(_address(link.target), _subject(link.target))

    scheme = link.target.partition(":")[0].lower()
    ways = {"copy": "Copy it"}
    if scheme == "mailto":
        ways = {"write": f"Write to {_address(link.target)}", **ways}
    elif scheme in FOLLOWED and viewer.browser():
        ways = {"open": f"Open it with {viewer.browser()[0]}", **ways}
    details = [link.target, *([link.doubt] if link.doubt else [])]
    if scheme not in FOLLOWED:
        details.append("mailrun opens links of the web and of mail only.")
    elif scheme != "mailto" and not viewer.browser():
        details.append("No browser was found; BROWSER can name one.")
    question = f"It leads to {_written(link.target)}" if scheme != "mailto" else "It begins a letter"
    app.push_screen(Pick(question, [*ways], [*ways.values()], details=details), chosen)


def _address(target: str) -> str:
    """To whom a mailto: link writes."""
    return safe(unquote(target.partition(":")[2].partition("?")[0]))


def _subject(target: str) -> str:
    """What it writes about; all else that a link wants in the letter is left out."""
    try:
        found = parse_qs(target.partition("?")[2], max_num_fields=20)
    except ValueError:
        return ""
    return next((safe(values[0]) for name, values in found.items() if name.lower() == "subject"), "")


def _written(target: str) -> str:
    """The host in letters that cannot be taken for others."""
    name = host(target)
    if name.isascii():
        return name or "somewhere on this computer, or nowhere"
    try:
        return f"{name.encode('idna').decode('ascii')} (written {name})"
    except UnicodeError:
        return name
