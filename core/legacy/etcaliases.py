"""/etc/aliases (aliases(5)): which name stands for whom.

Never: what is made of it (``core.adopt``), an included file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.legacy.remark import Remark, Verdict

_ENTRY = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^\s:"][^:]*?))\s*:(.*)', re.DOTALL)
_TARGET = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')


@dataclass(frozen=True, slots=True)
class Entry:
    """A name and whom it stands for, without what mailrun does not do."""

    line: int
    name: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aliases:
    """The whole file; of two entries for one name the first counts."""

    entries: tuple[Entry, ...] = ()
    remarks: tuple[Remark, ...] = field(default=(), compare=False)


def read(text: str) -> Aliases:
    """The entries of an alias file; what cannot be read is only remarked on."""
    entries: dict[str, Entry] = {}
    remarks = []
    for line, logical in _logical(text):
        shown = " ".join(logical.split())
        match = _ENTRY.fullmatch(logical)
        if match is None:
            remarks.append(Remark(line, shown, "unknown", "this is no NAME: TARGETS"))
            continue
        name, targets = match[1] or match[2], tuple(_targets(match[3]))
        kept = tuple(target for target in targets if not _refused(target))
        verdict, meaning = _said(name, targets, kept, entries.get(name.casefold()))
        remarks.append(Remark(line, shown, verdict, meaning))
        if kept:
            entries.setdefault(name.casefold(), Entry(line, name, kept))
    return Aliases(tuple(entries.values()), tuple(remarks))


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Entries with the lines that continue them, and the number of their first line."""
    lines: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and lines:
            lines.append(line)
            continue
        if lines:
            yield start, "\n".join(lines)
        lines, start = [line], number
    if lines:
        yield start, "\n".join(lines)


def _targets(text: str) -> Iterator[str]:
    for match in _TARGET.finditer(text):
        if target := " ".join(match[0].split()):
            yield target


def _refused(target: str) -> bool:
    """Whether a target is a program or a file."""
    return target.lstrip('"').lstrip().startswith(("|", "/"))


def _said(name: str, targets: tuple[str, ...], kept: tuple[str, ...], before: Entry | None) -> tuple[Verdict, str]:
    """The verdict and its reason."""
    if before:
        return "obsolete", f"{name} stands on line {before.line} already; the first counts"
    if not targets:
        return "unknown", "it names nobody"
    if dropped := [target for target in targets if target not in kept]:
        left = "the rest is taken over" if kept else "left out"
        return "unknown", f"no letter starts a program or is appended to a file: {', '.join(dropped)}; {left}"
    outside = [target for target in kept if "@" in target and not target.endswith(("@localhost", ".localdomain"))]
    also = (
        f"; a letter that was fetched goes on to {', '.join(outside)} only where there is owner-{name}"
        if outside
        else ""
    )
    return "understood", f"aliases.{name}{also}"
