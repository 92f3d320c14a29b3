"""Rules out of a letter: which are proposed, what they set, and which settings lead nowhere."""

import pytest

from core.config import Config, parse
from core.mail.rules import Rule, applied, catches, change, check, propose, words

HOUSE = """
[household]
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "paul@home.example"
[members.luc]
address = "luc@home.example"
also = ["l@old.example"]
[members.ann]
address = "ann@home.example"
[aliases]
Grandma = ["grandma@far.example"]
[routing]
prefix = "mbox-"
[routing.lists]
"<choir.lists.example>" = ["ann"]
[routing.senders]
"@dentist.example" = ["ann"]
[[maildrop]]
name = "isp"
host = "pop.isp.example"
user = "dfzt12"
"""
CONFIG = parse(HOUSE)
(BOX,) = CONFIG.maildrop
SCHOOL = [Rule("sender", "head@school.example"), Rule("sender", "school.example")]


def include(_path: str) -> str:
    """No alias here includes a file."""
    raise AssertionError


PROPOSED = {
    "a stranger writes to nobody": (b"From: Head <HEAD@school.example>\n", SCHOOL),
    "nobody wrote it": (b"Subject: hello\n", []),
    "an author without a domain": (b"From: head\n", []),
    "the return path, where there is no author": (b"Return-Path: <head@school.example>\n", SCHOOL),
    "an unknown name of ours": (
        b"X-Original-To: info+shop@home.example\n",
        [Rule("also", "info@home.example"), Rule("alias", "info")],
    ),
    "an unknown name behind a prefix": (
        b"Delivered-To: mbox-info@home.example\n",
        [Rule("also", "info@home.example"), Rule("alias", "info")],
    ),
    "an alias that names outsiders only": (
        b"To: grandma@home.example\n",
        [Rule("also", "grandma@home.example"), Rule("alias", "grandma")],
    ),
    "a quoted local part": (b'To: "no name"@home.example\n', []),
    "a list, by its first name": (
        b"List-Id: Boats <boats.lists.example>\nList-Post: <mailto:boats@lists.example>\n",
        [Rule("list", "boats.lists.example")],
    ),
    "all together": (
        b"From: head@school.example\nTo: parents@home.example\nMailing-List: list parents@lists.example\n",
        [
            Rule("list", "parents@lists.example"),
            Rule("also", "parents@home.example"),
            Rule("alias", "parents"),
            *SCHOOL,
        ],
    ),
    "a letter of Luc's, by guess, over a list": (
        b"From: head@school.example\nTo: luc@home.example\nList-Id: <boats.lists.example>\n",
        [Rule("list", "boats.lists.example")],
    ),
    "a letter of Luc's, by the provider": (b"From: head@school.example\nX-Original-To: luc@home.example\n", []),
    "a letter of Ann's, by a rule": (
        b"From: drill@dentist.example\n",
        [Rule("sender", "drill@dentist.example"), Rule("sender", "dentist.example")],
    ),
}


@pytest.mark.parametrize("name", PROPOSED)
def test_only_rules_that_catch_the_letter_are_proposed(name: str) -> None:
    """The closest rule comes first; one that would change nothing for this letter is not offered."""
    head, expected = PROPOSED[name]

    assert propose(head + b"\nText\n", BOX, CONFIG, include) == expected


def test_no_rule_for_a_box_of_ones_own() -> None:
    """Where all of a maildrop is one member's, no rule decides."""
    own = parse(HOUSE + 'member = "luc"\n')

    assert propose(b"From: head@school.example\n\nText\n", own.maildrop[0], own, include) == []


def test_house_of_one() -> None:
    """In a house with one member a rule still takes letters out of triage."""
    alone = parse(HOUSE.partition("[members.luc]")[0] + "".join(HOUSE.partition("[[maildrop]]")[1:]))

    assert propose(b"From: head@school.example\n\nText\n", alone.maildrop[0], alone, include) == SCHOOL


@pytest.mark.parametrize(
    ("rule", "keys", "value"),
    [
        (Rule("also", "info@home.example"), ("members", "luc", "also"), ("l@old.example", "info@home.example")),
        (Rule("alias", "info"), ("aliases", "info"), ("luc",)),
        (Rule("alias", "grandma"), ("aliases", "Grandma"), ("grandma@far.example", "luc")),
        (Rule("list", "choir@lists.example"), ("routing", "lists", "<choir.lists.example>"), ("ann", "luc")),
        (Rule("list", "new.lists.example"), ("routing", "lists", "new.lists.example"), ("luc",)),
        (Rule("sender", "dentist.example"), ("routing", "senders", "@dentist.example"), ("ann", "luc")),
        (Rule("sender", "school.example"), ("routing", "senders", "school.example"), ("luc",)),
    ],
    ids=str,
)
def test_rule_adds_to_what_is_there(rule: Rule, keys: tuple[str, ...], value: tuple[str, ...]) -> None:
    """The key as somebody wrote it is used again, nobody is taken out, and to apply it twice changes nothing more."""
    assert change(rule, "luc", CONFIG) == (keys, value)
    once = applied(rule, "luc", CONFIG)
    assert applied(rule, "luc", once) == once
    assert "Luc".casefold() in words(rule, "luc")


def test_rule_catches_for_its_member_only() -> None:
    """A rule for Luc does not give the letter to Ann, and not a letter of another sender to Luc."""
    letter, rule = b"From: head@school.example\n\nText\n", Rule("sender", "school.example")

    assert catches(rule, "luc", letter, BOX, CONFIG, include)
    assert not catches(rule, "luc", letter.replace(b"school", b"preschool"), BOX, CONFIG, include)


def house(**tables: str) -> Config:
    """The house with more in some tables."""
    text = HOUSE
    for table, more in tables.items():
        text = text.replace(f"{table}]\n", f"{table}]\n{more}\n", 1)
    return parse(text)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            house(lists='"dev" = ["luk"]'),
            'routing.lists."dev" -> luk: there is nobody called "luk" in this house; did you mean luc?',
        ),
        (
            house(senders='"a.example" = ["grandma"]'),
            'senders."a.example" -> grandma: no member is among them, so nobody would get these letters; name one',
        ),
        (
            house(senders='"a.example" = []'),
            'routing.senders."a.example": no member is among them, so nobody would get these letters; name one',
        ),
        (
            house(lists='"dev" = ["a"]', aliases='a = ["b"]\nb = ["a"]'),
            'routing.lists."dev" -> a: aliases: a -> b -> a goes round in a circle; take one of these names out',
        ),
    ],
)
def test_rule_that_leads_nowhere_is_told_with_its_chain(config: Config, sentence: str) -> None:
    """Lists and senders that would be nobody's are named, with the way there and the nearest name."""
    assert any(told.endswith(sentence) for told in check(config))


def test_good_house_has_nothing_to_be_told() -> None:
    """Members and aliases of members may read lists."""
    assert check(CONFIG) == []
