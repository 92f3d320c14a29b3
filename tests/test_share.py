"""Who pays for a call."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.share import Cargo, share

NAMES = st.sampled_from(["paul", "luc", "ann"])
SIZES = st.integers(0, 10**6)


def loaded(sent: list[tuple[str, int]], came: list[tuple[list[str], int]]) -> Cargo:
    """A call that carried these."""
    cargo = Cargo({str(n): member for n, (member, _) in enumerate(sent)})
    for n, (_, size) in enumerate(sent):
        cargo.sent(str(n), size)
    for members, size in came:
        cargo.came(members, size)
    return cargo


@given(
    st.lists(st.tuples(NAMES, SIZES), max_size=5),
    st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3, unique=True), SIZES), max_size=5),
    *(SIZES, SIZES),
    st.integers(0, 10**5).map(lambda cents: Decimal(cents) / 100),
)
def test_the_shares_are_the_whole(
    sent: list[tuple[str, int]], came: list[tuple[list[str], int]], up: int, down: int, cost: Decimal
) -> None:
    """To the cent, and to the byte; nobody pays less than nothing."""
    found = share(loaded(sent, came), up, down, cost)
    assert sum(one.cost for one in found) == cost
    for way, whole in (("up", up), ("down", down)):
        assert sum(one.bytes for one in found if one.direction == way) == whole
    assert all(one.cost >= 0 and one.bytes >= 0 for one in found)


@pytest.mark.parametrize(
    ("sent", "came", "shares"),
    [
        ([], [], [("", "down", 600, "0.60"), ("", "up", 400, "0.40")]),
        ([("paul", 400)], [(["luc"], 600)], [("luc", "down", 600, "0.60"), ("paul", "up", 400, "0.40")]),
        (
            [("paul", 100), ("luc", 200)],
            [(["paul", "luc", "ann"], 600)],
            [
                *(("", "up", 100, "0.10"), ("ann", "down", 200, "0.20")),
                *(("luc", "down", 200, "0.20"), ("luc", "up", 200, "0.20")),
                *(("paul", "down", 200, "0.20"), ("paul", "up", 100, "0.10")),
            ],
        ),
        ([("paul", 800)], [], [("", "down", 600, "0.60"), ("paul", "up", 400, "0.40")]),  # it broke off in the middle
    ],
)
def test_each_pays_for_his_letters(
    sent: list[tuple[str, int]], came: list[tuple[list[str], int]], shares: list[tuple[str, str, int, str]]
) -> None:
    """What belongs to no letter is the house's."""
    found = share(loaded(sent, came), 400, 600, Decimal("1.00"))
    assert [(one.member, one.direction, one.bytes, str(one.cost)) for one in found] == shares


def test_a_call_in_vain_is_the_house_s() -> None:
    """It cost money, and carried nothing."""
    assert [(one.member, one.cost) for one in share(Cargo(), 0, 0, Decimal("0.15"))] == [("", Decimal("0.15"))]
