"""The benchmarks of the screens work: each finds its way to the list, the letter and the draft, and has its table."""

import subprocess
import sys

import pytest

from tests.tui.terminal import ROOT

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("script", "rows"),
    [
        ("keys.py", ["the list, down", "the list, page down", "a letter, down", "a letter, page down", "a draft"]),
        ("start.py", ["mailrun"]),
    ],
)
def test_the_benchmark_works(script: str, rows: list[str]) -> None:
    """Our own program alone, and few keys; how quick it is, is no matter here."""
    command = [sys.executable, str(ROOT / "benchmarks" / script), "--quick", "--peers", ""]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = [line.removeprefix("| ") for line in done.stdout.splitlines()[2:]]
    assert len(found) == len(rows)
    assert all(line.startswith(row) for line, row in zip(found, rows, strict=True)), found
