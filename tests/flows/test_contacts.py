from collections.abc import Callable
from pathlib import Path

import pytest

from core import read
from core.contacts import contacts
from core.household import Household
from core.mail.contacts import matching
from core.store import mbox
from tests.tui.house import INBOX, NOW, PAUL, Note, build, put


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """A house with letters."""
    return build(tmp_path)


def texts(house: Household, typed: str = "") -> list[str]:
    """Whom Paul is offered."""
    found = contacts(house, "paul", NOW)
    return [one.text for one in (matching(found, typed, 99) if typed else found)]


def test_everyone_whom_a_member_wrote_to_or_answered_is_known(house: Household) -> None:
    """The house, its aliases, those in sent letters, and the sender of an answered one; nobody else who wrote."""
    put(house, "paul", "sent", Note(PAUL, "Tom <tom@far.example>", "x", 5, "x", more="Cc: rosa@far.example\n"))

    found = texts(house)
    assert "Luc Jackson <Luc.Jackson@home.example>" in found
    assert {"family", "Grandma <grandma@far.example>", "Tom <tom@far.example>", "rosa@far.example"} <= {*found}
    assert "School <office@school.example>" in found
    assert not any("harbour" in one for one in found)


def test_nicknames_come_from_the_address_book(house: Household) -> None:
    """One of a single person is that person; of several it is the nickname. An address comes but once."""
    read.add_to_book(house, "paul", 'alias oma "Helene Dupont" <grandma@far.example>\nalias crew luc tom@far.example')

    assert len(texts(house, "oma")) == 1
    assert texts(house, "crew") == []
    assert texts(house, "cre") == ["crew"]
    assert sum("grandma@far.example" in one for one in texts(house)) == 1


def test_people_of_the_house_come_but_once(house: Household) -> None:
    """Whatever address of theirs a letter went to; those who are written to come first."""
    put(house, "paul", "sent", Note(PAUL, "luc@home.example, luc.j@old.example, granny@home.example", "x", 5, "x"))

    assert [one for one in texts(house) if "luc" in one.lower()] == ["Luc Jackson <Luc.Jackson@home.example>"]
    assert texts(house, "gran") == ["granny", "Grandma <grandma@far.example>"]


def test_the_likeliest_is_offered_first(house: Household) -> None:
    """Who is written to often and lately comes before who was long ago."""
    for hours in (9000, 9100, 9200):
        put(house, "paul", "sent", Note(PAUL, "Tim Old <tim@old.example>", "x", hours, "x"))
    for hours in (2, 30):
        put(house, "paul", "sent", Note(PAUL, "Tim New <tim@new.example>", "x", hours, "x"))

    assert texts(house, "tim") == ["Tim New <tim@new.example>", "Tim Old <tim@old.example>"]


def test_a_letter_is_read_once(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time only what is new is looked at."""
    read_of: list[object] = []
    real: Callable[..., bytes] = mbox.head

    def head(path: Path, entry: mbox.Entry) -> bytes:
        read_of.append(entry)
        return real(path, entry)

    monkeypatch.setattr(mbox, "head", head)
    texts(house)
    before = len(read_of)
    put(house, "paul", "sent", INBOX[0])
    texts(house)

    assert (before > 0, len(read_of) - before) == (True, 1)


def test_hostile_names_are_safe(house: Household) -> None:
    """What was in a letter's head is made safe before it is offered."""
    put(house, "paul", "sent", Note(PAUL, "=?utf-8?q?plum=1b]2;x=07?= <e@far.example>", "x", 5, "x"))

    (found,) = texts(house, "plum")
    assert "\x1b" not in found
