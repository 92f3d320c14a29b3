"""Real mail through a real server: every message arrives once, byte for byte, and mutt counts the same."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from core.deliver import DUPLICATES, INBOX
from tests.peers.servers import dovecot, mutt_count, need, smtp_sink
from tests.peers.test_run import finished, household, mailrun

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

CORPUS = Path(os.environ.get("MAILRUN_CORPUS", Path(__file__).parents[3] / "shared/mail"))
OURS = re.compile(rb"Delivered-To: .*\nX-Mailrun-Routed: .*\nX-Mailrun-Id: .*\nStatus: *\nX-Status: *\n")


def named_corpus() -> dict[str, bytes]:
    """All messages by file, within a mbox "FILE N"; each without its From_ line; lines end as in the source."""
    if not CORPUS.is_dir():
        pytest.skip(f"needs a folder of real mail; {CORPUS} is not there (MAILRUN_CORPUS names another)")
    found: dict[str, bytes] = {}
    for path in sorted(CORPUS.rglob("*.eml")):
        found[str(path.relative_to(CORPUS))] = re.sub(rb"\A>?From .*\n", b"", path.read_bytes())
    for path in sorted(CORPUS.rglob("*.mbox")):
        for number, part in enumerate(re.split(rb"(?m)^From .*\d\d:\d\d.*\n", path.read_bytes())):
            found[f"{path.relative_to(CORPUS)} {number}"] = part
    return {name: message for name, message in found.items() if message.strip()}


def corpus() -> list[bytes]:
    """All messages."""
    return list(named_corpus().values())


def as_served(message: bytes) -> bytes:
    """What POP3 can carry: CRLF is a line end like LF, and the last line has one."""
    text = message.replace(b"\r\n", b"\n")
    return text if text.endswith(b"\n") else text + b"\n"


def as_kept(box: Path) -> list[bytes]:
    """The messages of a mboxrd, read by a second reader that knows nothing of ours."""
    parts = re.split(rb"(?m)^From .*\n", box.read_bytes())[1:]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", OURS.sub(b"", part.removesuffix(b"\n"), count=1)) for part in parts]


def test_every_message_arrives_as_it_was(tmp_path: Path) -> None:
    """All real messages are served once, land in at least one mbox each byte for byte, and leave the box empty."""
    need("dovecot", "smtp-sink", "mutt", "neomutt")
    messages = corpus()
    (tmp_path / "isp").mkdir()
    with dovecot(tmp_path / "isp") as box, smtp_sink(tmp_path) as sink:
        house = household(tmp_path, box.port, sink.port)
        path = house / "household.toml"
        path.write_text(path.read_text().replace('name = "isp"', 'name = "isp"\nlarge = 0'))
        box.put(messages)
        account = finished(mailrun(house, "run", "--json"))
        assert box.waiting() == []

    boxes = [path for path in (house / "mail").glob("*/*") if path.name in (INBOX, DUPLICATES)]
    kept = {path: as_kept(path) for path in boxes}
    assert account["fetched"] == len(messages)
    missing = Counter(map(as_served, messages)) - Counter(message for box_ in kept.values() for message in box_)
    assert not missing
    for path, letters in kept.items():
        assert {mutt_count("mutt", path), mutt_count("neomutt", path)} == {len(letters)}
