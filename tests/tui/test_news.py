import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest

from core import read
from core.config import check
from core.deliver import Delivery, deliver
from core.events import Event, Fetched, Finished, HungUp
from core.household import Household
from core.mail.split import Routed
from tests.tui.conftest import Open
from tests.tui.house import NOW, SETTINGS
from tests.tui.steps import SIZE, settled
from tests.tui.terminal import terminal
from tui import news
from tui.news import News, desktop, heard, sentence


def fetched(sender: str, *members: str) -> Fetched:
    """A letter that came from the provider."""
    return Fetched("isp", "u1", 3000, members, "envelope", sender, "Secret: the surprise for Ann")


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], ("0 new letters", "")),
        ([fetched("g@far.example", "paul")], ("1 new letter", "from g@far.example")),
        ([fetched("g@far.example", "luc"), HungUp(3, "")], ("0 new letters", "")),
        ([fetched("g@far.example", "paul", "luc")] * 2, ("2 new letters", "from g@far.example")),
        ([fetched(f"{n}@far.example", "paul") for n in range(5)], ("5 new letters", "and 2 more")),
        ([fetched("", "paul")], ("1 new letter", "")),
        ([fetched("\x1b]2;owned\x07", "paul")], ("1 new letter", "from \ufffd]2;owned\ufffd")),
    ],
)
def test_how_many_came_and_from_whom(events: list[Event], told: tuple[str, str]) -> None:
    """To the member at the desk, each sender once, and nothing of what a letter says."""
    found = News()
    for event in events:
        found = heard(found, event, "paul")

    count, whom = sentence(found)
    assert count == told[0]
    assert told[1] in whom
    assert "surprise" not in whom


def write(program: Path, text: str) -> None:
    """Another program of the same name."""
    program.write_text(text)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A notify-send that writes down what it is given."""
    path = tmp_path / "notify-send"
    path.write_text(f'#!/bin/sh\nfor word; do echo "$word" >> {tmp_path}/given; done\n')
    path.chmod(0o700)
    return path


async def test_the_desktop_is_told_safely(program: Path) -> None:
    """Without a shell, behind --, and without markup; where there is no desktop, not at all."""
    here = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    some = News(2, ("--urgency=critical <b>", "$(touch owned)"))
    await desktop(some, here)
    assert not os.path.exists(program.parent / "given")  # noqa: ASYNC240, PTH110 - a test may wait for the disk

    await desktop(some, here | {"DISPLAY": ":7"})
    given = await asyncio.to_thread((program.parent / "given").read_text)
    assert given.splitlines()[-3:] == [
        "--",
        "mailrun: 2 new letters",
        "from --urgency=critical &lt;b&gt;, $(touch owned)",
    ]


async def test_a_desktop_that_hangs_is_left(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program is ended, and a broken one harms nothing."""
    monkeypatch.setattr(news, "PATIENCE", 0.1)
    here = {"PATH": str(program.parent), "WAYLAND_DISPLAY": "w"}
    write(program, "#!/bin/sh\nexec /bin/sleep 600\n")
    begun = time.monotonic()
    await desktop(News(1), here)
    assert time.monotonic() - begun < 60

    write(program, "no program at all")
    await desktop(News(1), here)


async def test_the_bell_rings_once_a_run(screens: Open) -> None:
    """However many letters came; for others' letters, or where it is not wanted, it is silent."""
    app, rings = screens(), list[int]()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        app.bell = lambda: rings.append(1)  # type: ignore[method-assign] # heard by nobody in a test
        for member, expected in (("paul", 1), ("luc", 1)):
            app._bridge._news = News()
            for _ in range(3):
                app._bridge._emit(fetched("g@far.example", member))
            app._bridge._emit(Finished("complete", fetched=3))
            assert len(rings) == expected


@pytest.mark.parametrize(("term", "titled"), [("xterm-256color", True), ("linux", False)])
def test_the_title_counts_unread_letters_and_is_given_back(house: Household, term: str, titled: bool) -> None:
    """The terminal keeps the one before; a console without titles is sent none."""
    unread = sum("R" not in row.flags for row in read.rows(house, "paul"))
    title = f"\x1b[22;2t\x1b]2;mailrun: {unread} new\x07".encode()
    with terminal(["-m", "tui", "--household", str(house.folder), "--as", "paul"], env={"TERM": term}) as screen:
        at = screen.wait_for("The garden after")
        screen.wait_for("EUR", at)
        screen.press("q")
        assert screen.end() == 0

        assert (title in screen.seen) == titled
        assert screen.seen.rstrip().endswith(b"\x1b[23;2t") == titled


@pytest.mark.parametrize(
    ("value", "sentence_"),
    [
        ('["bell"]', ""),
        ('["none"]', ""),
        ("[]", ""),
        ('["bel"]', 'members.paul.notices has "bel", but knows only bell, title, desktop, none (did you mean bell?)'),
    ],
)
def test_notices_are_switched_in_the_settings(value: str, sentence_: str) -> None:
    """A word that means nothing is told, with the nearest."""
    _, faults = check(SETTINGS.replace("[members.luc]", f"notices = {value}\n[members.luc]"))

    assert [fault.sentence for fault in faults] == ([sentence_] if sentence_ else [])


@pytest.mark.skipif(shutil.which("bash") is None, reason="wants a shell that looks for mail")
def test_a_shell_sees_that_new_mail_has_come(house: Household) -> None:
    """Bash looks at the times and the size of the mbox, as biff does; it counts in seconds, so some letters come."""
    inbox, at = house.box("paul"), 0
    os.utime(inbox, (1, 1))
    shell = ["-c", "import os; os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])"]
    with terminal(shell, env={"MAIL": str(inbox), "MAILCHECK": "0", "PS1": "ready> "}) as screen:
        for number in range(1000):
            at = screen.wait_for("ready> ", at)
            if b"You have new mail in" in screen.seen:
                break
            message = b"From: g@far.example\nSubject: %d\n\nHi\n" % number
            one = Delivery(f"isp/{number}", message, Routed(("paul",), "envelope", "", ""), "g@far.example")
            deliver(house, [one], NOW)
            screen.press(":\n")

        assert b"You have new mail in" in screen.seen
