"""mbox -> learn: what the index of a member's mailboxes lacks: changes by others, threads, the words of letters.

After the first look at large mailboxes this takes a while, so the screens leave it to a process of its own
(``python -m core.learn DIR FOLDER``, a JSON object a line), which may be ended at any moment.

Never: a change to a mailbox.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

from core.errors import MailrunError
from core.store import index, mbox, words

Stage = Literal["letters", "known", "words"]
_PAUSE = 0.05  # seconds between two tellings
_KIND = 10  # how much nicer the words are than all else


@dataclass(frozen=True, slots=True)
class Learned:
    """How far it is: letters are read (``stage`` "letters"; bytes), all are known, or their words are taken in."""

    folder: str
    stage: Stage
    done: int
    total: int


def learn(boxes: Path, first: str, emit: Callable[[Learned], None]) -> None:
    """Bring the index of the mailboxes in a folder up to date, ``first`` before the others; then the words.

    Raises:
        BusyError, StoreError: none of the mailboxes could be read.
    """
    names = list(dict.fromkeys([first, *mbox.folders(boxes)]))
    faults: list[MailrunError] = []
    for name in names:
        try:
            index.update(boxes / name, _teller(name, "letters", emit), _known(name, emit))
        except MailrunError as error:
            faults.append(error)
    if len(faults) == len(names):
        raise faults[0]
    with suppress(OSError):
        os.nice(_KIND)
    words.renew(boxes / first)
    for name in names:
        with suppress(MailrunError):
            words.fill(boxes / name, tell=_teller(name, "words", emit))


def _known(folder: str, emit: Callable[[Learned], None]) -> Callable[[int], None]:
    return lambda total: emit(Learned(folder, "known", total, total))


def _teller(folder: str, stage: Stage, emit: Callable[[Learned], None]) -> Callable[[int, int], None]:
    """Tells of a stage, though not more often than anybody can see."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if done == total or monotonic() - last > _PAUSE:
            last = monotonic()
            emit(Learned(folder, stage, done, total))

    return tell


def main() -> None:
    """The process: DIR and the first FOLDER are its arguments."""
    gc.disable()  # it makes very many small things, and no circles
    with suppress(MailrunError, BrokenPipeError, KeyboardInterrupt):
        learn(Path(sys.argv[1]), sys.argv[2], lambda one: print(json.dumps(asdict(one)), flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
