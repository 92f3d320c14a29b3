"""The SMTP server of the rehearsal and of the house, in text dialogues: sent ahead as a whole, and byte by byte."""

import asyncio
import re
from collections.abc import Collection

import pytest

from core.mail.envelope import Envelope
from core.rehearsal.provider import Desk, Taken, smarthost

HELLO = "EHLO home.example\r\n"
BEGIN = "MAIL FROM:<ann@home.example>\r\nRCPT TO:<tom@far.example>\r\n"
TO = Envelope("ann@home.example", ("tom@far.example",))
REFUSED = {"nobody@far.example": "550 5.1.1 unknown"}


async def codes(
    desk: Desk, said: str, *, step: int = 0, lacks: Collection[str] = (), limit: int = 1000, deaf: bool = False
) -> str:
    """The codes of the replies to all this, up to the end of the connection; ``step`` bytes at a time (0: at once)."""
    async with smarthost(desk, lacks=lacks, limit=limit, deaf=deaf) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        data = (said if "QUIT" in said else said + "QUIT\r\n").encode()
        for start in range(0, len(data), step or len(data)):
            writer.write(data[start : start + (step or len(data))])
            await asyncio.sleep(0)
        heard = (await reader.read()).decode()
        writer.close()
    return " ".join(re.findall(r"^(\d{3}) ", heard, re.MULTILINE))


CASES = {
    "one piece": (BEGIN + "BDAT 12 LAST\r\nA: b\r\n\r\n.c\r\n", "250 250 250", [b"A: b\n\n.c\n"]),
    "pieces": (
        BEGIN + "BDAT 5\r\nA: b\rBDAT 0\r\nBDAT 1\r\n\nbdat 5  last\r\n\r\nc\r\n",
        "250 " * 5 + "250",
        [b"A: b\n\nc\n"],
    ),
    "nothing": (BEGIN + "BDAT 0 LAST\r\n", "250 250 250", [b""]),
    "looks like commands": (BEGIN + "BDAT 11 LAST\r\nQUIX\r\n.\r\nx\nRSET\r\n", "250 250 250 250", [b"QUIX\n.\nx\n"]),
    "two letters": (
        (BEGIN + "BDAT 3 LAST\r\na\r\n") * 2,
        "250 250 250 250 250 250",
        [b"a\n", b"a\n"],
    ),
    "no MAIL": ("BDAT 3\r\na\r\n" + BEGIN + "BDAT 0 LAST\r\n", "503 250 250 503", []),
    "nobody is known": (
        BEGIN.replace("tom", "nobody")
        + "BDAT 3\r\na\r\nBDAT 3 LAST\r\na\r\nMAIL FROM:<b@c.example>\r\nRSET\r\n"
        + BEGIN
        + "BDAT 3 LAST\r\na\r\n",
        "250 550 554 554 503 250 250 250 250",
        [b"a\n"],
    ),
    "somebody is known": (BEGIN + "RCPT TO:<nobody@far.example>\r\nBDAT 3 LAST\r\na\r\n", "250 250 550 250", [b"a\n"]),
    "too big": (BEGIN + f"BDAT 998\r\n{'x' * 998}BDAT 3 LAST\r\na\r\nRSET\r\n", "250 250 250 552 250", []),
    "too big by itself": (BEGIN + f"BDAT 1001\r\n{'x' * 1001}BDAT 3 LAST\r\na\r\n", "250 250 552 552", []),
    "DATA in between": (BEGIN + "BDAT 3\r\na\r\nDATA\r\nBDAT 0 LAST\r\n", "250 250 250 503 250", [b"a\n"]),
    "DATA": (BEGIN + "DATA\r\n..a\r\n.\r\n" + BEGIN, "250 250 354 250 250 250", [b".a\n"]),
    "reset in the middle": (
        BEGIN + "BDAT 3\r\na\r\nRSET\r\n" + BEGIN + "BDAT 3 LAST\r\nb\r\n",
        "250 " * 6 + "250",
        [b"b\n"],
    ),
}


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("case", CASES)
async def test_chunks(case: str, step: int) -> None:
    """Letters in pieces are taken or refused reply by reply, however much of the dialogue was sent ahead."""
    said, replies, letters = CASES[case]
    desk = Desk(replies=dict(REFUSED))

    assert await codes(desk, HELLO + said, step=step) == f"220 250 {replies} 221"
    assert desk.taken == [Taken(TO, letter) for letter in letters]


async def test_nonsense_instead_of_a_size() -> None:
    """A piece of no known size ends the connection, for what follows might be taken for commands."""
    desk = Desk()

    assert await codes(desk, HELLO + BEGIN + "BDAT many LAST\r\n" + BEGIN) == "220 250 250 250 501"
    assert desk.taken == []


@pytest.mark.parametrize("name", ["PIPELINING", "CHUNKING", "8BITMIME", "SIZE"])
async def test_lacking(name: str) -> None:
    """A server says what it has, and not what it is told to lack."""
    async with smarthost(Desk()) as whole, smarthost(Desk(), lacks={name}) as lacking:
        offers = [await _ehlo(port) for port in (whole, lacking)]

    assert offers[0] - offers[1] == {name}


@pytest.mark.parametrize(("lacks", "replies"), [("CHUNKING", "220 250 500 221"), ("EHLO", "220 500 503 221")])
async def test_lacking_commands(lacks: str, replies: str) -> None:
    """Commands that a server lacks are unknown to it."""
    assert await codes(Desk(), HELLO + "BDAT 0 LAST\r\n", lacks={lacks}) == replies


async def test_deaf() -> None:
    """A deaf server says PIPELINING, but of what is sent ahead of its replies it hears nothing."""
    async with smarthost(Desk(), deaf=True) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await reader.readline()).startswith(b"220")
        writer.write(b"NOOP\r\nNOOP\r\n")
        assert (await reader.readline()).startswith(b"250")
        writer.write(b"QUIT\r\n")
        assert (await reader.read()).startswith(b"221")
        writer.close()


async def _ehlo(port: int) -> set[str]:
    """The extensions that are offered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HELLO.encode() + b"QUIT\r\n")
    heard = (await reader.read()).decode()
    writer.close()
    return set(re.findall(r"^250[- ](\S+)", heard, re.MULTILINE))
