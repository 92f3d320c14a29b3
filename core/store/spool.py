"""The spool: one immutable file for each letter that waits to go out, ``ID.eml``.

What is known *about* a letter stands in the queue; here are its bytes, as they will be sent (lines end in LF).

Never: recipients, states, a look into a letter.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, StoreError
from core.store import files

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_END = ".eml"


@dataclass(frozen=True, slots=True)
class Spool:
    """The folder of waiting letters."""

    folder: Path

    def add(self, ident: str, message: bytes) -> None:
        """Keep a letter; on return it survives a power loss.

        Raises:
            InputError: the id cannot be a file's name.
            StoreError: the disk refused, and nothing is kept; or a letter of this id is there already.
        """
        path = self._path(ident)
        with files.faults(path):
            files.make_folder(self.folder)
            if path.exists():
                raise StoreError(f"{path}: a letter of this name waits already; it was not overwritten")
            files.replace(path, message)

    def read(self, ident: str) -> bytes:
        """The letter's bytes.

        Raises:
            InputError: the id cannot be a file's name.
            StoreError: it is not there, or cannot be read.
        """
        path = self._path(ident)
        with files.faults(path):
            return path.read_bytes()

    def remove(self, ident: str) -> None:
        """Let a letter go; one that is gone already is no fault.

        Raises:
            InputError: the id cannot be a file's name.
            StoreError: the disk refused.
        """
        path = self._path(ident)
        with files.faults(path):
            path.unlink(missing_ok=True)
            if self.folder.is_dir():
                files.sync_folder(self.folder)

    def ids(self) -> set[str]:
        """The ids of all letters in the spool.

        Raises:
            StoreError: the folder cannot be read.
        """
        with files.faults(self.folder):
            if not self.folder.exists():
                return set()
            names = [path.name for path in self.folder.iterdir()]
        return {
            name.removesuffix(_END) for name in names if name.endswith(_END) and _ID.fullmatch(name.removesuffix(_END))
        }

    def sweep(self) -> int:
        """Remove what writers left behind that were killed half-way; returns how many files.

        Raises:
            StoreError: the disk refused.
        """
        with files.faults(self.folder):
            return files.sweep(self.folder)

    def _path(self, ident: str) -> Path:
        if not _ID.fullmatch(ident):
            raise InputError(f"{ident!r} is no letter's id: an id has letters, digits, - and _ only")
        return self.folder / f"{ident}{_END}"
