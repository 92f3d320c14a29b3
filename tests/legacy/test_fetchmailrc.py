"""A .fetchmailrc: what its words mean, and what is said about each line. tests/peers holds it against fetchmail."""

import pytest

from core.legacy.clauses import clauses
from core.legacy.fetchmailrc import Account, Fetchmail, read
from core.toml import Secret


def account(text: str) -> Account:
    """The only account of a file."""
    (server,) = read(text).servers
    (only,) = server.accounts
    return only


def names(text: str) -> list[tuple[str, str]]:
    """The names of the only account."""
    return [(name.outside, name.local) for name in account(text).names]


NAMES = [
    ("poll h user x is paul", [("paul", "paul")]),
    ("poll h user x is paul here", [("paul", "paul")]),
    ("poll h user x there is paul here", [("paul", "paul")]),
    ("poll h user paul here is x there", [("paul", "paul")]),
    ("poll h user x to a b=c * here", [("a", "a"), ("b", "c")]),
    ("poll h user x is a, b;c = d, e=f", [("a", "a"), ("b", "b"), ("c", "d"), ("e", "f")]),
    ("poll h user x is a and b", [("a", "a"), ("b", "b")]),
    ("poll h user x is paul to luc here", [("paul", "paul"), ("luc", "luc")]),
    ("poll h user x is a b\n c\n=d", [("a", "a"), ("b", "b"), ("c", "d")]),
    ("poll h user x is keep", [("keep", "keep")]),
    ("poll h user x is 'a b'=c", [("a b", "c")]),
    ("poll h user x is paul@home.example=paul luc", [("paul@home.example", "paul"), ("luc", "luc")]),
    ("defaults user x is a\npoll h is b", [("b", "b")]),
    ("defaults user x is a\npoll h", [("a", "a")]),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_names_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    """Lists of names have spaces, commas, noise words and mappings, and a keyword ends them."""
    assert names(text) == expected
    assert account(text).remote == "x"


PASSWORDS = [
    ('pass "a b"', "a b"),
    ("password 'it is'", "it is"),
    ("pass keep", "keep"),
    ("pass options", "options"),
    ("pass 0012", "0012"),
    ("pass foo#bar", "foo#bar"),
    ('pass "#no comment"', "#no comment"),
    (r'pass "a\x41\065\n\t\\\q"', "aA5\n\t\\q"),
    (r"pass a\x20b", "a b"),
    (r"pass \200", "\xc8"),
    ('pass "a\\\nb"', "ab"),
    ('pass "foo"bar', '"foo"bar'),
    ('pass ""', ""),
]


@pytest.mark.parametrize(("text", "expected"), PASSWORDS)
def test_password_is_read_and_never_told(text: str, expected: str) -> None:
    """Quotes, escapes and keywords in a password are as fetchmail has them; no remark shows it."""
    file = read(f"poll h user x {text} is y")

    assert file.servers[0].accounts[0].password == Secret(expected)
    assert [remark.text for remark in file.remarks][2] == f"{text.split(maxsplit=1)[0]} ..."


@pytest.mark.parametrize("password", ["zq1 zq2", "zq1,zq2", "zq1=zq2", '"zq1 zq2', "zq1:zq2;zq3"])
def test_rest_of_a_password_that_fetchmail_refuses_is_not_told(password: str) -> None:
    """Where a password has a sign in it that ends it, what follows is hidden too."""
    assert "zq" not in str([remark.text for remark in read(f"poll h user x pass {password} is y").remarks])


def test_server_has_its_options() -> None:
    """Options of a server may stand in any order, and lists may come in parts."""
    (server,) = read(
        "server label via pop.example with proto POP3, port 1110, aka a b aka c no dns "
        'localdomains home.example envelope 2 "X-Envelope-To:" qvirtual "mbox-" auth password user x is y'
    ).servers

    assert (server.label, server.host, server.port, server.protocol) == ("label", "pop.example", 1110, "pop3")
    assert (server.aka, server.localdomains) == (("a", "b", "c"), ("home.example",))
    assert (server.envelope, server.skips, server.qvirtual, server.auth) == ("X-Envelope-To", 2, "mbox-", "password")


def test_account_has_its_options() -> None:
    """Options of an account stand on it alone."""
    first, second = (
        read(
            'poll h user a pass b is c ssl sslproto "TLS1" keep fetchall limit 5000 fetchlimit 3 mda "procmail" '
            "preconnect 'pon x' postconnect poff user d is e no keep nofetchall"
        )
        .servers[0]
        .accounts
    )

    assert first.ssl
    assert first.keep
    assert first.fetchall
    assert (first.sslproto, first.limit, first.fetchlimit, first.mda) == ("TLS1", 5000, 3, "procmail")
    assert (first.preconnect, first.postconnect) == ("pon x", "poff")
    assert not second.keep
    assert not second.ssl


def test_globals_may_stand_anywhere() -> None:
    """A set between two servers is no option of the first."""
    file = read("set postmaster paul\npoll h user x is y\nset no bouncemail\nset daemon 300\npoll g user z is w")

    assert [server.label for server in file.servers] == ["h", "g"]
    assert (file.postmaster, file.bouncemail) == ("paul", False)


def test_skipped_server_is_not_active() -> None:
    """A server with skip is read, and said to be left out."""
    file = read("skip h proto pop3 user x pass y is z\npoll g user a is b")

    assert [server.active for server in file.servers] == [False, True]
    assert {remark.verdict for remark in file.remarks if remark.line == 1} == {"obsolete"}


def test_defaults_hold_until_something_else_is_said() -> None:
    """Defaults fill what a server or account leaves open, and a list of its own replaces them."""
    one, two = read(
        "defaults proto pop3 aka a fetchall envelope X-To\npoll h user x is y\n"
        "poll g proto apop aka b no envelope user x is y no fetchall"
    ).servers

    assert (one.protocol, one.aka, one.accounts[0].fetchall, one.envelope) == ("pop3", ("a",), True, "X-To")
    assert (two.protocol, two.aka, two.accounts[0].fetchall, two.envelope) == ("apop", ("b",), False, "")


VERDICTS = [
    ("set daemon 600", "obsolete"),
    ("set no bouncemail", "obsolete"),
    ("set postmaster paul", "understood"),
    ("set flurble", "unknown"),
    ("poll h", "understood"),
    ("poll h envelope X-Envelope-To", "understood"),
    ("poll h envelope To", "unknown"),
    ("poll h no envelope", "understood"),
    ("poll h proto imap", "unknown"),
    ("poll h proto etrn", "unknown"),
    ("poll h auth ntlm", "unknown"),
    ("poll h no dns", "obsolete"),
    ("poll h user x keep", "understood"),
    ("poll h user x flush", "obsolete"),
    ("poll h user x no sslcertck", "obsolete"),
    ("poll h user x sslfingerprint AA", "unknown"),
    ("poll h user x mda procmail", "obsolete"),
    ("poll h user x preconnect '/usr/bin/pon isp'", "understood"),
    ("poll h user x preconnect 'ssh -f gate sleep 9'", "unknown"),
    ("poll h user x limit", "unknown"),
    ("frobnicate", "unknown"),
]


@pytest.mark.parametrize(("text", "verdict"), VERDICTS)
def test_last_clause_has_its_verdict(text: str, verdict: str) -> None:
    """Each option is understood, unknown or obsolete, with a reason."""
    last = read(text).remarks[-1]

    assert last.verdict == verdict
    assert last.meaning


def test_every_line_with_words_is_remarked_on() -> None:
    """A clause over several lines has a remark on each of them."""
    text = "poll h\n user x\n\n # nothing\n is a\n  b\n  =c\n keep\n"

    assert sorted({remark.line for remark in read(text).remarks}) == [1, 2, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "text", ["", "#", "poll", "user", "= = =", "set", "no", "set no", "poll h user x is", '"', "is ="]
)
def test_broken_file_is_read_as_far_as_it_goes(text: str) -> None:
    """Nothing that stands in the file makes the reading fail."""
    assert isinstance(read(text), Fetchmail)
    assert all(clause.pieces for clause in clauses(text))
