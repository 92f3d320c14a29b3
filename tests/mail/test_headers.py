"""Heads cut on raw bytes."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.mail.headers import decode, every, fields, first, split

LINES = st.lists(
    st.sampled_from(
        [
            b"From: paul@home.example\n",
            b"Subject : odd\r\n",
            b" folded\n",
            b"\t\n",
            b"rubbish\n",
            b"From paul Mon Jan  1\n",
            b"\n",
            b"\r\n",
            b"X: \0\r\xff\n",
            b":\n",
            b"To:",
        ]
    )
    | st.binary(max_size=12)
).map(b"".join)


@given(LINES)
@example(b"")
@example(b"\n\n")
@example(b"\r\r\n\n")
def test_fields_joined_are_the_head(head: bytes) -> None:
    """The raw bytes of all fields, joined, are the head, whatever it holds."""
    assert b"".join(field.raw for field in fields(head)) == head


@given(LINES)
def test_split_loses_nothing(message: bytes) -> None:
    """Head, what parts them, and body are the letter; what parts them is an empty line or nothing."""
    head, body = split(message)
    assert message.startswith(head)
    assert message.endswith(body)
    assert message[len(head) : len(message) - len(body)] in (b"", b"\n", b"\r\n")


@given(LINES)
def test_value_is_one_line(head: bytes) -> None:
    """A value is on one line."""
    assert not any(b"\n" in field.value for field in fields(head))


@pytest.mark.parametrize(
    ("message", "head", "body"),
    [
        (b"", b"", b""),
        (b"A: 1\n\nhello\n", b"A: 1\n", b"hello\n"),
        (b"A: 1\r\n\r\nhello\r\n", b"A: 1\r\n", b"hello\r\n"),
        (b"A: 1\n\n\nhello", b"A: 1\n", b"\nhello"),
        (b"A: 1\n \n\nhello", b"A: 1\n \n", b"hello"),
        (b"\nhello\n", b"", b"hello\n"),
        (b"\r\nhello\n", b"", b"hello\n"),
        (b"hello\n\nA: 1\n\n", b"", b"hello\n\nA: 1\n\n"),
        (b"A: 1\nB: 2", b"A: 1\nB: 2", b""),
        (b"A: 1\nrubbish\nB: 2\n\nx", b"A: 1\nrubbish\nB: 2\n", b"x"),
        (b"From x Mon\nA: 1\n\nx", b"From x Mon\nA: 1\n", b"x"),
        (b">From x Mon\nA: 1\n\nx", b">From x Mon\nA: 1\n", b"x"),
        (b"A: 1\rB: 2\n\nx", b"A: 1\rB: 2\n", b"x"),
    ],
)
def test_split(message: bytes, head: bytes, body: bytes) -> None:
    """A head ends at the first empty line; a letter that begins with text has none."""
    assert split(message) == (head, body)


def test_field_has_name_raw_and_value() -> None:
    """A field keeps its name as written, its bytes, and its value on one line."""
    (field,) = fields(b"SubJect :  a\r\n  b\n\tc \r\n")
    assert (field.name, field.value) == ("SubJect", b"a  b\tc")


def test_junk_has_no_name() -> None:
    """Lines that are no fields have no name, and keep what is folded onto them."""
    assert [(field.name, field.raw) for field in fields(b"From x\nA: 1\njunk\n more\n: 2\nB:\n")] == [
        ("", b"From x\n"),
        ("A", b"A: 1\n"),
        ("", b"junk\n more\n"),
        ("", b": 2\n"),
        ("B", b"B:\n"),
    ]


def test_first_and_every_ignore_case() -> None:
    """Fields are found in any case, topmost first."""
    found = fields(b"to: a\nTO: b\nCc: c\n")
    assert [field.value for field in every(found, "To")] == [b"a", b"b"]
    assert first(found, "tO") == found[0]
    assert first(found, "Bcc") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?J=C3=BCrgen_M?=", "Jürgen M"),
        (b"=?UTF-8?B?SsO8cmdlbg==?= said", "Jürgen said"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        (b"=?utf-8?b?ww==?= =?utf-8?b?pA==?=", "ä"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b"=?utf-8?q?a?==?iso-8859-1?q?=E4?=", "aä"),
        (b"=?utf-8*de?q?a?=", "a"),
        (b"=?utf-8?q?two words?=", "two words"),
        (b"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?klingon?q?caf=E9?=", "café"),
        (b"=?unicode_escape?q?=5Cx41?=", "\\x41"),
        (b"=?rot13?q?abc?=", "abc"),
        (b"=?utf-8?q?cut=C", "=?utf-8?q?cut=C"),
        (b"=?utf-8?b?!!!?=", ""),
        (b"=?utf-8?b?YWJ?=", "ab"),
        (b"=?utf-8?b?YWJjZ?=", "abc"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("Zoë".encode(), "Zoë"),
        ("Zoë".encode("latin-1"), "Zoë"),
        (b"\x93quoted\x94", "“quoted”"),
        (b"\x81", "\x81"),
        (b"a\0b", "a\0b"),
    ],
)
def test_decode(value: bytes, text: str) -> None:
    """Encoded words and raw bytes become text; what cannot be read stays."""
    assert decode(value) == text


@given(
    st.binary()
    | st.lists(st.sampled_from([b"=?", b"utf-8", b"?", b"q", b"b", b"?=", b"=C3", b" ", b"w6"])).map(b"".join)
)
def test_decode_never_raises(value: bytes) -> None:
    """Any bytes can be decoded."""
    decode(value)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\0"), max_size=30), st.binary(max_size=20))
def test_any_charset_name(charset: str, raw: bytes) -> None:
    """No charset name, however made, makes decoding raise."""
    decode(b"=?" + charset.encode() + b"?q?" + raw + b"?=")


@pytest.mark.parametrize(
    "message",
    [
        b"X: " + b"a" * 1_000_000 + b"\n\nbody",
        b"X: a\n" + b" b\n" * 300_000 + b"\nbody",
        b"X: a\n" * 100_000 + b"\nbody",
        b"X: " + b"=?a?q?" * 150_000 + b"\n\nbody",
        b"X: " + b"=?utf-8?q?a?= " * 70_000 + b"\n\nbody",
        b"\r" * 1_000_000,
    ],
    ids=["long line", "many folds", "many fields", "unclosed words", "many words", "bare CR"],
)
def test_a_megabyte_is_quick(message: bytes) -> None:
    """A head of a megabyte, honest or hostile, is read in well under a second."""
    began = time.perf_counter()
    for field in fields(split(message)[0]):
        decode(field.value)
    assert time.perf_counter() - began < 2
