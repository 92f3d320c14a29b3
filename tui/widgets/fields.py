"""One key of a table as a field to type in: its value as text, the text as a value, and what is wrong with it.

Lists are typed with commas between; an item that holds a comma stands in quotes.

Never: a widget.
"""

import csv
import io
import re
import typing
from dataclasses import dataclass
from typing import Any, Literal

from core.config import Secret, Size
from core.toml import Found, chosen, entry

Words = tuple[str, ...]
Pairs = tuple[tuple[str, Secret], ...]
Heads = dict[str, str]
YES = ("yes", "no")
NOTHING = "-"  # typed into a secret: it is taken out


@dataclass(frozen=True, slots=True)
class Field:
    """One key: its type and meaning, its text (empty: not set, or a secret), and what holds while it is not set.

    ``name`` is what it is called where the key itself tells nothing; ``has`` that a secret is set.
    """

    key: str
    kind: Any
    meaning: str
    text: str = ""
    default: str = ""
    needed: bool = False
    has: bool = False
    name: str = ""

    @property
    def label(self) -> str:
        """What it is called."""
        return self.name or self.key.replace("_", " ")

    @property
    def choices(self) -> Words:
        """The words that are allowed; empty where more than a few are."""
        if self.kind is bool:
            return YES
        return typing.get_args(self.kind) if typing.get_origin(self.kind) is Literal else ()

    @property
    def several(self) -> bool:
        """Whether it is a list."""
        return self.kind in (Words, Pairs, Heads) or bool(chosen(self.kind))

    @property
    def secret(self) -> bool:
        """Whether it is never shown: a password, or a login dialogue, which holds one."""
        return self.kind in (Secret, Pairs)

    def fault(self, text: str) -> str:
        """What is wrong with this text, in a sentence; empty: nothing."""
        if not text.strip():
            return f"{self.label} is needed" if self.needed else ""
        found: list[Found] = []
        if value(self, text.strip()) is not None:
            entry(self.kind, raw(self.kind, text.strip()), (self.key or self.label,), found)
        return found[0][1] if found else ""


def shown(kind: Any, held: object) -> str:
    """A value as text; a secret is none."""
    if kind in (Secret, Pairs) or held is None:
        return ""
    if kind == Words or chosen(kind):
        assert isinstance(held, tuple)
        return _joined(held)
    if kind == Heads:
        assert isinstance(held, dict)
        return _joined(tuple(f"{name}: {text}" for name, text in held.items()))
    if kind is bool:
        return YES[not held]
    if kind is Size:
        assert isinstance(held, int)
        return f"{held // 1000} kB" if held and held % 1000 == 0 else str(int(held))
    return f"{held:g}" if isinstance(held, float) else str(held).replace("\n", "\\n")


def value(field: Field, text: str) -> object | None:
    """A text as the file shall have it; None: the key is taken out."""
    if not text or (field.secret and text == NOTHING):
        return None
    found = raw(field.kind, text)
    return Secret(text) if field.kind is Secret else _hidden(found) if field.kind == Pairs else found


def raw(kind: Any, text: str) -> Any:
    """A text as TOML would give it; what is no value of the type stays text, and is found out when it is checked."""
    if chosen(kind) or kind == Words:
        return _parted(text)
    if kind in (Pairs, Heads):
        return _paired(text) if kind == Pairs else _headed(text)
    if kind is bool:
        return text == YES[0] if text in YES else text
    numbers = {int: r"[+-]?\d+", float: r"\d+(\.\d*)?"}
    if kind in numbers and re.fullmatch(numbers[kind], text):
        return kind(text)
    return text.replace("\\n", "\n") if kind is str else text


def _paired(text: str) -> list[list[str]]:
    words = _parted(text)
    return [words[at : at + 2] for at in range(0, len(words), 2)]


def _headed(text: str) -> dict[str, str] | str:
    """Names and texts with colons between; as it is where a colon is missing."""
    pairs = [word.partition(":") for word in _parted(text)]
    return {name.strip(): wanted.strip() for name, _, wanted in pairs} if all(colon for _, colon, _ in pairs) else text


def _hidden(pairs: list[list[str]]) -> list[tuple[object, ...]]:
    """The answers of a dialogue, shown by nothing."""
    return [(pair[0], *(Secret(word) for word in pair[1:])) for pair in pairs]


def _joined(words: Words) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(words)
    return re.sub(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', ", ", line.getvalue())


def _parted(text: str) -> list[str]:
    return [word.strip() for row in csv.reader([text], skipinitialspace=True) for word in row if word.strip()]
