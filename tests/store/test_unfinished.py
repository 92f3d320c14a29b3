import os
import subprocess
import sys
from pathlib import Path

from core.store import unfinished

DIES = """
import os, sys
from pathlib import Path
from core.store import unfinished
unfinished.note(Path(sys.argv[1]), "a1")
os._exit(9)
"""


def test_a_draft_of_a_process_that_died_is_told_once(tmp_path: Path) -> None:
    """Whoever ends without a word leaves the mark; who looks takes it away."""
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False, env={**os.environ})

    assert unfinished.left(tmp_path) == ["a1"]
    assert unfinished.left(tmp_path) == []


def test_a_draft_that_somebody_is_writing_on_is_not_told(tmp_path: Path) -> None:
    """The process still runs: this one."""
    unfinished.note(tmp_path, "a1")
    assert unfinished.left(tmp_path) == []

    unfinished.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_never_disturbs(tmp_path: Path) -> None:
    """A folder that is not there, and files of other names, are no fault."""
    unfinished.note(tmp_path / "none", "a1")
    unfinished.forget(tmp_path / "none")
    (tmp_path / ".writing-x").write_text("?")
    (tmp_path / ".writing-99999999999999999999").write_text("?")

    assert unfinished.left(tmp_path) == []
    assert unfinished.left(tmp_path / "none") == []
