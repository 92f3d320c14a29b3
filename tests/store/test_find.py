"""What is found in mailboxes, and by which words."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.mail.query import parse
from core.store import find, mbox

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
LETTERS = {
    "garden": """\
        From: Grandma <rose@far.example>
        To: Paul Dupont <paul@home.example>, luc@home.example
        Cc: Zoe <zoe@far.example>
        Subject: The garden after the storm
        Date: 19 Nov 2026 23:30:00 -0800

        The plum tree is down.""",
    "saw": """\
        From: Luc <luc@home.example>
        To: paul@home.example
        Subject: Re: The garden
        Date: 18 Nov 2026 08:00:00 +0000
        X-Status: AF

        I bring the saw to the tree; plum jam!""",
    "cafe": """\
        From: Zo\u00eb Lef\u00e8vre <zoe@far.example>
        To: nelug@lists.example
        List-Id: <village.lists.example>
        Subject: Stra\u00dfe
        Date: 1 Mar 2025 12:00:00 +0000
        Status: RO
        Content-Type: text/html; charset=utf-8

        <p>Caf\u00e9 <b>cr\u00e8me</b> \u6771\u4eac\u3078</p>""",
    "photos": """\
        From: Marta <marta@island.example>
        To: ann@home.example
        Subject: Photographs
        Date: 31 Dec 2024 23:59:59 +0000
        Content-Type: multipart/mixed; boundary=x
        X-Mailrun-Stub: 2400000

        --x

        see
        --x--""",
    "undated": "Subject: garden\nDate: whenever\n\n" + "x" * 3000,
}


@pytest.fixture(scope="session")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """Two mailboxes with these letters, and one that is not there."""
    folder = tmp_path_factory.mktemp("paul")
    for name, text in LETTERS.items():
        path = folder / ("Archive" if name == "cafe" else "inbox")
        with mbox.locked(path, 5) as box:
            box.append([dedent(text).encode()], "someone@far.example", NOW)
    return [(name, folder / name) for name in ("inbox", "Archive", "gone")]


def names(boxes: list[tuple[str, Path]], text: str, *, typing: bool = False) -> list[str]:
    """Which letters are found."""
    subjects = {re.findall("Subject: (.*)", text)[0]: name for name, text in LETTERS.items()}
    found = find.found(boxes, parse(text, NOW, typing=typing), ["paul@home.example", "p@old.example"])
    return [subjects[one.subject] for _, one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "garden saw photos undated cafe"),
        ("garden", "garden saw undated"),
        ("GARDEN storm", "garden"),
        ("plum", "garden saw"),
        ('"plum tree"', "garden"),
        ("plum tree", "garden saw"),
        ("plu", ""),
        ("plu*", "garden saw"),
        ("cafe creme", "cafe"),
        ("lefevre", "cafe"),
        ("ZO\u00cb", "garden cafe"),
        ("strasse", "cafe"),
        ("STRA\u00dfE", "cafe"),
        ("\u4eac", "cafe"),
        ("\u6771\u4eac", "cafe"),
        ("\u4eac\u6771", ""),
        ("from:grandma", "garden"),
        ("from:rose@far.example", "garden"),
        ("from:far.example", "garden cafe"),
        ("to:luc", "garden"),
        ("to:zoe", "garden"),
        ("cc:zoe", "garden"),
        ("cc:luc", ""),
        ("to:me", "garden saw"),
        ("subject:plum", ""),
        ("body:plum", "garden saw"),
        ("body:garden", ""),
        ("list:village", "cafe"),
        ("village", ""),
        ("garden -plum", "undated"),
        ("-garden", "photos cafe"),
        ("-garden -cafe", "photos"),
        ("saw OR cafe", "saw cafe"),
        ("garden saw OR storm", "garden saw"),
        ("plum OR is:stub", "garden saw photos"),
        ("in:archive", "cafe"),
        ("in:arch OR from:luc", "saw cafe"),
        ("-in:inbox", "cafe"),
        ("in:nowhere", ""),
        ("is:unread", "garden saw photos undated"),
        ("is:read", "cafe"),
        ("is:flagged is:answered", "saw"),
        ("is:forwarded OR is:deleted", ""),
        ("is:stub", "photos"),
        ("has:attachment", "photos"),
        ("larger:2k", "undated"),
        ("smaller:2k garden", "garden saw"),
        ("on:2026-11-20", "garden"),
        ("on:2026-11-19", ""),
        ("before:2025", "photos"),
        ("after:2025", "garden saw cafe"),
        ("-after:2025", "photos undated"),
        ("on:2025-03", "cafe"),
        ("after:3d", "garden saw"),
    ],
)
def test_letters_are_found(boxes: list[tuple[str, Path]], text: str, expected: str) -> None:
    """In words, places, folders, states, sizes, and days as the person who asks has them."""
    assert names(boxes, text) == expected.split()


def test_a_word_that_is_being_typed_finds_what_it_may_become(boxes: list[tuple[str, Path]]) -> None:
    """Until a blank follows, its beginning is enough."""
    assert names(boxes, "plum tr", typing=True) == ["garden", "saw"]
    assert names(boxes, "plum tr ", typing=True) == []


@given(
    st.lists(
        st.sampled_from(["a", '"', "*", "^", "NEAR(", "AND", "OR ", "NOT", "{", "}", ":", "-", "+", " ", "from:"])
    ).map("".join)
    | st.text(st.characters(exclude_categories=()), max_size=12),
    st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_is_an_error(boxes: list[tuple[str, Path]], text: str, typing: bool) -> None:
    """What is syntax to the full-text engine, and even half a character, is looked for as words."""
    query = parse(text, NOW, typing=typing)

    with closing(sqlite3.connect(":memory:")) as rows:
        rows.executescript(find._TABLES)
        assert find._numbers(rows, query.term, find.Scope({"inbox": 0}, ["a@b.example"])) == []
