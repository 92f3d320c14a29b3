"""Reports from outside about letters of ours."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.config import Config
from core.mail import bounce
from core.mail.report import Report, failures, identity, likely, read
from core.mail.status import Fate
from tests.mail.test_bounce import ENVELOPE, LETTER, NOW

ABOUT = "<7@home.example>"
COPY = f"Received: from x\nMessage-ID: {ABOUT}\nSubject: hello\nTo: grandma@far.example\n\nhello\n"
PROGRAM = "Return-Path: <>\nFrom: MAILER-DAEMON@far.example\nTo: paul@home.example\nSubject: failure notice\n"


def rfc(*groups: str, copy: str = f"message/rfc822\n\n{COPY}") -> bytes:
    """A report as RFC 3464 wants it."""
    return (
        "From: MAILER-DAEMON@far.example\nTo: paul@home.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt did not work for nobody@else.example.\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.far.example\n\n"
        + "\n\n".join(groups)
        + f"\n\n--b\nContent-Type: {copy}\n--b--\n"
    ).encode()


GROUP = "Final-Recipient: rfc822; grandma@far.example\nAction: failed\nStatus: 5.1.1"


def only(message: bytes) -> Fate:
    """The one recipient of a report about our letter."""
    report = read(message)
    assert report is not None
    assert report.about == ABOUT
    (fate,) = report.fates
    return fate


@pytest.mark.parametrize(
    ("group", "fate"),
    [
        (GROUP, Fate("grandma@far.example", "", "failed", "5.1.1", "")),
        (
            f"Original-Recipient: rfc822;granny@far.example\n{GROUP}\nDiagnostic-Code: smtp; 550 5.1.1\n  no such user",
            Fate("grandma@far.example", "granny@far.example", "failed", "5.1.1", "550 5.1.1 no such user"),
        ),
        (
            "final-recipient: RFC822;<grandma@far.example>\naction: Failed (too late)\nstatus: 4.4.7 (expired)",
            Fate("grandma@far.example", "", "failed", "4.4.7", ""),
        ),
        (
            GROUP.replace("5.1.1", "5.0.0") + "\nDiagnostic-Code: X-Postfix; 550-5.2.2 full\x1b[31m",
            Fate("grandma@far.example", "", "failed", "5.2.2", "550-5.2.2 full\ufffd[31m"),
        ),
        (
            "Final-Recipient: grandma@far.example\nStatus: 4.2.0",
            Fate("grandma@far.example", "", "delayed", "4.2.0", ""),
        ),
        (
            "Final-Recipient: rfc822; grandma@far.example\nDiagnostic-Code: smtp; 450 later",
            Fate("grandma@far.example", "", "delayed", "4.0.0", "450 later"),
        ),
        (
            "Original-Recipient: rfc822; grandma@far.example\nAction: delivered\nStatus: 2.0.0",
            Fate("grandma@far.example", "grandma@far.example", "delivered", "2.0.0", ""),
        ),
    ],
    ids=["plain", "original", "case", "general status", "no action", "no status", "delivered"],
)
def test_rfc_3464(group: str, fate: Fate) -> None:
    """The fields for programs are read, as RFC 3464 has them and as programs write them."""
    assert only(rfc(group)) == fate


def test_several_recipients() -> None:
    """Each recipient has a group; a group that names nobody is passed over."""
    report = read(rfc(GROUP, "X-Note: none", "Final-Recipient: rfc822; uncle@far.example\nAction: delayed"))
    assert report is not None
    assert [(fate.address, fate.action) for fate in report.fates] == [
        ("grandma@far.example", "failed"),
        ("uncle@far.example", "delayed"),
    ]


@pytest.mark.parametrize(
    "copy",
    [
        f"text/rfc822-headers\n\nSubject: hello\nMessage-Id: {ABOUT}\n",
        f"message/rfc822\nContent-Transfer-Encoding: 7bit\n\nMESSAGE-ID:\n {ABOUT}\n\nhello\n",
        f"message/delivery-status\n\nX-Original-Message-ID: {ABOUT}\nMessage-ID: {ABOUT}\n",
    ],
    ids=["headers", "folded", "noted"],
)
def test_letter_is_known_by_its_message_id(copy: str) -> None:
    """The Message-ID of the letter is found in what came back of it."""
    only(rfc(GROUP, copy=copy))


QMAIL = """
Hi. This is the qmail-send program at far.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<grandma@far.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

"""
EXIM = """
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  grandma@far.example
    (ultimately generated from granny@far.example)
    host mx.far.example [192.0.2.1]: 550 5.2.2 mailbox full

------ This is a copy of the message, including all the headers. ------

"""
POSTFIX = """
This is the mail system at host mx.far.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<grandma@far.example>: host mx.far.example[192.0.2.1] said: 550 5.7.1 no
    thanks (in reply to RCPT TO command)

---- Original message follows ----

"""
SENTENCE = """
Your message, sent by

  <paul@old.example>

did not reach the following recipient: grandma@far.example

The server said: 554 5.4.4 no such host

Message headers follow.

"""
DELAYED = """
This message has been delayed 24 hours; no action is required on your part.

  grandma@far.example
    451 4.3.0 greylisted

------ This is a copy of the message, including all the headers. ------

"""


@pytest.mark.parametrize(
    ("text", "original", "action", "status", "reply"),
    [
        (QMAIL, "", "failed", "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)"),
        (EXIM, "granny@far.example", "failed", "5.2.2", "550 5.2.2 mailbox full"),
        (POSTFIX, "", "failed", "5.7.1", "550 5.7.1 no thanks"),
        (SENTENCE, "", "failed", "5.4.4", "554 5.4.4 no such host"),
        (DELAYED, "", "delayed", "4.3.0", "451 4.3.0 greylisted"),
    ],
    ids=["qmail", "exim", "postfix", "sentence", "delayed"],
)
def test_notices_for_people(text: str, original: str, action: str, status: str, reply: str) -> None:
    """Notices without fields for programs are understood by the way that they are made."""
    fate = only(f"{PROGRAM}{text}{COPY}".encode())
    assert (fate.address, fate.original, fate.action, fate.status) == ("grandma@far.example", original, action, status)
    assert reply in fate.reply


def test_head_of_exim_names_who_failed() -> None:
    """X-Failed-Recipients names the recipients where the text does not, in whatever language that is."""
    head = f"X-Failed-Recipients: grandma@far.example\nIn-Reply-To: {ABOUT}\n{PROGRAM}"
    assert only(f"{head}\nIl n'y a personne.\n".encode()).address == "grandma@far.example"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"From: grandma@far.example\n\nMy letter to paul@home.example failed: delivery error 550\n",
        f"Return-Path: <>\nFrom: grandma@far.example\nIn-Reply-To: {ABOUT}\n\nAway; call aunt@far.example.\n".encode(),
        b'From: x@far.example\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b--\n',
        f"{PROGRAM}\nNothing to tell.\n".encode(),
    ],
    ids=["nothing", "person", "holiday", "complaint", "no address"],
)
def test_other_letters_are_no_reports(message: bytes) -> None:
    """What people write, holiday notes and complaints are no reports."""
    assert read(message) is None


def test_report_inside_a_returned_letter_is_not_this_report() -> None:
    """A report that came back itself tells about nobody but who did not get the report."""
    inner = rfc(GROUP).decode().replace('"b"', '"c"').replace("--b", "--c")
    assert only(rfc(GROUP.replace("grandma", "uncle"), copy=f"message/rfc822\n\nMessage-ID: {ABOUT}\n{inner}")) == Fate(
        "uncle@far.example", "", "failed", "5.1.1", ""
    )


def test_our_own_reports_are_understood(config: Config) -> None:
    """What mailrun writes, it can read: who, why, and the letter byte for byte."""
    letter = f"Message-ID: {ABOUT}\n".encode() + LETTER
    refused = {"grandma@far.example": "550 5.1.1 no such user"}
    message = bounce.report(letter, ENVELOPE, refused, "paul@home.example", config, NOW, "8")
    fate = Fate("grandma@far.example", "", "failed", "5.1.1", "550 5.1.1 no such user")
    assert read(message) == Report(ABOUT, (fate,), letter)


def told(*fates: tuple[str, str, str]) -> Report:
    """A report of these: final address, original address, action."""
    return Report(ABOUT, tuple(Fate(one, was, what, "5.1.1", "") for one, was, what in fates), b"")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("report", "recipients", "failed"),
    [
        (
            told(("GRANDMA@Far.Example", "", "failed")),
            ["uncle@far.example", "Grandma@far.example"],
            ["Grandma@far.example"],
        ),
        (
            told(("x@other.example", "uncle@far.example", "failed")),
            ["uncle@far.example", "a@b.example"],
            ["uncle@far.example"],
        ),
        (told(("x@other.example", "", "failed")), ["uncle@far.example"], ["uncle@far.example"]),
        (told(("x@other.example", "", "failed")), ["uncle@far.example", "a@b.example"], []),
        (told(("uncle@far.example", "", "delayed")), ["uncle@far.example"], []),
        (told(), ["uncle@far.example"], []),
        (told(("uncle@far.example", "", "failed")), [], []),
    ],
    ids=["case", "original", "passed on", "passed on by whom", "delayed", "nobody", "no recipients"],
)
def test_recipients_are_matched(report: Report, recipients: list[str], failed: list[str]) -> None:
    """Who failed is told by the addresses that the letter went to."""
    assert list(failures(report, recipients)) == failed


@pytest.mark.parametrize(
    ("message", "id_"),
    [
        (b"Message-ID: <a@b>\n\ntext\n", "<a@b>"),
        (b"Message-Id:\n <a@b>\n", "<a@b>"),
        (b"Message-ID: a@b\n\n", ""),
        (b"Subject: x\n\nMessage-ID: <a@b>\n", ""),
    ],
)
def test_identity(message: bytes, id_: str) -> None:
    """The Message-ID of a letter or of its head, where it is one."""
    assert identity(message) == id_


@given(st.binary(max_size=300))
@example(b"<" * 300)
@example(b"a@b.example:\n" * 20)
@example(b"\n\n --- Original message follows.\n\xff\xfe")
def test_nothing_breaks_reading(text: bytes) -> None:
    """Whatever a mail program writes, reading it raises nothing."""
    read(PROGRAM.encode() + text)
    read(PROGRAM.encode() + b"\n" + text)
    read(rfc(GROUP).replace(b"rfc822; grandma@far.example", text))
    assert likely([]) is False
