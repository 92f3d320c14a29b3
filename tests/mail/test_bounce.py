"""Reports of letters that were not delivered."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.mail.bounce import report
from core.mail.envelope import Envelope
from core.mail.parts import tree, walk
from core.mail.text import readable

NOW = datetime(2024, 11, 4, 12, tzinfo=UTC)
ENVELOPE = Envelope("Paul.Dupont@home.example", ("grandma@far.example", "uncle@far.example"))
LETTER = b"From: Paul.Dupont@home.example\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nhello\n--\n\xff\0"


def made(config: Config, refused: dict[str, str], message: bytes = LETTER) -> bytes:
    """A report to Paul."""
    return report(message, ENVELOPE, refused, "Paul.Dupont@home.example", config, NOW, "7")


def test_report_is_rfc_3464(config: Config) -> None:
    """A report has three parts: words, fields for programs, and the letter byte for byte."""
    bounce = made(config, {"grandma@far.example": "550 5.1.1 no such user"})
    parsed = message_from_bytes(bounce, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in parsed.iter_parts()] == [
        "text/plain",
        "message/delivery-status",
        "message/rfc822",
    ]
    assert parsed["Auto-Submitted"] == "auto-replied"
    assert parsed["Message-ID"] == "<7@home.example>"
    assert parsed["Subject"] == "Not delivered: Grüße"
    assert next(part for part in walk(tree(bounce)) if part.kind == "message/rfc822").body == LETTER


def test_status_fields(config: Config) -> None:
    """Each refused recipient has a group of fields."""
    bounce = made(config, {"grandma@far.example": "550 5.1.1 no\r\nsuch user", "uncle@far.example": "452 later"})
    status = next(part for part in walk(tree(bounce)) if part.kind == "message/delivery-status").body.decode()
    assert status == (
        "Reporting-MTA: dns; home.example\n"
        "\n"
        "Final-Recipient: rfc822; grandma@far.example\n"
        "Action: failed\n"
        "Status: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
        "Last-Attempt-Date: Mon, 04 Nov 2024 12:00:00 +0000\n"
        "\n"
        "Final-Recipient: rfc822; uncle@far.example\n"
        "Action: failed\n"
        "Status: 4.0.0\n"
        "Diagnostic-Code: smtp; 452 later\n"
        "Last-Attempt-Date: Mon, 04 Nov 2024 12:00:00 +0000\n"
    )


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("550 5.1.1 <x>: Recipient address rejected", "There is no such mailbox at far.example."),
        ("550 User unknown", "There is no such mailbox at far.example."),
        ("552 5.2.2 over quota", "The mailbox of grandma@far.example is full."),
        ("552 too much mail data", "The letter is too big."),
        ("550 5.4.4 no MX", "There is no mail server for far.example."),
        ("554 5.7.1 Relay access denied", "The server has rules against it"),
        ("550 mailbox disabled", "it takes no letters now"),
        ("550 no", "The server there would not take it."),
        ("", "The server said: nothing"),
    ],
)
def test_plain_words(config: Config, reply: str, words: str) -> None:
    """The report begins with what a refusal means, and what the server said."""
    text = readable(made(config, {"grandma@far.example": reply}))
    assert words in text
    assert reply in text
    assert 'Your letter "Grüße"' in text


@given(st.binary(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_nothing_breaks_a_report(config: Config, message: bytes, reply: str, address: str) -> None:
    """Whatever the letter, the server and the address say, the report is one, and holds the letter."""
    bounce = made(config, {address: reply}, message)
    pieces = tree(bounce).parts
    assert [part.kind for part in pieces] == ["text/plain", "message/delivery-status", "message/rfc822"]
    assert pieces[2].body == message
    assert b"\x1b" not in pieces[1].body
