import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import trustme

from core import household
from core.config import Maildrop as Settings
from core.config import Secret, Security
from core.errors import DeniedError, LineError, MailrunError, ProtocolError
from core.net import fetching
from core.net.maildrop import Maildrop
from core.net.popserver import Letter, serve
from core.wire.pop3 import Listing, Want
from core.wire.popd import Login

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Note:
    """A letter in memory."""

    uid: str
    text: bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.text)

    def read(self) -> bytes:
        """The letter."""
        return self.text


class Shelf:
    """A box in memory, open to user "anna" with the password "sesame"."""

    def __init__(self, *texts: bytes) -> None:
        self.notes = {f"id{nth}": Note(f"id{nth}", text) for nth, text in enumerate(texts, 1)}

    def letters(self) -> Sequence[Letter]:
        """All of them."""
        return list(self.notes.values())

    def remove(self, uids: Collection[str]) -> None:
        """Some of them go."""
        for uid in uids:
            del self.notes[uid]

    def door(self, login: Login) -> "Shelf | None":
        """For those who know the word."""
        return self if login.user == "anna" and login.proves("sesame") else None


TEXTS = (b"Subject: one\n\n.dot\n", b"Subject: two\n\n" + b"x" * 20_000 + b"\n", b"Subject: three\n")


def settings(
    port: int,
    security: Security = "none",
    auth: Literal["auto", "apop", "plain", "xoauth2"] = "auto",
    host: str = HOST,
    password: str = "sesame",
) -> Settings:
    """A [[maildrop]] for a server on this machine."""
    return Settings(
        name="isp", host=host, port=port, security=security, auth=auth, user="anna", password=Secret(password)
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Somebody who vouches for servers."""
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """TLS for a server whose authority this machine knows."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return certified(authority, HOST)


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """TLS for a server of this name."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


def whole(listing: Sequence[Listing]) -> list[Want]:
    """All of them, from beginning to end."""
    return [Want(item) for item in listing]


async def empty(maildrop: Maildrop) -> list[tuple[Listing, bytes]]:
    """Fetch all, delete each as it comes, quit."""
    async with maildrop.session() as session:
        found = []
        async for want, text in session.retrieve(whole(await session.listing())):
            found.append((want.item, text))
            await session.delete([want.item])
        await session.quit()
    return found


def test_protocols() -> None:
    """The box and its session are what a run expects."""
    maildrop: household.Maildrop = Maildrop(settings(110))

    assert maildrop.settings.name == "isp"


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("auth", ["auto", "plain"])
async def test_empties_a_box(security: Security, auth: Literal["auto", "plain"], context: ssl.SSLContext) -> None:
    """All letters come as they are, in order, and the box is empty after QUIT; in the clear, by STLS and in TLS."""
    shelf = Shelf(*TEXTS)
    async with serve(HOST, 0, shelf.door, security=security, context=context) as port:
        found = await empty(Maildrop(settings(port, security, auth)))

    assert [text for _, text in found] == list(TEXTS)
    assert [item for item, _ in found] == [Listing(nth, len(text), f"id{nth}") for nth, text in enumerate(TEXTS, 1)]
    assert shelf.notes == {}


@pytest.mark.parametrize("lacks", [{"PIPELINING"}, {"CAPA"}, {"UIDL"}, {"CAPA", "UIDL", "TOP"}, {"USER"}])
async def test_poorer_servers(lacks: Collection[str]) -> None:
    """Servers without PIPELINING, CAPA, UIDL or USER are emptied too; without UIDL letters have no id."""
    shelf = Shelf(*TEXTS)
    async with serve(HOST, 0, shelf.door, lacks=lacks) as port:
        found = await empty(Maildrop(settings(port)))

    assert [text for _, text in found] == list(TEXTS)
    assert {item.uid for item, _ in found} == ({""} if "UIDL" in lacks else {"id1", "id2", "id3"})
    assert shelf.notes == {}


async def test_apop() -> None:
    """Where the greeting has a timestamp the password does not travel."""
    logins: list[Login] = []
    shelf = Shelf(*TEXTS)

    def door(login: Login) -> Shelf | None:
        logins.append(login)
        return shelf.door(login)

    async with serve(HOST, 0, door, apop=True) as port:
        for auth in ("auto", "apop"):
            async with Maildrop(settings(port, auth=auth)).session() as session:
                assert len(await session.listing()) == 3
                await session.quit()

    assert [login.password for login in logins] == ["", ""]
    assert all(login.digest for login in logins)


async def test_packets() -> None:
    """A whole session is four packets up: CAPA, the login with both lists, all RETR, the DELEs with QUIT."""
    packets: list[int] = []
    down: list[int] = []
    shelf = Shelf(*TEXTS)

    def traffic(way: str, size: int) -> None:
        (packets if way == "up" else down).append(size)

    async with serve(HOST, 0, shelf.door) as port, Maildrop(settings(port), traffic).session() as session:
        letters = [want.item async for want, _ in session.retrieve(whole(await session.listing()))]
        await session.delete(letters)
        await session.quit()

    words = ["CAPA", "USER anna|PASS sesame|UIDL|LIST", "RETR 1|RETR 2|RETR 3", "DELE 1|DELE 2|DELE 3|QUIT"]
    assert packets == [sum(len(word) + 2 for word in packet.split("|")) for packet in words]
    assert sum(down) > sum(map(len, TEXTS))


async def test_big_letter() -> None:
    """A letter of 5 MB comes whole, and the small ones around it."""
    shelf = Shelf(b"small\n", b"".join(b"%07d.\n" % nth for nth in range(555_555)), b".\n..\n")
    texts = [note.text for note in shelf.notes.values()]
    async with serve(HOST, 0, shelf.door) as port:
        found = await empty(Maildrop(settings(port)))

    assert [text for _, text in found] == texts


async def test_many_letters() -> None:
    """A box of 500 letters comes in order, asked for in some packets: neither all at once nor one by one."""
    texts = [b"Subject: %d\n\n" % nth + b"z" * (nth * 37 % 4000) + b"\n" for nth in range(500)]
    packets: list[int] = []

    def traffic(way: str, size: int) -> None:
        packets.extend([size] * (way == "up"))

    async with (
        serve(HOST, 0, Shelf(*texts).door) as port,
        Maildrop(settings(port), traffic, window=32_768).session() as session,
    ):
        found = [text async for _, text in session.retrieve(whole(await session.listing()))]

    assert found == texts
    assert 32 < len(packets) < 125


async def test_change_of_mind() -> None:
    """Whoever stops after the first letter has not asked for all of them."""
    shelf = Shelf(*[b"x" * 30_000 + b"\n"] * 50)
    read: list[str] = []

    class Noted(Note):
        def read(self) -> bytes:
            read.append(self.uid)
            return self.text

    shelf.notes = {uid: Noted(uid, note.text) for uid, note in shelf.notes.items()}
    async with serve(HOST, 0, shelf.door) as port, Maildrop(settings(port)).session() as session:
        async for want, _ in session.retrieve(whole(await session.listing())):
            await session.delete([want.item])
            break
        await session.quit()

    assert len(read) <= 2 + fetching.WINDOW // 30_000
    assert len(shelf.notes) == 49


async def test_top() -> None:
    """The beginning of a letter can be had alone; where there is no TOP that is told, and the session goes on."""
    shelf = Shelf(b"Subject: big\n\none\n.two\nthree\n")
    async with serve(HOST, 0, shelf.door) as port, Maildrop(settings(port)).session() as session:
        [item] = await session.listing()
        [(_, head)] = [got async for got in session.retrieve([Want(item, 2)])]
        assert head == b"Subject: big\n\none\n.two\n"
    told: list[str] = []
    maildrop = serve(HOST, 0, shelf.door, lacks={"TOP"})
    async with maildrop as port, Maildrop(settings(port), tell=told.append).session() as session:
        [item] = await session.listing()
        assert [got async for got in session.retrieve([Want(item, 2)])] == []
        await session.quit()
    assert told == ["maildrop isp: letter 1 was refused: no such command here"]


async def test_leaving_without_quit() -> None:
    """Nothing is deleted before QUIT."""
    shelf = Shelf(*TEXTS)
    async with serve(HOST, 0, shelf.door) as port:
        async with Maildrop(settings(port)).session() as session:
            await session.delete(await session.listing())
        async with Maildrop(settings(port)).session() as session:
            assert len(await session.listing()) == 3


async def test_wrong_password() -> None:
    """A wrong password is told with the box and what to check, and without the password."""
    async with serve(HOST, 0, Shelf().door) as port:
        with pytest.raises(DeniedError) as caught:
            await empty(Maildrop(settings(port, password="open barley")))

    assert str(caught.value) == (
        "maildrop isp: 127.0.0.1 refused user anna; check user and password: wrong user or password"
    )


async def test_locked_box() -> None:
    """A box that another session holds is no wrong password but something to wait for."""
    async with serve(HOST, 0, Shelf().door) as port:
        async with Maildrop(settings(port)).session():
            with pytest.raises(LineError, match=r"maildrop isp is locked .* try again in some minutes"):
                await empty(Maildrop(settings(port)))
        assert await empty(Maildrop(settings(port))) == []


class Cut(bytes):
    """The last words of a server: then the connection is gone."""


class Script:
    """A server that says what it is told to, and notes what it hears, packet by packet.

    ``replies`` are by command line or verb; anything else is answered by ``+OK``.
    """

    def __init__(self, replies: Mapping[str, bytes], greeting: bytes = b"+OK\r\n") -> None:
        self.replies = {"CAPA": b"-ERR\r\n", **replies}
        self.greeting = greeting
        self.packets: list[list[str]] = []
        self.fetching = asyncio.Event()  # a letter has been asked for

    def hears(self, packet: Sequence[str]) -> Sequence[str]:
        """What it takes of a packet."""
        return packet

    @property
    def heard(self) -> list[str]:
        """Every command."""
        return [command for packet in self.packets for command in packet]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.write(self.greeting)
        while not isinstance(self.greeting, Cut) and (data := await reader.read(65_536)):
            self.packets.append(data.decode().splitlines())
            for line in self.hears(self.packets[-1]):
                if line.startswith("RETR"):
                    self.fetching.set()
                reply = self.replies.get(line, self.replies.get(line.split(" ")[0], b"+OK\r\n"))
                writer.write(reply)
                if isinstance(reply, Cut):
                    return


@asynccontextmanager
async def listening(script: Script) -> AsyncIterator[int]:
    """The script on a free port."""
    tasks: list[asyncio.Task[None]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await script.talk(reader, writer)
        writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.create_task(talk(reader, writer)))

    async with await asyncio.start_server(connected, HOST, 0) as server:
        yield int(server.sockets[0].getsockname()[1])
        await asyncio.gather(*tasks)


LISTED = {"UIDL": b"+OK\r\n1 a\r\n2 b\r\n.\r\n", "LIST": b"+OK\r\n1 10\r\n2 20\r\n.\r\n"}
LETTERS = {"RETR 1": b"+OK\r\none\r\n.\r\n", "RETR 2": b"+OK\r\ntwo\r\n.\r\n"}
PIPELINING = {"CAPA": b"+OK\r\nPIPELINING\r\nUIDL\r\nUSER\r\n.\r\n"}


async def test_one_at_a_time() -> None:
    """A server that does not say PIPELINING gets no command before it has answered the last one."""
    script = Script({**LISTED, **LETTERS})
    async with listening(script) as port:
        found = await empty(Maildrop(settings(port)))

    assert [text for _, text in found] == [b"one\n", b"two\n"]
    assert [len(packet) for packet in script.packets] == [1] * len(script.packets)
    assert script.heard[-1] == "QUIT"


@pytest.mark.parametrize("offers", [{}, PIPELINING], ids=["one at a time", "pipelined"])
async def test_dropped_in_mid_letter(offers: dict[str, bytes]) -> None:
    """What came whole before the drop is handed over; then the box is named, and deletions do no harm."""
    script = Script({**LISTED, **LETTERS, **offers, "RETR 2": Cut(b"+OK\r\nhalf a le")})
    found = []
    async with listening(script) as port, Maildrop(settings(port)).session() as session:
        letters = session.retrieve(whole(await session.listing()))
        found.append(await anext(letters))
        with pytest.raises(LineError, match=r"^maildrop isp: 127.0.0.1 closed the connection$"):
            await anext(letters)
        await session.delete([want.item for want, _ in found])
        with pytest.raises(LineError):
            await session.quit()

    assert [text for _, text in found] == [b"one\n"]


SILENT = Script({}, greeting=b"")
CASES: list[tuple[str, Script, type[MailrunError], str]] = [
    ("silence", SILENT, LineError, "127.0.0.1 did not answer in time"),
    ("silence in mid-letter", Script({**LISTED, "RETR 1": b"+OK\r\nha"}), LineError, "did not answer in time"),
    ("greeting closes", Script({}, Cut(b"")), LineError, "closed the connection"),
    ("no POP3", Script({}, b"220 smtp\r\n"), ProtocolError, "'220 smtp', which is no POP3"),
    ("no room", Script({}, b"-ERR [SYS/TEMP] later\r\n"), LineError, "is locked or 127.0.0.1 is busy"),
    ("no entry", Script({}, b"-ERR go away\r\n"), ProtocolError, "127.0.0.1 lets nobody in: go away"),
    ("login delay", Script({"PASS": b"-ERR [LOGIN-DELAY] 300\r\n"}), LineError, "try again in some minutes: 300"),
    ("old lock", Script({"PASS": b"-ERR .u.pop lock busy!\r\n"}), LineError, "try again in some minutes"),
    ("for ever", Script({"PASS": b"-ERR [SYS/PERM] closed\r\n"}), ProtocolError, "lets nobody in: closed"),
    ("wrong", Script({"PASS": b"-ERR \x1b[2J\r\n"}), DeniedError, "user and password: \N{REPLACEMENT CHARACTER}"),
    ("wrong user", Script({"USER": b"-ERR\r\n"}), DeniedError, "check user and password: no reason told"),
    ("no LIST", Script({"LIST": b"-ERR broken\r\n"}), ProtocolError, "refused LIST: broken"),
    ("broken UIDL", Script({**PIPELINING, "UIDL": b"-ERR disk\r\n"}), ProtocolError, "refused UIDL: disk"),
    ("QUIT refused", Script({"QUIT": b"-ERR left\r\n"}), ProtocolError, "did not confirm the deletions: left"),
    ("QUIT unanswered", Script({"QUIT": Cut(b"")}), LineError, "closed the connection"),
]


@pytest.mark.parametrize(("script", "error", "sentence"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_faults(script: Script, error: type[MailrunError], sentence: str) -> None:
    """Every fault is told as what it is, with the name of the box."""
    script.replies = {"UIDL": b"+OK\r\n.\r\n", "LIST": b"+OK\r\n.\r\n", **script.replies}
    async with listening(script) as port:
        with pytest.raises(error) as caught:
            await empty(Maildrop(settings(port), quiet=0.1))

    assert str(caught.value).startswith("maildrop isp")
    assert sentence in str(caught.value)


async def test_one_bad_letter() -> None:
    """Odd lines in lists and refused letters are told, and all others come; sizes that lie do no harm."""
    script = Script(
        {
            **PIPELINING,
            "UIDL": b"+OK\r\n1 a\r\nnonsense\r\n3 c\r\n.\r\n",
            "LIST": b"+OK\r\n1 1\r\n2 99999999\r\n3 ?\r\n.\r\n",
            **LETTERS,
            "RETR 1": b"-ERR no such message\r\n",
            "RETR 3": b"+OK\r\nthree\r\n.\r\n",
            "DELE 2": b"-ERR locked\r\n",
        }
    )
    told: list[str] = []
    async with listening(script) as port:
        found = await empty(Maildrop(settings(port), tell=told.append))

    assert found == [(Listing(2, 99_999_999, ""), b"two\n"), (Listing(3, 0, "c"), b"three\n")]
    assert told == [
        "maildrop isp: a line of its UIDL makes no sense: nonsense",
        "maildrop isp: a line of its LIST makes no sense: 3 ?",
        "maildrop isp: letter 1 was refused: no such message",
        "maildrop isp: letter 2 was not deleted: locked",
    ]


LOGINS = [
    ("auto", b"", b"+OK\r\n", "USER anna"),
    ("auto", b"SASL PLAIN\r\nUSER\r\n", b"+OK\r\n", "USER anna"),
    ("auto", b"SASL login plain\r\n", b"+OK\r\n", "AUTH PLAIN AGFubmEAc2VzYW1l"),
    ("auto", b"USER\r\n", b"+OK <1@x>\r\n", "APOP anna 6654a2743d3c83acd7d23f98889c66b9"),
    ("apop", b"USER\r\n", b"+OK <1@x>\r\n", "APOP anna 6654a2743d3c83acd7d23f98889c66b9"),
    ("plain", b"SASL PLAIN\r\nUSER\r\n", b"+OK <1@x>\r\n", "AUTH PLAIN AGFubmEAc2VzYW1l"),
    ("plain", b"USER\r\n", b"+OK <1@x>\r\n", "USER anna"),
]


@pytest.mark.parametrize(("auth", "offers", "greeting", "login"), LOGINS)
async def test_login(auth: Literal["auto", "apop", "plain"], offers: bytes, greeting: bytes, login: str) -> None:
    """How one logs in follows from the settings and from what the server offers."""
    script = Script({**LISTED, "CAPA": b"+OK\r\n" + offers + b".\r\n"}, greeting)
    async with listening(script) as port, Maildrop(settings(port, auth=auth)).session() as session:
        await session.listing()

    assert script.heard[1] == login


async def test_no_apop() -> None:
    """Settings that insist on APOP are told when there is none."""
    async with listening(Script({})) as port:
        with pytest.raises(ProtocolError, match=r'127.0.0.1 has no APOP; set auth = "auto"'):
            await empty(Maildrop(settings(port, auth="apop")))


async def test_xoauth2_in_two_steps() -> None:
    """A long token follows the server's question, and a refusal with a reason in a question ends as a refusal."""
    script = Script({"AUTH": b"+ \r\n", "": b"-ERR [AUTH] expired\r\n"})
    token = "t" * 300
    response = base64.b64encode(f"user=anna\1auth=Bearer {token}\1\1".encode()).decode()
    script.replies[response] = b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"
    async with listening(script) as port:
        with pytest.raises(DeniedError, match=r"expired") as caught:
            await empty(Maildrop(settings(port, auth="xoauth2", password=token)))

    assert script.heard == ["CAPA", "AUTH XOAUTH2", response, ""]
    assert token not in str(caught.value)


async def test_no_stls() -> None:
    """A server without STLS gets no password."""
    script = Script({"STLS": b"-ERR\r\n"})
    async with listening(script) as port:
        with pytest.raises(ProtocolError, match=r"127.0.0.1 offers no TLS on port"):
            await empty(Maildrop(settings(port, "starttls")))

    assert script.heard == ["STLS"]


async def test_spoken_in_the_clear() -> None:
    """Whatever is slipped in behind the answer to STLS ends the session."""
    async with listening(Script({"STLS": b"+OK\r\n+OK\r\n.\r\n"})) as port:
        with pytest.raises(ProtocolError, match=r"in the clear after STLS"):
            await empty(Maildrop(settings(port, "starttls")))


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_unknown_authority(security: Security) -> None:
    """A server for which nobody vouches gets no password."""
    logins: list[Login] = []
    context = certified(trustme.CA(), HOST)
    async with serve(HOST, 0, logins.append, security=security, context=context) as port:
        with pytest.raises(ProtocolError, match=r"maildrop isp: 127.0.0.1 cannot be trusted: .* authority"):
            await empty(Maildrop(settings(port, security)))

    assert logins == []


async def test_no_tls_there() -> None:
    """TLS to a port without it is told as that."""
    async with serve(HOST, 0, Shelf().door) as port:
        with pytest.raises(ProtocolError, match=r"127.0.0.1 does not speak TLS on this port"):
            await empty(Maildrop(settings(port, "tls")))


async def test_nobody_there() -> None:
    """A port where nobody listens is told with the host."""
    async with serve(HOST, 0, Shelf().door) as port:
        pass
    with pytest.raises(ProtocolError, match=r"maildrop isp: 127.0.0.1 refused the connection"):
        await empty(Maildrop(settings(port)))


async def test_cancelled() -> None:
    """A run that is given up in mid-letter drops the connection at once."""
    script = Script({**LISTED, "RETR 1": b"+OK\r\nha"})
    async with listening(script) as port:
        task = asyncio.create_task(empty(Maildrop(settings(port))))
        await script.fetching.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
