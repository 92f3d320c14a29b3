"""What a box tells of itself is remembered, and so is where it does not keep its word."""

import asyncio
from collections.abc import Collection, Sequence
from functools import cached_property

import pytest

from core.errors import DeniedError, LineError, MailrunError, ProtocolError
from core.net.fetching import MOST, WINDOW, slower, widened
from core.net.maildrop import Maildrop
from core.net.popserver import serve
from core.wire.offers import Found, Known, Offers
from core.wire.pop3 import Want
from tests.net.test_maildrop import HOST, LETTERS, LISTED, TEXTS, Cut, Script, Shelf, listening, settings, whole

WHOLE: Offers = {"PIPELINING": (), "UIDL": (), "USER": (), "TOP": ()}
LOGIN = ["USER anna", "PASS sesame", "UIDL", "LIST"]
CAPA = {"CAPA": b"+OK\r\nPIPELINING\r\nUIDL\r\nUSER\r\nTOP\r\n.\r\n"}
ALL = {**LISTED, **LETTERS, **CAPA}
FETCHED = [b"one\n", b"two\n"]
FIRST = "nothing was known of it yet, and to ask took one turn"
FAILS = "it offers PIPELINING and fails at it, so it gets one command at a time: 9 turns in place of 3"


class Forgetful(Script):
    """It says PIPELINING, and takes only the first command of a packet."""

    def hears(self, packet: Sequence[str]) -> Sequence[str]:
        """The first."""
        return packet[:1]


class Touchy(Script):
    """It closes the connection on several commands that come together, of which ``over`` is one, after the first."""

    over = "PASS"

    def hears(self, packet: Sequence[str]) -> Sequence[str]:
        """The first, then nothing any more."""
        touched = len(packet) > 1 and any(command.startswith(self.over) for command in packet)
        return [packet[0], "HANG UP"] if touched else packet


class Second(Script):
    """It notes when the second letter is asked for."""

    def hears(self, packet: Sequence[str]) -> Sequence[str]:
        """All of it."""
        if "RETR 2" in packet:
            self.second.set()
        return packet

    @cached_property
    def second(self) -> asyncio.Event:
        """That moment."""
        return asyncio.Event()


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


async def test_first_call() -> None:
    """Of a server that is not known the offers are asked first, which is told, and learned."""
    script = Script(ALL)
    async with listening(script) as port:
        one = await visit(port)

    assert script.packets == [["CAPA"], LOGIN, ["RETR 1", "RETR 2"], ["DELE 1", "DELE 2", "QUIT"]]
    assert (one.texts, one.offers, one.failed, one.slower) == (FETCHED, WHOLE, frozenset(), [FIRST])


async def test_nothing_is_asked_twice() -> None:
    """Of a server that is known the offers are not asked again: three packets up, and nothing new is learned."""
    script = Script(ALL)
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE))

    assert script.packets == [LOGIN, ["RETR 1", "RETR 2"], ["DELE 1", "DELE 2", "QUIT"]]
    assert (one.texts, one.offers, one.failed, one.slower) == (FETCHED, None, (), [])


async def test_old_knowledge_is_renewed_without_a_turn() -> None:
    """What is known for long is asked again in the packet of the login."""
    script = Script(ALL | {"CAPA": b"+OK\r\nPIPELINING\r\nX-NEW a b\r\n.\r\n"})
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE, stale=True))

    assert script.packets[0] == ["CAPA", *LOGIN]
    assert (one.texts, one.offers) == (FETCHED, {"PIPELINING": (), "X-NEW": ("a", "b")})


async def test_an_offer_withdrawn_is_not_used() -> None:
    """When the renewed offers are without PIPELINING, nothing goes ahead from then on."""
    script = Script(ALL | {"CAPA": b"-ERR\r\n"})
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE, stale=True))

    assert [len(packet) for packet in script.packets] == [5, 1, 1, 1, 1, 1]
    assert (one.texts, one.offers) == (FETCHED, {})


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (Known({}), "it does not tell what it can (no CAPA), so it gets one command at a time: 9 turns in place of 3"),
        (
            Known({"UIDL": (), "TOP": ()}),
            "it takes nothing ahead (no PIPELINING), so it gets one command at a time: 9 turns in place of 3",
        ),
        (Known(WHOLE, frozenset({"PIPELINING"})), FAILS),
    ],
)
async def test_politeness(known: Known, why: str) -> None:
    """A server that is known to lack PIPELINING, or to fail at it, gets one command at a time, and no CAPA."""
    script = Script(ALL)
    async with listening(script) as port:
        one = await visit(port, known)

    assert script.heard == [*LOGIN, "RETR 1", "RETR 2", "DELE 1", "DELE 2", "QUIT"]
    assert len(script.packets) == len(script.heard)
    assert (one.texts, one.offers, one.failed, one.slower) == (FETCHED, None, (), [why])


COSTS = [
    (None, 4, 0.6, ["nothing was known of it yet, and to ask took one turn, some 0.6 s"]),
    (Known(WHOLE), 3, 0.6, []),
    (
        Known({"TOP": (), "UIDL": ()}),
        64,
        0.6,
        ["it takes nothing ahead (no PIPELINING), so it gets one command at a time: 64 turns in place of 3, some 37 s"],
    ),
    (
        Known({}),
        64,
        0.0001,
        ["it does not tell what it can (no CAPA), so it gets one command at a time: 64 turns in place of 3"],
    ),
]


@pytest.mark.parametrize(("known", "turns", "turn", "why"), COSTS)
def test_costs(known: Known | None, turns: int, turn: float, why: list[str]) -> None:
    """What a server lacks is told with what that costs, where anybody would notice."""
    found = Found(known)
    if known is None:
        found.tell(WHOLE)

    assert slower(found, turns, turn) == why


@pytest.mark.parametrize(
    ("came", "seconds", "turn", "window"),
    [
        (65_536, 10.0, 0.25, 65_536),  # a telephone line
        (20_000, 0.6, 0.6, 80_000),  # a satellite, thin
        (131_072, 0.6, 0.6, 524_288),  # a satellite, as fast as the window lets it be
        (9_000_000, 0.6, 0.6, MOST),
        (65_536, 0.01, 0.0001, 65_536),  # next door
        (65_536, 0.0, 0.0, 65_536),
    ],
)
def test_window(came: int, seconds: float, turn: float, window: int) -> None:
    """As much is asked for ahead as a line has in flight, however fast and long it is; on a thin one no more."""
    assert widened(WINDOW, came, seconds, turn) == window


async def test_next_letter_at_once() -> None:
    """Where nothing goes ahead a letter is asked for as soon as the one before is in; early stop, no more letters."""
    listed = {"UIDL": b"+OK\r\n1 a\r\n2 b\r\n3 c\r\n4 d\r\n.\r\n", "RETR": b"+OK\r\nmore\r\n.\r\n"}
    script = Second(ALL | listed)
    async with listening(script) as port, Maildrop(settings(port)).session(known=Known({})) as session:
        async for _ in session.retrieve(whole(await session.listing())):
            await script.second.wait()
            break
        await session.quit()

    assert "RETR 4" not in script.heard


async def test_capa_is_not_asked_of_who_knows_none() -> None:
    """A server without CAPA is remembered as that."""
    async with listening(Script({**LISTED, **LETTERS})) as port:
        one = await visit(port)

    assert (one.texts, one.offers, one.error) == (FETCHED, {}, None)


@pytest.mark.parametrize("script", [Touchy(ALL | {"HANG UP": Cut(b"")}), Forgetful(ALL)], ids=["drops", "forgets"])
async def test_login_ahead_fails(script: Script) -> None:
    """A server that drops or forgets commands sent ahead gets the same login, in the same call, one by one."""
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE))

    assert script.packets[:3] == [LOGIN, ["USER anna"], ["PASS sesame"]]
    assert (one.texts, one.failed, one.slower, one.error) == (FETCHED, {"PIPELINING"}, [FAILS], None)


async def test_gone_after_a_failed_login() -> None:
    """Where nobody answers any more the fault may be the line's: nothing is learned, and it is tried twice at most."""
    script = Script(ALL | {"USER anna": Cut(b""), "PASS": Cut(b"")})
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE))

    assert script.packets == [LOGIN, ["USER anna"]]
    assert (type(one.error), one.failed) == (LineError, ())


async def test_locked_by_the_first_try() -> None:
    """A box that the dropped connection has left locked is waited for, and the server is known from then on."""
    script = Touchy(ALL | {"HANG UP": Cut(b""), "PASS": b"-ERR [IN-USE] locked\r\n"})
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE))

    assert (type(one.error), one.failed) == (LineError, {"PIPELINING"})


REFUSALS = [
    ({"PASS": b"-ERR [AUTH] no\r\n"}, WHOLE, DeniedError, set()),
    ({"PASS": b"-ERR no\r\n"}, WHOLE, DeniedError, {"PIPELINING"}),
    ({"PASS": Cut(b"-ERR no\r\n")}, WHOLE, DeniedError, {"PIPELINING"}),
    ({"PASS": Cut(b"-ERR [IN-USE] no\r\n")}, WHOLE, LineError, set()),
    ({"PASS": b"-ERR no\r\n"}, {}, DeniedError, set()),
    ({"USER": b"-ERR no\r\n"}, WHOLE, DeniedError, {"USER"}),
    ({"AUTH": b"-ERR no\r\n"}, {"SASL": ("PLAIN",)}, DeniedError, {"SASL"}),
]


@pytest.mark.parametrize(("replies", "offers", "error", "failed"), REFUSALS)
async def test_a_refused_password_is_not_tried_twice(
    replies: dict[str, bytes], offers: Offers, error: type[MailrunError], failed: set[str]
) -> None:
    """One try a call, whatever follows; unless the password is blamed, the next call goes about it otherwise."""
    script = Script(ALL | replies)
    async with listening(script) as port:
        one = await visit(port, Known(offers))

    assert sum(command.startswith(("PASS", "AUTH")) for command in script.heard) <= 1
    assert (type(one.error), set(one.failed)) == (error, failed)


async def test_another_way_in() -> None:
    """Where USER was refused, AUTH is tried at the next call."""
    script = Script(ALL)
    async with listening(script) as port:
        await visit(port, Known({**WHOLE, "SASL": ("PLAIN",)}, frozenset({"USER"})))

    assert script.heard[0].startswith("AUTH PLAIN")


async def test_list_refused_ahead() -> None:
    """A list that is refused to a server's guest in a hurry is asked for once more, and then all goes one by one."""

    class Strict(Script):
        def hears(self, packet: Sequence[str]) -> Sequence[str]:
            return ["NO" if command == "UIDL" and len(packet) > 1 else command for command in packet]

    script = Strict(ALL | {"NO": b"-ERR\r\n"})
    async with listening(script) as port:
        one = await visit(port, Known(WHOLE))

    assert [len(packet) for packet in script.packets] == [4, 1, 1, 1, 1, 1, 1]
    assert (one.texts, one.failed, one.error) == (FETCHED, {"PIPELINING"}, None)


async def test_uidl_promised_and_refused() -> None:
    """The first refusal ends the call, for letters that were kept would come again; the second one is believed."""
    script = Script(ALL | {"UIDL": b"-ERR broken\r\n"})
    async with listening(script) as port:
        first = await visit(port, Known(WHOLE))
        second = await visit(port, Known(WHOLE, frozenset(first.failed)))

    assert (type(first.error), first.texts, first.failed) == (ProtocolError, [], {"UIDL"})
    assert (second.error, second.texts) == (None, FETCHED)
    assert second.slower == ["it gives letters no names (no UIDL), so what stays there is fetched again each time"]


async def test_uidl_never_promised() -> None:
    """A server that has refused UIDL, and does not offer it, is not asked for it again."""
    script = Script(ALL | {"UIDL": b"-ERR what?\r\n"})
    async with listening(script) as port:
        first = await visit(port, Known({}))
        heard = len(script.heard)
        second = await visit(port, Known({}, frozenset(first.failed)))

    assert (first.error, second.error, first.failed) == (None, None, {"UIDL"})
    assert "UIDL" not in script.heard[heard:]


async def test_top_promised_and_refused() -> None:
    """A server that refuses the first beginning of a letter has no TOP; one that has sent one may refuse another."""
    async with listening(Script(ALL | {"TOP": b"-ERR what?\r\n"})) as port:
        one = await visit(port, Known(WHOLE), lines=0)
    async with listening(Script(ALL | {"TOP 1 0": b"+OK\r\nhead\r\n.\r\n", "TOP": b"-ERR\r\n"})) as port:
        other = await visit(port, Known(WHOLE), lines=0)

    assert (one.texts, one.failed) == ([], {"TOP"})
    assert one.slower == ["it sends no beginnings of letters (no TOP), so of big ones only the size is known"]
    assert (other.texts, other.failed) == ([b"head\n"], ())


DROPS: list[tuple[dict[str, bytes], set[str]]] = [
    ({"RETR 2": Cut(b"")}, {"PIPELINING"}),
    ({"RETR 2": b""}, {"PIPELINING"}),
    ({"RETR 1": Cut(b"")}, {"PIPELINING"}),
    ({"RETR 1": b"", "RETR 2": b""}, set()),
    ({"RETR 1": Cut(b"+OK\r\nhalf a let")}, set()),
    ({"DELE 2": Cut(b"")}, {"PIPELINING"}),
    ({"QUIT": Cut(b"")}, set()),
]


@pytest.mark.parametrize(("replies", "failed"), DROPS)
async def test_dropped_later(replies: dict[str, bytes], failed: set[str]) -> None:
    """Who hangs up, or falls silent, instead of answering what was sent ahead gets nothing ahead at the next call.

    A connection that ends in mid letter, or never answers, tells of the line; one that ends at QUIT, of nothing.
    """
    async with listening(Script(ALL | replies)) as port:
        one = await visit(port, Known(WHOLE))

    assert (type(one.error), set(one.failed)) == (LineError, failed)


@pytest.mark.parametrize("lacks", [(), {"PIPELINING"}, {"CAPA"}, {"CAPA", "UIDL", "TOP"}])
async def test_what_is_learned_serves_the_next_call(lacks: Collection[str]) -> None:
    """With a server of our own, what one call has learned makes the next one shorter, and as complete."""
    shelf, packets = Shelf(*TEXTS), list[int]()

    def count(way: str, size: int) -> None:
        packets.extend([size] * (way == "up"))

    async with serve(HOST, 0, shelf.door, lacks=lacks) as port:
        learned: list[tuple[Offers | None, Collection[str]]] = []
        known, took = None, list[int]()
        for _ in range(2):
            packets.clear()
            found = Maildrop(settings(port), count).session(
                known=known, learn=lambda offers, failed: learned.append((offers, failed))
            )
            async with found as session:
                assert [text async for _, text in session.retrieve(whole(await session.listing()))] == list(TEXTS)
                assert session.turn > 0
            known, took = Known(learned[0][0] or {}, frozenset(learned[0][1])), [*took, len(packets)]

    assert took[1] == took[0] - 1 - ("UIDL" in lacks)
    assert len(learned) == 1
