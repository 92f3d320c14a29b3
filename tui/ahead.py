"""The process that brings the index up to date: started when the screens need it, or even before they are loaded.

Never: Textual, or anything of core: that is what it runs beside.
"""

import getpass
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]  # the process finds the same program, wherever it was started
_LARGE = 1 << 24  # bytes: a first look at a smaller mailbox takes no time


def start(boxes: Path, folder: str) -> subprocess.Popen[bytes]:
    """Have the index of the mailboxes in a folder brought up to date, one of them first.

    Raises:
        OSError: there can be no process.
    """
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(  # noqa: S603 - this program itself
        [sys.executable, "-m", "core.learn", str(boxes), folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )


def early(household: Path, member: str) -> subprocess.Popen[bytes] | None:
    """While the screens load, a large inbox that nobody has looked at is read already."""
    inbox = household / "mail" / (member or getpass.getuser()) / "inbox"
    with suppress(OSError):
        if inbox.stat().st_size >= _LARGE and not inbox.with_name(".index.db").exists():
            return start(inbox.parent, inbox.name)
    return None
