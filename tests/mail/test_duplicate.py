import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.duplicate import key

HEAD = b"From: a@far.example\nMessage-ID: <1@far.example>\nDate: Mon, 1 Jan 2024 10:00:00 +0100\nSubject: Hello\n"
LETTER = HEAD + b"\nText\n"
UNNAMED = LETTER.replace(b"Message-ID: <1@far.example>\n", b"")


@pytest.mark.parametrize(
    "copy",
    [
        b"Received: by another.host\nDelivered-To: luc@home.example\n" + LETTER,
        LETTER.replace(b"Hello", b"[list] Hello"),
        LETTER.replace(b"Message-ID: <", b"message-id:\n <"),
        LETTER.replace(b"\n", b"\r\n"),
        LETTER + b"\n\n",
    ],
    ids=["another way", "another subject", "folded", "lines of the wire", "empty lines at the end"],
)
def test_copies(copy: bytes) -> None:
    """What hosts change on the way makes no other letter of it."""
    assert key(copy) == key(LETTER)


@pytest.mark.parametrize(
    "other",
    [
        LETTER.replace(b"<1@", b"<2@"),
        LETTER.replace(b"Text", b"text"),
        LETTER + b"-- \nThe list's footer\n",
        UNNAMED,
        HEAD,
    ],
    ids=["another id", "another body", "a footer", "no id", "no body"],
)
def test_other_letters(other: bytes) -> None:
    """Another Message-ID or another body is another letter."""
    assert key(other) != key(LETTER)


@pytest.mark.parametrize("field", [b"Hello", b"a@far", b"10:00:00"])
def test_without_a_message_id(field: bytes) -> None:
    """Without a Message-ID, author, date, subject and body tell letters apart."""
    assert key(UNNAMED) == key(b"X-Other: x\n" + UNNAMED)
    assert key(UNNAMED) != key(UNNAMED.replace(field, b"other"))


def test_an_empty_message_id_is_none() -> None:
    """Letters whose Message-ID is empty are not all the same."""
    assert key(LETTER.replace(b"<1@far.example>", b"<>")) == key(UNNAMED)


@given(st.binary(max_size=300))
def test_any_bytes_have_a_key(message: bytes) -> None:
    """Every letter has a key of the same form."""
    assert len(key(message)) == 64
    int(key(message), 16)
