"""Local names out of the headers, and the gate that looks for what is left."""

import re
import time
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.config import Config
from core.mail.compose import complete
from core.mail.envelope import Envelope
from core.mail.headers import split
from core.mail.masquerade import leaks, masquerade, public

NOW = datetime(2024, 11, 4, 12, tzinfo=UTC)
CLEAN = Envelope("Paul.Dupont@home.example", ("grandma@far.example",))


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("paul", "Paul.Dupont@home.example"),
        ("PAUL@LinuxPC", "Paul.Dupont@home.example"),
        ("paul@linuxpc.localdomain.", "Paul.Dupont@home.example"),
        ("paul@kitchen.linuxpc", "Paul.Dupont@home.example"),
        ("paul+x@linuxpc", "Paul.Dupont@home.example"),
        ("paul@[192.168.1.4]", "Paul.Dupont@home.example"),
        ("paul@192.168.1.4", "Paul.Dupont@home.example"),
        ("paul@[IPv6:fd00::1]", "Paul.Dupont@home.example"),
        ("paul@home.example", "Paul.Dupont@home.example"),
        ("luc@localhost", "Luc.Jackson@home.example"),
        ("family", "family@home.example"),
        ("family@linuxpc", "family@home.example"),
        ("Family@home.example", "Family@home.example"),
        ("root", "Paul.Dupont@home.example"),
        ("cron@localhost.localdomain", "Paul.Dupont@home.example"),
        ("nobody@linuxpc", "Paul.Dupont@home.example"),
        ("paul.dupont@HOME.example", "paul.dupont@HOME.example"),
        ("Paul.Dupont+bills@home.example", "Paul.Dupont+bills@home.example"),
        ("paul.d@old-provider.example", "paul.d@old-provider.example"),
        ("stranger@home.example", "stranger@home.example"),
        ("paul@far.example", "paul@far.example"),
        ("paul@localhosting.example", "paul@localhosting.example"),
        ("paul@localhost.example", "paul@localhost.example"),
        ("paul@mylinuxpc", "paul@mylinuxpc"),
        ("x@[203.0.113.4]", "x@[203.0.113.4]"),
        ("", ""),
    ],
)
def test_public(config: Config, address: str, seen: str) -> None:
    """The world sees public addresses; of an account without one, the postmaster's."""
    assert public(address, config) == seen


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"From: paul\n", b"From: Paul.Dupont@home.example\n"),
        (b"from :\tpaul@linuxpc \n", b"from :\tPaul.Dupont@home.example \n"),
        (b"From: root (Cron Daemon)\n", b"From: Paul.Dupont@home.example (Cron Daemon)\n"),
        (
            b'From: "Dupont, Paul" <paul@linuxpc>,\n\tLuc\n <luc@localhost> (me)\n',
            b'From: "Dupont, Paul" <Paul.Dupont@home.example>,\n\tLuc\n <Luc.Jackson@home.example> (me)\n',
        ),
        (b"Sender: paul@linuxpc\n", b"Sender: Paul.Dupont@home.example\n"),
        (b"Reply-To: <paul@linuxpc>\n", b"Reply-To: <Paul.Dupont@home.example>\n"),
        (b"To: luc,\n g@far.example\n", b"To: Luc.Jackson@home.example,\n g@far.example\n"),
        (b"Cc: Us: luc, zoe@linuxpc;\n", b"Cc: Us: Luc.Jackson@home.example, Zoe.Jackson@home.example;\n"),
        (b"To: family\n", b"To: family@home.example\n"),
        (b"To: =?utf-8?q?Zo=C3=AB?= <zoe@linuxpc>\n", b"To: =?utf-8?q?Zo=C3=AB?= <Zoe.Jackson@home.example>\n"),
        (b"To: Zo\xeb <zoe@linuxpc>\n", b"To: Zo\xeb <Zoe.Jackson@home.example>\n"),
        (b"To: paul@linuxpc\n .localdomain\n", b"To: Paul.Dupont@home.example\n"),
        (b"Resent-From: paul\n", b"Resent-From: Paul.Dupont@home.example\n"),
        (b"Resent-To: g@far.example, luc\n", b"Resent-To: g@far.example, Luc.Jackson@home.example\n"),
        (b"Disposition-Notification-To: paul@linuxpc\n", b"Disposition-Notification-To: Paul.Dupont@home.example\n"),
        (b"Return-Receipt-To: paul\n", b"Return-Receipt-To: Paul.Dupont@home.example\n"),
        (b"Mail-Followup-To: paul@linuxpc\n", b"Mail-Followup-To: Paul.Dupont@home.example\n"),
        (b"Message-ID: <12.3@linuxpc>\n", b"Message-ID: <12.3@home.example>\n"),
        (b"Message-Id:\n <12.3@kitchen.linuxpc.localdomain>\n", b"Message-Id:\n <12.3@home.example>\n"),
        (b"Message-ID: <12.3@[192.168.1.4]>\n", b"Message-ID: <12.3@[home.example]>\n"),
        (b"Message-ID: <12.3@home.example>\n", b"Message-ID: <12.3@home.example>\n"),
        (b"References: <a@far.example>\n <b@linuxpc>\n", b"References: <a@far.example>\n <b@home.example>\n"),
        (b"In-Reply-To: <a@home.example>\n", b"In-Reply-To: <a@home.example>\n"),
        (b'To: "paul@linuxpc" <paul@linuxpc>\n', b'To: "Paul.Dupont@home.example" <Paul.Dupont@home.example>\n'),
        (b"To: 'luc@linuxpc' <luc>\n", b"To: 'Luc.Jackson@home.example' <Luc.Jackson@home.example>\n"),
        (b"From: paul (Paul on linuxpc)\n", b"From: Paul.Dupont@home.example (Paul on home.example)\n"),
        (b"To: <@linuxpc,@b.example:g@far.example>\n", b"To: <@home.example,@b.example:g@far.example>\n"),
        (b"To: =?utf-8?q?linuxpc?= <luc>\n", b"To: =?utf-8?q?home.example?= <Luc.Jackson@home.example>\n"),
        (b"To: =?utf-8?b?bGludXhwYw==?= <luc@linuxpc>\n", b"To: Luc.Jackson@home.example\n"),
        (b'To: "linux\\pc" <luc@linuxpc>, zoe\n', b"To: Luc.Jackson@home.example,\n Zoe.Jackson@home.example\n"),
        (b"To: Luc <luc@luc>\n", b"To: Luc <Luc.Jackson@home.example>\n"),
        (b"Received: from kitchen ([192.168.1.7]) by linuxpc\n", b""),
        (b"Received: from x (localhost [127.0.0.1]) by a.example\n", b""),
        (b"Received: from x ([203.0.113.4]) by a.example\n", b"Received: from x ([203.0.113.4]) by a.example\n"),
        (b"X-Originating-IP: [10.1.2.3]\n", b""),
        (b"X-Originating-IP: [fe80::1%eth0]\n", b""),
        (b"X-Originating-IP: [203.0.113.4]\n", b"X-Originating-IP: [203.0.113.4]\n"),
        (b"Delivered-To: paul\n", b""),
        (b"Delivered-To: list@far.example\n", b"Delivered-To: list@far.example\n"),
        (b"Subject: linuxpc  is\n down\n", b"Subject: linuxpc  is\n down\n"),
        (b"X-Odd:\t paul@linuxpc\r\n", b"X-Odd:\t paul@linuxpc\r\n"),
        (b"To: G\0ran <g@far.example> ,,\n", b"To: G\0ran <g@far.example> ,,\n"),
    ],
)
def test_masquerade(config: Config, before: bytes, after: bytes) -> None:
    """Fields with addresses and ids get public names, traces of the house go, all else stays byte for byte."""
    rest = b"X-Next: 1\n\nTo: paul@linuxpc\r\n\0body"
    assert masquerade(before + rest, config) == after + rest


@pytest.mark.parametrize(
    "message", [b"", b"\n", b"\n\nTo: paul", b"hello\nTo: paul\n", b"Subject: x", b"To: g@far.example"]
)
def test_nothing_to_do(config: Config, message: bytes) -> None:
    """A letter without local names comes back as it was, however short."""
    assert masquerade(message, config) == message


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (b"Subject: on linuxpc\n\n", "Subject: linuxpc is known in this house only"),
        (b"Subject: LINUXPC.\n\n", "Subject: LINUXPC is known in this house only"),
        (b"Subject: =?utf-8?q?on_linux?=\n =?utf-8?q?pc?=\n\n", "Subject: linuxpc is known in this house only"),
        (b"Subject: http://luc/x\n\n", "Subject: luc is known in this house only"),
        (b"X-Mailer: me (kitchen.linuxpc.localdomain)\n\n", "X-Mailer: kitchen.linuxpc.localdomain is known"),
        (b"X-Odd: root@localhost\n\n", "X-Odd: root@localhost is known"),
        (b"To: paul\n\n", "To: paul is known"),
        (b"To: paul@home.example\n\n", "To: paul@home.example is known"),
        (b"Delivered-To: luc\n\n", "Delivered-To: luc is known"),
        (b"X-Ip: 10.0.0.1\n\n", "X-Ip: 10.0.0.1 is known"),
        (b"X-Ip: 172.31.0.1.\n\n", "X-Ip: 172.31.0.1 is known"),
        (b"X-Ip: [169.254.0.1]\n\n", "X-Ip: 169.254.0.1 is known"),
        (b"X-Ip: IPv6:fe80::1.\n\n", "X-Ip: fe80::1 is known"),
        (b"X-Ip: FD12:3456::1\n\n", "X-Ip: FD12:3456::1 is known"),
        (b"X-Ip: by ::1;\n\n", "X-Ip: ::1 is known"),
        (b"X-Ip: ::ffff:192.168.1.1\n\n", "X-Ip: 192.168.1.1 is known"),
        (b"Bcc: g@far.example\n\n", "Bcc: tells who gets a blind copy"),
        (b"RESENT-BCC:\n\n", "RESENT-BCC: tells who gets a blind copy"),
        (b"From paul@linuxpc Mon Nov 4\nA: 1\n\n", "a line that is no header: paul@linuxpc is known"),
        (
            b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-ID: <1@linuxpc>\n\ntext\n--x--\n',
            "part 1, Content-ID: 1@linuxpc is known",
        ),
        (
            b"Content-Type: multipart/x; boundary=x\n\n--x\nContent-Type: multipart/y; boundary=y\n\n--y\n%b\n\n--y--\n"
            % b"Content-Disposition: attachment; filename*=utf-8''%6cinuxpc",
            "part 1.1, Content-Disposition: linuxpc is known",
        ),
    ],
)
def test_leaks(config: Config, message: bytes, told: str) -> None:
    """A local name in any header, of the letter or of its parts, is told with its place."""
    assert any(sentence.startswith(told) for sentence in leaks(CLEAN, message, config))


@pytest.mark.parametrize(
    "message",
    [
        b"Subject: localhosting.example, mylinuxpc, linuxpc2 and linuxpc-old\n\n",
        b"Subject: happy birthday, Luc\n\n",
        b"To: linuxpc@far.example, Luc <luc.x@far.example>\n\n",
        b"X-Mailer: mail 10.0.1, 5.50.4133.2400, 1.10.0.0.1 at 10:20:30\n\n",
        b"X-Ip: 172.32.0.1 11.0.0.1 203.0.113.4 2001:db8::1 std::string\n\n",
        b"Subject: x\n\nlinuxpc 10.0.0.1 paul@localhost\nBcc: x\n",
        b"Content-Type: multipart/x; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nTo: paul@linuxpc\n\n--x--\n",
        b"hello\nTo: paul\n",
    ],
)
def test_no_leak(config: Config, message: bytes) -> None:
    """Other names that look alike, people's names, texts and attached letters are no leaks."""
    assert leaks(CLEAN, message, config) == []


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        (Envelope("paul", ("g@far.example",)), "the envelope sender paul is known in this house only"),
        (Envelope("x@localhost", ()), "the envelope sender x@localhost is known in this house only"),
        (Envelope("", ("luc", "g@far.example")), "the envelope recipient luc is known in this house only"),
        (Envelope("", ("a@[10.0.0.1]",)), "the envelope recipient a@[10.0.0.1] is known in this house only"),
    ],
)
def test_envelope_leaks(config: Config, envelope: Envelope, told: str) -> None:
    """The gate reads the envelope too; the null sender is no leak."""
    assert leaks(envelope, b"\n", config) == [told]


LOCAL = ["linuxpc", "linuxpc.localdomain", "localhost", "kitchen.linuxpc", "LinuxPC.", "[192.168.1.4]", "[127.0.0.1]"]
LOGINS = st.sampled_from(["paul", "luc", "root", "family", "zoe+x", "o'brien", '"a b"', "Paul.Dupont"])
ADDRESSES = st.one_of(
    LOGINS,
    st.builds("{}@{}".format, LOGINS, st.sampled_from([*LOCAL, "home.example", "far.example", "old-provider.example"])),
)
NAMED = st.one_of(
    ADDRESSES,
    st.builds("Some Body <{}>".format, ADDRESSES),
    st.builds('"{}" <{}>'.format, ADDRESSES.filter(lambda text: '"' not in text), ADDRESSES),
    st.builds("{} ({})".format, ADDRESSES, ADDRESSES),
    st.builds("=?utf-8?q?{}?= <{}>".format, st.sampled_from(LOCAL), ADDRESSES),
    st.builds("Us: {},\n\t{};".format, ADDRESSES, ADDRESSES),
    st.builds("<@{}:{}>".format, st.sampled_from(LOCAL[:4]), ADDRESSES),
)
LISTED = ["From", "To", "Cc", "BCC", "Sender", "Reply-To", "Resent-From", "resent-to", "Disposition-Notification-To"]
FIELDS = st.one_of(
    st.builds("{}: {}\n".format, st.sampled_from(LISTED), st.lists(NAMED, max_size=4).map(",\n ".join)),
    st.builds("{}: <{}>\n".format, st.sampled_from(["Message-ID", "References", "In-Reply-To"]), ADDRESSES),
    st.builds("Received: from {} by {}\n".format, st.sampled_from(LOCAL), st.sampled_from(LOCAL)),
    st.builds("X-Originating-IP: {}\n".format, st.sampled_from(LOCAL)),
    st.builds("Delivered-To: {}\n".format, ADDRESSES),
)
BODIES = st.binary(max_size=40).map(lambda raw: b"text of linuxpc\n" + raw)


def local_names(head: bytes) -> list[bytes]:
    """Local names in a head, looked for in the plainest way, apart from the code that is tested."""
    hosts = rb"(?i)(?<![\w-])(?:linuxpc|localhost)(?:\.localdomain)?(?!\.?[\w-])"
    return re.findall(hosts + rb"|(?<![\w.-])(?:192\.168\.1\.4|127\.0\.0\.1)(?!\.?[\w-])", head)


@given(st.lists(FIELDS, max_size=6).map("".join), BODIES)
@example("", b"")
def test_nothing_local_leaves(config: Config, head: str, body: bytes) -> None:
    """Whatever addresses and ids a member writes: no local name is left, the gate opens, the text is the same."""
    message = head.encode() + b"\n" + body
    final = masquerade(complete(message, "luc", config, NOW, "1"), config)
    assert leaks(Envelope(public("luc", config), ()), final, config) == []
    assert local_names(split(final)[0]) == []
    assert split(final)[1] == body


@given(
    st.sampled_from(
        ["Subject", "X-Mailer", "User-Agent", "Comments", "To", "Received", "Message-ID", "Reply-To", "X-Host"]
    ),
    st.lists(st.sampled_from([*LOCAL, "paul@", "<", ">", " ", "\n ", '"', "(", ")", ",", "a", "."]), max_size=8).map(
        "".join
    ),
)
def test_the_gate_is_never_fooled(config: Config, name: str, value: str) -> None:
    """Of any header, either no local name is left, or the gate tells it."""
    message = f"From: luc\n{name}: {value}\n\ntext".encode()
    final = masquerade(complete(message, "luc", config, NOW, "1"), config)
    assert leaks(CLEAN, final, config) or not local_names(split(final)[0])


@given(st.binary(max_size=60))
def test_nothing_raises(config: Config, message: bytes) -> None:
    """Any bytes go through, and their text stays."""
    assert split(masquerade(message, config))[1] == split(message)[1]
    leaks(CLEAN, message, config)


def test_masquerade_twice_is_once(config: Config) -> None:
    """A letter that has been through does not change again."""
    once = masquerade(b"From: paul (on linuxpc)\nTo: family, luc@linuxpc\nMessage-ID: <1@linuxpc>\n\n", config)
    assert masquerade(once, config) == once


def test_house_without_local_names(config: Config) -> None:
    """Where the machine's only name is public, it is no leak."""
    house = msgspec.structs.replace(config.household, host="home.example", local_domains=())
    bare = msgspec.structs.replace(config, household=house)
    assert leaks(CLEAN, b"From: Paul.Dupont@home.example\nSubject: localhost\n\n", bare) == []


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: " + b"a.b " * 100_000,
        b"Subject: " + b"!a" * 200_000,
        b"To: " + b"paul@linuxpc, " * 20_000,
        b"X: " + b":" * 500_000,
    ],
    ids=["words", "signs", "addresses", "colons"],
)
def test_long_headers_are_quick(config: Config, head: bytes) -> None:
    """Headers of hundreds of kilobytes take seconds at most."""
    began = time.perf_counter()
    masquerade(head + b"\n\n", config)
    leaks(CLEAN, head + b"\n\n", config)
    assert time.perf_counter() - began < 10
