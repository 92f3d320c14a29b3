"""A letter as the lines that a reader shows: the few headers, why it came, the text, what is attached.

Never: the raw bytes.
"""

from collections.abc import Iterator
from datetime import datetime

from core.mail.text import safe
from core.read import Letter
from tui.widgets.reader import Line, body
from tui.widgets.words import exactly, size


def lines(letter: Letter, now: datetime, *, heads: bool = False) -> Iterator[Line]:
    """All of it; ``heads``: every header instead of the few."""
    yield from _every(letter) if heads else _few(letter, now)
    yield Line("")
    yield from body(letter.text)
    if letter.attachments:
        yield Line("")
    for number, part in enumerate(letter.attachments, 1):
        yield Line(f"[{number}] {safe(part.name) or 'no name'}   {safe(part.kind)}, {size(part.size)}", "accent")


def _few(letter: Letter, now: datetime) -> Iterator[Line]:
    row = letter.row
    yield Line(row.subject or "(no subject)", "strong")
    heads = {name.lower(): value for name, value in reversed(letter.head)}
    yield Line(f"From {heads.get('from') or '(unknown)'}   {exactly(row.date, now)}".rstrip())
    yield Line(f"To {heads.get('to') or '(not said)'}", "dim")
    if copies := heads.get("cc"):
        yield Line(f"Cc {copies}", "dim")
    if letter.why:
        yield Line(letter.why, "dim")
    for failure in letter.about.failed if letter.about else letter.failed:
        yield Line(f"{failure.address} did not get it: {failure.why}", "warn")
    if letter.about or letter.failed:
        yield Line("A fixes the address and sends it again.", "dim")


def _every(letter: Letter) -> Iterator[Line]:
    for name, value in letter.head:
        yield Line(f"{name}: {value}", "strong" if name.lower() == "subject" else "dim")
