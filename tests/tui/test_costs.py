from decimal import Decimal

import pytest

from tui.values import Bill, Month, Spent
from tui.widgets.costs import BAR, glance, lines
from tui.widgets.tables import Runs

MONEY = Decimal
BILL = Bill(
    "EUR",
    MONEY("2.31"),
    MONEY("10.00"),
    members=(
        Spent("Paul", MONEY("1.20"), MONEY("0.30"), MONEY("0.90")),
        Spent("Luc", MONEY("0.86"), MONEY("0.10"), MONEY("0.76")),
        Spent("the house", MONEY("0.25"), MONEY(0), MONEY("0.25")),
    ),
    calls=tuple(Spent(f"{day} Nov", MONEY(day) / 10) for day in range(20, 0, -1)),
    months=(Spent("Nov 2026", MONEY("2.31"), about="20 runs, 41 min"), Spent("Oct 2026", MONEY("9.24"))),
)
MONTH = Month(20, 31, 96, 2463.0, ("2.31 EUR",))


@pytest.mark.parametrize("width", [56, 76, 116])
def test_a_glance_tells_the_month_in_lines_that_fit(width: int) -> None:
    """What was carried and what it cost of the budget; a chart of the calls and for whom, where there is room."""
    first, *rest = str(glance(MONTH, BILL, width)).split("\n")

    assert first.startswith("This month: 20 runs, 31 sent, 96 fetched, 41 min 3 s, 2.31 of 10.00 EUR.")
    assert ("█" in first) == (width > 100)
    assert rest == (["Paul 1.20   Luc 0.86   the house 0.25      out 0.40   in 1.91"] if width > 66 else [])


def test_the_chart_of_calls_ends_with_the_newest() -> None:
    """From left to right as time goes."""
    assert str(glance(MONTH, BILL, 116)).split("\n")[0].endswith("▇▇▇███")


def test_a_warning_is_told_in_words() -> None:
    """On every terminal."""
    bill = Bill("EUR", MONEY("9.00"), MONEY("10.00"), "90 % of this month's budget is used up")

    assert str(glance(MONTH, bill, 56)).endswith("! 90 % of this month's budget is used up.")
    assert next(line for line in lines(bill, 90) if line.look == "warn").text.startswith("90 %")


def test_a_line_that_costs_nothing_has_no_bill() -> None:
    """There is what the month carried, and no money."""
    assert str(glance(Month(2, 1, 3, 20.0), Bill(), 100)) == "This month: 2 runs, 1 sent, 3 fetched, 20 s."
    assert str(glance(Month(), Bill(), 100)) == "No run yet this month."


def test_the_whole_bill_has_a_bar_for_everyone() -> None:
    """As long as their part of the most; what costs anything has at least a little."""
    bars = {line.text.split()[0]: line.text.count("━") for line in lines(BILL, 90) if "━" in line.text}

    assert bars["Paul"] == BAR
    assert bars["Luc"] == round(BAR * 0.86 / 1.20)
    assert bars["Oct"] == BAR
    assert bars["1"] >= 1
    assert "out 0.30, in 0.90" in "\n".join(line.text for line in lines(BILL, 90))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_heads_of_columns_stand_above_them(width: int) -> None:
    """With the forecast where there is room for it."""
    assert ("forecast was" in Runs.head(width)) == (width >= Runs.ROOM)
    assert Runs.head(width).startswith("  when           sent  fetched    time      cost")
