"""Saved searches: a member's own, one a line of a small text file beside the inbox: a name, a tab, a query.

Lines that are none are passed over when the file is read, and kept by nobody.

Never: what a query finds.
"""

from collections.abc import Mapping
from pathlib import Path

from core.errors import InputError
from core.folder import place
from core.household import Household
from core.mail.clean import safe
from core.store import files

FILE = ".searches"
_LONGEST = 60  # characters of a name that a person gives


def saved(house: Household, member: str) -> dict[str, str]:
    """The member's saved searches, in their order; of two with the same name the last counts.

    Raises:
        StoreError: the file cannot be read.
    """
    path = _path(house, member)
    with files.faults(path):
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    lines = (line.partition("\t") for line in text.splitlines())
    return {safe(name): safe(query) for name, _, query in lines if name.strip() and query.strip()}


def save(house: Household, member: str, name: str, query: str) -> str:
    """Save a search, in the place of one that has the same name; the name, without the spaces around it.

    Raises:
        InputError: it cannot be called so, or looks for nothing.
        StoreError: it cannot be written; all is as it was before.
    """
    name, query = name.strip(), safe(query)
    if not query:
        raise InputError("this search looks for nothing; type what to look for first")
    _write(house, member, {**saved(house, member), _named(name): query})
    return name


def rename(house: Household, member: str, name: str, other: str) -> str:
    """Give a saved search another name; that name, without the spaces around it.

    Raises:
        InputError: there is none of that name, or one of the other name, or it cannot be called so.
        StoreError: it cannot be written; all is as it was before.
    """
    other, all_ = _named(other.strip()), _with(house, member, name)
    if other != name and other in all_:
        raise InputError(f"there is a saved search {other} already; take another name")
    _write(house, member, {other if one == name else one: query for one, query in all_.items()})
    return other


def remove(house: Household, member: str, name: str) -> None:
    """Forget a saved search; the letters stay where they are.

    Raises:
        InputError: there is none of that name.
        StoreError: it cannot be written; all is as it was before.
    """
    _write(house, member, {one: query for one, query in _with(house, member, name).items() if one != name})


def _with(house: Household, member: str, name: str) -> dict[str, str]:
    found = saved(house, member)
    if name not in found:
        raise InputError(f"there is no saved search {safe(name)} any more")
    return found


def _named(name: str) -> str:
    if not name or name != safe(name) or len(name) > _LONGEST:
        raise InputError(f"{safe(name)[:_LONGEST]!r} is no name for a search; take letters and digits")
    return name


def _path(house: Household, member: str) -> Path:
    return place(house, member, "inbox").with_name(FILE)


def _write(house: Household, member: str, searches: Mapping[str, str]) -> None:
    path = _path(house, member)
    with files.faults(path):
        files.make_folder(path.parent)
        files.replace(path, "".join(f"{name}\t{query}\n" for name, query in searches.items()).encode())
