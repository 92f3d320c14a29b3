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

from core.errors import StoreError
from core.mail.query import parse
from core.store import find, index, mbox, tables

ME = ["paul@home.example", "p@old.example"]
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
    found = find.found(boxes, parse(text, NOW, typing=typing), ME)
    subjects = [one.subject for _, one in found.some(found.order.numbers).values()]
    return [name for name, text in LETTERS.items() if re.findall("Subject: (.*)", text)[0] in subjects]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "garden saw cafe photos undated"),
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
        ("to:me saw", "saw"),
        ("to:me OR stub OR creme", "garden saw cafe"),
        ("subject:plum", ""),
        ("body:plum", "garden saw"),
        ("body:garden", ""),
        ("list:village", "cafe"),
        ("village", ""),
        ("garden -plum", "undated"),
        ("-garden", "cafe photos"),
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
    found = find.found(boxes, parse(text, NOW, typing=typing), ME)

    assert len(found.order.numbers) <= len(LETTERS)
    assert find.found(boxes, parse(text, NOW, typing=typing), ME, most=0).left == 0


def test_the_newest_is_last_and_tells_its_folder(boxes: list[tuple[str, Path]]) -> None:
    """Letters are looked up by their numbers, with what the folder is called; the unread ones are counted."""
    found = find.found(boxes, parse("-subject:garden", NOW), ME)
    first, last = found.order.numbers

    assert [(name, one.subject) for name, one in (found.some([first])[first], found.some([last])[last])] == [
        ("inbox", "Photographs"),
        ("Archive", "Stra\u00dfe"),
    ]
    assert (found.unread, found.unread_numbers()) == (1, [first])
    assert found.ids([last]) == [found.some([last])[last][1].id]
    assert found.numbers([*found.ids([first]), "none"]) == {found.ids([first])[0]: first}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("garden", "garden saw undated"),
        ("from:rose@far.example", "garden"),
        ("to:luc@home.example", "garden"),
        ("to:me", "garden saw"),
        ("list:village", "cafe"),
        ("zoe", "garden cafe"),
        ("plum", ""),
        ("-plum is:unread", "garden saw photos undated"),
        ("before:2025 OR storm", "garden photos"),
        ("under_score 100%", ""),
    ],
)
def test_letters_that_were_not_read_yet_are_found_by_their_heads(
    boxes: list[tuple[str, Path]], tmp_path: Path, text: str, expected: str
) -> None:
    """At once, while their words are still to be read; how many they are is told."""
    for name, path in boxes[:2]:
        (tmp_path / name).write_bytes(path.read_bytes())
    found = find.found([(name, tmp_path / name) for name, _ in boxes], parse(text, NOW), ME, most=0)
    subjects = {one.subject for _, one in found.some(found.order.numbers).values()}

    assert [n for n, text in LETTERS.items() if re.findall("Subject: (.*)", text)[0] in subjects] == expected.split()
    assert found.left == len(LETTERS)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A mailbox of ten letters."""
    put(tmp_path / "inbox", *range(10))
    return tmp_path / "inbox"


def put(path: Path, *numbers: int) -> None:
    """Deliver letters."""
    with mbox.locked(path, 5) as box:
        for number in numbers:
            box.append([b"Subject: %d\n\nplum number%d\n" % (number, number)], "a@x.example", NOW)
        box.sync()


def hits(path: Path, text: str, most: int | None = None, *, trust: bool = False) -> list[str]:
    """The subjects of what is found in one mailbox."""
    found = find.found([(path.name, path)], parse(text, NOW), [], trust=trust, most=most)
    known = found.some(found.order.numbers)
    return [known[number][1].subject for number in found.order.numbers]


def test_a_few_letters_are_read_before_each_answer(inbox: Path) -> None:
    """The newest first, until the words of all are known."""
    assert hits(inbox, "body:plum", 3) == ["7", "8", "9"]
    put(inbox, 10)
    assert hits(inbox, "body:plum", 1) == ["7", "8", "9", "10"]
    assert hits(inbox, "body:plum", 0, trust=True) == ["7", "8", "9", "10"]
    assert len(hits(inbox, "body:plum")) == 11


def test_a_letter_in_two_folders_may_be_told_once(inbox: Path) -> None:
    """Where somebody looks at them; letters that are only alike in their words stay."""
    put(inbox.with_name("other"), 9, 20)
    boxes = [(name, inbox.with_name(name)) for name in ("inbox", "other")]

    def count(text: str, *, once: bool) -> int:
        return len(find.found(boxes, parse(text, NOW), [], once=once).order.numbers)

    assert [count("number9", once=once) for once in (False, True)] == [2, 1]
    assert [count("plum", once=once) for once in (False, True)] == [12, 11]


def test_what_is_in_the_index_is_read_from_no_letter(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do flags, or letters that were taken out, make others new."""
    assert len(hits(inbox, "plum")) == 10
    mbox.flag(inbox, [one.id for one in mbox.entries(inbox)], "R")
    mbox.remove(inbox, [one.id for one in mbox.entries(inbox)][:3])

    def read(*_: object) -> object:
        raise AssertionError

    monkeypatch.setattr("core.store.words.wording", read)
    assert hits(inbox, "plum is:read") == [*"3456789"]
    assert hits(inbox, "number2") == []


def test_a_folder_that_cannot_be_read_hinders_no_other(inbox: Path) -> None:
    """What is looked for in one mailbox is found, though another one is none any more."""
    other = inbox.with_name("other")
    put(other, 20)
    index.update(other)
    other.write_bytes(b"no mailbox")

    assert hits(inbox, "number9") == ["9"]
    with pytest.raises(StoreError, match="other"):
        hits(other, "number20")


def test_without_an_index_the_letters_are_read_for_the_search(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there can be no file, all is done in memory, also for several mailboxes."""

    def readonly(*_: object) -> sqlite3.Connection:
        raise PermissionError

    put(inbox.with_name("other"), 9, 20)
    monkeypatch.setattr("core.store.tables.opened", readonly)
    found = find.found([(name, inbox.with_name(name)) for name in ("inbox", "other")], parse("number9", NOW), [])

    assert {(name, one.subject) for name, one in found.some(found.order.numbers).values()} == {
        ("inbox", "9"),
        ("other", "9"),
    }
    assert not inbox.with_name(index.NAME).exists()


def test_a_damaged_index_is_made_anew(inbox: Path) -> None:
    """Wherever the damage is, the answer is what the letters say."""
    put(inbox, *range(10, 300))
    assert len(hits(inbox, "plum")) == 300
    file = inbox.with_name(index.NAME)
    with closing(sqlite3.connect(file)) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    for page in range(1, len(whole) // 4096):
        tables.throw_away(file)
        file.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
        assert len(hits(inbox, "plum")) == 300, page
        assert hits(inbox, "number77") == ["77"], page


def test_another_process_that_writes_for_long_hinders_nobody(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the index is held, the answer comes from the letters themselves."""
    hits(inbox, "plum", 0)
    monkeypatch.setattr("core.store.tables._PATIENCE", 0.01)
    with closing(sqlite3.connect(inbox.with_name(index.NAME), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert hits(inbox, "number9") == ["9"]
        other.execute("ROLLBACK")
    assert hits(inbox, "number8") == ["8"]
