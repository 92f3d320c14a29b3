"""A row of numbers as a row of blocks: a chart one line high.

Never: what the numbers mean.
"""

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float], top: float = 0.0) -> str:
    """A block for each value, as high as its part of ``top`` (or of the greatest); nothing at all is a space."""
    top = max(top, *values, 0.0)
    return "".join(BLOCKS[min(7, int(8 * value / top))] if value > 0 else " " for value in values)
