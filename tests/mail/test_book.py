"""A member's own nicknames: how they are read, kept, and what becomes of them in a letter."""

import pytest

from core.errors import InputError
from core.mail.book import expand, expanded, parse, text
from core.mail.compose import Draft

MAILRC = """\
set ask
# the family
alias granny "Helene Dupont" <grandma@far.example>
alias  CREW  granny tom@sailing.example \\
    'Rosa Achter <rosa@sailing.example>'
a tom tom@sailing.example
group crew mia
alias lonely
alias paul paul paul@office.example
alias round about
alias about round
"""
BOOK = parse(MAILRC)


def test_nicknames_are_read() -> None:
    """Alias and group lines count, continued ones too; a second line of a name adds to it; the rest is passed over."""
    assert BOOK["crew"] == ("granny", "tom@sailing.example", "Rosa Achter <rosa@sailing.example>", "mia")
    assert sorted(BOOK) == ["about", "crew", "granny", "paul", "round", "tom"]


def test_book_reads_what_it_wrote() -> None:
    """What is kept says the same when it is read again."""
    assert parse(text(BOOK)) == BOOK


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("granny", '"Helene Dupont" <grandma@far.example>'),
        ("Tom, x@far.example", "tom@sailing.example, x@far.example"),
        ("crew", '"Helene Dupont" <grandma@far.example>, tom@sailing.example, Rosa Achter <rosa@sailing.example>, mia'),
        ("crew, granny, tom", expand("crew", BOOK)),
        ("tom@elsewhere.example", "tom@elsewhere.example"),
        ("paul", "paul, paul@office.example"),
        ("luc", "luc"),
        ("", ""),
    ],
)
def test_nickname_stands_for_its_addresses(typed: str, expected: str) -> None:
    """Nicknames are replaced, in any case and through one another, each address once; other words stay."""
    assert expand(typed, BOOK) == expected


def test_circle_is_refused() -> None:
    """Nicknames that stand for one another are told with their chain."""
    with pytest.raises(InputError, match="round -> about -> round"):
        expand("round", BOOK)


def test_every_recipient_field_expands() -> None:
    """To, Cc and Bcc expand; the text does not."""
    draft = expanded(Draft("paul", "tom", "granny", "crew", "tom", "granny"), BOOK)

    assert (draft.to, draft.cc.count("@"), draft.bcc.count("@")) == ("tom@sailing.example", 1, 3)
    assert (draft.subject, draft.text) == ("tom", "granny")
