"""A whole run against Debian's own servers: Dovecot as the maildrop, Postfix's smtp-sink as the smart host."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.servers import Box, Sink, dovecot, need, smtp_sink

pytestmark = pytest.mark.peers

LETTERS = [
    b"X-Original-To: paul.dupont@home.example\nTo: P.Dupont@home.example\nSubject: to Paul\n\nFrom me.\n.\n..dots\n",
    b"X-Original-To: Luc.Jackson@home.example\nTo: undisclosed-recipients:;\nSubject: blind to Luc\n\nhello\n",
    b"From: school@far.example\nTo: Paul.Dupont@home.example, Luc.Jackson@home.example\nSubject: to both\n\nhello\n",
    b"From: nobody@far.example\nSubject: unclaimed\n\nhello\n",
]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A real maildrop."""
    need("dovecot")
    (tmp_path / "isp").mkdir()
    with dovecot(tmp_path / "isp") as running:
        yield running


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """A real smart host."""
    need("smtp-sink")
    with smtp_sink(tmp_path) as running:
        yield running


def household(folder: Path, pop: int, smtp: int, security: str = "none") -> Path:
    """A household of two at these servers."""
    (folder / "house").mkdir(exist_ok=True)
    path = folder / "house/household.toml"
    path.write_text(f"""\
[household]
host = "linuxpc.localdomain"
local_domains = ["linuxpc", "linuxpc.localdomain", "localhost"]
domain = "home.example"
postmaster = "paul"
[members.paul]
name = "Paul Dupont"
address = "Paul.Dupont@home.example"
[members.luc]
address = "Luc.Jackson@home.example"
[[maildrop]]
name = "isp"
host = "localhost"
port = {pop}
security = "{security}"
user = "household"
password = "secret"
[smarthost]
host = "localhost"
port = {smtp}
security = "none"
""")
    path.chmod(0o600)
    return path.parent


def mailrun(house: Path, *words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    """The program as people run it."""
    command = [sys.executable, "-m", "core", "--household", str(house), *words]
    return subprocess.run(command, input=stdin, capture_output=True, env=os.environ | env, check=False, timeout=60)


def finished(answer: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """The last event of a run."""
    assert answer.returncode == 0, answer.stderr.decode()
    last: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return last


def subjects(house: Path, member: str) -> list[str]:
    """What is in an inbox."""
    answer = mailrun(house, "mail", "list", "--for", member, "--json")
    return [row["subject"] for row in json.loads(answer.stdout)]


def test_run_sends_fetches_and_splits(tmp_path: Path, box: Box, sink: Sink) -> None:
    """One run takes the letter out, brings four home to the right people and leaves the box empty."""
    house = household(tmp_path, box.port, sink.port)
    box.put(LETTERS)
    letter = b"From: paul@linuxpc\nTo: grandma@far.example\nBcc: aunt@far.example\nSubject: hello\n\nDear all\n.\n"
    assert mailrun(house, "send", "--as", "paul", "-t", stdin=letter).returncode == 0

    account = finished(mailrun(house, "run", "--json"))

    assert (account["outcome"], account["sent"], account["fetched"], account["delivered"]) == ("complete", 2, 4, 5)
    assert sorted(subjects(house, "paul")) == ["to Paul", "to both", "unclaimed"]
    assert sorted(subjects(house, "luc")) == ["blind to Luc", "to both"]
    assert box.waiting() == []
    (taken,) = sink.taken()
    assert b"From: Paul.Dupont@home.example" in taken
    assert b"linuxpc" not in taken.partition(b"\n\n")[0].replace(b"X-Helo-Args", b"")
    assert b"Bcc" not in taken


def test_second_run_does_nothing(tmp_path: Path, box: Box, sink: Sink) -> None:
    """After a complete run the next one moves no letter."""
    house = household(tmp_path, box.port, sink.port)
    box.put(LETTERS)
    finished(mailrun(house, "run", "--json"))

    account = finished(mailrun(house, "run", "--json"))

    assert (account["sent"], account["fetched"], account["delivered"]) == (0, 0, 0)
    assert len(subjects(house, "paul")) == 3


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_maildrop_over_tls(tmp_path: Path, box: Box, sink: Sink, security: str) -> None:
    """TLS and STLS work with a certificate of a known authority, and are refused with an unknown one."""
    house = household(tmp_path, box.tls_port if security == "tls" else box.port, sink.port, security)
    box.put(LETTERS)

    refused = mailrun(house, "run", "--json")
    account = finished(mailrun(house, "run", "--json", SSL_CERT_FILE=str(box.authority)))

    assert (refused.returncode, b"certificate" in refused.stderr) == (69, True), refused.stderr
    assert account["fetched"] == 4


def test_smart_host_that_defers_leaves_the_letter_waiting(tmp_path: Path, box: Box) -> None:
    """A recipient refused with 4xx stays in the queue as deferred, with the server's words."""
    need("smtp-sink")
    letter = b"To: grandma@far.example\nSubject: hello\n\nhello\n"
    with smtp_sink(tmp_path, "-r", "rcpt") as sink:
        house = household(tmp_path, box.port, sink.port)
        mailrun(house, "send", "--as", "paul", "-t", stdin=letter)
        account = finished(mailrun(house, "run", "--json"))

    waiting = json.loads(mailrun(house, "queue", "--json").stdout)
    assert (account["sent"], account["deferred"]) == (0, 1)
    assert waiting[0]["recipients"][0]["state"] == "deferred"
    assert waiting[0]["recipients"][0]["reply"].startswith("4")


def test_smart_host_that_refuses_makes_a_bounce(tmp_path: Path, box: Box) -> None:
    """A recipient refused with 5xx comes back to the sender's inbox in plain words, and the queue is empty."""
    need("smtp-sink")
    letter = b"To: grandma@far.example\nSubject: hello\n\nhello\n"
    with smtp_sink(tmp_path, "-f", "rcpt") as sink:
        house = household(tmp_path, box.port, sink.port)
        mailrun(house, "send", "--as", "paul", "-t", stdin=letter)
        account = finished(mailrun(house, "run", "--json"))

    assert account["bounced"] == 1
    assert json.loads(mailrun(house, "queue", "--json").stdout) == []
    assert len(subjects(house, "paul")) == 1


def test_wrong_password_is_told(tmp_path: Path, box: Box, sink: Sink) -> None:
    """A refused login ends with status 77 and names the box, not the password."""
    house = household(tmp_path, box.port, sink.port)
    path = house / "household.toml"
    path.write_text(path.read_text().replace('"secret"', '"wrong-one"'))

    answer = mailrun(house, "run", "--json")

    assert (answer.returncode, b"isp" in answer.stderr, b"wrong-one" in answer.stdout + answer.stderr) == (
        77,
        True,
        False,
    )
