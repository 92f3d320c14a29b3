"""What is attached, laid out for a program of this computer: in a folder that is nobody else's, until the end.

Never: starting the program; the bridge does.
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
    wanted = shlex.split(os.environ.get("MAILRUN_VIEWER", "") or _USUAL)
    return wanted if wanted and shutil.which(wanted[0]) else []


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
