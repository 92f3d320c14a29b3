"""split.txt is the table: a head, who gets the letter, by which evidence. Here is the house, and what always holds."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import config as settings
from core.errors import StoreError
from core.mail.routed import How
from core.mail.split import Routed, parse_routed, routed_header, split, words

HOUSE = """
[household]
host = "linuxpc.localdomain"
local_domains = ["linuxpc", "linuxpc.localdomain"]
domain = "home.example"
postmaster = "paul"

[members.paul]
address = "Paul.Dupont@home.example"
also = ["paul.d@old-provider.example", "pdupont@gmail.example"]
[members.luc]
address = "Luc.Jackson@home.example"
[members.ann]
address = "ann@home.example"
[members.joann]
address = "joann@home.example"
[members.xavier]
address = "john@home.example"
[members.yves]
address = "john@second.example"
[members.greta]
address = "greta@bücher.example"
also = ["grüße@home.example"]

[aliases]
family = ["paul", "luc", "grandma@far.example"]
everybody = ["family", "ann"]
"our folks" = ["ann", "joann"]
grandma = ["grandma@far.example"]
choir = [":include:/etc/choir"]
gone = [":include:/etc/gone"]
loop = ["pool"]
pool = ["loop"]
INFO = ["ann"]
info = ["luc"]

[routing]
prefix = "mbox-user-"
[routing.lists]
"dev.httpd.example.org" = ["ann"]
"choir@lists.example.org" = ["luc", "joann"]
"<boats.example.org>" = ["everybody"]
"plain" = ["yves"]
[routing.senders]
"school.example" = ["joann"]
"teacher@school.example" = ["ann", "luc"]
"@dentist.example" = ["family"]

[[maildrop]]
name = "open"
host = "pop.isp.example"
user = "dfzt12"
domains = ["home.example", "second.example", "bücher.example"]

[[maildrop]]
name = "trusting"
host = "pop.isp.example"
user = "dfzt12"
domains = ["home.example", "second.example"]
trusted = ["isp.example", "alias.example", "192.0.2.77"]

[[maildrop]]
name = "received"
host = "pop.isp.example"
user = "box@home.example"
evidence = ["Received-for", "X-Rcpt-To"]

[[maildrop]]
name = "lucs"
host = "pop.luc.example"
user = "luc77"
member = "luc"
"""
CONFIG = settings.parse(HOUSE)
BOXES = {box.name: box for box in CONFIG.maildrop}

NOBODY = "paul", "postmaster", "", ""
STRANGERS = b",\n ".join(b'"Number %d" <n%d@far.example>' % (n, n) for n in range(300))

INTERNAL = (
    b"From: Mail System Internal Data <MAILER-DAEMON@isp.example>\n"
    b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
    b"X-IMAP: 1 2\n\nText\n"
)
LUC = "luc", "guess", "To", "luc@home.example"
WHOLE = {
    "nothing": (b"", NOBODY),
    "an empty line": (b"\n", NOBODY),
    "no head": (b"\nTo: luc@home.example\n\nText\n", NOBODY),
    "no head and no empty line": (b"Just words, no header.\nTo: luc@home.example\n", NOBODY),
    "only a head": (b"To: luc@home.example", LUC),
    "addresses in the body": (b"From: x@far.example\n\nTo: luc@home.example\n", NOBODY),
    "a mailbox's own line on top": (b"From x Mon Jan  1 10:00:00 2024\nTo: luc@home.example\n\nText\n", LUC),
    "an IMAP server's note to itself": (INTERNAL, NOBODY),
    "10 kB of strangers, folded": (b"To: " + STRANGERS + b",\n luc@home.example\n\nText\n", LUC),
    "binary rubbish": (bytes(range(256)) * 4, NOBODY),
}


@dataclass(frozen=True)
class Case:
    """One entry of the table."""

    box: str
    name: str
    head: bytes
    members: tuple[str, ...]
    evidence: tuple[str, ...]


def table() -> list[Case]:
    """The entries of split.txt."""
    text = Path(__file__).with_name("split.txt").read_text(encoding="utf-8")
    found = re.findall(r"^== (\w+): (.+)\n((?:(?!-> ).*\n)*)-> (.+)$", text, re.MULTILINE)
    return [
        Case(box, name, unescaped(head), tuple(members.split()), (*evidence, "", "")[:3])
        for box, name, head, line in found
        for members, *evidence in [line.split(" | ")]
    ]


def unescaped(head: str) -> bytes:
    """A head of the table as bytes; one without an author gets a stranger."""
    raw = re.sub(rb"\\x(..)", lambda match: bytes.fromhex(match[1].decode()), head.encode())
    raw = raw.replace(rb"\r", b"\r").replace(rb"\0", b"\0")
    return raw if b"From: " in raw else raw + b"From: Anybody <somebody@far.example>\nSubject: Hello\n"


CASES = table()


def include(path: str) -> str:
    """What an alias includes."""
    if path == "/etc/choir":
        return "# who sings\nann\nluc, other@far.example\n"
    raise StoreError(f"{path}: there is no such file")


def sort(message: bytes, box: str = "open") -> Routed:
    """Where a letter of one of the maildrops goes in this house."""
    return split(message, BOXES[box], CONFIG, include)


def test_the_table_is_whole() -> None:
    """There are at least 120 cases, and none is left out because of its form."""
    text = Path(__file__).with_name("split.txt").read_text(encoding="utf-8")
    assert len(CASES) >= 120
    assert len(CASES) == text.count("\n== ") == text.count("\n-> ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.box}: {case.name}")
def test_split(case: Case) -> None:
    """Each head goes to its members, by its evidence."""
    routed = sort(case.head + b"\nText\n", case.box)
    assert (routed.members, (routed.how, routed.header, routed.address)) == (case.members, case.evidence)


@pytest.mark.parametrize(("message", "expected"), WHOLE.values(), ids=WHOLE)
def test_split_of_broken_letters(message: bytes, expected: tuple[str, str, str, str]) -> None:
    """A letter without a head, or with a broken one, is the postmaster's, unless something in it speaks."""
    routed = sort(message)
    assert (" ".join(routed.members), routed.how, routed.header, routed.address) == expected


HEADS = st.lists(st.sampled_from([case.head for case in CASES]) | st.binary(max_size=60), max_size=6).map(b"".join)


@given(st.binary(max_size=600) | HEADS, st.sampled_from(sorted(BOXES)))
def test_split_never_raises(message: bytes, box: str) -> None:
    """Whatever the bytes, at least one member gets them, and only members do."""
    routed = sort(message, box)
    assert routed.members
    assert set(routed.members) <= set(CONFIG.members)
    assert len(set(routed.members)) == len(routed.members)


@given(HEADS, HEADS, st.sampled_from(sorted(BOXES)))
def test_split_remembers_nothing(one: bytes, other: bytes, box: str) -> None:
    """The result is the same whichever letters came before."""
    before = sort(one, box)
    sort(other, box)
    assert sort(one, box) == before


@given(HEADS, st.binary(max_size=100), st.binary(max_size=100))
def test_the_body_decides_nothing(head: bytes, one: bytes, other: bytes) -> None:
    """Two letters with one head go to the same members."""
    head = b"X-First: x\n" + head.replace(b"\n\n", b"\n").replace(b"\n\r\n", b"\n")
    assert sort(head + b"\n\n" + one) == sort(head + b"\n\n" + other)


HOWS: st.SearchStrategy[How] = st.sampled_from(["envelope", "received", "list", "guess", "rule", "postmaster"])
ROUTED = st.builds(Routed, st.just(()), HOWS, st.text(max_size=30), st.text(max_size=60))


@given(ROUTED)
def test_the_header_is_one_safe_line(routed: Routed) -> None:
    """Whatever an address holds, the header's value is one short line of ASCII."""
    value = routed_header(routed)
    assert value.isascii()
    assert b"\n" not in value
    assert b"\r" not in value
    assert len(value) < 900


@given(ROUTED.filter(lambda routed: (routed.header + routed.address).isprintable()))
def test_the_header_is_read_back(routed: Routed) -> None:
    """What was written is read again, but for the members, whose names are not in it."""
    short = replace(routed, header=routed.header[:20], address=routed.address[:20])
    assert parse_routed(routed_header(short)) == short


def test_an_address_cannot_add_a_header() -> None:
    """A line end or a semicolon in an address ends neither the header nor the address."""
    hostile = Routed(("luc",), "guess", "To", "a\r\nBcc: b; how=rule; header=X@home.example")
    value = routed_header(hostile)
    assert value == b"how=guess; header=To; address=a%0D%0ABcc:%20b%3B%20how=rule%3B%20header=X@home.example"
    assert parse_routed(value) == replace(hostile, members=())


@pytest.mark.parametrize("value", [b"", b"how=", b"how=magic; header=To", b"\xff\x00;;==", b"header=To; address=a@b"])
def test_a_header_that_is_not_ours(value: bytes) -> None:
    """A value without a known how is nothing."""
    assert parse_routed(value) is None


@given(st.binary(max_size=200))
def test_reading_a_header_never_raises(value: bytes) -> None:
    """Any value can be looked at."""
    parse_routed(value)
    parse_routed(b"how=guess;" + value)


@pytest.mark.parametrize(
    ("routed", "sentence"),
    [
        (Routed((), "envelope", "X-Original-To", "a@b"), "The provider wrote X-Original-To: a@b."),
        (
            Routed((), "envelope", "maildrop", "luc77"),
            "It came from the box luc77, and all its letters go to one member.",
        ),
        (Routed((), "received", "Received", "a@b"), "The provider's Received line says that it was for a@b."),
        (Routed((), "list", "List-Id", "x.y"), "It came over the list x.y (List-Id)."),
        (Routed((), "guess", "To", "a\x1b[2J@b"), "The provider did not say for whom it was; To names a\ufffd[2J@b."),
        (
            Routed((), "rule", "From", "s.example"),
            "No address in it is of this house; your rule for s.example decided (From).",
        ),
        (
            Routed((), "postmaster", "To", "a@b"),
            "To names a@b, which is nobody's address here, so it went to the postmaster.",
        ),
        (Routed((), "postmaster", "", ""), "Nothing in it names anyone of this house, so it went to the postmaster."),
    ],
)
def test_words(routed: Routed, sentence: str) -> None:
    """The evidence can be told in a sentence, without what a terminal would obey."""
    assert words(routed) == sentence
