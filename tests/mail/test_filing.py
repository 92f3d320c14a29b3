from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Filing, Size, _agree_rule, parse
from core.mail import filing, headers
from core.mail.clean import BAD
from core.mail.filing import Filed
from tests.mail.conftest import HOUSE

LETTER = b"""\
From: =?utf-8?q?Zo=C3=AB_Lef=C3=A8vre?= <Zoe@lists.far.example>
To: "Dupont, Paul" <paul.dupont@home.example>, luc@home.example
Subject: Re: [Garden] Plum trees
 and hens 12
List-Id: The garden list <garden.lists.example>
X-Priority: 1 (Highest)
X-Spam-Flag: YES

Text
"""

FITS = [
    (Filing(from_=("zoe@lists.far.example",)), True, "a whole address, in any case"),
    (Filing(from_=("oe@lists.far.example",)), False, "an address is never a part of one"),
    (Filing(from_=("@lists.far.example",)), True, "a domain"),
    (Filing(from_=("@far.example",)), True, "a domain above it"),
    (Filing(from_=("@ar.example",)), False, "a domain is never a part of one"),
    (Filing(from_=("*@*.example",)), True, "an address with wildcards"),
    (Filing(from_=("@lists.*",)), True, "a domain with wildcards"),
    (Filing(from_=("LEFÈVRE",)), True, "a part of the name, decoded"),
    (Filing(from_=("far.ex",)), True, "a part of the address"),
    (Filing(from_=("zo*",)), True, "the whole name, or the whole address"),
    (Filing(from_=("lef*",)), False, "a text with a wildcard is all of it"),
    (Filing(from_=("nobody", "zoë")), True, "any of several"),
    (Filing(to=("luc@home.example",)), True, "one of those to whom it is"),
    (Filing(to=("Dupont, Paul",)), True, "a name with a comma"),
    (Filing(to=("ann",)), False, "somebody else"),
    (Filing(subject=("plum trees and",)), True, "a folded subject"),
    (Filing(subject=("Re: [garden]*",)), True, "how it begins"),
    (Filing(subject=("[garden]*",)), False, "how it does not begin"),
    (Filing(subject=("*hens*12",)), True, "pieces in their order"),
    (Filing(subject=("*12*hens*",)), False, "pieces in another order"),
    (Filing(list=("garden@lists.example",)), True, "a list's address, where the letter has its id"),
    (Filing(list=("garden.lists.example",)), True, "a list's id"),
    (Filing(list=("garden",)), True, "a part of it"),
    (Filing(list=("kitchen",)), False, "another list"),
    (Filing(header={"x-priority": "1*"}), True, "any header, in any case"),
    (Filing(header={"X-Spam-Flag": "yes", "X-Priority": "3"}), False, "all of several headers"),
    (Filing(header={"X-Loop": "*"}), False, "a header that is not there"),
    (Filing(larger=Size(100)), True, "large enough"),
    (Filing(larger=Size(1000)), False, "not large enough"),
    (Filing(list=("garden",), from_=("luc",)), False, "all conditions that are given"),
    (Filing(from_=("*",)), True, "everything"),
]


@pytest.mark.parametrize(("rule", "fits", "_why"), FITS, ids=[why for *_, why in FITS])
def test_what_a_condition_means(rule: Filing, fits: bool, _why: str) -> None:
    """Texts are compared as a person reads them."""
    assert filing.fits(rule, filing.see(LETTER)) is fits


def test_the_first_rule_that_fits_decides() -> None:
    """Rules after it are not asked."""
    rules = (
        Filing(from_=("ann",), folder="ann"),
        Filing(list=("garden",), folder="garden", mark=("read",), copy_to=("luc",)),
        Filing(from_=("*",), folder="rest", mark=("flagged",)),
    )

    assert filing.file(rules, filing.see(LETTER)) == Filed("garden", "R", ("luc",), "list garden")


def test_a_rule_that_does_not_stop_lets_others_add() -> None:
    """The folder is the first one's; marks and copies come together."""
    rules = (
        Filing(from_=("zoë",), mark=("flagged",), copy_to=("ann",), stop=False),
        Filing(list=("garden",), folder="garden", copy_to=("luc",), stop=False),
        Filing(subject=("hens",), junk=True, mark=("read",)),
    )

    filed = filing.file(rules, filing.see(LETTER))

    assert filed == Filed("garden", "FR", ("ann", "luc"), "from zoë; list garden; subject hens")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Filing(list=("nelug",), folder="nelug"), "list nelug -> folder nelug"),
        (Filing(from_=("@far.example", "rose"), junk=True), "from anybody at far.example or rose -> junk"),
        (
            Filing(
                to=("family",), larger=Size(2_500_000), mark=("read", "flagged"), copy_to=("luc", "ann"), stop=False
            ),
            "to family and larger than 2.5 MB -> marked read and flagged, copy to luc, ann, then the next rule",
        ),
        (Filing(header={"X-Loop": "a\x1b[2J"}, folder="x"), "X-Loop: a�[2J -> folder x"),
    ],
)
def test_rules_in_words(rule: Filing, words: str) -> None:
    """A rule is one line that a person understands and a terminal bears."""
    assert filing.words(rule) == words


def test_proposals_come_from_the_letter() -> None:
    """Its list, its author, the author's domain, the tag of its subject: each fits, and names a folder."""
    found = filing.propose(filing.see(LETTER))

    assert [(filing.condition(rule), rule.folder) for rule in found] == [
        ("list garden.lists.example", "garden"),
        ("from zoe@lists.far.example", "Zoë Lefèvre"),
        ("from anybody at lists.far.example", "far"),
        ("subject [Garden]", "Garden"),
    ]


@pytest.mark.parametrize(
    ("subject", "text", "folder"),
    [
        ("Fwd: Invoice 2026-118", "Invoice", "Invoice"),
        ("AW: Re[2]: Your berth at the old harbour", "Your berth at the", "Your berth at the"),
        ("*** WIN ***", "**** WIN ****", "WIN"),
    ],
)
def test_a_subject_is_proposed_without_what_changes(subject: str, text: str, folder: str) -> None:
    """Marks of replies and numbers are no part of it; a star in it stands for anything."""
    rules = filing.propose(filing.see(f"Subject: {subject}\n\n".encode()))

    assert [(rule.subject, rule.folder) for rule in rules] == [((text,), folder)]


@given(st.binary(max_size=300), st.sampled_from([rule for rule, *_ in FITS]))
def test_no_head_raises(garbage: bytes, rule: Filing) -> None:
    """Whatever a letter holds, rules can be asked about it and made of it; those that are made can be used."""
    for message in (garbage, b"From: " + garbage, b"Subject: " + garbage + b"\nList-Id: " + garbage, LETTER + garbage):
        letter = filing.see(message)
        assert filing.fits(rule, letter) in (True, False)
        for made in filing.propose(letter):
            assert filing.fits(made, letter)
            assert not BAD.search(filing.words(made))
            assert list(_agree_rule(parse(HOUSE), ("members", "paul", "rules", 0), made)) == []


@given(st.lists(st.sampled_from(["a", "b", "*"]), max_size=12), st.text("ab", max_size=12))
def test_wildcards_are_those_of_the_shell(pattern: list[str], value: str) -> None:
    """A star is any text, also none."""
    assert filing._glob("".join(pattern), value) is fnmatchcase(value, "".join(pattern))


@given(st.text(), st.text())
def test_nothing_in_a_rule_ends_the_note(by: str, folder: str) -> None:
    """The note in a delivered letter is one field on one line, and tells rule and folder."""
    note = filing.note(by, folder)
    front = b"Delivered-To: paul\nX-Mailrun-Routed: how=list\n" + note

    assert note.count(b"\n") == 1
    assert len(note) < 998
    assert filing.told(headers.fields(front + b"X-Mailrun-Id: a\n")).startswith("Your rule (")


def test_only_our_own_note_is_believed() -> None:
    """A sender who writes such a field tells nobody anything."""
    front = b"Delivered-To: paul\nX-Mailrun-Routed: how=list\nX-Mailrun-Id: isp/1\n"

    assert filing.told(headers.fields(front + filing.note("list x", "y"))) == ""
    assert filing.told(headers.fields(filing.note("list x", "y"))) == ""
