"""Letters to a smart host: aiosmtpd for a good server, text dialogues for a bad one and for a bad line."""

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from core import config
from core.errors import DeniedError, LineError, MailrunError, PartingError, ProtocolError
from core.mail.envelope import Bounced, Deferred, Envelope, Outcome, Sent, Uncertain, state
from core.net import sending
from core.net.smarthost import SmartHost
from core.rehearsal.provider import Desk, Taken, smarthost
from core.wire.pace import Pace
from tests.net.outgoing import Post, send

EHLO = "mail.home.example"
LETTER = b"From: Paul.Dupont@home.example\nSubject: The bench\n\nIt stands.\n"
ONE = Envelope("Paul.Dupont@home.example", ("grandma@far.example",))
TWO = Envelope("Paul.Dupont@home.example", ("grandma@far.example", "club@sailing.example"))


def settings(port: int, **more: object) -> config.SmartHost:
    """A smart host in the clear on loopback, but for what a test wants otherwise."""
    return config.SmartHost(**{"host": "127.0.0.1", "port": port, "security": "none", **more})  # type: ignore[arg-type]


async def hand_over(port: int, envelope: Envelope = ONE, message: bytes = LETTER, **more: object) -> dict[str, Outcome]:
    """One letter over a connection of its own."""
    async with SmartHost(settings(port, **more), EHLO).session() as session:
        return await send(session, envelope, message)


def states(outcomes: dict[str, Outcome]) -> dict[str, str]:
    """Outcomes in one word each."""
    return {address: state(outcome) for address, outcome in outcomes.items()}


class Play:
    """One connection, on which a server follows a script.

    "S:" says a line, "C:" expects one, "C: ..." takes a letter up to its dot. "S: (cut)" ends the connection, and
    "S: (deaf)" hears nothing any more. After the script one more line is heard, and the connection ends.
    """

    def __init__(self, script: str, deaf: asyncio.Event | None = None) -> None:
        self.lines = [line.strip().partition(": ")[::2] for line in script.splitlines() if line.strip()]
        self.wrong: list[str] = []  # what was not as the script has it
        self.over = asyncio.Event()
        self.deaf = deaf or asyncio.Event()  # set when no more is heard

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Go through the script."""
        try:
            await self.follow(reader, writer)
        except (OSError, EOFError) as error:
            self.wrong.append(repr(error))
        finally:
            writer.transport.abort()

    async def follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Line by line, until the connection is to be cut."""
        for who, text in self.lines:
            if text == "(cut)":
                return
            if text == "(deaf)":
                self.deaf.set()
                await self.over.wait()
                return
            if who == "S":
                writer.write(text.encode() + b"\r\n")
            else:
                await self.expect(text, reader)
        await reader.readline()

    async def expect(self, text: str, reader: asyncio.StreamReader) -> None:
        """What the client should say next."""
        if text == "...":
            await reader.readuntil(b"\r\n.\r\n")
        elif (heard := (await reader.readline()).decode().rstrip("\r\n")) != text:
            self.wrong.append(f"expected {text!r}, heard {heard!r}")


@asynccontextmanager
async def dialogue(script: str, deaf: asyncio.Event | None = None) -> AsyncIterator[tuple[int, list[str]]]:
    """A server that follows a script; gives its port, and the list of what was not as the script has it."""
    play = Play(script, deaf)
    async with await asyncio.start_server(play.connected, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], play.wrong
        play.over.set()


HELLO = """
    S: 220 smtp.isp.example
    C: EHLO mail.home.example
    S: 250 smtp.isp.example
"""
ENVELOPE = """
    C: MAIL FROM:<Paul.Dupont@home.example>
    S: 250 ok
    C: RCPT TO:<grandma@far.example>
    S: 250 ok
    C: DATA
"""


async def test_taken() -> None:
    """A letter arrives with its envelope, and its bytes are as they were."""
    desk = Desk()
    async with smarthost(desk) as port:
        outcomes = await hand_over(port, TWO)
    assert outcomes == dict.fromkeys(TWO.recipients, Sent("250 2.0.0 taken as 1"))
    assert desk.taken == [Taken(TWO, LETTER)]


BODIES = {
    "nothing": b"",
    "a dot": b".\n",
    "dots": b".\n.\n..\n...\n",
    "lines that begin with dots": b".one dot\n..two\n",
    "no end of line": b"no end of line",
    "a bare CR": b"a bare \r stays\n\n.\n",
    "eight bits": bytes(range(0x80, 0x100)) + b"\n",
    "a long line": b"x" * 5000 + b"\n.\n",
    "dots where pieces end": b"." * 4096 + b"\n" + b"." * 4096,
    "much": b"line\n" * 30_000 + b".\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_bytes(body: bytes) -> None:
    """Dots, long lines, 8-bit bytes and big letters arrive byte for byte."""
    desk = Desk()
    async with smarthost(desk) as port:
        await hand_over(port, message=LETTER + body)
    [taken] = desk.taken
    assert taken.message == LETTER + body + (b"" if body.endswith(b"\n") or not body else b"\n")


@pytest.mark.parametrize(
    ("lacks", "sent"),
    [
        ((), "Subject: x\n\nIn der Küche\n".encode()),
        (
            ("8BITMIME",),
            b"MIME-Version: 1.0\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\nIn der K=C3=BCche\n",
        ),
    ],
)
async def test_seven_bits(lacks: Sequence[str], sent: bytes) -> None:
    """Text goes in eight bits as it is, and as quoted-printable to a server that takes only seven."""
    desk = Desk()
    async with smarthost(desk, lacks=lacks) as port:
        await hand_over(port, message="Subject: x\n\nIn der Küche\n".encode())
    assert [taken.message for taken in desk.taken] == [sent]


async def test_several() -> None:
    """Letters follow each other over one connection, also after one that nobody took."""
    desk = Desk(replies={"nobody@far.example": "550 5.1.1 no such person"})
    async with smarthost(desk) as port, SmartHost(settings(port), EHLO).session() as session:
        post = Post()
        to = [Envelope("", (f"{name}@far.example",)) for name in ("grandma", "nobody", "mia")]
        await post.send(session, *((envelope, LETTER) for envelope in to))
    assert post.outcomes[1] == {"nobody@far.example": Bounced("550 5.1.1 no such person")}
    assert [taken.envelope.recipients[0] for taken in desk.taken] == ["grandma@far.example", "mia@far.example"]


async def test_each_recipient() -> None:
    """Of one letter, some recipients may be taken, some later, some never."""
    desk = Desk(replies={"later@far.example": "451 4.3.0 busy", "never@far.example": "550 5.1.1 unknown"})
    to = ("later@far.example", "grandma@far.example", "never@far.example")
    async with smarthost(desk) as port:
        outcomes = await hand_over(port, Envelope("", to))
    assert states(outcomes) == {to[0]: "deferred", to[1]: "sent", to[2]: "bounced"}
    assert desk.taken[0].envelope.recipients == ("grandma@far.example",)


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ({ONE.sender: "451 4.7.1 greylisted"}, Deferred("451 4.7.1 greylisted")),
        ({ONE.sender: "553 5.7.1 not yours"}, Bounced("553 5.7.1 not yours")),
        ({"": "451 4.3.0 disk full"}, Deferred("451 4.3.0 disk full")),
        ({"": "554 5.7.1 looks like spam"}, Bounced("554 5.7.1 looks like spam")),
    ],
)
async def test_whole_letter_refused(replies: dict[str, str], outcome: Outcome) -> None:
    """What is said of the sender or of the letter holds for every recipient."""
    async with smarthost(Desk(replies=replies)) as port:
        assert await hand_over(port, TWO) == dict.fromkeys(TWO.recipients, outcome)


async def test_too_large() -> None:
    """A letter above the server's SIZE is not even begun."""
    desk = Desk()
    async with smarthost(desk, limit=1000) as port:
        outcomes = await hand_over(port, message=LETTER + b"x" * 1000)
    [outcome] = outcomes.values()
    assert isinstance(outcome, Bounced)
    assert "at most 1,000 bytes" in outcome.reply
    assert not desk.taken


async def test_unicode_addresses() -> None:
    """An address beyond ASCII goes to a server that knows SMTPUTF8, and comes back from one that does not."""
    to = Envelope("", ("zażółć@far.example", "grandma@far.example"))
    desk = Desk()
    async with smarthost(desk) as port:
        assert states(await hand_over(port, to)) == {to.recipients[0]: "sent", to.recipients[1]: "sent"}
    async with smarthost(desk, utf8=False) as port:
        assert states(await hand_over(port, to)) == {to.recipients[0]: "bounced", to.recipients[1]: "sent"}


async def test_no_commands_in_addresses() -> None:
    """An address with a line break in it cannot become a command of its own."""
    desk = Desk()
    async with smarthost(desk) as port:
        outcomes = await hand_over(port, Envelope("", ("a@far.example>\r\nRCPT TO:<b@far.example",)))
    assert [state(outcome) for outcome in outcomes.values()] == ["bounced"]
    assert not desk.taken


async def test_login() -> None:
    """With a user in the settings the house logs in, non-ASCII password and all."""
    desk = Desk("house", "pässword")
    async with smarthost(desk) as port:
        outcomes = await hand_over(port, user="house", password=config.Secret("pässword"))
    assert states(outcomes) == {"grandma@far.example": "sent"}


async def test_login_refused() -> None:
    """A wrong password is tried once, and the sentence says where to look but not what it was."""
    async with smarthost(Desk("house", "right")) as port:
        with pytest.raises(DeniedError, match=r"refused the login; check user and password.*535") as caught:
            await hand_over(port, user="house", password=config.Secret("hunter2"))
    assert "hunter2" not in str(caught.value)


async def test_login_wanted() -> None:
    """A server that wants a login bounces nothing; the settings are at fault, not the letter."""
    async with smarthost(Desk("house", "right")) as port:
        with pytest.raises(ProtocolError, match="wants a login; set user"):
            await hand_over(port)


async def test_login_not_offered() -> None:
    """Where the server offers no login, the password stays at home."""
    async with smarthost(Desk()) as port:
        with pytest.raises(ProtocolError, match="offers no login"):
            await hand_over(port, user="house", password=config.Secret("hunter2"))


async def test_other_login() -> None:
    """A way to log in that is advertised but does not work is no wrong password: the next one is tried."""
    script = """
        S: 220 hi
        C: EHLO mail.home.example
        S: 250-hi
        S: 250 AUTH CRAM-MD5 PLAIN
        C: AUTH CRAM-MD5
        S: 504 5.5.4 not here
        C: AUTH PLAIN AGhvdXNlAHNlY3JldA==
        S: 235 2.7.0 welcome
        C: QUIT
        S: 221 bye
    """
    async with dialogue(script) as (port, wrong):
        host = SmartHost(settings(port, user="house", password=config.Secret("secret")), EHLO)
        async with host.session():
            pass
    assert not wrong


async def test_helo() -> None:
    """A server from before 1995 gets HELO, and no parameters that it does not know."""
    script = """
        S: 220 hi
        C: EHLO mail.home.example
        S: 500 what?
        C: HELO mail.home.example
        S: 250 hi
        C: MAIL FROM:<Paul.Dupont@home.example>
        S: 250 ok
        C: RCPT TO:<grandma@far.example>
        S: 251 will forward
        C: DATA
        S: 354 go
        C: ...
        S: 250 ok
        C: QUIT
        S: 221 bye
    """
    async with dialogue(script) as (port, wrong):
        outcomes = await hand_over(port, message=LETTER + b"\xe9\n")
    assert outcomes == {"grandma@far.example": Sent("250 ok")}
    assert not wrong


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (HELLO + ENVELOPE + "S: 354 go\nC: ...\nS: (cut)", Uncertain),
        (HELLO + ENVELOPE + "S: 354 go\nC: ...\nS: nonsense", Uncertain),
        (HELLO + ENVELOPE + "S: 354 go\nC: ...\nS: 421 4.3.2 going down\nS: (cut)", Deferred),
        (HELLO + ENVELOPE + "S: 451 4.3.0 not now", Deferred),
        (HELLO + ENVELOPE + "S: 554 5.5.1 no\nS: (cut)", Bounced),
        (HELLO + ENVELOPE + "S: 421 4.3.2 going down\nS: (cut)", Deferred),
        (HELLO + "C: MAIL FROM:<Paul.Dupont@home.example>\nS: 421 4.3.2 going down\nS: (cut)", Deferred),
    ],
)
async def test_outcomes(script: str, outcome: type[Outcome]) -> None:
    """How the dialogue ends is what becomes of the letter; in doubt is only what had left without an answer."""
    async with dialogue(script) as (port, wrong):
        outcomes = await hand_over(port)
    assert [type(each) for each in outcomes.values()] == [outcome]
    assert not wrong


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("S: 421 4.3.2 too busy", LineError),
        ("S: 554 5.7.1 go away", ProtocolError),
        ("S: (cut)", LineError),
        ("S: 220 hi\nS: (cut)", LineError),
        ("S: nonsense", ProtocolError),
        ("S: 220 hi\nC: EHLO mail.home.example\nS: (cut)", LineError),
        ("S: 220 hi\nC: EHLO mail.home.example\nS: 421 4.3.2 too busy", LineError),
        (HELLO + "C: MAIL FROM:<Paul.Dupont@home.example>\nS: (cut)", LineError),
        (HELLO + "C: MAIL FROM:<Paul.Dupont@home.example>\nS: nonsense", ProtocolError),
        (HELLO + ENVELOPE + "S: (cut)", LineError),
    ],
)
async def test_nothing_in_doubt(script: str, fault: type[MailrunError]) -> None:
    """Before any of the letter has left, a lost connection is a fault that names the server, and no outcome."""
    async with dialogue(script) as (port, wrong):
        with pytest.raises(fault, match=f"127.0.0.1:{port} "):
            await hand_over(port)
    assert not wrong


async def test_gone_for_the_next() -> None:
    """After the connection was lost with one letter, the next one is not in doubt."""
    script = HELLO + ENVELOPE + "S: 354 go\nC: ...\nS: (cut)"
    async with dialogue(script) as (port, _), SmartHost(settings(port), EHLO).session() as session:
        post = Post()
        with pytest.raises(LineError, match="closed the connection"):
            await post.send(session, (ONE, LETTER), (TWO, LETTER))
        assert states(post.outcomes[0]) == {"grandma@far.example": "uncertain"}
        assert (post.begun, post.outcomes[1]) == ([0], {})


async def test_421_in_the_middle() -> None:
    """When the server leaves while it is told the recipients, who was refused stays refused and the rest waits."""
    script = (
        HELLO
        + """
        C: MAIL FROM:<>
        S: 250 ok
        C: RCPT TO:<a@far.example>
        S: 250 ok
        C: RCPT TO:<b@far.example>
        S: 550 unknown
        C: RCPT TO:<c@far.example>
        S: 421 too long
        S: (cut)
    """
    )
    to = ("a@far.example", "b@far.example", "c@far.example", "d@far.example")
    async with dialogue(script) as (port, wrong):
        outcomes = await hand_over(port, Envelope("", to))
    assert list(states({address: outcomes[address] for address in to}).values()) == [
        "deferred",
        "bounced",
        "deferred",
        "deferred",
    ]
    assert not wrong


async def test_too_many_recipients() -> None:
    """552 after the first recipients means "not so many at once", not "never" (RFC 5321 section 4.5.3.1.10)."""
    desk = Desk(replies={"club@sailing.example": "552 5.5.3 too many recipients"})
    async with smarthost(desk) as port:
        outcomes = await hand_over(port, TWO)
    assert states(outcomes) == {"grandma@far.example": "sent", "club@sailing.example": "deferred"}


async def test_refused_on_the_way() -> None:
    """A server that refuses in mid-letter is heard, and a letter of which the end never left is not in doubt."""
    big = LETTER + b"a long letter\n" * 500_000
    script = HELLO + ENVELOPE + "S: 354 go\nC: From: Paul.Dupont@home.example\nS: 552 5.3.4 too big\nS: (deaf)"
    async with dialogue(script) as (port, _), SmartHost(settings(port), EHLO).session() as session:
        post = Post()
        with pytest.raises(PartingError):
            await post.send(session, (ONE, big), (ONE, LETTER))
        assert post.outcomes == {0: {"grandma@far.example": Bounced("552 5.3.4 too big")}, 1: {}}


async def test_line_lost_on_the_way() -> None:
    """When the line goes before the end of a letter has left, the letter just waits for the next run."""
    big = LETTER + b"a long letter\n" * 500_000
    async with dialogue(HELLO + ENVELOPE + "S: 354 go\nC: From: Paul.Dupont@home.example\nS: (cut)") as (port, _):
        assert states(await hand_over(port, message=big)) == {"grandma@far.example": "deferred"}


async def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that took the letter but says nothing leaves it in doubt."""
    monkeypatch.setattr(sending, "VERDICT", 0.05)
    async with dialogue(HELLO + ENVELOPE + "S: 354 go\nC: ...") as (port, _):
        assert states(await hand_over(port)) == {"grandma@far.example": "uncertain"}


async def test_replies_are_safe() -> None:
    """What a server says is kept on one line, without the bytes that a terminal would obey."""
    script = HELLO + "C: MAIL FROM:<Paul.Dupont@home.example>\nS: 550-\x1b[2Jno\nS: 550 never"
    async with dialogue(script) as (port, _):
        outcomes = await hand_over(port)
    assert outcomes == {"grandma@far.example": Bounced("550 \N{REPLACEMENT CHARACTER}[2Jno never")}


async def test_nobody_there(unused_port: int) -> None:
    """A port where nobody listens is named."""
    with pytest.raises(ProtocolError, match=f"127.0.0.1:{unused_port} refused the connection"):
        await hand_over(unused_port)


async def test_cancelled() -> None:
    """A run that is cancelled cuts the connection; it does not wait for good manners."""
    async with dialogue(HELLO + "S: (deaf)") as (port, _):
        async with asyncio.timeout(5):  # half of what QUIT would wait
            with pytest.raises(asyncio.CancelledError):
                async with SmartHost(settings(port), EHLO).session():
                    raise asyncio.CancelledError


@pytest.mark.parametrize(("size", "fate"), [(10, "uncertain"), (5_000_000, "deferred")])
async def test_cancelled_on_the_way(size: int, fate: str) -> None:
    """Whoever cancels can tell a letter of which the end has left from one that cannot have been taken."""
    script = HELLO + ENVELOPE + "S: 354 go\nC: From: Paul.Dupont@home.example\nS: (deaf)"
    deaf = asyncio.Event()
    async with dialogue(script, deaf) as (port, _), SmartHost(settings(port), EHLO).session() as session:
        post = Post()
        sending = asyncio.create_task(post.send(session, (ONE, LETTER + b"x" * size)))
        await deaf.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert states(post.outcomes[0]) == {"grandma@far.example": fate}


async def test_traffic_is_what_has_arrived() -> None:
    """Of a letter that nobody hears, no more is counted than the other end's kernel has."""
    told = {"up": 0, "down": 0}

    def count(way: str, size: int) -> None:
        told[way] += size

    script = HELLO + ENVELOPE + "S: 354 go\nC: From: Paul.Dupont@home.example\nS: (deaf)"
    deaf = asyncio.Event()
    async with dialogue(script, deaf) as (port, _), SmartHost(settings(port), EHLO, count).session() as session:
        sending = asyncio.create_task(Post().send(session, (ONE, LETTER + b"x" * 50_000_000)))
        await deaf.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert told["up"] < session._client.said < 50_000_000


async def test_traffic() -> None:
    """Each byte of commands, letter and replies is counted once."""
    told: dict[str, int] = {"up": 0, "down": 0}

    def count(way: str, size: int) -> None:
        told[way] += size

    script = HELLO + ENVELOPE + "S: 354 go\nC: ...\nS: 250 ok"
    async with dialogue(script) as (port, _), SmartHost(settings(port), EHLO, count).session() as session:
        await send(session, ONE, LETTER)
        up = [f"{line.partition('C: ')[2]}\r\n" for line in (HELLO + ENVELOPE).splitlines() if "C:" in line]
        assert told["up"] == len("".join(up)) + len(LETTER) + LETTER.count(b"\n") + len(b".\r\n")
        assert told["down"] == len("250 smtp.isp.example\r\n" + "250 ok\r\n" * 2 + "354 go\r\n" + "250 ok\r\n")


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that is bound, but not listened to."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ssl.SSLContext]:
    """Server contexts for a name, by an authority that this machine trusts for the time of the test."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    def context(name: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(name).configure_cert(made)
        return made

    return context


async def test_tls(authority: Callable[[str], ssl.SSLContext]) -> None:
    """TLS from the first byte."""
    desk = Desk("house", "secret")
    async with smarthost(desk, tls=authority("127.0.0.1")) as port:
        outcomes = await hand_over(port, security="tls", user="house", password=config.Secret("secret"))
    assert states(outcomes) == {"grandma@far.example": "sent"}


async def test_starttls(authority: Callable[[str], ssl.SSLContext]) -> None:
    """STARTTLS, and what the server offers is asked again after it."""
    desk = Desk("house", "secret")
    async with smarthost(desk, starttls=authority("127.0.0.1")) as port:
        outcomes = await hand_over(port, security="starttls", user="house", password=config.Secret("secret"))
    assert states(outcomes) == {"grandma@far.example": "sent"}


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("lacks", [[], ["CHUNKING"], ["PIPELINING", "CHUNKING"]], ids=["BDAT", "DATA", "plain"])
async def test_a_stream_under_tls(
    authority: Callable[[str], ssl.SSLContext], security: config.Security, lacks: list[str]
) -> None:
    """Letters bigger than all buffers follow each other under TLS, byte for byte, at a pace."""
    desk, context = Desk(), authority("127.0.0.1")
    stream = [(ONE, LETTER + b"%d.\n" % n * 90_000) for n in range(3)]
    async with (
        smarthost(desk, lacks=lacks, **{security: context}) as port,  # type: ignore[arg-type]
        SmartHost(settings(port, security=security), EHLO).session(Pace(20_000_000)) as session,
    ):
        await Post().send(session, *stream)
    assert desk.taken == [Taken(envelope, message) for envelope, message in stream]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux paces a connection")
async def test_pace() -> None:
    """The kernel is told how fast letters may leave, and it lets little wait."""
    async with smarthost(Desk()) as port, SmartHost(settings(port), EHLO).session(Pace(5000, 8192)) as session:
        sock = session._transport.get_extra_info("socket")
        assert (sock.getsockopt(socket.SOL_SOCKET, 47), sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)) == (
            5000,
            2 * 8192,
        )
        session.pace(Pace(9000, 8192))
        assert sock.getsockopt(socket.SOL_SOCKET, 47) == 9000


async def test_starttls_missing() -> None:
    """A server without STARTTLS gets neither letter nor password when the settings want it."""
    desk = Desk("house", "secret")
    async with smarthost(desk) as port:
        with pytest.raises(ProtocolError, match="offers no STARTTLS"):
            await hand_over(port, security="starttls", user="house", password=config.Secret("secret"))
    assert not desk.taken


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_wrong_name(authority: Callable[[str], ssl.SSLContext], security: str) -> None:
    """A certificate for another name is refused."""
    context = authority("smtp.other.example")
    async with smarthost(Desk(), **{security: context}) as port:  # type: ignore[arg-type]
        with pytest.raises(ProtocolError, match="cannot be trusted"):
            await hand_over(port, security=security)


async def test_no_tls_there() -> None:
    """A plain server asked for TLS is told from a bad certificate."""
    async with smarthost(Desk()) as port:
        with pytest.raises(ProtocolError, match="does not speak TLS on this port"):
            await hand_over(port, security="tls")


async def test_accepts_asks_and_sends_nothing() -> None:
    """Whether an address may send is asked with MAIL and RSET; a refusal leaves the session of use."""
    script = """
        C: MAIL FROM:<luc@home.example>
        S: 553 5.7.1 not yours
        C: MAIL FROM:<Paul.Dupont@home.example>
        S: 250 fine
        C: RSET
        S: 250 ok
        C: QUIT
        S: 221 bye
    """
    async with (
        dialogue(HELLO + script) as (port, wrong),
        SmartHost(settings(port), "mail.home.example").session() as session,
    ):
        assert await session.accepts("luc@home.example") == Bounced("553 5.7.1 not yours")
        assert await session.accepts("Paul.Dupont@home.example") == Sent("250 fine")
        assert isinstance(await session.accepts("z\xf6e@home.example"), Bounced)

    assert wrong == []
