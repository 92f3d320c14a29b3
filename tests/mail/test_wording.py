"""The words by which a letter is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.wording import Wording, folded, heading, wording

LETTER = b"""\
From: "Grandma" <rose@far.example>
Reply-To: The Mill <mill@far.example>
To: Paul Dupont <Paul.Dupont@home.example>,
\tluc@home.example
Cc: =?utf-8?q?Zo=C3=AB?= <zoe@far.example>
Bcc: ann@home.example
Subject: =?utf-8?q?Stra=C3=9Fe?= after the
 storm
List-Id: Our village <village.far.example>
Content-Type: text/html; charset=utf-8

<p>The <b>plum</b>&nbsp;tree</p>
"""


def test_the_words_of_a_letter_are_those_that_a_person_reads() -> None:
    """Names and addresses, unfolded and decoded; text without its markup."""
    assert wording(LETTER) == Wording(
        sender='"Grandma" <rose@far.example>\nThe Mill <mill@far.example>',
        to="Paul Dupont <Paul.Dupont@home.example>, luc@home.example",
        cc="zoë <zoe@far.example>\nann@home.example",
        subject="strasse after the storm",
        list_id="Our village <village.far.example>",
        text="The plum tree",
    )


def test_a_head_can_be_read_alone() -> None:
    """A letter of which only the head is here has the same words, but no text."""
    assert heading(LETTER.partition(b"\n\n")[0]) == wording(LETTER)._replace(text="")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Plum", "Plum"),
        ("STRAßE", "strasse"),
        ("ﬁsh", "fish"),
        ("\uff21\uff22", "ab"),
        ("e\u0301te\u0301", "été"),
        ("東京へ 2", "東 京 へ  2"),
        ("한국어", "한국어"),
        ("", ""),
    ],
)
def test_forms_of_one_word_are_folded_into_one(text: str, words: str) -> None:
    """Sharp s, ligatures, wide letters; of scripts without spaces each letter is a word."""
    assert folded(text) == words


@given(
    st.binary() | st.binary().map(lambda body: b"From: \xff=?x?b?" + body + b"?=\nSubject: " + body + b"\n\n" + body)
)
def test_no_letter_is_an_error(message: bytes) -> None:
    """The words of any bytes can be written down."""
    for text in wording(message):
        assert text.encode().decode() == text
