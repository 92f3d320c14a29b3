"""Letters that nobody claimed, and letters at the wrong person: given out once, with a rule where one is wanted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import read, triage
from core.config import load
from core.deliver import came
from core.errors import BusyError, ConfigError, InputError
from core.household import Household
from core.mail import split
from core.move import move
from core.store import arrivals, lock, mbox
from core.triage import Rule
from tests.flows.town import NOW, Town, letter, town

SCHOOL = b"X-Original-To: parents@home.example\nFrom: head@school.example\nSubject: %s\n\nhello\n"
WAITING = [
    SCHOOL % b"trip",
    SCHOOL % b"fees",
    letter("nobody@home.example", "whose?"),
    letter("luc@home.example", "to Luc"),
    letter("paul@home.example", "to Paul"),
]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    """A house after a run: three letters that nobody claimed, and two for members."""
    async with town(tmp_path, WAITING) as here:
        await here.run()
        yield here


def unclaimed(house: Household) -> dict[str, str]:
    """What waits, the id of each subject."""
    return {row.subject: row.id for row in triage.unclaimed(house)}


async def test_only_what_nobody_claimed_waits(here: Town) -> None:
    """The postmaster's own letters are no triage, and nobody else's are."""
    assert sorted(unclaimed(here.open())) == ["fees", "trip", "whose?"]


async def test_letter_is_given_to_a_member(here: Town) -> None:
    """It leaves the postmaster and is in the member's inbox, byte for byte as it was fetched, with its flags."""
    house = here.open()
    id_ = unclaimed(house)["trip"]
    read.mark(house, "paul", "inbox", [id_], "RF")

    triage.assign(house, id_[:8], "luc", NOW)

    assert (here.subjects("paul"), here.subjects("luc")) == (
        {"fees": 1, "whose?": 1, "to Paul": 1},
        {"to Luc": 1, "trip": 1},
    )
    given = read.letter(house, "luc", "inbox", read.rows(house, "luc", order="file")[-1].id)
    assert (given.row.flags, given.why) == ("RF", "It had come to paul, and was given to you.")
    assert given.row.routed == split.Routed((), "rule", "triage", "paul")
    assert came(given.raw)[1] == SCHOOL % b"trip"
    assert arrivals.sources(house.ledger, "triage") == []


async def test_letter_at_the_wrong_person_is_given_on(here: Town) -> None:
    """Any member's letter can go to another, out of any folder, to and fro; it is always in one place."""
    house = here.open()
    (row,) = read.rows(house, "luc")
    move(house, "luc", "inbox", [row.id], "old things")
    (row,) = read.rows(house, "luc", "old things")

    triage.assign(house, row.id, "ann", NOW, owner="luc", folder="old things")
    assert (here.subjects("luc", "old things"), here.subjects("ann")) == ({}, {"to Luc": 1})
    for owner, member in (("ann", "luc"), ("luc", "ann"), ("ann", "ann")):
        triage.assign(house, read.rows(house, owner)[0].id, member, NOW, owner=owner)

    assert (here.subjects("luc"), here.subjects("ann")) == ({}, {"to Luc": 1})
    assert came(read.letter(house, "ann", "inbox", read.rows(house, "ann")[0].id).raw)[1] == WAITING[3]


async def test_postmaster_keeps_a_letter(here: Town) -> None:
    """What the postmaster gives to himself stays in the inbox and waits no more."""
    house = here.open()

    triage.assign(house, unclaimed(house)["whose?"], "paul", NOW)

    assert here.subjects("paul")["whose?"] == 1
    assert "whose?" not in unclaimed(house)


async def test_given_letter_is_no_duplicate(here: Town) -> None:
    """A person's decision counts: the letter goes into the inbox even where a copy of it is."""
    house = here.open()
    for _ in range(2):
        triage.assign(house, unclaimed(house)["whose?"], "luc", NOW)
        here.provider.box.add(WAITING[2])
        await here.run()

    assert (here.subjects("luc")["whose?"], here.subjects("luc", "duplicates")) == (2, {})
    assert here.subjects("paul", "duplicates") == {}


async def test_crash_before_the_letter_left_is_made_good(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is safe with its member leaves the postmaster before the next run, and is not delivered twice."""
    house = here.open()
    id_ = unclaimed(house)["trip"]

    def dark(*rest: object) -> None:
        raise OSError("dark")

    monkeypatch.setattr(mbox, "remove", dark)
    with pytest.raises(OSError, match="dark"):
        triage.assign(house, id_, "luc", NOW)
    monkeypatch.undo()
    assert (here.subjects("paul")["trip"], here.subjects("luc")["trip"]) == (1, 1)

    triage.recover(house)

    assert (here.subjects("paul")["trip"], here.subjects("luc")["trip"]) == (0, 1)
    assert arrivals.sources(house.ledger, "triage") == []


async def test_second_try_doubles_nothing(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a mail program had the postmaster's inbox, giving the letter again takes it out and delivers it once."""
    house = here.open()
    id_ = unclaimed(house)["trip"]

    def busy(path: Path, ids: object) -> None:
        raise BusyError(f"{path}: mutt has it")

    monkeypatch.setattr(mbox, "remove", busy)
    with pytest.raises(BusyError):
        triage.assign(house, id_, "luc", NOW)
    monkeypatch.undo()

    triage.assign(house, id_, "luc", NOW)

    assert (here.subjects("paul")["trip"], here.subjects("luc")["trip"]) == (0, 1)


@pytest.mark.parametrize(
    ("id_", "member", "owner", "sentence"),
    [
        ("", "luk", "", "luk is no member of this house; did you mean luc?"),
        ("", "zacharias", "", "the members are paul, luc, ann"),
        ("ffff", "luc", "", "inbox has no letter ffff"),
        ("ffff", "luc", "eve", "eve is no member"),
    ],
)
async def test_unknown_member_or_letter_is_refused(
    here: Town, id_: str, member: str, owner: str, sentence: str
) -> None:
    """A wrong name or id is told in one sentence, and nothing moves."""
    house = here.open()

    with pytest.raises(InputError, match=sentence):
        triage.assign(house, id_ or unclaimed(house)["trip"], member, NOW, owner=owner)

    assert len(unclaimed(house)) == 3


async def test_rules_are_proposed_and_tried(here: Town) -> None:
    """The letter's rules, and what else of the triage each would give to a member."""
    house = here.open()
    rules = triage.rules(house, unclaimed(house)["trip"])

    assert rules == [
        Rule("also", "parents@home.example"),
        Rule("alias", "parents"),
        Rule("sender", "head@school.example"),
        Rule("sender", "school.example"),
    ]
    assert [[row.subject for row in triage.preview(house, rule, "luc")] for rule in rules] == [["trip", "fees"]] * 4
    assert triage.preview(house, Rule("sender", "ool.example"), "luc") == []


@pytest.mark.parametrize("nth", range(4))
async def test_always_writes_the_rule_and_gives_the_letters(here: Town, nth: int) -> None:
    """The rule stands in household.toml, comments stay, the chosen letters go, and the next one needs no triage."""
    path = here.folder / "household.toml"
    house = here.open()
    path.write_text("# Ours.\n" + path.read_text())
    rule = triage.rules(house, unclaimed(house)["trip"])[nth]

    ruled = triage.always(house, rule, "luc", [unclaimed(house)["trip"]], NOW)

    assert path.read_text().startswith("# Ours.\n")
    assert ruled.config == load(path)
    assert (here.subjects("luc")["trip"], sorted(unclaimed(ruled))) == (1, ["fees", "whose?"])
    here.provider.box.add(SCHOOL % b"play")
    await here.run()
    assert here.subjects("luc")["play"] == 1


async def test_rule_that_cannot_be_written_moves_nothing(here: Town) -> None:
    """While somebody edits the settings, or where the file would be refused, the letters stay."""
    house = here.open()
    ids = list(unclaimed(house).values())
    with lock.exclusive(here.folder / ".household.toml.lock", "Ann's editor"), pytest.raises(BusyError, match="Ann"):
        triage.always(house, Rule("alias", "parents"), "luc", ids, NOW)

    with pytest.raises(ConfigError, match="both have the address"):
        triage.always(house, Rule("also", "ann@home.example"), "luc", ids, NOW)

    assert len(unclaimed(house)) == 3


async def test_letter_that_breaks_the_splitter_can_be_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rule is proposed for what nobody can make sense of, and it stops neither the list nor the giving."""

    def broken(*rest: object) -> None:
        raise ValueError

    monkeypatch.setattr("core.receive.split", broken)
    monkeypatch.setattr("core.mail.rules.split", broken)
    async with town(tmp_path, WAITING[:1]) as here:
        await here.run()
        house = here.open()
        id_ = unclaimed(house)["trip"]

        assert triage.rules(house, id_) == []
        assert triage.preview(house, Rule("sender", "school.example"), "luc") == []
        triage.assign(house, id_, "luc", NOW)

    assert here.subjects("luc") == {"trip": 1}
