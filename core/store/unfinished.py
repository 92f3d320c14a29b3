"""Which draft somebody is writing on: a small file beside it while that lasts, so that after a crash it can be told.

The file is named after the process. Whose process is gone, and left the file, did not finish.

Never: the draft itself, which is in the drafts folder; anything that would be missed if the file were lost.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NAME = ".writing-"


def note(folder: Path, ident: str) -> None:
    """This process writes on the draft of this id; a disk that refuses is no reason to disturb."""
    with suppress(OSError):
        (folder / f"{_NAME}{os.getpid()}").write_text(ident, encoding="utf-8")


def forget(folder: Path) -> None:
    """This process writes no more."""
    with suppress(OSError):
        (folder / f"{_NAME}{os.getpid()}").unlink(missing_ok=True)


def left(folder: Path) -> list[str]:
    """The ids of the drafts on which a process wrote when it ended; each is told once."""
    return list(_left(folder))


def _left(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob(f"{_NAME}*")):
        number = path.name.removeprefix(_NAME)
        if number.isdigit() and not _runs(int(number)):
            with suppress(OSError):
                ident = path.read_text(encoding="utf-8", errors="replace")
                path.unlink()
                yield ident


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it is somebody else's, or no number of a process
        return True
    return True
