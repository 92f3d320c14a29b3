"""What people look for, and what is made of it."""

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.query import (
    LANGUAGE,
    All,
    Dated,
    Either,
    In,
    Is,
    Not,
    Sized,
    Term,
    Words,
    parse,
    places,
    settled,
    tokens,
)

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=timezone(timedelta(hours=1)))
SOUP = st.lists(
    st.sampled_from(
        [*'"“*-:() ', "OR ", "from:", "in:", "before:", "is:", "has:", "larger:", "2025", "me", "plum", "é"]
    )
    | st.text(max_size=3)
).map("".join)


def day(year: int, month: int = 1, number: int = 1) -> datetime:
    """The beginning of a day, where the house is."""
    return datetime(year, month, number, tzinfo=NOW.tzinfo)


def terms(text: str, *, typing: bool = False) -> tuple[Term, ...]:
    """What a query means; it has no fault."""
    query = parse(text, NOW, typing=typing)
    assert query.faults == ()
    return query.term.terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("garden bench", [Words("garden"), Words("bench")]),
        ('"plum tree"', [Words("plum tree")]),
        ("“plum tree”", [Words("plum tree")]),
        ('"plum tree', [Words("plum tree")]),
        ("gard*", [Words("gard*", more=True)]),
        ("-ferry", [Not(Words("ferry"))]),
        ('-"plum tree"', [Not(Words("plum tree"))]),
        ("e-mail", [Words("e-mail")]),
        ("from:marta", [Words("marta", "from")]),
        ("FROM:Marta", [Words("Marta", "from")]),
        ('from:"Marta Weber"', [Words("Marta Weber", "from")]),
        ("-from:marta@far.example", [Not(Words("marta@far.example", "from"))]),
        ("to:ann cc:luc", [Words("ann", "to"), Words("luc", "cc")]),
        (
            "subject:storm body:bench list:nelug",
            [Words("storm", "subject"), Words("bench", "body"), Words("nelug", "list")],
        ),
        ("to:me", [Is("me")]),
        ('to:"me"', [Words("me", "to")]),
        ("a OR b", [Either((Words("a"), Words("b")))]),
        ("a OR b OR c d", [Either((Words("a"), Words("b"), Words("c"))), Words("d")]),
        ("x a OR -b", [Words("x"), Either((Words("a"), Not(Words("b"))))]),
        ("OR a OR", [Words("a")]),
        ("a or b", [Words("a"), Words("or"), Words("b")]),
        ('a "OR" b', [Words("a"), Words("OR"), Words("b")]),
        ("in:Archive", [In("Archive")]),
        ("has:attachment", [Is("attachment")]),
        ("is:unread -is:stub", [Is("unread"), Not(Is("stub"))]),
        ("larger:100k", [Sized(over=100_000)]),
        ("smaller:1.5M", [Sized(under=1_500_000)]),
        ("larger:20kB", [Sized(over=20_000)]),
        ("before:2025", [Dated(None, day(2025))]),
        ("after:2025", [Dated(day(2025), None)]),
        ("on:2025-03", [Dated(day(2025, 3), day(2025, 4))]),
        ('after:"last year"', [Dated(day(2025), None)]),
        ("on:yesterday", [Dated(day(2026, 11, 19), day(2026, 11, 20))]),
        ("http://ferry.example/times", [Words("http://ferry.example/times")]),
        ("12:30", [Words("12:30")]),
        ("!!! - -- :-)", []),
        ("a OR !!!", [Words("a")]),
    ],
)
def test_queries_are_understood(text: str, expected: list[Term]) -> None:
    """Words, phrases, keys and their opposites; a text without letters and digits says nothing."""
    assert terms(text) == tuple(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gard", [Words("gard", more=True)]),
        ("gard ", [Words("gard")]),
        ("the gard", [Words("the"), Words("gard", more=True)]),
        ("from:mar", [Words("mar", "from", more=True)]),
        ('"plum tr', [Words("plum tr", more=True)]),
        ('"plum tr"', [Words("plum tr")]),
        ("plum from:", [Words("plum")]),
        ("plum before:20", [Words("plum")]),
        ("plum before:2025-0", [Words("plum")]),
        ("on:yester", []),
        ("is:unr", []),
        ("has:att", []),
        ("larger:10", [Sized(over=10)]),
        ("larger:1.", []),
        ("plum -", [Words("plum")]),
        ("plum OR", [Words("plum")]),
    ],
)
def test_what_is_being_typed_is_only_unfinished(text: str, expected: list[Term]) -> None:
    """The last word may go on; what has not got its value yet finds as much as without it."""
    assert terms(text, typing=True) == tuple(expected)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from:", "from: stands alone; write a word after it"),
        ("before:2025-13", "before:2025-13 means nothing; write 2025, 2025-03"),
        ("on:20", "on:20 means nothing"),
        ("is:purple", "is:purple means nothing; write unread, read, flagged, answered, forwarded, deleted or stub"),
        ("has:picture", "has:picture means nothing; write has:attachment"),
        ("larger:big", "larger:big means nothing; write 100k or 2M"),
    ],
)
def test_what_means_nothing_is_told(text: str, told: str) -> None:
    """A sentence names the part and what to write in its place; the rest is looked for."""
    query = parse(f"plum {text}", NOW)

    assert query.term == All((Words("plum"),))
    assert [fault[: len(told)] for fault in query.faults] == [told]


def test_an_impossible_value_is_told_while_it_is_typed() -> None:
    """More letters would not make a month 13 possible."""
    assert len(parse("before:2025-13", NOW, typing=True).faults) == 1
    assert parse("before:2025-1", NOW, typing=True).faults == ()


def test_faults_are_safe_to_show() -> None:
    """A control character in a value does not get into the sentence."""
    assert "\x1b" not in parse("is:\x1b[2J", NOW).faults[0]


def test_a_query_may_name_its_folders() -> None:
    """An in: anywhere in it counts, even one that is negated."""
    assert parse('in:sent a OR -in:"Sailing club" -in:junk', NOW).folders == ("sent", "Sailing club", "junk")
    assert parse("sent", NOW).folders == ()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Sent", ["sent"]),
        ("sa", ["Sailing", "sales"]),
        ("inbox", ["inbox"]),
        ("x", []),
        ("inb", ["inbox", "inbox2"]),
    ],
)
def test_a_folder_may_be_named_by_its_beginning(name: str, meant: list[str]) -> None:
    """In any case; a whole name means that folder alone."""
    assert places(name, ["sent", "inbox", "inbox2", "Sailing", "sales"]) == meant


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("gard", "gard*"),
        ("gard ", "gard"),
        ("gard*", "gard*"),
        ('"plum tr', '"plum tr*"'),
        ('"plum tree"', '"plum tree"'),
        ("x from:mar", "x from:mar*"),
        ("is:unread", "is:unread"),
        ("to:me", "to:me"),
        ("", ""),
    ],
)
def test_a_query_is_kept_as_it_was_meant(text: str, kept: str) -> None:
    """What was still open is kept with an asterisk."""
    assert settled(text) == kept


@given(SOUP)
def test_a_kept_query_finds_the_same(text: str) -> None:
    """Read again, it has the same words in the same places, of which the last may go on."""

    def plain(terms: tuple[Term, ...]) -> str:
        return repr(terms).replace("*'", "'").replace('*"', '"')

    assert plain(parse(settled(text), NOW).term.terms) == plain(parse(text, NOW, typing=True).term.terms)


@given(SOUP, st.booleans())
def test_nothing_that_is_typed_is_an_error(text: str, typing: bool) -> None:
    """Every text is a query; its pieces stand in it one after the other, and each of its words can be looked for."""
    query = parse(text, NOW, typing=typing)
    pieces = list(tokens(text))

    assert query.text == text
    assert all(isinstance(term, Term) for term in query.term.terms)
    assert all(a.end <= b.start for a, b in pairwise(pieces))
    assert all(text[one.begin : one.begin + len(one.value)] == one.value for one in pieces)


@given(st.sampled_from(["2025", "2025-03", "monday", "3d", "last year", "march"]))
def test_before_and_after_share_all_dates(when: str) -> None:
    """A letter with a date is either before some days or after their beginning."""
    (before,) = terms(f'before:"{when}"')
    (after,) = terms(f'after:"{when}"')

    assert isinstance(before, Dated)
    assert isinstance(after, Dated)
    assert before.end == after.begin


def test_a_huge_query_is_cut() -> None:
    """Pasting a book into the bar costs no more than a page."""
    assert len(parse("plum " * 100_000, NOW).term.terms) == 100


def test_what_the_language_is_said_to_be_is_what_it_is() -> None:
    """Each example of it is understood, and fits on a line of a terminal."""
    for what, meaning in LANGUAGE:
        assert parse(what, NOW).faults == ()
        assert len(parse(what, NOW).term.terms) > 0
        assert len(f"  {what:27}{meaning}") < 80
