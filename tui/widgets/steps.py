"""The first-run guide's three steps: which tables are asked for, and which of their keys.

All of it comes from the one table of keys in ``core.config``; the rest of the keys waits on the Settings screen.

Never: a widget, the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.config import Config, House, Line, Maildrop, SmartHost, Tariff
from tui.values import Path
from tui.widgets.sheets import NEW, Changes, Sheet, member_sheet, table

ASKED: Mapping[str, tuple[str, ...]] = {
    "household": ("domain", "name"),
    "members": ("login", "name", "address"),
    "maildrop": ("host", "user", "password", "security", "port"),
    "smarthost": ("host", "user", "password", "security", "port"),
    "line": ("kind", "device", "numbers", "chat", "up", "down", "check"),
    "tariff": ("currency", "per_call", "per_minute", "unit_seconds"),
}
OF_KIND = {
    "device": "modem",
    "numbers": "modem",
    "chat": "modem",
    "up": "command",
    "down": "command",
    "check": "command",
}
LATER = ("maildrop", "smarthost")  # what the house can do without at first


@dataclass(frozen=True, slots=True)
class Step:
    """One screen of the guide: its title, a sentence, and its sheets."""

    title: str
    lead: str
    sheets: tuple[Sheet, ...]


def steps(config: Config | None) -> tuple[Step, ...]:
    """The three of them, empty or filled with an old set-up."""
    house = config.household if config else None
    line = config.line if config else None
    box = config.maildrop[0] if config and config.maildrop else None
    host = config.smarthost if config else None
    return (
        Step(
            "Who lives here?",
            "The domain is what stands behind the @ of everybody's address.",
            (_few(table(("household",), "The house", "", House, house)), *_people(config)),
        ),
        Step(
            "The provider",
            "The box that everybody's letters come from, and the server that takes yours. What is left empty can wait.",
            (
                _few(table(("maildrop", "0"), "The box (POP3)", "", Maildrop, box)),
                _few(table(("smarthost",), "The smart host (SMTP)", "", SmartHost, host)),
            ),
        ),
        Step(
            "The line",
            "What connects the house, and what it costs.",
            (
                _few(table(("line",), "The line", "", Line, line)),
                _few(table(("line", "tariff"), "What a call costs", "", Tariff, line.tariff if line else None)),
            ),
        ),
    )


def _people(config: Config | None) -> tuple[Sheet, ...]:
    if config is None:
        return (person(),)
    return tuple(_few(member_sheet(name, member)) for name, member in config.members.items())


def person(*, old: bool = False) -> Sheet:
    """One more of the house; in a new one the address may be left to follow from the login and the domain."""
    sheet = replace(_few(member_sheet(NEW, None)), title="A person")
    if old:
        return sheet
    fields = [replace(f, needed=False, default="login@domain") if f.key == "address" else f for f in sheet.fields]
    return replace(sheet, fields=tuple(fields))


def _few(sheet: Sheet) -> Sheet:
    """The keys that are asked for at first, in this order."""
    asked = ASKED[sheet.path[-1] if sheet.path[-1] in ASKED else sheet.path[0]]
    fields = {field.key: field for field in sheet.fields}
    return replace(sheet, fields=tuple(fields[key] for key in asked if key in fields))


def told(sheet: Sheet, texts: Mapping[str, str], *, old: bool) -> Changes:
    """What these texts say: of an old set-up what was changed, else everything that is not empty."""
    if not old:
        sheet = replace(sheet, fields=tuple(replace(field, text="") for field in sheet.fields))
    said = {path: value for path, value in sheet.changes(texts).items() if old or value is not None}
    return {("members", texts["login"], "name"): "", **said} if sheet.path == ("members", NEW) else said


def skipped(sheet: Sheet, texts: Mapping[str, str]) -> bool:
    """Whether this is left for later, or is nobody: none of its fields was filled."""
    may = sheet.path[0] in LATER or sheet.path == ("members", NEW)
    return may and not any(texts[field.key].strip() for field in sheet.fields if not field.choices)


def page_of(path: Path) -> int:
    """The step that asks for a key of the file; what none asks for belongs to the first."""
    pages = {"maildrop": 1, "smarthost": 1, "line": 2}
    return pages.get(path[0], 0) if path else 0
