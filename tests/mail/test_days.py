"""The days that people mean by words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.days import NAMES, Span, begun, span

TUESDAY = datetime(2026, 3, 31, 18, 30, tzinfo=timezone(timedelta(hours=2)))


def between(text: str, today: datetime = TUESDAY) -> tuple[str, str] | None:
    """The first day that is meant, and the first one after."""
    found = span(text, today)
    return None if found is None else (f"{found.begin:%Y-%m-%d}", f"{found.end:%Y-%m-%d}")


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-03", "2025-03-01", "2025-04-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2025-03-14", "2025-03-14", "2025-03-15"),
        ("2025/3/4", "2025-03-04", "2025-03-05"),
        ("14.3.2025", "2025-03-14", "2025-03-15"),
        ("3.2025", "2025-03-01", "2025-04-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("today", "2026-03-31", "2026-04-01"),
        ("Yesterday", "2026-03-30", "2026-03-31"),
        ("tuesday", "2026-03-31", "2026-04-01"),
        ("wed", "2026-03-25", "2026-03-26"),
        ("Monday", "2026-03-30", "2026-03-31"),
        ("march", "2026-03-01", "2026-04-01"),
        ("apr", "2025-04-01", "2025-05-01"),
        ("December", "2025-12-01", "2026-01-01"),
        ("3d", "2026-03-28", "2026-03-29"),
        ("2w", "2026-03-17", "2026-03-18"),
        ("1m", "2026-02-28", "2026-03-01"),
        ("2Y", "2024-03-31", "2024-04-01"),
        ("this week", "2026-03-30", "2026-04-06"),
        ("last week", "2026-03-23", "2026-03-30"),
        ("last  month", "2026-02-01", "2026-03-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
        ("This_Year", "2026-01-01", "2027-01-01"),
    ],
)
def test_days_are_understood(text: str, begin: str, end: str) -> None:
    """Years, months, days and their names mean whole days, in the zone of the person who asks."""
    assert between(text) == (begin, end)


@pytest.mark.parametrize(
    "text",
    ["", "2025-13", "2025-02-30", "0000", "32.1.2025", "9999y", "9999-12-31", "last day", "next year", "mo", "3", "-"],
)
def test_what_is_no_day_means_none(text: str) -> None:
    """A month 13, a 30th of February, a year that no calendar has."""
    assert span(text, TUESDAY) is None


@pytest.mark.parametrize(
    ("text", "more"),
    [
        *((text, True) for text in ("2", "2025-", "2025-0", "2025-03-", "14.", "yest", "last ye", "")),
        *((text, False) for text in ("2025-13", "2025-02-30", "soon", "14.13.2025")),
    ],
)
def test_half_typed_days_can_be_told_from_impossible_ones(text: str, more: bool) -> None:
    """What more letters could still make a day of has only begun."""
    assert begun(text) is more


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)), st.sampled_from(NAMES))  # noqa: DTZ001
def test_a_name_means_days_that_have_begun(now: datetime, name: str) -> None:
    """No name means a day to come, and each means at least one day."""
    found = span(name, now.replace(tzinfo=UTC))

    assert isinstance(found, Span)
    assert found.begin <= now.replace(tzinfo=UTC)
    assert found.end - found.begin >= timedelta(days=1)


@given(st.text(max_size=12))
def test_nothing_that_is_typed_is_an_error(text: str) -> None:
    """Whatever is typed means some days or none."""
    found = span(text, TUESDAY)

    assert found is None or found.begin < found.end
