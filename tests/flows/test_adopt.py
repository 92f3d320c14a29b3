"""An old set-up taken over: tests/legacy/howto holds such set-ups as the how-tos of their time had them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adopt import Adopted, adopt
from core.config import Config, Line, parse
from core.errors import InputError
from core.mail import rules
from core.mail.masquerade import public
from core.mail.route import route
from core.mail.split import split

ROOT = Path(__file__).parent.parent.parent
HOWTO = ROOT / "tests/legacy/howto"
PASSWORDS = (
    *("s3cr#t", "Alpha Bravo", "Charlie=Delta", "Echo", "pw one", "pw-two", "qwerty", "secret1", "secret2"),
    *("it''s", "Sea Breeze", "eins zwei", "drei'vier"),
)


def files(name: str) -> dict[str, str]:
    """The files of a set-up."""
    return {path.name: path.read_text() for path in sorted((HOWTO / name).iterdir())}


def taken(name: str) -> tuple[Config, Adopted]:
    """A set-up taken over."""
    adopted = adopt(files(name), "me")
    return parse(adopted.text), adopted


def include(_path: str) -> str:
    """No included file is there."""
    return ""


class House(NamedTuple):
    """What a set-up comes to: members with their addresses, the postmaster, the domain, the smart host."""

    members: dict[str, tuple[str, ...]]
    postmaster: str
    domain: str
    smarthost: tuple[str, int, str]


PLACEHOLDER = ("smtp.isp.example", 465, "tls")
HOUSES = {
    "redhat": House(
        {"paul": ("Paul.Dupont@home.example",), "luc": ("Luc.Jackson@home.example",)},
        "paul",
        "home.example",
        ("smtp.isp.example", 25, "none"),
    ),
    "debian": House(
        {"anna": ("anna@lighthouse.example",), "bruno": ("bruno@lighthouse.example",)},
        "anna",
        "lighthouse.example",
        ("mail.provider.example", 587, "starttls"),
    ),
    "slackware": House(
        {"tina": ("t.meier@uni.example",), "olaf": ("olaf@clubnet.example",)},
        "tina",
        "uni.example",
        ("mail.uni.example", 25, "none"),
    ),
    "qmail": House(
        {"jan": ("jan@farm.example", "info@farm.example"), "pieter": ("piet@farm.example",)},
        "jan",
        "farm.example",
        PLACEHOLDER,
    ),
    "english": House(
        {"fred": ("fred@home.example",), "greta": ("greta@home.example",)}, "fred", "home.example", PLACEHOLDER
    ),
    "modem": House({"mara": ("mara@boat.example",)}, "mara", "boat.example", PLACEHOLDER),
    "freemail": House(
        {"ida": ("ida.moe@freemail.example",), "una": ("una.moe@freemail.example",)},
        "ida",
        "freemail.example",
        PLACEHOLDER,
    ),
}


@pytest.mark.parametrize(("name", "house"), HOUSES.items())
def test_house_is_taken_over(name: str, house: House) -> None:
    """The people, their addresses, the postmaster, the domain and the smart host come out."""
    config, _ = taken(name)
    smarthost = config.smarthost

    assert smarthost is not None
    assert {login: (member.address, *member.also) for login, member in config.members.items()} == house.members
    assert (config.household.postmaster, config.household.domain) == (house.postmaster, house.domain)
    assert (smarthost.host, smarthost.port, smarthost.security) == house.smarthost
    assert rules.check(config) == []


def test_every_set_up_is_in_the_table() -> None:
    """No folder is left out."""
    assert {path.name for path in HOWTO.iterdir()} == HOUSES.keys()


SPLITS = [
    ("redhat", 0, "X-Envelope-To: luc.jackson@home.example\nTo: paul@home.example", ("luc",), "envelope"),
    ("redhat", 0, "X-Envelope-To: paul@home.example", ("paul",), "envelope"),
    ("redhat", 0, "X-Envelope-To: dfzt12@isp.example\nTo: Luc@HOME.example, family@home.example", ("luc", "paul"), ""),
    ("redhat", 0, "X-Envelope-To: nobody.knows@home.example", ("paul",), "postmaster"),
    ("redhat", 0, "X-Envelope-To: root@home.example", ("paul",), "postmaster"),
    ("debian", 0, "To: somebody@else.example", ("anna",), "envelope"),
    ("debian", 1, "To: anna@lighthouse.example", ("bruno",), "envelope"),
    ("slackware", 0, "To: meier7@uni.example", ("tina",), "envelope"),
    ("slackware", 1, "To: x@y.example", ("olaf",), "envelope"),
    (
        "qmail",
        0,
        "Delivered-To: farm@qhost.example\nDelivered-To: mbox-farm-piet@farm.example",
        ("pieter",),
        "envelope",
    ),
    ("qmail", 0, "Delivered-To: mbox-farm-info@farm.example", ("jan",), "envelope"),
    ("qmail", 0, "Delivered-To: mbox-farm-all@farm.example", ("jan", "pieter"), "envelope"),
    ("qmail", 0, "Delivered-To: mbox-farm-pieter@farm.example", ("pieter",), "envelope"),
    ("english", 1, "To: fred@home.example", ("greta",), "envelope"),
    ("english", 2, "To: greta@home.example", ("fred",), "envelope"),
    ("freemail", 1, "To: ida.moe@freemail.example", ("una",), "envelope"),
]


@pytest.mark.parametrize(("name", "box", "head", "members", "how"), SPLITS)
def test_letters_reach_their_people(name: str, box: int, head: str, members: tuple[str, ...], how: str) -> None:
    """With the settings that were made, the right people get what comes in."""
    config, _ = taken(name)

    routed = split(f"{head}\n\nHello\n".encode(), config.maildrop[box], config, include)

    assert set(routed.members) == set(members)
    assert routed.how == how or not how


ROUTES = [
    ("redhat", "family", ("paul", "luc"), ("grandma@far.example",)),
    ("redhat", "root", ("paul",), ()),
    ("redhat", "archive", ("paul",), ()),
    ("redhat", "Luc.Jackson", ("luc",), ()),
    ("redhat", "luc@linuxpc.localdomain", ("luc",), ()),
    ("redhat", "Paul.Dupont@home.example", ("paul",), ()),
    ("debian", "keepers", ("anna", "bruno"), ("bruno@ship.example",)),
    ("debian", '"the lamp"', ("bruno",), ("bruno@ship.example",)),
    ("debian", "webmaster", ("anna",), ()),
    ("debian", "anna@keeper.lan", ("anna",), ()),
    ("slackware", "tina", ("tina",), ()),
    ("qmail", "all", ("jan", "pieter"), ()),
]


@pytest.mark.parametrize(("name", "address", "members", "outside"), ROUTES)
def test_names_stand_for_the_same_people(
    name: str, address: str, members: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    """Aliases and addresses mean in the new house what they meant in the old one."""
    config, _ = taken(name)

    routes = route((address,), config, include)

    assert (set(routes.members), set(routes.outside)) == (set(members), set(outside))


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("redhat", "paul@linuxpc.localdomain", "Paul.Dupont@home.example"),
        ("redhat", "luc@localhost", "Luc.Jackson@home.example"),
        ("debian", "anna@keeper", "anna@lighthouse.example"),
        ("slackware", "tina@tuxbox.nowhere", "t.meier@uni.example"),
        ("slackware", "olaf@tuxbox.nowhere", "olaf@clubnet.example"),
        ("freemail", "una@localhost", "una.moe@freemail.example"),
    ],
)
def test_the_world_sees_the_same_addresses(name: str, address: str, expected: str) -> None:
    """Local addresses become the public ones of the genericstable, the masquerade or the box."""
    assert public(address, taken(name)[0]) == expected


def test_box_is_taken_over() -> None:
    """Host, login, password and evidence of a shared box."""
    (box,) = taken("redhat")[0].maildrop

    assert (box.host, box.port, box.security, box.user) == ("pop.isp.example", 110, "none", "dfzt12")
    assert (box.password.reveal(), box.evidence, box.large) == ("s3cr#t", ("X-Envelope-To",), 200_000)
    assert box.domains == ("isp.example", "mail.isp.example")
    assert box.member == ""


def test_boxes_of_one_server_have_names_of_their_own() -> None:
    """Each login is a maildrop, with its member and its way to connect."""
    boxes = taken("english")[0].maildrop

    assert [box.member for box in boxes] == ["fred", "greta", "fred"]
    assert len({box.name for box in boxes}) == 3
    assert [(box.security, box.keep_days) for box in boxes] == [("tls", 0), ("none", 3650), ("none", 0)]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "redhat",
            {
                "kind": "modem",
                "device": "/dev/ttyS1",
                "speed": 57600,
                "numbers": ("0860123456", "0860654321"),
                "link": ("pppd", "user", "dfzt12@isp.example"),
                "chat": (),
            },
        ),
        (
            "modem",
            {"kind": "modem", "flow": "none", "dial": "ATDP", "numbers": ("9W555-0199",), "redials": 4}
            | {"link": ("pppd", "noaccomp")},
        ),
        (
            "freemail",
            {"kind": "command", "up": ("sh", "-c", "/usr/bin/pon free"), "down": ("sh", "-c", "/usr/bin/poff free")},
        ),
        ("qmail", {"kind": "always"}),
    ],
)
def test_line_is_taken_over(name: str, line: dict[str, object]) -> None:
    """A modem with its numbers and its login, or the commands that brought the line up."""
    found: Line = taken(name)[0].line

    assert {key: getattr(found, key) for key in line} == line


def test_login_dialogue_is_taken_over() -> None:
    """Where the old dialler answered prompts, the new one does."""
    chat = taken("modem")[0].line.chat

    assert [(prompt, answer.reveal()) for prompt, answer in chat] == [("ogin:", "boat"), ("word:", "Sea Breeze")]


def test_waiting_times_are_taken_over() -> None:
    """Sendmail's times for warnings and bounces become days."""
    house = taken("redhat")[0].household

    assert (house.warn_after, house.give_up_after) == (2, 7)
    assert taken("debian")[0].household.warn_after == 0.5


UNKNOWN = {
    ("redhat", "aliases", 41),
    ("redhat", "sendmail.mc", 32),
    ("redhat", "sendmail.mc", 35),
    ("redhat", "wvdial.conf", 6),
    ("debian", "aliases", 21),
    ("debian", "aliases", 22),
    ("debian", "aliases", 23),
    ("debian", "sendmail.mc", 29),
    ("debian", "sendmail.mc", 38),
    ("slackware", "sendmail.mc", 9),
    ("slackware", "sendmail.mc", 18),
    ("qmail", "aliases", 3),
    ("modem", "wvdial.conf", 18),
    ("modem", "wvdial.conf", 21),
    ("modem", "wvdial.conf", 22),
}


def test_only_these_lines_are_unknown() -> None:
    """All else in the set-ups of the how-tos is understood or obsolete."""
    notes = [(name, note) for name in HOUSES for note in taken(name)[1].notes if note.file != "household.toml"]

    assert {(name, note.file, note.line) for name, note in notes if note.verdict == "unknown"} == UNKNOWN


@pytest.mark.parametrize("name", HOUSES)
def test_every_line_is_told(name: str) -> None:
    """Each line with something in it has its note, with the words of that line."""
    notes = taken(name)[1].notes

    for file, text in files(name).items():
        told = {note.line for note in notes if note.file == file}
        lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
        silent = [(number, line) for number, line in lines if line and number not in told]
        assert all(re.match(r"#|;|dnl|`|grandma|macro", line) for _, line in silent), silent
        for note in notes:
            if note.file == file:
                assert note.text.split()[0].strip(".") in lines[note.line - 1][1] or note.text == "..."


@pytest.mark.parametrize("name", HOUSES)
def test_no_password_is_told(name: str) -> None:
    """Passwords are in the household.toml and nowhere else."""
    config, adopted = taken(name)

    assert not [word for word in PASSWORDS for note in adopted.notes if word in f"{note.text} {note.meaning}"]
    assert not [word for word in PASSWORDS if word in repr(adopted)]
    assert all(box.password for box in config.maildrop if box.user != "me")


def test_what_no_file_tells_is_said() -> None:
    """A placeholder is told with the line of household.toml where it stands."""
    adopted = adopt({"genericstable": "paul Paul.Dupont\n"}, "me")
    lines = adopted.text.split("\n")
    missing = [note for note in adopted.notes if note.file == "household.toml"]

    assert [note.text.split("=")[0].strip() for note in missing] == ["domain", "host", "host", "[line]"]
    assert all(lines[note.line - 1].startswith(note.text) for note in missing)
    assert parse(adopted.text).members["paul"].address == "Paul.Dupont@home.example"


def test_no_address_is_two_peoples() -> None:
    """Two logins that shared an address: the first keeps it, and the second is told."""
    adopted = adopt({"genericstable": "paul both@home.example\nluc both@home.example\n"}, "me")

    assert [member.address for member in parse(adopted.text).members.values()] == [
        "both@home.example",
        "luc@home.example",
    ]
    assert [note.verdict for note in adopted.notes[:2]] == ["understood", "unknown"]


def test_file_of_another_kind_is_refused() -> None:
    """A file that is none of these is named, and nothing is made."""
    with pytest.raises(InputError, match=r"procmailrc is neither"):
        adopt({"procmailrc": ":0:\n* ^Subject: x\ntrash\n"}, "me")


def test_lines_may_end_as_on_other_systems() -> None:
    """CRLF makes no difference."""
    ours = files("redhat")

    assert adopt({name: text.replace("\n", "\r\n") for name, text in ours.items()}, "me") == adopt(ours, "me")


WORDS = (
    *("poll h", "user", "pass", "is", "here", "there", "aka", "localdomains", "envelope", "defaults", "port", "no"),
    *("*", '"', "'", "`", "(", ")", ",", ":", "=", "[", "]", "#", "\n", "\\", "\x7f", "\x00", "|p", "a=b", "a@b"),
    *("root:", "x: y", "y: x", "define(`SMART_HOST',", "MASQUERADE_AS(", "Phone = 1", "[Dialer Defaults]"),
)


@given(
    st.dictionaries(
        st.sampled_from(["fetchmailrc", "aliases", "genericstable", "sendmail.mc", "wvdial.conf"]),
        st.lists(st.sampled_from(WORDS) | st.text(max_size=3)).map(" ".join),
        min_size=1,
    )
)
def test_any_file_makes_a_household_that_can_be_used(made: dict[str, str]) -> None:
    """Whatever stands in the files, the household.toml is a good one, and its aliases lead somewhere."""
    assert rules.check(parse(adopt(made, "me").text)) == []


def init(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """``mailrun init``."""
    command = [sys.executable, "-m", "core", "init", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_command_writes_the_house_and_tells_each_line(tmp_path: Path) -> None:
    """With --from FILE... and --json: a private household.toml, and a list of what became of the lines."""
    old = sorted((HOWTO / "redhat").iterdir())

    answer = init(tmp_path / "house", "--from", *old, "--json")

    path = tmp_path / "house/household.toml"
    notes = json.loads(answer.stdout)
    assert path.stat().st_mode & 0o777 == 0o600
    assert parse(path.read_text()).household.domain == "home.example"
    assert {tuple(note) for note in notes} == {("file", "line", "text", "verdict", "meaning")}
    assert {note["verdict"] for note in notes} == {"understood", "unknown", "obsolete"}
    assert {note["file"] for note in notes} == {"household.toml", *map(str, old)}
    assert "s3cr" not in answer.stdout + answer.stderr


def test_command_tells_people_too(tmp_path: Path) -> None:
    """Without --json each line is told in words; --from may stand before each file."""
    old = HOWTO / "modem/genericstable"

    answer = init(tmp_path, "--from", old, "--from", HOWTO / "modem/wvdial.conf")

    assert answer.returncode == 0
    assert f"{old}:1: understood: mara mara@boat.example -> members.mara.address = mara@boat.example" in answer.stdout
    assert "Sea Breeze" not in answer.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--from", "nowhere/aliases"], 65, "nowhere/aliases cannot be read"),
        (["--from", "LICENSE"], 65, "LICENSE is neither"),
        (["more"], 64, "--from"),
    ],
)
def test_command_refuses(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    """What cannot be read is named, and nothing is written."""
    answer = init(tmp_path / "house", *words)

    assert (answer.returncode, (tmp_path / "house").exists()) == (status, False)
    assert sentence in answer.stderr


def test_latin_1_is_read(tmp_path: Path) -> None:
    """Old files are often not in UTF-8."""
    (tmp_path / "fetchmailrc").write_bytes("poll h user x pass 'gr\xfc\xdfe' is anna".encode("latin-1"))

    init(tmp_path / "house", "--from", tmp_path / "fetchmailrc")

    assert parse((tmp_path / "house/household.toml").read_text()).maildrop[0].password.reveal() == "gr\xfc\xdfe"
