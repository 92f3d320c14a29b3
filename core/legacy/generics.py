"""A genericstable (sendmail's FEATURE(genericstable)): which public address each login has.

Never: what is made of it (``core.adopt``).
"""

import re
from dataclasses import dataclass, field

from core.legacy.remark import Remark

_ADDRESS = re.compile(r"[^@\s<>,;%]+(?:@[^@\s<>,;%]+)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A login, at a host or at none, and the address that the world sees; that may lack a domain."""

    line: int
    login: str
    host: str
    address: str


@dataclass(frozen=True, slots=True)
class Generics:
    """The whole table; of two entries for one login the first counts."""

    entries: tuple[Entry, ...] = ()
    remarks: tuple[Remark, ...] = field(default=(), compare=False)


def read(text: str) -> Generics:
    """The entries of a genericstable; what cannot be read is only remarked on."""
    entries: dict[str, Entry] = {}
    remarks = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        shown = " ".join(line.split())
        key, *rest = line.split()
        login, _, host = key.removesuffix(":").lower().partition("@")
        if not login or len(rest) != 1 or not _ADDRESS.fullmatch(rest[0]):
            remarks.append(Remark(number, shown, "unknown", "this is no LOGIN and ADDRESS"))
        elif before := entries.get(login):
            meaning = f"{login} stands on line {before.line} already; the first counts"
            remarks.append(Remark(number, shown, "obsolete", meaning))
        else:
            entries[login] = Entry(number, login, host, rest[0])
            remarks.append(Remark(number, shown, "understood", f"members.{login}.address = {rest[0]}"))
    return Generics(tuple(entries.values()), tuple(remarks))
