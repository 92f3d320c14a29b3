"""household.toml: what is read, what is refused, and in which words."""

from decimal import Decimal
from pathlib import Path

import pytest

from core import config
from core.config import Secret, check, load, parse, size
from core.errors import ConfigError
from core.template import template
from core.toml import tables

GOOD = """\
[household]
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "Paul@home.example"
"""


def test_smallest_household_has_every_default() -> None:
    """A domain, a postmaster and one member are enough."""
    settings = parse(GOOD)

    assert (settings.line.kind, settings.smarthost, settings.maildrop) == ("always", None, ())
    assert settings.household.local_domains == ("localhost", "localhost.localdomain")


def test_template_is_a_good_household() -> None:
    """What `mailrun init` writes is accepted as it stands."""
    settings, faults = check(template("anna"))

    assert faults == []
    assert settings is not None
    assert settings.household.postmaster == "anna"


@pytest.mark.parametrize(
    "table",
    [
        *(config.House, config.Member, config.Filing, config.Junk, config.Maildrop, config.SmartHost, config.Line),
        *(config.Tariff, config.Price, config.Bill, config.Due),
    ],
)
def test_template_names_every_key(table: type) -> None:
    """No key is left out of the commented household.toml."""
    text = template("anna")

    assert all(f"{key} = " in text for key, (kind, _, _) in config.keys(table).items() if not tables(kind))


FAULTS = [
    ('[line]\nkind = "modm"\nnumbers = ["1"]', 7, 'line.kind is "modm", but must be modem, command or always', "modem"),
    ("[line]\nsped = 3", 7, "line.sped is not a key here", "speed"),
    ('[line]\nrate = "fast"', 7, 'line.rate is "fast", but must be a whole number', ""),
    ('[line]\nkind = "modem"', 6, "line.numbers is missing", ""),
    ('[line]\nkind = "command"', 6, "line.up is missing", ""),
    ('[line.tariff]\nper_call = "cheap"', 7, 'line.tariff.per_call is "cheap"', ""),
    ("[line.tariff]\nunit_seconds = 0", 7, "must be at least 1", ""),
    (
        '[line.tariff]\nper_minute = "-1"',
        7,
        "line.tariff.per_minute is -1, but must be a number from 0 to 1,000,000",
        "",
    ),
    ('[line.tariff]\nper_call = "sNaN"', 7, "line.tariff.per_call is sNaN, but must be a number", ""),
    ("[line.tariff]\nunit_seconds = 99999999999999999999", 7, "but must be a number from 0", ""),
    ('[bill]\nbudget = "1e999999"', 7, "bill.budget is 1E+999999, but must be a number", ""),
    ("[due]\nhours = nan", 7, "due.hours is nan, but must be a number", ""),
    ('[[line.tariff.rules]]\nper_minute = "1"\ndays = ["mon", "sund"]', 8, "line.tariff.rules[1].days has", "sun"),
    ('[[line.tariff.rules]]\nper_minute = "1"\nto = "24:30"', 8, 'rules[1].to is "24:30"; an hour is', ""),
    ("[[line.tariff.rules]]\ndays = []", 6, "line.tariff.rules[1].per_minute is missing", ""),
    ("[bill]\nmax_minutes = -1", 7, "bill.max_minutes is -1.0, but must be a number from 0", ""),
    ('[due]\nbetween = ["chaep"]', 7, 'due.between has "chaep"; write such as', ""),
    ('[[maildrop]]\nname = "isp"\nuser = "u"', 6, "maildrop[1].host is missing: the POP3 server", ""),
    ('[[maildrop]]\nname = "isp"\nuser = "u"\nhost = "h"\nmember = "pual"', 10, 'is "pual", who is no member', "paul"),
    ('[[maildrop]]\nname="a"\nhost="h"\nuser="u"\n[[maildrop]]\nname="a"\nhost="h"\nuser="u"', 11, "two maildrops", ""),
    ('[[maildrop]]\nname="a"\nhost="h"\nuser="u"\nlarge="many"', 10, 'must be a size such as "100 kB"', ""),
    ('[[members.paul.rules]]\nlist = "a"\nfodler = "b"', 8, "members.paul.rules[1].fodler is not a key", "folder"),
    ('[[members.paul.rules]]\nlist = "a"\nfolder = "b/c"', 8, "no name for a folder", ""),
    ('[[members.paul.rules]]\nlist = "a"\nfolder = "drafts"', 8, "keeps letters of its own", ""),
    ('[[members.paul.rules]]\nlist = "a"\nfolder = "Junk"', 8, 'there is "junk" already', ""),
    ('[junk]\nkind = "spamd"', 7, "must be none, bogofilter or spamc", ""),
    ("[junk]\nseconds = 0", 7, "junk.seconds must be more than 0", ""),
    ('[[members.paul.rules]]\nfolder = "b"', 6, "members.paul.rules[1] has no condition", ""),
    ('[[members.paul.rules]]\nlist = "a"', 6, "does nothing; give it a folder", ""),
    ('[[members.paul.rules]]\nfrom = ["a", ""]\njunk = true', 7, "rules[1].from has an empty text", ""),
    ('[[members.paul.rules]]\nlist = "a"\nfolder = "b"\njunk = true', 9, "both a folder and junk", ""),
    ('[[members.paul.rules]]\nlist = "a"\nmark = "seen"', 8, "must be a list of read and flagged", ""),
    ('[[members.paul.rules]]\nlist = "a"\njunk = "yes"', 8, "must be true or false", ""),
    ('[[members.paul.rules]]\nlist = "a"\ncopy_to = "paull"', 8, "who is no member", "paul"),
    ('[[members.paul.rules]]\nlist = "a"\ncopy_to = "paul"', 8, "who has it already", ""),
    ('[[members.paul.rules]]\nheader = { "a b" = "c" }\njunk = true', 7, "no name of a header", ""),
    (
        '[[members.paul.rules]]\nlist = "a"\njunk = true\n[[members.paul.rules]]\nlarger = "big"',
        10,
        "must be a size",
        "",
    ),
    ('[[maildrop]]\nname="triage"\nhost="h"\nuser="u"', 7, "mailrun uses itself", ""),
    ('[[maildrop]]\nname="a"\nhost="h"\nuser="u"\nevidence="to"', 10, "which the sender writes", ""),
    ('[[maildrop]]\nname="a"\nhost="h"\nuser="u"\nevidence=["Received"]', 10, '"Received"', "Received-for"),
    ('[members.Ann]\naddress = "a@b.example"', 6, "a member's name is a login", ""),
    ('[members.ann]\naddress = "ann"', 6, "but one is NAME@DOMAIN", ""),
    ('[members.ann]\naddress = "paul@HOME.example"', 6, "both have the address", ""),
    ("members = 3", 0, "", ""),
]


@pytest.mark.parametrize(("text", "line", "sentence", "hint"), FAULTS)
def test_fault_names_line_and_key(text: str, line: int, sentence: str, hint: str) -> None:
    """Each wrong key is told with its line, what was found, what is allowed, and the nearest word."""
    settings, faults = check(GOOD + text if line else text + "\n" + GOOD)

    assert settings is None
    assert (faults[0].line, True) == (line or faults[0].line, sentence in faults[0].sentence)
    assert not hint or f"(did you mean {hint}?)" in faults[0].sentence


def test_several_faults_are_told_at_once() -> None:
    """Whoever mends one fault sees the next without another try."""
    with pytest.raises(ConfigError) as caught:
        parse('[household]\nnam = "x"\npostmaster = 3\n[members]\n')

    assert str(caught.value).splitlines() == [
        "household.toml:1: household.domain is missing: the domain the world writes to",
        "household.toml:2: household.nam is not a key here (did you mean name?)",
        "household.toml:3: household.postmaster is 3, but must be text in quotes",
    ]


def test_passwords_are_never_shown() -> None:
    """Neither the values' repr nor a fault tells a password."""
    text = GOOD + '[[maildrop]]\nname="a"\nhost="h"\nuser="u"\npassword = "hunter2"\n'

    assert "hunter2" not in repr(parse(text))
    assert "4711" not in str(check(text.replace('"hunter2"', "4711"))[1])
    assert parse(text).maildrop[0].password.reveal() == "hunter2"


def test_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A household.toml with mode 0644 is refused, and the sentence says how to mend it."""
    path = tmp_path / "household.toml"
    path.write_text(GOOD)
    path.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        load(path)

    path.chmod(0o600)
    assert load(path).household.domain == "home.example"


def test_missing_file_points_to_init(tmp_path: Path) -> None:
    """Without a household.toml the sentence says how to get one."""
    with pytest.raises(ConfigError, match="mailrun init"):
        load(tmp_path / "household.toml")


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    """A file that is no TOML is refused with the place."""
    assert check("[household]\nname = = 3\n")[1][0].line == 2


@pytest.mark.parametrize(
    ("text", "expected"), [("100 kB", 100_000), ("2MB", 2_000_000), (512, 512), ("1.5 kB", 1500), ("7", 7)]
)
def test_sizes_are_in_thousands(text: object, expected: int) -> None:
    """A size may be a number of bytes, or have kB or MB behind it."""
    assert size(text) == expected


def test_amounts_are_exact() -> None:
    """Money is decimal, never binary."""
    assert parse(GOOD + '[line.tariff]\nper_call = "0.10"\n').line.tariff.per_call == Decimal("0.10")


def test_secret_equals_by_text() -> None:
    """Two secrets are equal when their text is, and an empty one is false."""
    assert Secret("a") == Secret("a") != Secret("b")
    assert not Secret()
