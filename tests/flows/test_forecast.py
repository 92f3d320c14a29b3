from decimal import Decimal

import pytest

from core.config import Tariff
from core.forecast import Forecast, carriage

AHEAD = Forecast(0, 0, 0, 3.2, Decimal(0), "EUR", rate=8000)
TARIFF = Tariff(per_call=Decimal("0.05"), per_minute=Decimal("0.10"))


@pytest.mark.parametrize(
    ("size", "seconds", "cost"),
    [(0, 0, "0.00"), (1000, 1, "0.01"), (60_000, 60, "0.10"), (90_000, 90, "0.15"), (2_400_000, 2400, "4.00")],
)
def test_so_many_bytes_take_so_long_and_cost_so_much(size: int, seconds: float, cost: str) -> None:
    """By the rate of the forecast, and the minutes' share of the tariff: the call itself is made anyway."""
    assert carriage(AHEAD, TARIFF, size) == (seconds, Decimal(cost))
