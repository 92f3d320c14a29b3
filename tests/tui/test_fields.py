from decimal import Decimal
from typing import Literal

import pytest

from core.config import Maildrop, Secret, Size
from core.toml import keys
from tui.widgets.fields import Field, Pairs, Words, raw, shown, value


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("ATZ",),
        ("paul", "grandma@far.example"),
        ('AT+CGDCONT=1,"IP"', "ATE0"),
        ("sh", "-c", "echo a, b"),
        ('"quoted"', "back\\slash"),
    ],
)
def test_a_list_comes_back_as_it_was(words: Words) -> None:
    """What is shown with commas between is read as the same list, whatever the items hold."""
    assert tuple(raw(Words, shown(Words, words))) == words


@pytest.mark.parametrize(
    ("kind", "held", "text"),
    [
        (str, "plum", "plum"),
        (int, 995, "995"),
        (float, 10.0, "10"),
        (Decimal, Decimal("0.05"), "0.05"),
        (Size, Size(100_000), "100 kB"),
        (Size, Size(1234), "1234"),
        (Secret, Secret("plum"), ""),
        (Pairs, (("ogin:", Secret("plum")),), ""),
    ],
)
def test_values_are_shown_as_people_write_them(kind: object, held: object, text: str) -> None:
    """And secrets not at all."""
    assert shown(kind, held) == text


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (int, "12", ""),
        (int, "1.5", "must be a whole number"),
        (float, "1.5", ""),
        (float, "often", "must be a number"),
        (Decimal, "0.05", ""),
        (Decimal, "0,05", "must be an amount"),
        (Size, "2 MB", ""),
        (Size, "much", "must be a size"),
        (Pairs, "ogin:, me", ""),
        (Pairs, "ogin:, me, word:", "must be a list of pairs"),
        (Secret, "plum", ""),
    ],
)
def test_a_text_is_checked_by_the_type_of_its_key(kind: object, text: str, sentence: str) -> None:
    """The sentence is that of the file's own check; a good text has none."""
    fault = Field("key", kind, "a key").fault(text)

    assert sentence in fault
    assert bool(fault) == bool(sentence)


def test_a_fault_never_tells_a_secret() -> None:
    """What is wrong with a dialogue is told without its words."""
    kind = keys(Maildrop)["password"][0]

    assert Field("password", kind, "").fault("4711") == ""
    assert "plum" not in Field("chat", Pairs, "").fault("ogin:, me, plum")


def test_an_empty_text_takes_a_key_out() -> None:
    """So does a dash in a secret, because nothing in it means that it stays."""
    assert value(Field("port", int, ""), "") is None
    assert value(Field("password", Secret, ""), "-") is None
    assert repr(value(Field("password", Secret, ""), "plum")) == "Secret(...)"
    assert "plum" not in repr(value(Field("chat", Pairs, ""), "ogin:, plum"))


def test_what_is_needed_is_said() -> None:
    """A key without a default cannot stay empty; a choice has its words."""
    assert Field("host", str, "the server", needed=True).fault(" ") == "host is needed"
    assert Field("kind", Literal["a", "b"], "").choices == ("a", "b")


def test_a_text_of_several_lines_fits_into_a_field() -> None:
    r"""A line end is typed as \n."""
    assert shown(str, "Paul\nThe Mill") == r"Paul\nThe Mill"
    assert raw(str, r"Paul\nThe Mill") == "Paul\nThe Mill"
