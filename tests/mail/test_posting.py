"""Envelopes: who hears of what cannot be delivered."""

import pytest

from core.config import Config, parse
from core.mail.envelope import Envelope
from core.mail.posting import envelopes, keeper, readers
from tests.mail.conftest import HOUSE

LISTS = """
club = ["luc", "aunt@far.example", "uncle@far.example"]
owner-club = ["zoe"]
choir = ["aunt@far.example", "alto@far.example"]
owner-choir = ["luc", "zoe"]
village = ["mayor@far.example"]
owner-village = ["clerk@far.example"]
"""
PAUL, ZOE = "Paul.Dupont@home.example", "Zoe.Jackson@home.example"


@pytest.fixture(scope="module")
def lists() -> Config:
    """The house, with lists that have owners."""
    return parse(HOUSE + LISTS)


def none(path: str) -> str:
    """No included files here."""
    raise AssertionError(path)


@pytest.mark.parametrize(
    ("to", "wanted"),
    [
        (["grandma@far.example", "luc"], [(PAUL, "luc", "grandma@far.example")]),
        (["family"], [(PAUL, "paul", "luc", "zoe", "grandma@far.example")]),
        (["club"], [(ZOE, "aunt@far.example", "uncle@far.example"), (PAUL, "luc")]),
        (
            ["club", "aunt@far.example"],
            [(PAUL, "aunt@far.example", "luc"), (ZOE, "uncle@far.example")],
        ),
        (["choir@home.example"], [("owner-choir@home.example", "aunt@far.example", "alto@far.example")]),
        (
            ["club", "choir"],
            [
                (ZOE, "aunt@far.example", "uncle@far.example"),
                ("owner-choir@home.example", "alto@far.example"),
                (PAUL, "luc"),
            ],
        ),
        (["village"], [("clerk@far.example", "mayor@far.example")]),
        ([], []),
    ],
    ids=["no list", "no owner", "list", "list and person", "owners", "two lists", "owner outside", "nobody"],
)
def test_envelopes(lists: Config, to: list[str], wanted: list[tuple[str, ...]]) -> None:
    """A list's people outside have its owner as envelope sender; everybody is in one envelope, outside first."""
    assert envelopes(to, PAUL, lists, none) == tuple(Envelope(one[0], one[1:]) for one in wanted)


def test_null_sender_stays(lists: Config) -> None:
    """What must never bounce does not bounce to a list's owner either."""
    assert {envelope.sender for envelope in envelopes(["club"], "", lists, none)} == {""}


def test_keeper_of_no_list(lists: Config) -> None:
    """Members, addresses and aliases without an owner have no keeper."""
    assert [keeper(name, lists, none) for name in ("paul", "family", "aunt@far.example", "")] == [""] * 4


@pytest.mark.parametrize(
    ("sender", "members"),
    [
        (PAUL, ("paul",)),
        ("paul.d@old-provider.example", ("paul",)),
        (ZOE, ("zoe",)),
        ("owner-choir@home.example", ("luc", "zoe")),
        ("clerk@far.example", ()),
        ("", ()),
    ],
)
def test_readers(lists: Config, sender: str, members: tuple[str, ...]) -> None:
    """A report goes to the members for whom the envelope sender stands."""
    assert readers(sender, lists, none) == members
