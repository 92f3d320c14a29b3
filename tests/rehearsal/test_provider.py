"""The make-believe provider, as a house's own client meets it."""

import pytest

from core import config
from core.errors import DeniedError
from core.mail.envelope import Bounced, Deferred, Envelope, Sent
from core.net.maildrop import Maildrop
from core.net.smarthost import SmartHost
from core.rehearsal.provider import HOST, Account, Box, Provider, Taken, provider
from core.wire.pop3 import Want
from tests.net.outgoing import send

LETTER = b"Subject: one\n\n.\nbody\n"
OTHER = b"Subject: two\n\n" + bytes(range(128, 256)) + b"\n"


def maildrop(far: Provider, password: str = "secret", user: str = "house") -> Maildrop:
    """A box there."""
    return Maildrop(
        config.Maildrop(
            name="isp",
            host=HOST,
            port=far.pop,
            security="none",
            user=user,
            password=config.Secret(password),
        )
    )


def smarthost(far: Provider) -> SmartHost:
    """The way out."""
    settings = config.SmartHost(
        host=HOST, port=far.smtp, security="none", user="house", password=config.Secret("secret")
    )
    return SmartHost(settings, "home.example")


async def test_fetched_and_deleted() -> None:
    """Letters come out as they were put in, and those that were deleted are gone after QUIT."""
    async with provider("house", "secret", [LETTER, OTHER]) as far:
        async with maildrop(far).session() as session:
            listing = await session.listing()
            letters = [message async for _, message in session.retrieve([Want(item) for item in listing])]
            await session.delete(listing[:1])
            await session.quit()
        assert letters == [LETTER, OTHER]
        assert [letter.read() for letter in far.box.letters()] == [OTHER]


async def test_wrong_password() -> None:
    """The box opens to the one login only."""
    async with provider("house", "secret") as far:
        with pytest.raises(DeniedError):
            async with maildrop(far, "guess").session():
                pass


async def test_other_boxes() -> None:
    """A box of somebody else's has letters and a login of its own."""
    async with provider("house", "secret", [LETTER], others=[Account("mia", "jam", [OTHER])]) as far:
        assert [letter.read() for letter in far.others["mia"].letters()] == [OTHER]
        assert await _letters(far, "mia", "jam") == [OTHER]
        assert await _letters(far, "house", "secret") == [LETTER]
        with pytest.raises(DeniedError):
            await _letters(far, "mia", "secret")


async def _letters(far: Provider, user: str, password: str) -> list[bytes]:
    """What is in somebody's box."""
    async with maildrop(far, password, user).session() as session:
        listing = await session.listing()
        return [message async for _, message in session.retrieve([Want(item) for item in listing])]


async def test_sent() -> None:
    """What the smart host takes is kept with its envelope; whom it should refuse it refuses."""
    to = ("grandma@far.example", "later@far.example", "never@far.example")
    async with provider("house", "secret") as far:
        far.desk.replies |= {to[1]: "451 4.2.1 full", to[2]: "550 5.1.1 unknown"}
        async with smarthost(far).session() as session:
            outcomes = await send(session, Envelope("ann@home.example", to), LETTER)
    assert outcomes == {
        to[0]: Sent("250 2.0.0 taken as 1"),
        to[1]: Deferred("451 4.2.1 full"),
        to[2]: Bounced("550 5.1.1 unknown"),
    }
    assert far.desk.taken == [Taken(Envelope("ann@home.example", to[:1]), LETTER)]


def test_ids_are_never_given_twice() -> None:
    """A letter that comes after a deletion gets an id that none has had."""
    box = Box([LETTER])
    [first] = box.letters()
    box.remove([first.uid])
    assert box.add(LETTER) != first.uid


async def test_left_open() -> None:
    """A client that is still connected does not keep the provider from ending."""
    async with provider("house", "secret") as far:
        sending = smarthost(far).session()
        await sending.__aenter__()
    await sending.__aexit__(None, None, None)
