"""A table of household.toml as lines to be read: every key, what it is set to, and what it means.

Never: a secret.
"""

from collections.abc import Iterator

from tui.messages import Tried
from tui.widgets.fields import Field
from tui.widgets.reader import Line
from tui.widgets.sheets import Sheet

INDENT = 18


def facts(sheet: Sheet) -> Iterator[Line]:
    """All of one table; of a heading, what stands below it."""
    yield Line(sheet.title, "strong")
    if sheet.heading:
        yield Line(sheet.about, "dim")
        yield Line("")
        yield Line("Enter adds one.", "dim")
        return
    yield Line("")
    for field in sheet.fields:
        said, usual = _said(field)
        yield Line(f"{field.label:<{INDENT}}{said}", "dim" if usual else "plain")
        yield Line(" " * INDENT + field.meaning, "dim")


def trial(tried: Tried) -> Iterator[Line]:
    """What rules would do with the letters that came last."""
    yield from (Line(sentence, "strong") for sentence in tried.sentences)
    yield Line("Nothing has been moved.", "dim")
    yield Line("")
    for one in tried.taken:
        where = " -> ".join(dict.fromkeys((*one.before, *one.after)))
        yield Line(f"{where}   {one.sender or '(unknown)'}: {one.subject or '(no subject)'}")


def _said(field: Field) -> tuple[str, bool]:
    """What holds, and whether that is so without being set."""
    if field.secret:
        return ("set, and not shown" if field.has else "none"), not field.has
    return field.text or field.default or "none", not field.text
