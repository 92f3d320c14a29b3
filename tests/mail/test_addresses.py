"""Addresses as they are written, typed and compared."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.mail.addresses import domain, mailboxes, normal, typed

PIECES = st.lists(
    st.sampled_from(
        [
            b"paul",
            b"@",
            b"linuxpc",
            b".",
            b"<",
            b">",
            b"(",
            b")",
            b'"',
            b"\\",
            b",",
            b";",
            b":",
            b"[",
            b"]",
            b" ",
            b"\n ",
            b"=?utf-8?q?",
            b"?=",
            b"=40",
            b"\xe9",
            b"\0",
        ]
    )
).map(b"".join)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"", []),
        (b"paul", [("", "paul")]),
        (b"<paul>", [("", "paul")]),
        (b"paul@home.example", [("", "paul@home.example")]),
        (b"Paul Dupont <paul@linuxpc>", [("Paul Dupont", "paul@linuxpc")]),
        (b"Joe Q. Public <joe.public@x.example>", [("Joe Q. Public", "joe.public@x.example")]),
        (b'"Dupont, Paul" <paul@linuxpc>, luc', [("Dupont, Paul", "paul@linuxpc"), ("", "luc")]),
        (b'"a \\"b\\" c" <d@e>', [('a "b" c', "d@e")]),
        (b"paul@x (Paul (the elder) Dupont)", [("Paul (the elder) Dupont", "paul@x")]),
        (b"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")]),
        (b"root (Cron Daemon)", [("Cron Daemon", "root")]),
        (b"undisclosed-recipients:;", []),
        (b"Undisclosed recipients:;", []),
        (b'Family: a@x, "B" <b@y>;, c@z', [("", "a@x"), ("B", "b@y"), ("", "c@z")]),
        (b"<@a,@b:user@c>, d@e", [("", "user@c"), ("", "d@e")]),
        (b"jdoe@test  . example", [("", "jdoe@test.example")]),
        (
            b"Mary <@node.test:mary@x.example>, , jdoe@test . example",
            [("Mary", "mary@x.example"), ("", "jdoe@test.example")],
        ),
        (b'"john doe"@x.example', [("", '"john doe"@x.example')]),
        (b"paul@[192.168.1.4]", [("", "paul@[192.168.1.4]")]),
        (b"paul@[IPv6:fe80::1]", [("", "paul@[IPv6:fe80::1]")]),
        (b"a@b@c", [("", "a@b@c")]),
        (b"a@x b@y", [("", "a@x"), ("", "b@y")]),
        (b"p@x; q@y", [("", "p@x"), ("", "q@y")]),
        (b"mailto:paul@x", [("", "paul@x")]),
        (b"<mailto:paul@x>", [("", "paul@x")]),
        (b"paul\n @linuxpc,\n\tluc@y", [("", "paul@linuxpc"), ("", "luc@y")]),
        (b'"Paul <paul@x>', [("Paul", "paul@x")]),
        (b"Paul (x <paul@x>", [("Paul x", "paul@x")]),
        (b"Paul <paul@x", [("Paul", "paul@x")]),
        (b"<<paul@x>>", [("", "paul@x")]),
        (b"paul@linuxpc <p@x>", [("paul@linuxpc", "p@x")]),
        (b"=?utf-8?q?J=C3=BCrgen?= <j@x>", [("Jürgen", "j@x")]),
        (b'"=?utf-8?q?J=C3=BCrgen?=" <j@x>', [("Jürgen", "j@x")]),
        (b"=?utf-8?q?Dupont, Paul?= <p@x>", [("Dupont, Paul", "p@x")]),
        (b"=?utf-8?q?Paul_<paul=40x.example>?=", [("Paul", "paul@x.example")]),
        (b"=?nonsense=?q?a@b", [("", "=?nonsense=?q?a@b")]),
        ("José <josé@x.example>".encode(), [("José", "josé@x.example")]),
        ("José <josé@x.example>".encode("latin-1"), [("José", "josé@x.example")]),
        (b"<>", []),
        (b"@", []),
        (b"a@", []),
        (b"@b", []),
        (b"Paul Dupont", []),
    ],
)
def test_mailboxes(value: bytes, found: list[tuple[str, str]]) -> None:
    """Addresses and the names beside them are found, in all the ways in which they are written."""
    assert [(mailbox.name, mailbox.address) for mailbox in mailboxes(value)] == found


def test_span_is_the_bare_address() -> None:
    """The span is that of the address, without name, brackets and route."""
    value = b' "P" <@a:paul@linuxpc> (x), luc,\n z@y'
    spans = [value[mailbox.start : mailbox.end] for mailbox in mailboxes(value)]
    assert spans == [b"paul@linuxpc", b"luc", b"z@y"]


@given(PIECES)
def test_mailboxes_never_raises(value: bytes) -> None:
    """Any bytes can be read; spans are in order, apart, and inside the value."""
    ends = [0]
    for mailbox in mailboxes(value):
        assert mailbox.address
        ends += [mailbox.start, mailbox.end]
    assert ends == sorted(ends)
    assert ends[-1] <= len(value)


@pytest.mark.parametrize(
    "value",
    [
        b"Paul Dupont <paul@linuxpc.localdomain>,\n " * 25_000,
        b'"\\' * 200_000,
        b"(" * 500_000,
        b"(\\" * 200_000,
        b"<" * 300_000,
        b"=?a?q?" * 100_000,
        b"@" * 300_000,
        b"a." * 300_000,
    ],
    ids=["honest", "quote", "comments", "escapes", "angles", "words", "ats", "dots"],
)
def test_a_long_value_is_quick(value: bytes) -> None:
    """A value of a megabyte, honest or hostile, is read in a second or two; ten kilobytes in no time."""
    began = time.perf_counter()
    mailboxes(value[:10_000])
    assert time.perf_counter() - began < 0.5
    mailboxes(value)
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("Paul@Home.Example", "paul@home.example"),
        (" <paul@home.example.> ", "paul@home.example"),
        ('"paul"@home.example', "paul@home.example"),
        ('"paul dupont"@x', '"paul dupont"@x'),
        ("PAUL", "paul"),
        ("a@Bücher.example", "a@xn--bcher-kva.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("STRASSE@x", "straße@x"),
        ("", ""),
    ],
)
def test_normal(address: str, same: str) -> None:
    """Two ways to write one address compare as one."""
    assert normal(address) == normal(same)


@given(st.text())
def test_normal_is_stable(text: str) -> None:
    """Nothing raises, and an address once normal stays so."""
    once = normal(text)
    assert normal(once) in (once, normal(normal(once)))


@pytest.mark.parametrize(
    ("address", "host"),
    [("a@B.example.", "b.example"), ("paul", ""), ("a@b@C", "c"), ("a@[192.168.1.4]", "[192.168.1.4]")],
)
def test_domain(address: str, host: str) -> None:
    """The domain is what follows the last @."""
    assert domain(address) == host


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", ()),
        (" , ", ()),
        ("paul", ("paul",)),
        ("paul, Grandma <g@far.example>; x@y.example", ("paul", "g@far.example", "x@y.example")),
        ('"Dupont, Paul" <paul@linuxpc>', ("paul@linuxpc",)),
        ("a@localhost", ("a@localhost",)),
        ("a@[192.0.2.1]", ("a@[192.0.2.1]",)),
        ('"a b"@x.example', ('"a b"@x.example',)),
        ("müller@straße.de", ("müller@straße.de",)),
        ("Friends: a@x.example, b@y.example;", ("a@x.example", "b@y.example")),
        ("a+b@x.example", ("a+b@x.example",)),
    ],
)
def test_typed(text: str, addresses: tuple[str, ...]) -> None:
    """What a person types is taken as it is meant."""
    assert typed(text) == addresses


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("luc, paul@@x.example", "paul@@x.example"),
        ("luc, Paul Dupont", "Paul Dupont"),
        ("a@b..c", "a@b..c"),
        (".a@b.example", ".a@b.example"),
        ("<>", "<>"),
        ("a@", "a@"),
        ("a@x.example b@y.example", "a@x.example b@y.example"),
        ("pa\0ul", "pa\0ul"),
    ],
)
def test_typed_names_the_bad_one(text: str, bad: str) -> None:
    """A refusal names the address that is none."""
    with pytest.raises(InputError, match="is no address") as refusal:
        typed(text)
    assert f'"{bad}"' in str(refusal.value)


@given(st.text())
def test_typed_refuses_or_takes(text: str) -> None:
    """Nothing but a refusal is raised."""
    try:
        typed(text)
    except InputError:
        return
