"""The lines of iCalendar and vCard (RFC 5545 section 3.1, RFC 6350 section 3.2): names, parameters, values.

Never: an exception over what stands there; what a property means.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST = 5000  # properties that are read of one file

_FOLD = re.compile(r"\r?\n[ \t]|\r\n?(?=\n)")
_LINE = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)")
_PARAMETER = re.compile(r";([\w-]+)(?:=((?:\"[^\"]*\"|[^;\"])*))?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Property:
    """One line: its name in upper case, its parameters, its value as it stands there."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    value: str

    def parameter(self, name: str) -> str:
        """A parameter's value; empty where it has none."""
        return next((value for key, value in self.parameters if key == name), "")

    @property
    def text(self) -> str:
        """The value as the text that is meant (RFC 5545 section 3.3.11)."""
        return _ESCAPED.sub(lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], self.value)

    @property
    def fields(self) -> list[str]:
        """A value of several fields."""
        return [_ESCAPED.sub(r"\1", field) for field in re.split(r"(?<!\\);", self.value)]


@dataclass(frozen=True, slots=True)
class Component:
    """What stands between BEGIN and END: its name, its properties, the components in it."""

    name: str
    properties: tuple[Property, ...]
    inside: tuple["Component", ...]

    def first(self, name: str) -> Property | None:
        """The first property of a name."""
        return next((one for one in self.properties if one.name == name), None)

    def text(self, name: str) -> str:
        """Its text; empty where there is none."""
        found = self.first(name)
        return found.text.strip() if found else ""

    def every(self, *names: str) -> list["Component"]:
        """The components of these names, at any depth."""
        below = [found for one in self.inside for found in one.every(*names)]
        return [self, *below] if self.name in names else below


def components(text: str) -> Component:
    """A whole file as one nameless component; what is not closed is closed at the end."""
    open_: list[tuple[str, list[Property], list[Component]]] = [("", [], [])]
    for one in _properties(text):
        if one.name == "BEGIN" and len(open_) < 10:
            open_.append((one.value.strip().upper(), [], []))
        elif one.name == "END" and len(open_) > 1:
            _close(open_)
        else:
            open_[-1][1].append(one)
    while len(open_) > 1:
        _close(open_)
    return _component(*open_[0])


def _close(open_: list[tuple[str, list[Property], list[Component]]]) -> None:
    done = _component(*open_.pop())
    open_[-1][2].append(done)


def _component(name: str, found: Sequence[Property], inside: Sequence[Component]) -> Component:
    return Component(name, tuple(found), tuple(inside))


def _properties(text: str) -> Iterator[Property]:
    lines = _FOLD.sub("", text).split("\n", MOST)[:MOST]
    for line in lines:
        if match := _LINE.fullmatch(line.strip("\r")):
            given = tuple((one[1].upper(), (one[2] or "").strip('"')) for one in _PARAMETER.finditer(match[2]))
            yield Property(match[1].upper(), given, match[3])
