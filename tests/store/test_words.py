import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store import index, mbox, words

WHEN = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An inbox with five letters, which the index knows."""
    path = tmp_path / "inbox"
    with mbox.locked(path, 5) as box:
        for number in range(5):
            letter = b"From: Anna <anna@x.example>\nSubject: letter %d\n\nA text about word%d.\n" % (number, number)
            box.append([mbox.ROOM, letter], "anna@x.example", WHEN)
        box.sync()
    index.update(path)
    return path


def having(path: Path, word: str) -> list[str]:
    """The subjects of the letters that have a word."""
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        sql = (
            "SELECT subject FROM letters WHERE number IN (SELECT rowid FROM words WHERE words MATCH ?) ORDER BY number"
        )
        return [subject for (subject,) in rows.execute(sql, (word,))]


def test_the_words_of_letters_are_taken_the_newest_first(path: Path) -> None:
    """And each letter's only once."""
    told: list[tuple[int, int]] = []
    words.fill(path, 2, tell=lambda done, total: told.append((done, total)))
    assert (having(path, "anna"), told) == (["letter 3", "letter 4"], [(2, 2)])

    words.fill(path)
    words.fill(path)

    assert having(path, "text : word1") == ["letter 1"]
    assert len(having(path, "anna")) == 5


def test_letters_keep_their_words_when_they_move_within_the_mailbox(path: Path) -> None:
    """Whoever takes a letter out; the words of that one are found no more."""
    words.fill(path)
    mbox.remove(path, [mbox.entries(path)[1].id])
    index.update(path)

    assert having(path, "anna") == ["letter 0", "letter 2", "letter 3", "letter 4"]
    assert having(path, "word1") == []
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows:
        assert words.lacking(rows, 1) == []


def test_no_letter_gets_the_words_of_another(path: Path) -> None:
    """Where the mailbox has changed since the index knew it, what is not where it was is left for the next time."""
    mbox.remove(path, [mbox.entries(path)[0].id])
    words.fill(path)

    assert having(path, "anna") == []


def test_words_of_letters_that_are_gone_are_forgotten_when_they_are_the_most(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mailbox where much comes and goes does not make the index grow without end."""
    words.fill(path)
    words.renew(path)
    assert len(having(path, "anna")) == 5
    with closing(sqlite3.connect(path.with_name(index.NAME))) as rows, rows:
        stale = ((number, "gone") for number in range(100, 2000))
        rows.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", stale)

    words.renew(path)

    assert having(path, "anna") == []
    words.fill(path)
    assert len(having(path, "anna")) == 5
