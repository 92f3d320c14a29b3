import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from core import read
from core.household import Household
from tests.tui.house import PAUL, Note, put
from tests.tui.terminal import ROOT, Terminal, terminal
from tests.tui.wire import strange
from tui.__main__ import asked

HOSTILE = "plum\x1b]2;owned\x07\x1b[2J\x9b31m\x9d0;owned\x9c\u202etree\x00 [/nope] end"
CRASH = """
import sys
import termios
from pathlib import Path
from tui.app import Mailrun
from tui.bridge import open_bridge

class Broken(Mailrun):
    def action_help(self):
        secret = "the passphrase of Ann"
        raise RuntimeError("a letter with \\x1b]2;owned\\x07 in it")

app = Broken(open_bridge(Path(sys.argv[1]), "paul"))
app.run()
sys.exit(app.return_code)
"""


def here(house: Household) -> list[str]:
    """The program on this house, with Paul at the desk."""
    return ["-m", "tui", "--household", str(house.folder), "--as", "paul"]


def test_nothing_of_a_letter_is_obeyed_by_the_terminal(house: Household) -> None:
    """Titles, clears, C1 controls and overrides in every place of a letter reach the terminal as signs."""
    put(house, "paul", "inbox", Note(f"{HOSTILE} <a@far.example>", PAUL, HOSTILE, 0.1, HOSTILE, "O"))
    with terminal(here(house)) as screen:
        at = screen.wait_for("The garden after")
        screen.press("G\r")
        screen.wait_for("end", screen.wait_for("plum", at))
        screen.press("hh")
        screen.wait_for("MIME-Version")
        screen.press("r")
        at = screen.wait_for("> plum")  # in an answer it is edited
        screen.press("\x1b")
        screen.wait_for("MIME-Version", at)
        screen.press("qq")
        assert screen.end() == 0

        assert strange(bytes(screen.seen)) == []


def test_a_crash_shows_where_but_no_values_and_is_no_success(house: Household, tmp_path: Path) -> None:
    """No local variable, no escape sequence; the terminal is as before, and the exit status says it."""
    program = tmp_path / "broken.py"
    program.write_text(CRASH, encoding="utf-8")
    with terminal([str(program), str(house.folder)]) as screen:
        screen.wait_for("The garden after")
        screen.press("?")
        assert screen.end() == 1

        written = bytes(screen.seen).decode("utf-8", "replace")
        assert "RuntimeError: a letter with" in written
        assert "Please report what stands above." in written
        assert "passphrase of Ann" not in written
        assert "\x1b]2;owned" not in written
        assert "\x1b[?1049l" in written


def test_the_editor_gets_the_terminal_and_the_text(house: Household, tmp_path: Path) -> None:
    """What the editor leaves is the letter's text; the draft has it."""
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "the editor was here" >> "$1"\n')
    editor.chmod(0o700)
    with terminal(here(house), env={"EDITOR": str(editor), "VISUAL": ""}) as screen:
        at = screen.wait_for("The garden after")
        screen.press("c")
        at = screen.wait_for("Subject", at)
        screen.press("luc\x05")
        at = screen.wait_for("the editor was here", at)
        screen.press("\x1b")
        screen.wait_for("Inbox", at)
        screen.press("q")
        assert screen.end() == 0

    row = read.rows(house, "paul", "drafts")[0]
    assert row.to == "luc"
    assert "the editor was here" in read.letter(house, "paul", "drafts", row.id).text


def left(written: bytes) -> dict[int, bool]:
    """Which modes of the terminal are on at the end, of those that were ever changed."""
    return {int(mode): on == b"h" for mode, on in re.findall(rb"\x1b\[\?(\d+)([hl])", written)}


@pytest.mark.parametrize("way", ["q", "crash", "signal"])
def test_the_terminal_is_left_as_it_was(house: Household, tmp_path: Path, way: str) -> None:
    """However the screens end: echo and lines are back, the first screen, the cursor, no mouse, no marked paste."""
    program = tmp_path / "broken.py"
    program.write_text(CRASH, encoding="utf-8")
    with terminal([str(program), str(house.folder)]) as screen:
        screen.wait_for("The garden after")
        assert not screen.modes()[3] & termios.ICANON  # type: ignore[operator] # the fourth of seven is a number
        screen.process.send_signal(signal.SIGTERM) if way == "signal" else screen.press("q" if way == "q" else "?")
        screen.end()

        lasting = int(screen.modes()[3])  # type: ignore[call-overload]
        assert lasting & termios.ICANON
        assert lasting & termios.ECHO
        assert lasting & termios.ISIG
        modes = left(bytes(screen.seen))
        assert (modes.pop(25), modes.pop(7, True)) == (True, True)
        assert not any(modes.values()), modes


def test_a_closed_window_ends_the_program(house: Household) -> None:
    """The terminal is gone, so there is nothing to paint on: the program ends and does not spin."""
    with terminal(here(house)) as screen:
        screen.wait_for("The garden after")
        screen.close()

        screen.end()
    assert read.rows(house, "paul")


def test_another_size_is_another_picture(house: Household) -> None:
    """A wider window shows the folders beside the list; in a smaller one nothing is written outside of it."""
    with terminal(here(house)) as screen:
        at = screen.wait_for("The garden after")
        screen.quiet()
        screen.resize(40, 120)
        screen.wait_for("Trash", at)
        screen.quiet()
        start = len(screen.seen)
        screen.resize(20, 60)
        screen.wait_for("Inbox", start)
        screen.quiet()
        small = bytes(screen.seen[start:])
        places = [(int(line), int(column)) for line, column in re.findall(rb"\x1b\[(\d+);(\d+)H", small)]
        assert places
        assert max(line for line, _ in places) <= 20
        assert max(column for _, column in places) <= 60
        screen.press("q")
        assert screen.end() == 0


def test_the_editor_has_a_terminal_that_edits_lines(house: Household, tmp_path: Path) -> None:
    """While the editor runs the terminal echoes and knows lines; afterwards the screens have theirs again."""
    editor, told = tmp_path / "editor", tmp_path / "told"
    editor.write_text(f"#!/bin/sh\nstty -a > {told}\n")
    editor.chmod(0o700)
    with terminal(here(house), env={"EDITOR": str(editor), "VISUAL": ""}) as screen:
        at = screen.wait_for("The garden after")
        screen.press("c")
        at = screen.wait_for("Subject", at)
        screen.press("\x05")
        at = screen.wait_for("\x1b[?1049l", at)  # the editor has the first screen
        at = screen.wait_for("\x1b[?1049h", at)
        screen.wait_for("Subject", at)
        assert {"icanon", "echo", "isig"} <= set(re.split(r"[\s;]+", told.read_text()))
        assert not int(screen.modes()[3]) & termios.ICANON  # type: ignore[call-overload]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_in_order(house: Household, sign: signal.Signals) -> None:
    """The terminal is closed, or the system goes down: the screens end as by q."""
    with terminal(here(house)) as screen:
        screen.wait_for("The garden after")
        screen.process.send_signal(sign)

        assert screen.end() == 0


def test_without_a_terminal_one_sentence_points_to_the_sub_commands(house: Household) -> None:
    """In a pipe, or on a dumb terminal, nothing is painted."""
    piped = subprocess.run([sys.executable, *here(house)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert piped.returncode == 64
    assert piped.stdout == ""
    assert "mailrun run" in piped.stderr

    with terminal(here(house), env={"TERM": "dumb"}) as screen:
        assert screen.end() == 64
        assert b"\x1b" not in screen.seen


def test_sub_commands_do_not_load_textual(house: Household) -> None:
    """A cron job does not pay for screens."""
    script = (
        "import sys; from tui.__main__ import main\n"
        "try: main()\n"
        "finally: print('textual' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "forecast", "--household", str(house.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines()[-1] == "False False"
    assert done.returncode == 0


def test_the_start_waits_for_nothing_that_nobody_sees(house: Household) -> None:
    """The list is shown without the libraries of the line, the address checker, other modes and the text area."""
    late = (
        *("serial", "aiosmtplib", "aiosmtpd", "dns", "email_validator", "click", "statistics", "PIL"),
        *("core.run", "core.world", "core.cli", "tui.screens.settings", "tui.screens.connection"),
        *("tui.screens.compose", "textual.widgets._text_area"),
    )
    script = (
        "import sys, asyncio; from pathlib import Path\n"
        "from tui.app import Mailrun; from tui.bridge import open_bridge\n"
        "async def main():\n"
        "    app = Mailrun(open_bridge(Path(sys.argv[1]), 'paul'))\n"
        "    async with app.run_test() as pilot: await pilot.pause(0.5)\n"
        f"asyncio.run(main()); print([name for name in {late!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(house.folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--as", "paul"], {"--as": "paul"}),
        (["--household=/h", "--as=paul"], {"--household": "/h", "--as": "paul"}),
        (["--household", "/h"], {"--household": "/h"}),
        (["--as"], None),
        (["run"], None),
        (["--as", "paul", "run"], None),
        (["--help"], None),
    ],
)
def test_only_the_two_options_open_the_screens(words: list[str], options: dict[str, str] | None) -> None:
    """Everything else is for the command line."""
    assert asked(words) == options


def test_an_unknown_member_is_one_sentence(house: Household) -> None:
    """No screen opens for somebody who does not live here."""
    with terminal(["-m", "tui", "--household", str(house.folder), "--as", "nobody"]) as screen:
        assert screen.end() == 65
        assert b"nobody is no member of this house" in screen.seen


def test_a_letter_survives_the_death_of_the_program(house: Household) -> None:
    """Killed without a word: what was written seconds ago is a draft, and the next start says so."""
    with terminal(here(house)) as screen:
        answering(screen, "The lighthouse was dark")
        for _ in range(200):
            if read.rows(house, "paul", "drafts"):
                break
            screen._read(0.1)
        screen.process.kill()
        assert screen.end() == -signal.SIGKILL

    (row,) = read.rows(house, "paul", "drafts")
    assert "The lighthouse was dark" in read.letter(house, "paul", "drafts", row.id).text
    with terminal(here(house)) as screen:
        screen.wait_for("A letter that you were writing is in")
        screen.press("q")
        assert screen.end() == 0


def test_a_letter_survives_the_end_of_the_terminal(house: Household) -> None:
    """The window is closed while one writes: every word is in the draft."""
    with terminal(here(house)) as screen:
        answering(screen, "The lighthouse was dark")
        screen.process.send_signal(signal.SIGHUP)
        assert screen.end() == 0

    (row,) = read.rows(house, "paul", "drafts")
    assert "The lighthouse was dark" in read.letter(house, "paul", "drafts", row.id).text


def test_keys_that_come_all_at_once_reach_their_fields(house: Household) -> None:
    """On a slow line a whole letter may arrive in one piece: each word stands where it belongs."""
    with terminal(here(house)) as screen:
        at = screen.wait_for("The garden after")
        screen.press("c")
        at = screen.wait_for("Subject", at)
        screen.press("tom@far.example\r\r\tWhat I saw\rThe lighthouse was dark")
        screen.wait_for("dark", at)
        screen.process.send_signal(signal.SIGHUP)
        assert screen.end() == 0

    (row,) = read.rows(house, "paul", "drafts")
    assert (row.to, row.subject) == ("tom@far.example", "What I saw")
    assert read.letter(house, "paul", "drafts", row.id).text == "The lighthouse was dark"


def answering(screen: Terminal, text: str) -> None:
    """Write this into an answer to the letter that is open."""
    at = screen.wait_for("The garden after")
    screen.press("r")
    at = screen.wait_for("Subject", at)
    screen.press(text)
    screen.wait_for(text[-4:], at)
