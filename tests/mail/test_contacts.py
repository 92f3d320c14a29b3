import pytest

from core.mail.contacts import contact, entry, matching, taken

ZOE = contact("Zoë Lefèvre <zoe@far.example>", weight=1.0)
TOM = contact("Tom Øster <tom.oster@sailing.example>", weight=3.0)
CREW = contact("crew", "tom, rosa", weight=2.0)
ALL = [ZOE, TOM, CREW]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zo", [ZOE]),
        ("LEFEV", [ZOE]),
        ("lefèvre zoe", [ZOE]),
        ("t", [TOM, CREW]),
        ("ost", [TOM]),
        ("tom.o", [TOM]),
        ("sailing", [TOM]),
        ("ros", [CREW]),
        ("oe", []),
        ("zoe x", []),
        ("", []),
        ("  ", []),
        ("crew", []),
    ],
)
def test_a_word_is_found_where_a_word_begins(typed: str, found: list[object]) -> None:
    """Case, accents and order do not matter; the likeliest comes first, and what is typed in full is not offered."""
    assert matching(ALL, typed) == found


def test_only_a_few_are_offered() -> None:
    """Six of many."""
    assert len(matching([contact(f"a{n}@x.example") for n in range(1000)], "a")) == 6


@pytest.mark.parametrize(
    ("text", "cursor", "place"),
    [
        ("", 0, (0, 0)),
        ("lu", 2, (0, 2)),
        ("a, lu", 5, (2, 5)),
        ("a, lu, b", 4, (2, 5)),
        ("a, lu, b", 8, (6, 8)),
        ('"D, P" <d@x>, l', 3, (0, 12)),
    ],
)
def test_the_entry_at_the_cursor(text: str, cursor: int, place: tuple[int, int]) -> None:
    """It stands between commas, but for those in a quoted name."""
    assert entry(text, cursor) == place


@pytest.mark.parametrize(
    ("text", "cursor", "result"),
    [
        ("zo", 2, f"{ZOE.text}, |"),
        ("a, zo", 5, f"a, {ZOE.text}, |"),
        ("zo, b", 2, f"{ZOE.text}|, b"),
        ("a, zo, b", 5, f"a, {ZOE.text}|, b"),
    ],
)
def test_a_contact_takes_the_place_of_what_was_typed(text: str, cursor: int, result: str) -> None:
    """At the end of the field a comma follows, so that the next can be typed."""
    whole, at = taken(text, cursor, ZOE)

    assert f"{whole[:at]}|{whole[at:]}" == result
