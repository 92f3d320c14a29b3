"""Keys as people write and see them.

Never: what a key does.
"""

from textual.keys import REPLACED_KEYS, Keys, key_to_character

HELD = {"ctrl", "alt", "shift", "super"}
NAMED = {key.value for key in Keys}
SHORT = {"escape": "Esc", "pagedown": "PgDn", "pageup": "PgUp", "delete": "Del", "insert": "Ins"}
ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}


def display(key: str) -> str:
    """A key as people see it: ctrl+o is ^O, question_mark is ?, f5 is F5."""
    *held, last = _parts(key)
    if held == ["ctrl"] and len(last) == 1:
        return f"^{last.upper()}"
    name = SHORT.get(last) or ARROWS.get(last) or _character(last) or last.capitalize()
    return "-".join([*(word.capitalize() for word in held), name])


def several(text: str) -> list[str]:
    """The keys that are written with commas between."""
    return [key.strip() for key in text.split(",")]


def is_key(key: str) -> bool:
    """Whether there is such a key."""
    *held, last = _parts(key)
    return set(held) <= HELD and (last in NAMED or bool(_character(last)))


def _parts(key: str) -> list[str]:
    return key.split("+") if len(key) > 1 else [key]


def _character(name: str) -> str:
    """What a key writes; nothing where that cannot be seen."""
    if len(name) < 2:
        return name.strip()
    found = key_to_character(REPLACED_KEYS.get(name, name)) or ""
    return found.strip() if found.isprintable() else ""
