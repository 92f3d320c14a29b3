import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from rich.live import Live

from core import events
from core.config import FILE
from core.household import Household
from tests.tui.house import SETTINGS
from tests.tui.scenes import AT, RUN
from tests.tui.terminal import ROOT, terminal
from tui import progress
from tui.__main__ import drawable
from tui.progress import Drawing, lines
from tui.widgets.call import Call


@pytest.mark.parametrize("width", [59, 79, 119])
def test_a_run_is_drawn_in_three_lines_that_fit(width: int) -> None:
    """Both directions, and the state of the line with what it costs."""
    drawn = lines(RUN, AT, width).plain.split("\n")

    assert [line.split()[0] for line in drawn] == ["out", "in", "On"]
    assert all(len(line) <= width for line in drawn)
    assert "0:21 left" in drawn[2]
    assert "0.09 EUR" in drawn[2]


def test_before_the_line_is_up_there_is_one_line_and_at_the_end_none() -> None:
    """There is nothing to measure yet, or no longer."""
    assert lines(Call("dialing", "0860", 2), AT, 80).plain == " Dialling 0860, try 2."
    assert lines(Call(), AT, 80).plain == ""


def test_lines_stay_and_bars_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said stands above the bars in its order; progress that comes too often is drawn once."""
    out, clock = io.StringIO(), iter([100.0, 101.0, 101.01, 101.2, 102.0, 103.0])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    console = Console(file=out, force_terminal=True, width=80, height=24, color_system=None)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        tell = Drawing(live).tell
        for event in (
            events.Connected("0860", 33600),
            events.Progress("up", 10, 90),
            events.Progress("up", 20, 90),
            events.Progress("up", 30, 90),
            events.Trouble("isp", "it [bold]broke[/nope]"),
            events.HungUp(3.0),
        ):
            tell(event)
    drawn = out.getvalue()

    assert [text in drawn for text in ("10 of 90 B", "20 of 90 B", "30 of 90 B")] == [True, False, True]
    assert drawn.index("the line is up") < drawn.index("it [bold]broke[/nope]") < drawn.index("the line is down")
    assert "\x1b[?25h" in drawn[drawn.index("the line is down") :]


@pytest.mark.parametrize(
    ("encoding", "tty", "term", "drawn"),
    [
        ("utf-8", True, "xterm", True),
        ("utf-8", True, "dumb", False),
        ("utf-8", False, "xterm", False),
        ("iso8859-1", True, "xterm", False),
    ],
)
def test_bars_are_drawn_where_they_can_be_seen(encoding: str, tty: bool, term: str, drawn: bool) -> None:
    """Elsewhere the run is told in lines."""
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    out.isatty = lambda: tty  # type: ignore[method-assign] # a terminal of this encoding

    assert drawable(out, {"TERM": term}) is drawn


SLOW = '[line]\nkind = "command"\nup = ["sleep", "30"]\ndown = ["true"]\n'


@pytest.fixture
def slow(house: Household) -> Path:
    """A house whose line takes half a minute to come up."""
    path = house.folder / FILE
    path.write_text(SETTINGS[: SETTINGS.index("[line]")] + SLOW, encoding="utf-8")
    return house.folder


def test_ctrl_c_hangs_up_and_leaves_the_terminal_clean(slow: Path) -> None:
    """The line is down, the bars are gone, the cursor is back, and the status says to try again."""
    with terminal(["-m", "tui", "--household", str(slow), "run"]) as screen:
        at = screen.wait_for("Dialling")
        screen.press("\x03")
        screen.wait_for("the run was ended by hand", at)

        assert screen.end() == os.EX_TEMPFAIL
        assert screen.seen.rindex(b"\x1b[?25h") > screen.seen.rindex(b"\x1b[?25l")
        assert screen.seen.rindex(b"Dialling") < screen.seen.rindex(b"\x1b[2K")


@pytest.mark.parametrize(("settings", "colour"), [({"NO_COLOR": "1"}, False), ({"TERM": "linux"}, True)])
def test_colours_are_those_that_a_terminal_has(house: Household, settings: dict[str, str], colour: bool) -> None:
    """Sixteen of its own; none where they are not wanted."""
    code = "from tests.tui.test_drawing import RUN, AT\nfrom tui.progress import bars, lines\n"
    code += "with bars() as tell:\n    tell.__self__._live.update(lines(RUN, AT, 70), refresh=True)"
    with terminal(["-c", code], env=settings) as screen:
        screen.end()
        written = bytes(screen.seen)

    assert (b"\x1b[32m" in written) is colour
    assert b"38;2" not in written
    assert "━━━" in written.decode()


def test_a_pipe_gets_plain_lines(house: Household) -> None:
    """As before there were bars; a modem that is not there is told in one sentence."""
    command = [sys.executable, "-m", "tui", "--household", str(house.folder), "run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert "\x1b" not in done.stdout + done.stderr
    assert "failed: 0 sent" in done.stdout
    assert "/dev/nowhere" in done.stderr


def test_drawing_a_run_loads_no_textual() -> None:
    """It would take longer than all else."""
    code = "import sys, tui.__main__, tui.progress; print([m for m in sys.modules if m.split('.')[0] == 'textual'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
