"""A member's folders, each one mbox: where they are, whether one changed, how a person makes, renames, removes one.

Never: a letter; a folder of another member's; the folders that mailrun itself puts letters into are not renamed.
"""

import os
from contextlib import suppress
from pathlib import Path

from core.errors import InputError
from core.household import Household
from core.mail.clean import safe
from core.store import files, mbox

USUAL = ("inbox", "drafts", "sent", "archive", "junk", "trash")
_LONGEST = 60  # characters of a name that a person gives


def place(house: Household, member: str, folder: str) -> Path:
    """The mbox of a folder, whose name must not lead elsewhere.

    Raises:
        InputError: there is no such member, or a folder cannot be called so.
    """
    if member not in house.config.members:
        raise InputError(
            f"{safe(member)} is no member of this house; the members are {', '.join(house.config.members)}"
        )
    if not folder or "/" in folder or folder.startswith(".") or "\0" in folder:
        raise InputError(f"{safe(folder)!r} is no name for a folder; take letters and digits")
    return house.box(member, folder)


def stamps(house: Household, member: str) -> tuple[tuple[str, int, int, int], ...]:
    """What of a member's folders differs once anybody has changed one: name, inode, size, time of the last change.

    It costs one look at each file's entry and reads none. ctime, for mutt puts the old mtime back after it set flags.

    Raises:
        StoreError: they cannot be looked at.
    """
    inbox, found = place(house, member, "inbox"), []
    for name in mbox.folders(inbox.parent):
        with files.faults(inbox), suppress(FileNotFoundError):  # removed in this moment
            now = inbox.with_name(name).stat()
            found.append((name, now.st_ino, now.st_size, now.st_ctime_ns))
    return tuple(found)


def make(house: Household, member: str, name: str) -> str:
    """Make an empty folder; its name, without the spaces around it.

    Raises:
        InputError: it cannot be called so, or there is one of that name.
        StoreError: the disk refused.
    """
    path = _new(house, member, name)
    with mbox.locked(path) as box:
        box.sync()
    return path.name


def rename(house: Household, member: str, folder: str, name: str) -> str:
    """Give a folder of the member's own another name; that name, without the spaces around it.

    Raises:
        InputError: it is one of the usual ones, or cannot be called so, or there is one of that name.
        BusyError, StoreError: another program has it, or the disk refused.
    """
    old, new = _own(house, member, folder), _new(house, member, name)
    with mbox.locked(old), files.faults(new):
        os.link(old, new)  # unlike rename(2), it never takes the place of a file that came in between
        old.unlink()
        files.sync_folder(old.parent)
    return new.name


def remove(house: Household, member: str, folder: str) -> None:
    """Remove a folder of the member's own that has no letter in it.

    Raises:
        InputError: it is one of the usual ones, or has letters.
        BusyError, StoreError: another program has it, or the disk refused.
    """
    path = _own(house, member, folder)
    with mbox.locked(path) as box:
        if box.entries():
            raise InputError(f"{safe(folder)} has letters in it; move or delete them first")
        with files.faults(path):
            path.unlink()
            files.sync_folder(path.parent)


def _own(house: Household, member: str, folder: str) -> Path:
    path = place(house, member, folder)
    if folder in USUAL:
        raise InputError(f"{folder} is a folder that mailrun needs; it stays")
    if not path.exists():
        raise InputError(f"there is no folder {safe(folder)} any more; another program has removed it")
    return path


def _new(house: Household, member: str, name: str) -> Path:
    name = name.strip()
    path = place(house, member, name)
    if name != safe(name) or len(name) > _LONGEST or name.endswith((".lock", "~")):
        raise InputError(f"{safe(name)[:_LONGEST]!r} is no name for a folder; take letters and digits")
    if path.exists() or name.lower() in USUAL:
        raise InputError(f"there is a folder {name} already; take another name")
    return path
