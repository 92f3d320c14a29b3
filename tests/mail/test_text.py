import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.text import BAD, safe, safe_lines

ANY = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße, 你好, 👩‍👧", "Grüße, 你好, 👩‍👧"),
        ("\x1b]2;title\x07", "�]2;title�"),
        ("\x1b[2J", "�[2J"),
        ("a\x9b2Jb\x9d52;c\x9c", "a�2Jb�52;c�"),
        ("a\x00b\x7fc\x08", "a�b�c�"),
        ("invoice\u202efdp.exe", "invoice�fdp.exe"),
        ("\u2066a\u2069\u200eb\u200f\u061c", "�a��b��"),
        ("a\u2028b\u2029c\x85d", "a�b�c�d"),
        ("half \udce9 character", "half � character"),
        ("two\r\n lines\tand a tab\n", "two lines and a tab"),
        ("[/nope] [red]x[/red]", "[/nope] [red]x[/red]"),
        ("", ""),
        ("\n\t\r", ""),
    ],
)
def test_safe(text: str, shown: str) -> None:
    """One line comes out, without what a terminal would obey."""
    assert safe(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb\n\tc", "a       b\n        c"),
        ("\x1b[31mred\x0c\n\u202eab", "�[31mred�\n�ab"),
        ("keeps  spaces \n\n", "keeps  spaces \n\n"),
    ],
)
def test_safe_lines(text: str, shown: str) -> None:
    """Lines are kept, tabs are spaces, and nothing is left that a terminal would obey."""
    assert safe_lines(text) == shown


@given(ANY)
def test_nothing_bad_is_left(text: str) -> None:
    """Whatever goes in, no character of the bad class comes out, but for the line ends of lines."""
    assert not BAD.search(safe(text))
    assert not BAD.search(safe_lines(text).replace("\n", ""))


@given(ANY)
def test_safe_twice_is_safe_once(text: str) -> None:
    """What has been made safe is not changed again."""
    assert safe(safe(text)) == safe(text)
    assert safe_lines(safe_lines(text)) == safe_lines(text)
