"""Who pays for a call: its cost shared out by the bytes of each member's letters, both ways, exact to the cent.

What belongs to no letter (logins, lists, replies, a call in vain) is the house's own: a share of no member.

Never: a price.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from core.store.runs import Share
from core.tariff import CENT

HOUSE = ""  # no member

Key = tuple[str, str]  # member, direction


@dataclass(slots=True)
class Cargo:
    """Whose bytes a call has carried; ``writers`` of the letters that go out, by their ids."""

    writers: Mapping[str, str] = field(default_factory=dict)
    bytes: dict[Key, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    def sent(self, letter: str, size: int) -> None:
        """A letter goes out."""
        self.bytes[self.writers.get(letter, HOUSE), "up"] += size

    def came(self, members: Sequence[str], size: int) -> None:
        """A letter has come for all of these, who share it."""
        for member in members:
            self.bytes[member, "down"] += Fraction(size, len(members))


def share(cargo: Cargo, up: int, down: int, cost: Decimal) -> list[Share]:
    """The shares of a call that carried so many bytes in all and cost so much; their sums are exact."""
    weights = {key: size for key, size in cargo.bytes.items() if size > 0}
    for way, whole in (("up", up), ("down", down)):
        known = sum(size for (_, direction), size in weights.items() if direction == way)
        if known > whole:  # letters are measured in the house, and the way by what has really passed
            weights |= {key: size * whole / known for key, size in weights.items() if key[1] == way}
        elif whole > known:
            weights[HOUSE, way] = weights.get((HOUSE, way), Fraction()) + whole - known
    if not any(weights.values()):
        weights = {(HOUSE, "down"): Fraction(1)} if cost else {}
        up, down = 0, 0
    sizes = {way: _parted({k: w for k, w in weights.items() if k[1] == way}, whole) for way, whole in _ways(up, down)}
    cents = _parted(weights, int(cost / CENT))
    return [Share(*key, sizes[key[1]][key], cents[key] * CENT) for key in sorted(weights)]


def _ways(up: int, down: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("up", up), ("down", down)


def _parted(weights: Mapping[Key, Fraction], whole: int) -> dict[Key, int]:
    """A whole number in whole parts by weight: what is left over goes to those who were cut short most."""
    all_ = sum(weights.values())
    exact = {key: weight * whole / all_ if all_ else Fraction() for key, weight in weights.items()}
    parts = {key: int(part) for key, part in exact.items()}
    short = sorted(weights, key=lambda key: (parts[key] - exact[key], key))
    for key in short[: whole - sum(parts.values()) if all_ else 0]:
        parts[key] += 1
    return parts
