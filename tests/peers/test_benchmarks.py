"""The benchmarks work: the screens' find their way to list, letter and draft, and each has its table."""

import re
import subprocess
import sys

import pytest

from tests.peers.servers import need
from tests.tui.terminal import ROOT

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("script", "rows"),
    [
        ("keys.py", ["the list, down", "the list, page down", "a letter, down", "a letter, page down", "a draft"]),
        ("start.py", ["mailrun"]),
        ("progress.py", ["mailrun, the Connection screen"]),
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


def test_forecasts_of_calls_are_held_against_what_came_of_them() -> None:
    """The table has its lines; a machine that does other things as well must not be told apart from a bad forecast."""
    command = [sys.executable, str(ROOT / "benchmarks" / "forecast.py"), "--quick", "--runs", "1"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode in (0, 1), done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert [row[:2] for row in rows] == [["256 kbit/s, 0.05 s", "1"], ["loopback", "1"], ["all", "2"]]
    assert all(re.fullmatch(r"\d+\.\d%", cell) for row in rows for cell in row[3:])


def test_the_benchmark_of_calls_works() -> None:
    """Over a quick relay a call to real servers carries every letter once, and has its row."""
    need("dovecot", "postfix")
    command = [sys.executable, str(ROOT / "benchmarks/line.py"), "--ways", "relay", "--lines", "Q"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    [row] = done.stdout.splitlines()[2:]
    assert row.startswith("| Q | relay | mailrun |")
    assert row.endswith("| 1 of 1 |")
