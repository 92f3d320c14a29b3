"""What a server says that it can, by CAPA (POP3, RFC 2449) or EHLO (SMTP, RFC 5321), and whether it keeps its word.

What was learned at one call saves the next one the asking.

Never: a socket, a clock, a disk; what a name means.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

Offers = Mapping[str, tuple[str, ...]]
"""What a server can: names in capitals, with their arguments."""

Learn = Callable[[Offers | None, Collection[str]], object]
"""Hears what one call has found out: what the server told of itself (None: it was not asked), and where it failed."""


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier calls have learned of a server; no ``offers``: it does not tell.

    ``failed`` names what it did not do as it should, whether it had offered that or not; ``stale``: it is time to ask
    it again what it can.
    """

    offers: Offers = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    stale: bool = False


class Found:
    """What is known of a server in the course of one call."""

    def __init__(self, known: Known | None) -> None:
        self.first = known is None  # nothing was known when the call began
        self.ask = known is None or known.stale
        self.offers: Offers = {} if known is None else known.offers
        self.failed: set[str] = set() if known is None else set(known.failed)
        self._told: Offers | None = None
        self._failures: set[str] = set()

    @property
    def remembered(self) -> bool:
        """Whether what it offers is known from earlier calls only."""
        return self._told is None

    def tell(self, offers: Offers) -> None:
        """What the server has told of itself."""
        self.ask, self.offers, self._told = False, offers, offers

    def fail(self, name: str) -> None:
        """The server did not do this as it should."""
        self.failed.add(name)
        self._failures.add(name)

    def keeps(self, name: str) -> bool:
        """Whether the server says that it can, and has not failed at it."""
        return name in self.offers and name not in self.failed

    def may(self, name: str) -> bool:
        """Whether it is worth trying: a server that does not tell what it can may be able to."""
        return name not in self.failed and (name in self.offers or not self.offers)

    def report(self, learn: Learn) -> None:
        """Hand on what this call has found out, if anything."""
        if self._told is not None or self._failures:
            learn(self._told, frozenset(self._failures))
