"""What calls cost: at a glance in two or three lines, and the whole bill by member, call and month, as small charts.

Never: how a price comes about.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

from core.mail.lines import Line
from tui.values import Bill, Month, Spent
from tui.widgets.spark import spark
from tui.widgets.words import money, span

CALLS = 24  # calls in the chart at a glance
NAME = 16  # cells of a name in the whole bill
BAR, LEAST = 24, 8  # and of the longest bar, at most and at least
TAIL = 45  # cells of what stands behind a bar
NARROW = 66  # cells: below this there is only one line at a glance


def glance(month: Month, bill: Bill, width: int) -> Content:
    """This month: what it carried and cost, a column for each call; then for whom and which way; then a warning."""
    said = [_beside(_month(month, bill), spark([float(one.cost) for one in bill.calls[:CALLS]][::-1]), width)]
    if bill.spent and width >= NARROW:
        said.append(Content.styled(_shares(bill), "$quiet"))
    if bill.warning:
        said.append(Content.styled(f"! {bill.warning}.", "$warning"))
    return Content("\n").join(said)


def lines(bill: Bill, width: int) -> Iterator[Line]:
    """The whole bill, in so many cells."""
    limit = f" of {money(bill.budget, bill.currency)}" if bill.budget else ""
    yield Line(f"This month {money(bill.spent, bill.currency)}{limit}", "strong")
    if bill.warning:
        yield Line(f"{bill.warning}.", "warn")
    for title, rows, more in (
        ("For whom", bill.members, "What belongs to no letter (logins, lists, a call in vain) is the house's."),
        ("Calls of this month", bill.calls, ""),
        ("Months", bill.months, ""),
    ):
        if rows:
            yield Line("")
            yield Line(title, "accent")
            yield from _chart(rows, bill.currency, width)
        if rows and more:
            yield Line(f"  {more}", "dim")


def _chart(rows: Sequence[Spent], currency: str, width: int) -> Iterator[Line]:
    """A bar for each, as long as its part of the most, and what there is room for."""
    most, longest = max(row.cost for row in rows), max(LEAST, min(BAR, width - NAME - TAIL))
    for row in rows:
        length = round(longest * row.cost / most) if most else 0
        bar = "━" * max(length, 1 if row.cost else 0)
        line = f"  {row.name:<{NAME}}{bar:<{longest}} {money(row.cost, currency):>10}"
        ways = f"   out {row.out:.2f}, in {row.into:.2f}" if row.out or row.into else ""
        for more in (f"   {row.about}" if row.about else "", ways):
            line += more if len(line) + len(more) <= width else ""
        yield Line(line)


def _month(month: Month, bill: Bill) -> str:
    """This month in one line."""
    if not month.runs:
        return "No run yet this month."
    count = "1 run" if month.runs == 1 else f"{month.runs} runs"
    costs = [f"{bill.spent:.2f} of {money(bill.budget, bill.currency)}"] if bill.budget else list(month.costs)
    parts = (count, f"{month.sent} sent", f"{month.fetched} fetched", span(month.seconds), " + ".join(costs))
    return f"This month: {', '.join(part for part in parts if part)}."


def _beside(text: str, chart: str, width: int) -> Content:
    """A chart behind a sentence, where there is room and something to see."""
    if not chart.strip() or cell_len(text) + len(chart) + 3 > width:
        return Content(text)
    return Content(f"{text}   ") + Content.styled(chart, "$secondary")


def _shares(bill: Bill) -> str:
    """For whom, and which way."""
    ways = [
        sum((each for each in way), Decimal(0)) for way in zip(*((m.out, m.into) for m in bill.members), strict=True)
    ]
    members = "   ".join(f"{one.name} {one.cost:.2f}" for one in bill.members if one.cost)
    return f"{members}      out {ways[0]:.2f}   in {ways[1]:.2f}" if ways else members
