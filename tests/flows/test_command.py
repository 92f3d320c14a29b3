"""The command line as scripts see it: what it prints, its exit status, and that the phone is down whatever happens."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.rehearsal.house import NUMBER
from core.rehearsal.modem import Behaviour
from core.rehearsal.stage import Scene, stage
from core.template import template

Changes = dict[tuple[str, ...], object]


class Answer(NamedTuple):
    """What a command printed, and how it ended."""

    out: str
    err: str
    status: int


def command(folder: Path, *words: str, program: str = "core") -> list[str]:
    """The words that start the program on this household."""
    return [sys.executable, "-m", program, "--household", str(folder), *words]


async def mailrun(folder: Path, *words: str, stdin: bytes = b"") -> Answer:
    """Run the program to its end."""
    process = await asyncio.create_subprocess_exec(
        *command(folder, *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    return Answer(out.decode(), err.decode(), process.returncode or 0)


def last(answer: Answer) -> dict[str, Any]:
    """The last JSON object that a run printed."""
    value: dict[str, Any] = json.loads(answer.out.splitlines()[-1])
    return value


async def test_send_and_queue_know_when_a_letter_leaves(tmp_path: Path) -> None:
    """Hold, urgent and a time are taken and told, in words and as JSON."""
    async with stage(tmp_path):
        letter = b"To: grandma@far.example\nSubject: hello\n\nhello\n"
        words = ("--as", "paul", "-t", "--urgent", "--not-before", "2999-01-01 09:00")
        sent = await mailrun(tmp_path, "send", *words, stdin=letter)
        assert "to grandma@far.example, from 1 Jan 2999" in sent.out
        wrong = await mailrun(tmp_path, "send", "--as", "paul", "-t", "--not-before", "soon", stdin=letter)
        assert (wrong.status, '"soon" is no time' in wrong.err) == (os.EX_DATAERR, True)

        waiting = json.loads((await mailrun(tmp_path, "queue", "--json")).out)
        (later,) = [one for one in waiting if one["subject"] == "hello"]
        assert (later["urgent"], later["held"], later["not_before"][:10]) == (True, False, "2999-01-01")


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("busy", "mailrun: 5550199 is busy (4 tries)"),
        ("no answer", "mailrun: 5550199 does not answer (4 tries)"),
        (
            "no dialtone",
            "mailrun: 5550199: no dial tone; is the telephone cable in, and nobody on the phone? (4 tries)",
        ),
        ("no carrier", "mailrun: 5550199: no carrier; whatever is there, it did not answer as a modem does (4 tries)"),
    ],
)
async def test_refused_call(tmp_path: Path, behaviour: Behaviour, sentence: str) -> None:
    """A call that does not come about ends with status 75 and one sentence that says how it was refused."""
    numbers: dict[str, Behaviour] = {NUMBER: behaviour}
    changes: Changes = {("line", "redials"): 3}
    async with stage(
        tmp_path, rate=0, delay=0.0, dial_seconds=0.0, numbers=numbers, letters=[], changes=changes
    ) as scene:
        answer = await mailrun(tmp_path, "run", "--json")

        assert (answer.status, answer.err.strip()) == (75, sentence)
        assert (last(answer)["outcome"], last(answer)["cost"]) == ("failed", "0.00")
        assert not scene.modem.offhook


async def test_dropped_call(tmp_path: Path) -> None:
    """A line that drops ends with status 75, and the next run brings the rest home."""
    letters = [f"X-Original-To: mia.dupont@home.example\nSubject: {n}\n\n{'sea ' * 900}\n".encode() for n in range(6)]
    async with stage(tmp_path, rate=0, delay=0.0, dial_seconds=0.0, letters=letters) as scene:
        scene.line.drop_after("down", 9_000)
        dropped = await mailrun(tmp_path, "run", "--json")
        scene.line.drop_after("down", None)

        again = await mailrun(tmp_path, "run", "--json")

        assert (dropped.status, again.status) == (75, 0)
        assert last(dropped)["fetched"] + last(again)["fetched"] == len(letters)
        found = json.loads((await mailrun(tmp_path, "mail", "list", "--for", "mia", "--json")).out)
        assert sorted(row["subject"] for row in found if row["subject"].isdigit()) == list("012345")
        assert not scene.modem.offhook


async def on_the_line(scene: Scene, process: asyncio.subprocess.Process) -> None:
    """Wait until the call is connected and letters come in."""
    assert process.stdout is not None
    async for line in process.stdout:
        if json.loads(line)["event"] == "fetched":
            assert scene.modem.offhook
            return
    raise AssertionError("the run ended before any letter came")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signal_hangs_up(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and SIGHUP put the phone down, write the statement, and end with status 75."""
    async with stage(tmp_path, rate=33600, delay=0.0, dial_seconds=0.0) as scene:
        process = await asyncio.create_subprocess_exec(
            *command(tmp_path, "run", "--json"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        await on_the_line(scene, process)

        process.send_signal(number)
        out, err = await process.communicate()

        assert (process.returncode, json.loads(out.splitlines()[-1])["event"]) == (75, "finished")
        assert err.decode().startswith("mailrun: the run was ended by hand")
        assert not scene.modem.offhook


async def test_kill_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """After SIGKILL in the middle of a call the next run makes good: each letter once, nothing left but a big one."""
    async with stage(tmp_path, rate=256_000, delay=0.0, dial_seconds=0.0) as scene:
        waiting = len(scene.provider.box.letters())
        process = await asyncio.create_subprocess_exec(
            *command(tmp_path, "run", "--json"), stdout=asyncio.subprocess.PIPE
        )
        await on_the_line(scene, process)
        process.kill()
        await process.communicate()
        scene.modem.drop()

        again = await mailrun(tmp_path, "run", "--json")

        assert (again.status, len(scene.provider.box.letters())) == (0, 1)
        marks = fetched(tmp_path)
        assert len(marks) == len(set(marks))
        assert len({mark for _, mark in marks}) == waiting - 1


def fetched(folder: Path) -> list[tuple[Path, bytes]]:
    """Which letters of the maildrop each member has, in whatever folder."""
    boxes = [path for path in folder.glob("mail/*/[!.]*") if path.suffix != ".lock"]
    lines = [(path.parent, line) for path in boxes for line in path.read_bytes().splitlines()]
    return [(member, line) for member, line in lines if line.startswith(b"X-Mailrun-Id: isp/")]


async def test_second_run_is_told_who_has_the_line(tmp_path: Path) -> None:
    """While a run is on another one ends at once with status 75."""
    async with stage(tmp_path, rate=33600, delay=0.0, dial_seconds=0.0) as scene:
        process = await asyncio.create_subprocess_exec(
            *command(tmp_path, "run", "--json"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        await on_the_line(scene, process)

        answer = await mailrun(tmp_path, "run")

        assert (answer.status, "mailrun run" in answer.err, str(process.pid) in answer.err) == (75, True, True)
        process.terminate()
        await process.communicate()


async def test_no_modem_is_unavailable(tmp_path: Path) -> None:
    """Without the device a run ends with status 69 and names it."""
    changes: Changes = {("line", "device"): "/dev/no-such-modem"}
    async with stage(tmp_path, rate=0, delay=0.0, dial_seconds=0.0, letters=[], changes=changes):
        answer = await mailrun(tmp_path, "run")

        assert (answer.status, "/dev/no-such-modem" in answer.err) == (69, True)


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["run", "--send-only", "--fetch-only"], 64, "exclude each other"),
        (["rum"], 64, "No such command 'rum'"),
        (["queue", "hold"], 64, "needs the ID"),
        (["queue", "hold", "xyz"], 65, "no letter 'xyz'"),
        (["mail", "list", "--for", "pol"], 65, "pol is no member"),
        (["mail", "show", "nothing", "--for", "anna"], 65, "no letter nothing"),
        (["mail", "list", "--for", "anna", "--folder", "../x"], 65, "no name for a folder"),
        (["send", "--as", "anna"], 65, "no recipient"),
        (["send", "--as", "anna", "luk"], 65, "luk"),
        (["init", "."], 65, "there already"),
        (["send", "--as", "bob", "a@b.example"], 65, "bob is no member"),
    ],
)
async def test_bad_input(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    """What cannot be done is told in one sentence, with the status of sysexits.h."""
    path = tmp_path / "household.toml"
    path.write_text(template("anna"))
    path.chmod(0o600)

    answer = await mailrun(tmp_path, *(str(tmp_path) if word == "." else word for word in words))

    assert (answer.status, sentence in answer.err, answer.err.count("\n")) == (status, True, 1), answer.err


async def test_bad_settings(tmp_path: Path) -> None:
    """A wrong household.toml ends with status 78, and tells file, line and key; nothing else is printed."""
    path = tmp_path / "household.toml"
    path.write_text(template("anna").replace("[line]\n", '[line]\nkind = "modm"\n'))
    path.chmod(0o600)

    answer = await mailrun(tmp_path, "run")

    assert (answer.status, answer.out) == (78, "")
    assert answer.err.startswith(f"mailrun: {path}:")
    assert "(did you mean modem?)" in answer.err


async def test_nicknames_expand(tmp_path: Path) -> None:
    """A member's nicknames, taken over from a .mailrc, stand for their addresses when that member sends."""
    path = tmp_path / "household.toml"
    path.write_text(template("anna"))
    path.chmod(0o600)
    (tmp_path / "mailrc").write_text("alias granny 'Helene <grandma@far.example>'\nalias us granny anna\n")

    shown = await mailrun(tmp_path, "mail", "book", "--for", "anna", "--import", str(tmp_path / "mailrc"), "--json")
    sent = await mailrun(tmp_path, "send", "--as", "anna", "us", "--json", stdin=b"Subject: hello\n\nhello\n")

    assert json.loads(shown.out) == {"granny": ["Helene <grandma@far.example>"], "us": ["granny", "anna"]}
    assert json.loads(sent.out)["recipients"] == ["anna", "grandma@far.example"]


async def sendmail(folder: Path, *words: str, stdin: bytes = b"") -> Answer:
    """The program under its other name."""
    code = "import sys; from core.sendmail import main; main(sys.argv[1:])"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"MAILRUN_HOUSEHOLD": str(folder)},
    )
    out, err = await process.communicate(stdin)
    return Answer(out.decode(), err.decode(), process.returncode or 0)


@pytest.mark.parametrize(
    "words", [["-t", "-oi"], ["-i", "grandma@far.example"], ["-oem", "-f", "anna", "-F", "Anna A", "-ti"]]
)
async def test_sendmail_queues(tmp_path: Path, words: list[str]) -> None:
    """Called as sendmail, with the flags that mail programs use, a letter waits for the next run; -bp shows it."""
    path = tmp_path / "household.toml"
    path.write_text(template("anna"))
    path.chmod(0o600)
    letter = b"To: grandma@far.example\nSubject: hello\n\nhello\n.\nmore\n"

    answer = await sendmail(tmp_path, *words, stdin=letter)

    assert (answer.status, answer.err) == (0, "")
    assert "grandma@far.example" in (await sendmail(tmp_path, "-bp")).out
    (waiting,) = json.loads((await mailrun(tmp_path, "queue", "--json")).out)
    assert (waiting["member"], waiting["from"]) == ("anna", "anna@home.example")
    assert b"\n.\nmore\n" in (tmp_path / f"spool/{waiting['id']}.eml").read_bytes()


async def test_sendmail_speaks_smtp(tmp_path: Path) -> None:
    """With -bs a mail program hands its letter in by SMTP: a good one waits, a bad recipient is refused in words."""
    path = tmp_path / "household.toml"
    path.write_text(template("anna"))
    path.chmod(0o600)
    dialogue = (
        "EHLO laptop\r\nMAIL FROM:<anna@localhost>\r\nRCPT TO:<luk@localhost>\r\nDATA\r\n\r\nhello\r\n.\r\n"
        "MAIL FROM:<anna@localhost>\r\nRCPT TO:<grandma@far.example>\r\nDATA\r\nSubject: hello\r\n\r\n..dot\r\n.\r\n"
        "QUIT\r\n"
    )

    answer = await sendmail(tmp_path, "-bs", stdin=dialogue.encode())

    said = answer.out.splitlines()
    assert (answer.status, answer.err, said[-1][:3]) == (0, "", "221")
    assert any(line.startswith("550 5.1.0") and "luk" in line for line in said)
    (waiting,) = json.loads((await mailrun(tmp_path, "queue", "--json")).out)
    assert any(line == f"250 2.0.0 {waiting['id']}" for line in said)
    letter = (tmp_path / f"spool/{waiting['id']}.eml").read_bytes()
    assert letter.endswith(b"\n\n.dot\n")
    assert b"localhost" not in letter


async def test_output_that_nobody_reads_is_no_fault(tmp_path: Path) -> None:
    """When the reader of a pipe has gone, the program ends quietly."""
    path = tmp_path / "household.toml"
    path.write_text(template("anna"))
    path.chmod(0o600)
    process = await asyncio.create_subprocess_shell(
        " ".join([*command(tmp_path, "mail", "folders", "--for", "anna"), "| true"]), stderr=asyncio.subprocess.PIPE
    )

    _, err = await process.communicate()

    assert err == b""
