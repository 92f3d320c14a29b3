"""Letters composed, completed, answered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config, parse
from core.errors import InputError
from core.mail.body import flow
from core.mail.compose import (
    Attachment,
    Draft,
    Origin,
    complete,
    forward,
    parse_draft,
    recipients,
    renew,
    reply,
    resend,
    write,
)
from core.mail.departure import Departure
from core.mail.envelope import Envelope
from core.mail.flowed import unwrap
from core.mail.headers import fields, first, split
from core.mail.masquerade import leaks, masquerade
from tests.mail.conftest import HOUSE

NOW = datetime(2024, 11, 4, 12, tzinfo=timezone(timedelta(hours=1)))
DRAFT = Draft("paul", to="luc, grandma@far.example", subject="Hello", text="One line.")
LETTER = b"""From: Grandma <grandma@far.example>
To: Paul Dupont <Paul.Dupont@home.example>, luc <Luc.Jackson@home.example>
Cc: "Dupont, Uncle" <uncle@far.example>, zoe@linuxpc
Subject: Re: AW: Sunday
Date: Sun, 3 Nov 2024 09:00:00 -0500
Message-ID: <2@far.example>
References: <1@home.example>

Come at noon.

> Shall we?
--\x20
Grandma
"""


def read(message: bytes) -> EmailMessage:
    """A letter as the standard library understands it."""
    parsed = message_from_bytes(message, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def value(message: bytes, name: str) -> bytes:
    """The value of a field; empty where there is none."""
    field = first(fields(split(message)[0]), name)
    return field.value if field else b""


def test_write_is_plain_for_plain_text(config: Config) -> None:
    """A letter in ASCII goes as it is: no encoding costs a byte, and lines flow."""
    assert write(DRAFT, config, NOW).decode("ascii") == (
        "From: Paul Dupont <Paul.Dupont@home.example>\n"
        "To: luc,\n grandma@far.example\n"
        "Subject: Hello\n"
        "Date: Mon, 04 Nov 2024 12:00:00 +0100\n"
        "X-Mailrun-Draft: paul\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=us-ascii; format=flowed\n"
        "Content-Transfer-Encoding: 7bit\n"
        "\n"
        "One line.\n"
    )


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain", "7bit"),
        ("Zoë says", "8bit"),
        ("Привет, бабушка! " * 20, "8bit"),
        ("Привет" * 99, "base64"),
        ("x" * 999, "quoted-printable"),
        ("bell \a", "quoted-printable"),
    ],
)
def test_text_takes_the_shortest_way(config: Config, text: str, encoding: str) -> None:
    """Text goes as it is where its lines bear that, else by the shortest encoding, and is read as it was."""
    message = write(replace(DRAFT, text=text), config, NOW)
    assert message.isascii() == (encoding != "8bit")
    assert max(map(len, message.split(b"\n"))) <= 998
    assert read(message)["Content-Transfer-Encoding"] == encoding
    assert parse_draft(message).text.rstrip() == text.rstrip()


def test_headers_for_the_world(config: Config) -> None:
    """Names and subjects beyond ASCII are encoded words that others read; addresses stay."""
    draft = Draft("zoe", to='Jürgen <j@bücher.example>, "Dé, P" <d@far.example>, luc', subject="Grüße " * 20)
    message = write(draft, config, NOW)
    parsed = read(message)
    assert message.isascii()
    assert parsed["From"] == "Zoë Jackson <Zoe.Jackson@home.example>"
    assert parsed["To"] == 'Jürgen <j@xn--bcher-kva.example>, "Dé, P" <d@far.example>, luc'
    assert parsed["Subject"] == ("Grüße " * 20).strip()
    assert all(len(line) <= 78 for line in split(message)[0].split(b"\n"))


@pytest.mark.parametrize("name", ["to", "cc", "bcc", "subject", "in_reply_to", "references", "address"])
def test_no_field_can_be_smuggled_in(config: Config, name: str) -> None:
    """A line end in what was typed makes no second field."""
    evil: dict[str, Any] = {name: "x@far.example\r\nX-Evil: yes\n\nbody"}
    assert not value(write(replace(DRAFT, **evil), config, NOW), "X-Evil")


def test_attachments(config: Config) -> None:
    """Files come out byte for byte, under their names, whatever these are."""
    files = (
        Attachment("été.jpg", "image/jpeg", bytes(range(256))),
        Attachment('a "b" \\ ; c.txt', "text/plain", b"two\nlines\n"),
        Attachment("naïve " * 40 + ".txt", "text/plain", "naïve\r\n".encode()),
        Attachment("odd", "no kind\n", b""),
        Attachment("letter.eml", "message/rfc822", b"From: x\nSubject: \xe9\n\nhi\n\n"),
    )
    message = write(replace(DRAFT, text="Look — here", attachments=files), config, NOW)
    found = list(read(message).iter_attachments())
    assert [part.get_filename() for part in found] == [file.name.strip() for file in files]
    assert parse_draft(message).attachments[4].content == files[4].content
    assert [part.get_payload(decode=True) for part in found[:4]] == [file.content for file in files[:4]]
    assert max(map(len, message.split(b"\n"))) <= 998


@pytest.mark.parametrize(
    ("kind", "content", "encoding", "most"),
    [
        ("text/csv", b"name,town\n" * 500, "7bit", 1.0),
        ("text/csv", "Zoë,Zürich\n".encode() * 500, "8bit", 1.0),
        ("text/plain", "Zoë,Zürich\n".encode("latin-1") * 500, "8bit", 1.0),
        ("application/json", b'{"a": 1}\n' * 500, "7bit", 1.0),
        ("image/svg+xml", "<text>é</text>\n".encode() * 500, "8bit", 1.0),
        ("text/csv", (b"a column" * 8 + b"\r\n") * 500, "quoted-printable", 1.2),
        ("text/plain", "Zoë".encode("utf-16") * 500, "base64", 1.36),
        ("application/pdf", b"%PDF\n" * 500, "base64", 1.36),
    ],
)
def test_files_of_text_go_as_text(config: Config, kind: str, content: bytes, encoding: str, most: float) -> None:
    """A file of lines costs no more than its bytes, and comes out byte for byte; others cost a third more."""
    message = write(replace(DRAFT, attachments=(Attachment("a", kind, content),)), config, NOW)

    (file,) = read(message).iter_attachments()
    assert (file["Content-Transfer-Encoding"], file.get_payload(decode=True)) == (encoding, content)
    assert len(message) - len(write(DRAFT, config, NOW)) - 400 < len(content) * most


def test_write_refuses_strangers(config: Config) -> None:
    """A draft of somebody who is no member is refused in a sentence."""
    with pytest.raises(InputError, match="is no member"):
        write(replace(DRAFT, sender="nobody"), config, NOW)


@pytest.mark.parametrize(
    "draft",
    [
        DRAFT,
        Draft("luc"),
        Draft("paul", to="pau, gran <", cc="Jür", bcc="Dé <d@far.example>, luc", text="half"),
        Draft("paul", subject="=?utf-8?q?not_encoded?=", text="=?utf-8?q?x?="),
        replace(DRAFT, in_reply_to="<1@a.example>", references="<0@a.example> <1@a.example>"),
        replace(DRAFT, address="paul.d@old-provider.example"),
        replace(DRAFT, text="a\n\n\nb\n  indented\n> quoted\n> > twice\nFrom here\n.\n-- \nPaul\n"),
        replace(DRAFT, text="long " * 60 + "end\n> " + "quoted " * 60 + "end"),
        replace(DRAFT, attachments=(Attachment("a.txt", "text/plain", b"a"), Attachment("b.bin", "x/y", b"\0"))),
    ],
)
def test_a_saved_draft_opens_as_it_was(config: Config, draft: Draft) -> None:
    """What was typed is there again when a draft is opened, half-typed addresses too."""
    assert parse_draft(write(draft, config, NOW)) == draft


@given(st.text(max_size=60), st.text(max_size=300))
def test_any_words_survive(config: Config, subject: str, text: str) -> None:
    """Whatever is typed becomes a letter, and comes back but for white space and characters that are none."""
    draft = parse_draft(write(replace(DRAFT, subject=subject, text=text), config, NOW))
    assert draft.to == DRAFT.to
    if subject.isprintable():
        assert draft.subject.split() == subject.split()
    if text.isprintable() and not text.startswith(">"):
        assert draft.text.split() == text.split()


@given(st.text(alphabet=" ab>-F\n", max_size=400))
def test_flow_is_undone_by_reading(text: str) -> None:
    """A reader of format=flowed gets back each line, but for spaces at ends and in quote marks."""

    def bare(lines: str) -> list[str]:
        return ["".join(line.split()) for line in lines.split("\n")]

    assert bare(unwrap(flow(text))) == bare(text)
    assert all(len(line) <= 80 or " " not in line.strip(" >") for line in flow(text).split("\n"))


@pytest.mark.parametrize(
    ("message", "finished"),
    [
        (b"", b"%b%b%b\n"),
        (b"hello\n", b"%b%b%b\nhello\n"),
        (b"hello\nTo: x\n\nmore", b"%b%b%b\nhello\nTo: x\n\nmore"),
        (b"\nhello", b"%b%b%b\nhello"),
        (b"To: luc", b"%b%b%bTo: luc\n\n"),
        (b"From x Mon\nTo: luc\n\nhi\r\n\0", b"%b%b%bTo: luc\n\nhi\r\n\0"),
        (b"To: luc\nhello\nBcc: x\n\nmore", b"%b%b%bTo: luc\n\nhello\nBcc: x\n\nmore"),
        (b"From:\nDate: \nMessage-ID:\nTo: luc\n\n", b"%b%b%bTo: luc\n\n"),
        (b"BCC: a,\n b\nTo: luc\nresent-bcc: c\n\nBcc: stays\n", b"%b%b%bTo: luc\n\nBcc: stays\n"),
        (b"Status: RO\nX-Status: A\nContent-Length: 3\nReturn-Path: <x>\nX-Mailrun-Id: 7\nA: 1\n\n", b"%b%b%bA: 1\n\n"),
        (b"From: luc\nDate: now\nMessage-ID: <1@x>\nA:\n\n", b"From: luc\nDate: now\nMessage-ID: <1@x>\nA:\n\n"),
    ],
)
def test_complete(config: Config, message: bytes, finished: bytes) -> None:
    """What a letter must have is added, what must not travel is taken out, and the text stays byte for byte."""
    added = (
        b"From: Paul Dupont <Paul.Dupont@home.example>\n",
        b"Date: Mon, 04 Nov 2024 12:00:00 +0100\n",
        b"Message-ID: <7.x@home.example>\n",
    )
    expected = finished % added if b"%b" in finished else finished
    assert complete(message, "paul", config, NOW, "7.x") == expected


def test_complete_for_root_is_the_postmaster(config: Config) -> None:
    """A letter of an account that is no member's goes out as the postmaster's."""
    assert value(complete(b"\nhi", "root", config, NOW, "1"), "From") == b"Paul Dupont <Paul.Dupont@home.example>"


@given(st.binary(max_size=80))
def test_complete_takes_any_bytes(config: Config, message: bytes) -> None:
    """Any bytes become a letter with a head, and completing it again changes nothing."""
    once = complete(message, "luc", config, NOW, "1")
    assert value(once, "From")
    assert value(once, "Date")
    assert value(once, "Message-ID")
    assert complete(once, "paul", config, NOW, "2") == once


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            b"To: luc, Paul <paul@linuxpc>\nCc: g@far.example\nBcc: luc, zoe\n\n",
            ("luc", "paul@linuxpc", "g@far.example", "zoe"),
        ),
        (b"To: luc\nTo: zoe\n\nBcc: nobody", ("luc", "zoe")),
        (b"To: undisclosed-recipients:;\nSubject: x\n\n", ()),
        (b"To: luc\nrubbish\nBcc: zoe\n\n", ("luc",)),
        (b"hello\nTo: luc\n", ()),
        (b"To: luc, grandma@, Uncle Sam\nCc: <>,,\n\n", ("luc", "grandma@", "Uncle Sam", "<>")),
        (b"To: a@x.example b@x.example\n\n", ("a@x.example", "b@x.example")),
        (b"Resent-From: a\nResent-To: b\nResent-Bcc: c\nTo: luc\n\n", ("b", "c")),
        (b"Resent-To: b\nReceived: x\nResent-To: c\nResent-Cc: d\nTo: luc\n\n", ("b",)),
        (b"Resent-To: b\nResent-From: a\nResent-From: z\nResent-Cc: d\n\n", ("b",)),
        (b"", ()),
    ],
)
def test_recipients(message: bytes, found: tuple[str, ...]) -> None:
    """A letter is for those in To, Cc and Bcc, or in the newest Resent fields."""
    assert recipients(message) == found


def test_reply(config: Config) -> None:
    """A reply goes to the sender, quotes without the signature, and carries the thread on."""
    assert reply(LETTER, "paul", config, "sender") == Draft(
        sender="paul",
        to="Grandma <grandma@far.example>",
        subject="Re: Sunday",
        text="On Sun 3 Nov 2024, Grandma wrote:\n> Come at noon.\n>\n> > Shall we?\n\n",
        in_reply_to="<2@far.example>",
        references="<1@home.example> <2@far.example>",
    )


def test_reply_to_everyone(config: Config) -> None:
    """A reply to all goes to all but oneself, by their public addresses."""
    draft = reply(LETTER, "paul", config, "everyone")
    assert draft.to == "Grandma <grandma@far.example>"
    assert draft.cc == 'luc <Luc.Jackson@home.example>, "Dupont, Uncle" <uncle@far.example>, Zoe.Jackson@home.example'


@pytest.mark.parametrize(
    ("head", "everyone", "to", "cc"),
    [
        (b"From: a@x.example\nReply-To: b@x.example\n", False, "b@x.example", ""),
        (b"From: a@x.example\nReply-To: b@x.example\nTo: paul, a@x.example\n", True, "b@x.example", "a@x.example"),
        (b"From: a@x.example\nTo: l@x.example\nMail-Followup-To: l@x.example, paul\n", True, "l@x.example", ""),
        (b"From: a@x.example\nTo: l@x.example\nMail-Followup-To: l@x.example\n", False, "a@x.example", ""),
        (b"From: paul@linuxpc\nTo: g@far.example\nCc: luc\n", False, "g@far.example", ""),
        (b"From: paul@linuxpc\nTo: g@far.example\nCc: luc\n", True, "g@far.example", "Luc.Jackson@home.example"),
        (b"From: paul\nTo: paul\n", False, "Paul.Dupont@home.example", ""),
        (b"From: root (Cron)\nTo: paul\n", False, "Cron <Paul.Dupont@home.example>", ""),
        (b"From: a@x.example, A@X.example\nTo: Paul.D@old-provider.example\n", True, "a@x.example", ""),
        (b"Subject: nothing\n", True, "", ""),
        (b"From: =?utf-8?q?=1b[2J,x?= <a@x.example>\n", False, '"\ufffd[2J,x" <a@x.example>', ""),
    ],
)
def test_reply_addressees(config: Config, head: bytes, everyone: bool, to: str, cc: str) -> None:
    """Who gets a reply follows what the letter asks for, and never loops back to oneself alone."""
    draft = reply(head + b"\nhi", "paul", config, "everyone" if everyone else "sender")
    assert (draft.to, draft.cc) == (to, cc)


@pytest.mark.parametrize(
    ("head", "member", "address"),
    [
        (b"To: Paul.Dupont@home.example\n", "paul", ""),
        (b"To: paul.D@old-provider.example\n", "paul", "paul.d@old-provider.example"),
        (b"To: paul.d@old-provider.example, paul.dupont@home.example\n", "paul", "paul.d@old-provider.example"),
        (b"To: l@x.example\nX-Original-To: paul.d@old-provider.example\n", "paul", "paul.d@old-provider.example"),
        (
            b"To: l@x.example\nX-Mailrun-Routed: how=envelope; header=X; address=paul.d@old-provider.example\n",
            "paul",
            "paul.d@old-provider.example",
        ),
        (b"To: Shop@home.example\n", "zoe", "shop@home.example"),
        (b"To: family@home.example\n", "zoe", ""),
        (b"To: paul.d@old-provider.example\n", "luc", ""),
    ],
)
def test_reply_from_the_address_it_came_to(config: Config, head: bytes, member: str, address: str) -> None:
    """A reply goes out from the further address, or from the alias of that person alone, to which the letter came."""
    draft = reply(b"From: a@x.example\n" + head + b"\nhi", member, config, "sender")
    assert draft.address == address
    if address:
        assert value(write(draft, config, NOW), "From").endswith(b"<" + address.encode() + b">")


@pytest.mark.parametrize(
    ("subject", "answer", "forwarded"),
    [
        ("Sunday", "Re: Sunday", "Fwd: Sunday"),
        ("RE: re[2]: Sv : Sunday", "Re: Sunday", "Fwd: RE: re[2]: Sv : Sunday"),
        ("Fwd: Fw: x", "Re: Fwd: Fw: x", "Fwd: x"),
        ("Report: re: x", "Re: Report: re: x", "Fwd: Report: re: x"),
        ("", "Re:", "Fwd:"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Re: Grüße", "Fwd: Grüße"),
    ],
)
def test_subjects(config: Config, subject: str, answer: str, forwarded: str) -> None:
    """One mark stands before the subject of an answer, however many there were."""
    message = f"Subject: {subject}\n\nhi".encode()
    assert reply(message, "paul", config).subject == answer
    assert forward(message, "paul", config).subject == forwarded


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (b"From: G <g@x.example>\nDate: Mon, 4 Nov 2024 23:00:00 -0800\n", "On Mon 4 Nov 2024, G wrote:"),
        (b"From: g@x.example\nDate: yesterday\n", "g@x.example wrote:"),
        (b"From: g@x.example\nDate: Mon, 99 Foo 99999 99:99:99 +9999\n", "g@x.example wrote:"),
        (b"Date: Mon, 4 Nov 2024 23:00:00\n", "On Mon 4 Nov 2024, somebody wrote:"),
        (b"", "somebody wrote:"),
    ],
)
def test_attribution(config: Config, head: bytes, line: str) -> None:
    """A quote says who wrote when, as far as the letter tells."""
    assert reply(head + b"X: 1\n\nhi", "paul", config).text.split("\n")[0] == line


def test_long_threads_are_shortened(config: Config) -> None:
    """Of a very long thread the first id and the last ones are kept."""
    ids = " ".join(f"<{n}@x.example>" for n in range(500))
    thread = reply(f"Message-ID: <z@x.example>\nReferences: {ids}\n\n".encode(), "paul", config).references.split()
    assert len(thread) == 20
    assert (thread[0], thread[-2], thread[-1]) == ("<0@x.example>", "<499@x.example>", "<z@x.example>")


def test_forward(config: Config) -> None:
    """A forwarded letter has the main fields, the text and the files, an attached letter as one of them."""
    inner = b"Subject: inner\n\nhi\n"
    whole = write(
        replace(DRAFT, attachments=(Attachment("a.bin", "x/y", b"\0"), Attachment("b.eml", "message/rfc822", inner))),
        config,
        NOW,
    )
    draft = forward(whole, "luc", config)
    assert "From: Paul Dupont <Paul.Dupont@home.example>\n" in draft.text
    assert "\n\nOne line.\n" in draft.text
    assert [(file.name, file.kind, file.content) for file in draft.attachments] == [
        ("a.bin", "x/y", b"\0"),
        ("b.eml", "message/rfc822", inner),
    ]


@given(st.binary(max_size=120), st.sampled_from(["paul", "luc", "zoe"]), st.booleans())
def test_answers_to_anything(config: Config, message: bytes, member: str, everyone: bool) -> None:
    """Any bytes can be answered and forwarded, and the answer may leave the house."""
    for head in (b"", b"From: root@linuxpc\nSubject: x\nMessage-ID: <1@linuxpc>\n"):
        for draft in (
            reply(head + message, member, config, "everyone" if everyone else "sender"),
            forward(head + message, member, config),
        ):
            letter = complete(write(draft, config, NOW), member, config, NOW, "1")
            assert parse_draft(write(draft, config, NOW)).sender == member
            assert "In-Reply-To" not in str(leaks(Envelope("", ()), masquerade(letter, config), config))


def test_dates_are_as_given(config: Config) -> None:
    """The date is the one that was passed in, with its zone."""
    assert value(complete(b"\n", "luc", config, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "1"), "Date") == (
        b"Tue, 02 Jan 2024 03:04:05 +0000"
    )


POST = b"List-Post: <mailto:talk@lists.example?subject=x>\n"


@pytest.mark.parametrize(
    ("head", "to"),
    [
        (POST + b"To: other@x.example\n", "talk@lists.example"),
        (b"List-Post: <https://lists.example/>, <mailto:talk%2Bx@lists.example>\n", "talk+x@lists.example"),
        (
            b"X-Mailing-List: talk@lists.example\nTo: Talk <Talk@lists.example>, b@x.example\n",
            "Talk <Talk@lists.example>",
        ),
        (b"X-BeenThere: talk@lists.example\nTo: b@x.example\n", "talk@lists.example"),
        (b"Mail-Followup-To: talk@lists.example, more@lists.example\n", "talk@lists.example, more@lists.example"),
    ],
)
def test_reply_to_the_list(config: Config, head: bytes, to: str) -> None:
    """The answer goes where the list says, or is known to be."""
    draft = reply(b"From: a@x.example\n" + head + b"\nhi", "paul", config, "list")
    assert (draft.to, draft.cc) == (to, "")


@pytest.mark.parametrize(
    ("head", "sentence"),
    [(b"To: paul\n", "came over no list"), (b"List-Post: NO (announcements only)\n", "takes no letters")],
)
def test_no_reply_to_no_list(config: Config, head: bytes, sentence: str) -> None:
    """Where there is no list to answer to, a sentence says which keys there are."""
    with pytest.raises(InputError, match=sentence):
        reply(b"From: a@x.example\n" + head + b"\nhi", "paul", config, "list")


def test_forward_as_a_file(config: Config) -> None:
    """The whole letter goes along byte for byte, but for what belongs to the mailbox and the house."""
    letter = LETTER.replace(b"Subject:", b"Status: RO\nX-Mailrun-Routed: how=envelope\nX-Odd:  two \xe9\nSubject:")
    (file,) = forward(letter, "paul", config, whole=True).attachments
    assert (file.name, file.kind) == ("Re AW Sunday.eml", "message/rfc822")
    assert file.content == LETTER.replace(b"Subject:", b"X-Odd:  two \xe9\nSubject:")

    message = write(forward(letter, "paul", config, whole=True), config, NOW)
    assert parse_draft(message).attachments[0].content == file.content


def test_resent_as_it_is(config: Config) -> None:
    """The letter stays byte for byte below the Resent fields; it goes to whom these name, under public names."""
    message = resend(LETTER, "paul", config, "tom@far.example, zoe", NOW, "77")
    letter = masquerade(complete(message, "paul", config, NOW, "78"), config)
    assert recipients(message) == ("tom@far.example", "zoe")
    assert letter.split(b"From: Grandma")[0] == (
        b"Resent-From: Paul Dupont <Paul.Dupont@home.example>\n"
        b"Resent-To: tom@far.example, Zoe.Jackson@home.example\n"
        b"Resent-Date: Mon, 04 Nov 2024 12:00:00 +0100\n"
        b"Resent-Message-ID: <77@home.example>\n"
    )
    assert letter.split(b"\n\n", 1)[1] == LETTER.split(b"\n\n", 1)[1]
    assert leaks(Envelope("Paul.Dupont@home.example", ("tom@far.example",)), letter, config) == []


def test_edited_as_new(config: Config) -> None:
    """A sent letter begins another one: the same people, text, files and address of one's own, but no thread."""
    files = (Attachment("a.bin", "x/y", b"\0"),)
    draft = replace(DRAFT, cc="zoe", in_reply_to="<1@x.example>", references="<1@x.example>", attachments=files)
    sent = write(replace(draft, address="paul.d@old-provider.example"), config, NOW)
    again = renew(complete(sent, "paul", config, NOW, "1"), "paul", config)
    assert again == replace(DRAFT, cc="zoe", attachments=files, address="paul.d@old-provider.example")
    assert renew(LETTER, "luc", config).text.startswith("Come at noon.")


def test_signature_stands_below(config: Config) -> None:
    """Answers and forwarded letters end with the member's signature, which stays one on the way, and comes but once."""
    house = parse(HOUSE.replace('name = "Paul Dupont"', 'name = "Paul Dupont"\nsignature = "Paul\\nThe Mill"'))
    for draft in (
        reply(LETTER, "paul", house),
        forward(LETTER, "paul", house),
        forward(LETTER, "paul", house, whole=True),
    ):
        assert draft.text.endswith("\n\n-- \nPaul\nThe Mill\n")
        message = write(draft, house, NOW)
        assert b"\n-- \nPaul\nThe Mill\n" in message
        assert renew(message, "paul", house).text.count("\n-- \nPaul") == 1


@pytest.mark.parametrize("departure", [Departure(held=True), Departure(urgent=True), Departure(not_before=NOW)])
def test_a_draft_keeps_what_it_is_about_and_when_it_leaves(config: Config, departure: Departure) -> None:
    """Opened again, it marks the letter that it answers, and leaves as was decided; of neither the world hears."""
    draft = replace(DRAFT, origin=Origin("A", "4f2a-2", "old letters"), departure=departure)
    message = write(draft, config, NOW)
    assert parse_draft(message) == draft
    assert b"X-Mailrun" not in complete(message, "paul", config, NOW, "1")


@pytest.mark.parametrize("text", ["broken: \N{REPLACEMENT CHARACTER}" * 9, "\N{REPLACEMENT CHARACTER}"])
def test_what_was_broken_before_stays_as_it_is(config: Config, text: str) -> None:
    """A quote of a letter that nobody could read is no riddle of charsets."""
    assert parse_draft(write(replace(DRAFT, text=text), config, NOW)).text == text


def test_a_letter_from_a_file_of_letters_is_sent_on(config: Config) -> None:
    """The line that separates letters in such a file does not end the head."""
    message = resend(b"From a@x Mon Nov  4 12:00:00 2024\n" + LETTER, "paul", config, "tom@far.example", NOW, "77")
    assert complete(message, "paul", config, NOW, "78").endswith(b"\n" + LETTER)
