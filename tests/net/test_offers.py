"""What a box tells of itself is remembered, and so is where it does not keep its word."""

from collections.abc import Collection

from core.errors import MailrunError
from core.net.maildrop import Maildrop
from core.wire.offers import Known, Offers
from core.wire.pop3 import Want
from tests.net.test_maildrop import (
    LETTERS,
    LISTED,
    Script,
    listening,
    settings,
)

WHOLE: Offers = {"PIPELINING": (), "UIDL": (), "USER": (), "TOP": ()}
LOGIN = ["USER anna", "PASS sesame", "UIDL", "LIST"]


class Visit:
    """One call at a box of which something may be known, and what was learned at it."""

    def __init__(self) -> None:
        self.offers: Offers | None = None
        self.failed: Collection[str] = ()
        self.slower: list[str] = []
        self.texts: list[bytes] = []
        self.error: MailrunError | None = None

    def learn(self, offers: Offers | None, failed: Collection[str]) -> None:
        """Hear it."""
        self.offers, self.failed = offers, failed


async def visit(port: int, known: Known | None = None, lines: int | None = None) -> Visit:
    """Fetch all, delete all, quit; how it ended, and what was learned."""
    one = Visit()
    try:
        async with Maildrop(settings(port), quiet=0.4).session(known=known, learn=one.learn) as session:
            try:
                listing = await session.listing()
                async for _, text in session.retrieve([Want(item, lines) for item in listing]):
                    one.texts.append(text)
                await session.delete(listing)
                await session.quit()
            finally:
                one.slower = list(session.slower)
    except MailrunError as error:
        one.error = error
    return one


async def test_nothing_is_asked_twice() -> None:
    """Of a server that is known the offers are not asked again: four packets up."""
    script = Script({**LISTED, **LETTERS})
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE))

    assert script.packets == [LOGIN, ["RETR 1", "RETR 2"], ["DELE 1", "DELE 2", "QUIT"]]
    assert (one.texts, one.offers, one.failed, one.slower) == ([b"one\n", b"two\n"], None, (), [])
