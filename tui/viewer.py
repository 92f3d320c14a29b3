"""The programs that show files and pages, and where what is attached is laid out for them until the end.

Never: starting a program; the bridge does.
"""

import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from core.errors import InputError
from core.mail.parts import Part

_ODD = re.compile(r"[^\w.+-]", re.ASCII)
_USUAL = "open" if sys.platform == "darwin" else "xdg-open"


def command() -> list[str]:
    """The program that shows files: $MAILRUN_VIEWER, else what the desktop has for it; nothing where there is none."""
    return _there(os.environ.get("MAILRUN_VIEWER", "")) or _there(_USUAL)


def browser() -> list[str]:
    """The program that shows pages of the web: the first of $BROWSER, else the desktop's; nothing where none is."""
    return _there(os.environ.get("BROWSER", "").split(os.pathsep)[0].replace("%s", "")) or _there(_USUAL)


def _there(line: str) -> list[str]:
    """A command, in words, if there is such a program."""
    try:
        words = shlex.split(line)
    except ValueError:
        return []
    return words if words and shutil.which(words[0]) else []


class Table:
    """Where files are laid out; ``clear`` takes them away."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def lay(self, part: Part, content: bytes) -> Path:
        """A file that only this user can read, and nobody change (0400), in a folder of its own (0700).

        Raises:
            InputError: it cannot be written.
        """
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="mailrun-"))
            path = Path(tempfile.mkdtemp(dir=self._folder)) / ("a" + _ODD.sub("_", part.name)[-80:])
            path.touch(0o600)
            path.write_bytes(content)
            path.chmod(0o400)
        except OSError as error:
            raise InputError(f"{tempfile.gettempdir()} cannot be written: {error.strerror}") from None
        return path

    def clear(self) -> None:
        """Nothing is left."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
