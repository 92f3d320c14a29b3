"""Real mail is found: every message by the words of its own subject, and by a word of its text."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import read
from core.household import Household
from core.mail import headers
from core.mail.query import Query, parse
from core.mail.text import readable, safe
from core.open import open_household
from core.store import mbox
from tests.peers.test_corpus import corpus

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HOUSE = '[household]\ndomain = "home.example"\npostmaster = "paul"\n[members.paul]\naddress = "paul@home.example"\n'
WORD = re.compile(r"[^\W_]{2,}")


def looked_for(words: list[str], key: str = "") -> Query:
    """A query for all of these words, in one place."""
    return parse(" ".join(f'{key}"{word}"' for word in words), NOW)


def missed(house: Household, entry: mbox.Entry) -> list[Query]:
    """The searches by a letter's own words that do not find it."""
    message = mbox.read(house.box("paul"), entry)
    head, _ = headers.split(message)
    subject = headers.first(headers.fields(head), "Subject")
    said = WORD.findall(safe(headers.decode(subject.value))) if subject else []
    text = WORD.findall(readable(message)[:100_000])
    asked = [looked_for(said, "subject:"), looked_for(said)] if said else []
    asked += [looked_for([word], "body:") for word in (text[len(text) // 2 :][:1] + text[-1:])]
    return [wanted for wanted in asked if entry.id not in ids(house, wanted)]


def ids(house: Household, wanted: Query) -> set[str]:
    """The letters that are found."""
    return {row.id for row in read.search(house, "paul", wanted)}


def test_every_message_is_found_by_its_own_words(tmp_path: Path) -> None:
    """Whatever its charset, its coding and its faults (every second is tried); and words that it has not do not."""
    (tmp_path / "household.toml").write_text(HOUSE)
    (tmp_path / "household.toml").chmod(0o600)
    house = open_household(tmp_path)
    messages = corpus()
    house.box("paul").parent.mkdir(parents=True)
    with mbox.locked(house.box("paul"), 5) as box:
        for message in messages:
            box.append([message], "someone@far.example", NOW)
        box.sync()
    entries = mbox.entries(house.box("paul"))
    assert len(entries) == len(messages)
    lost = [entry.id for entry in entries[::2] if missed(house, entry)]

    assert lost == []
    assert len(read.search(house, "paul", parse("zyzzogeton", NOW))) == 0
