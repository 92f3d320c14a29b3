"""A letter as the lines that a reader shows: its headers, why it came, what it says.

Never: the raw bytes.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from core.mail.lines import Line, size
from core.mail.parts import Part
from core.read import Letter
from tui.widgets.words import exactly

Heads = Literal["few", "more", "all"]
_ROOM = 66  # columns for both, at 80 and with the words around them
LONG = 600  # characters of a header, where not all headers are wanted
MORE = ("Reply-To", "Sender", "Date", "Message-ID", "In-Reply-To", "List-Id", "Organization")


def head(letter: Letter, now: datetime, heads: Heads = "few", rest: str = "") -> Iterator[Line]:
    """What stands above the text: as many headers as are wanted, what became of the rest, where there is no text, that.

    ``rest`` is the sentence about what of the letter is not here.
    """
    yield from _every(letter) if heads == "all" else _few(letter, now, more=heads == "more")
    if rest:
        yield Line(rest, "note")
    yield Line("")
    if not letter.blocks:
        yield Line("Nothing is written in this letter, and nothing is attached to it.", "note")


def file(part: Part) -> str:
    """Something attached, on one line."""
    return f"{part.name}   {part.found}, {size(part.size)}"


def _few(letter: Letter, now: datetime, *, more: bool) -> Iterator[Line]:
    row = letter.row
    yield Line(_cut(row.subject) or "(no subject)", "strong")
    heads = {name.lower(): _cut(value) for name, value in reversed(letter.head)}
    yield from _from(heads.get("from") or "(unknown)", exactly(row.date, now))
    yield Line(f"To {heads.get('to') or '(not said)'}", "dim")
    if copies := heads.get("cc"):
        yield Line(f"Cc {copies}", "dim")
    if more:
        yield from _more(heads)
    if letter.why:
        yield Line(letter.why, "dim")
    for failure in letter.about.failed if letter.about else letter.failed:
        yield Line(f"{failure.address} did not get it: {failure.why}", "warn")
    if letter.about or letter.failed:
        yield Line("A fixes the address and sends it again.", "dim")


def _cut(value: str) -> str:
    """On one line; what is longer than anybody reads, or writes for reading, keeps nobody from the letter."""
    value = " ".join(value[: 2 * LONG].split())
    return value if len(value) <= LONG else f"{value[:LONG]}…"


def _from(sender: str, date: str) -> Iterator[Line]:
    """From whom, and when, on one line where that has the room."""
    if len(sender) + len(date) < _ROOM:
        yield Line(f"From {sender}   {date}".rstrip())
    else:
        yield Line(f"From {sender}")
        yield Line(f"Date {date}")


def _more(heads: dict[str, str]) -> Iterator[Line]:
    """What those want to know who look twice: where an answer goes, when exactly, in which thread, by which program."""
    for name in MORE:
        if value := heads.get(name.lower()):
            yield Line(f"{name} {value}", "dim")
    if program := heads.get("user-agent") or heads.get("x-mailer"):
        yield Line(f"Written with {program}", "dim")


def _every(letter: Letter) -> Iterator[Line]:
    for name, value in letter.head:
        yield Line(f"{name}: {value}", "strong" if name.lower() == "subject" else "dim")
