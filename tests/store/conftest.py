import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.store.ledger import Ledger, open_ledger

CHANGES = ("pwrite", "fsync", "ftruncate", "rename", "replace", "link", "unlink")
Work = Callable[[], object]
Dying = Callable[[Work, int], bool]


def _dies(work: Work, at: int) -> bool:
    """Do work in a child that is killed at its nth change of the disk, a write half-way; False: it got through."""
    child = os.fork()
    if not child:
        left = at

        def fatal(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                nonlocal left
                left -= 1
                if left >= 0:
                    return call(*args, **kwargs)
                if name == "pwrite":
                    call(args[0], args[1][: len(args[1]) // 2], args[2])
                os.kill(os.getpid(), signal.SIGKILL)
                raise AssertionError

            return wrapped

        for name in CHANGES:
            setattr(os, name, fatal(name, getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.fixture
def dies() -> Dying:
    """Crash points: see ``_dies``."""
    return _dies


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    ledger = open_ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()
