import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.quote import MOST, WIDTH, bearable, columns, quoted

LONG = "My dears, this line was written by a program that cuts its lines at eighty columns"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Come.\n\nSoon.\n\n\n", "> Come.\n>\n> Soon."),
        ("One\n> Two\n>> Three\n> > > Four", "> One\n> > Two\n> > > Three\n> > > > Four"),
        ("Come.\n-- \nGrandma\nFar Island", "> Come."),
        ("-- \nonly a signature", "> --\n> only a signature"),
        (
            f"{LONG}\nand goes on here.\n- an item",
            f"> {LONG[:74]}\n> columns and goes on here.\n> - an item",
        ),
        (
            f"> {LONG}\n> and on",
            f"> > {LONG[:67]}\n> > eighty columns and on",
        ),
        (f"  {LONG}", f">   {LONG[:67]}\n> {LONG[68:]}"),
        (f"see https://far.example/{'a' * 90} now", f"> see\n> https://far.example/{'a' * 90}\n> now"),
        ("日本語の文章" * 8, f"> {'日本語の文章' * 6}日\n> 本語の文章{'日本語の文章'}"),
        ("", ">"),
    ],
)
def test_a_quote_is_marked_and_wrapped(text: str, answer: str) -> None:
    """Marks are kept, what runs over goes on in the next line, words without end are left whole up to a length."""
    assert quoted(text) == answer


def test_a_line_of_85_kb_is_cut() -> None:
    """No line is left that an editor could choke on; nothing of it is lost."""
    lines = quoted("x" * 85_000).split("\n")

    assert max(map(len, lines)) <= 402
    assert sum(line.count("x") for line in lines) == 85_000


def test_what_is_passed_on_can_be_edited() -> None:
    """Only lines that no editor bears are cut, with their marks; all others stay as they are."""
    text = f"{LONG * 20}\n> {'word ' * 2000}\n{'x' * 85_000}\nend"
    lines = bearable(text).split("\n")

    assert (lines[0], lines[-1]) == (LONG * 20, "end")
    assert all(line.startswith("> word") for line in lines[1:100])
    assert max(map(len, lines)) <= 2000
    assert "".join(bearable(text).split()).replace(">", "") == "".join(text.split()).replace(">", "")


def test_a_quote_has_an_end() -> None:
    """Of a letter of very many lines the first are quoted, and it is said that there were more."""
    lines = quoted("word\n" * 100_000).split("\n")

    assert len(lines) == MOST + 1
    assert lines[-1] == "> [the rest is left out]"


@given(st.text(alphabet=st.sampled_from("ab é日 >*\n"), max_size=400))
def test_no_word_is_lost_and_no_line_is_too_long(text: str) -> None:
    """Whatever the text is, its words stay in their order, and its lines within the width."""
    answer = quoted(text)

    assert all(columns(line) <= max(WIDTH, 2 * line.count(">") + WIDTH // 2) for line in answer.split("\n"))
    assert "".join(answer.replace(">", "").split()) == "".join(text.replace(">", "").split())
