import hashlib
import tracemalloc
from collections.abc import Iterator

import pytest

from core.errors import ConfigError, ProtocolError
from core.wire import popd
from core.wire.lines import stuff
from core.wire.pop3 import (
    Capability,
    Challenge,
    Client,
    Command,
    Event,
    Greeting,
    Item,
    Listing,
    Odd,
    Piece,
    Reply,
    apop,
    plain,
    xoauth2,
)

DIALOGUES = {
    "the example of RFC 1939": r"""
        S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
        = hello <1896.697170952@dbc.mtview.ca.us>
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: +OK mrose's maildrop has 2 messages (320 octets)
        = ok APOP
        C: STAT
        S: +OK 2 320
        = ok STAT 2 320
        C: LIST
        S: +OK 2 messages (320 octets)
        S: 1 120
        S: 2 200
        S: .
        = item 1 120
        = item 2 200
        = ok LIST
        C: RETR 1
        S: +OK 120 octets
        S: Subject: one
        S:
        S: ..a dot
        S: .
        = piece Subject: one\n\n.a dot\n
        = ok RETR
        C: DELE 1
        S: +OK message 1 deleted
        = ok DELE
        C: QUIT
        S: +OK dewey POP3 server signing off (maildrop empty)
        = ok QUIT
        """,
    "everything in one packet": r"""
        S: +OK hi
        = hello
        C: USER u
        C: PASS p
        C: UIDL
        C: LIST
        C: RETR 1
        C: RETR 2
        C: DELE 1
        C: QUIT
        S: +OK
        S: +OK in
        S: +OK
        S: 1 aa
        S: 2 bb
        S: .
        S: +OK
        S: 1 10
        S: 2 20
        S: .
        S: +OK
        S: first
        S: .
        S: -ERR no such message
        S: +OK gone
        S: +OK bye
        = ok USER
        = ok PASS in
        = item 1 aa
        = item 2 bb
        = ok UIDL
        = item 1 10
        = item 2 20
        = ok LIST
        = piece first\n
        = ok RETR
        = err RETR no such message
        = ok DELE gone
        = ok QUIT bye
        """,
    "capabilities": r"""
        S: +OK
        = hello
        C: CAPA
        S: +OK Capability list follows
        S: top
        S: SASL PLAIN XOAUTH2
        S: EXPIRE 60
        S: .
        = can TOP
        = can SASL PLAIN XOAUTH2
        = can EXPIRE 60
        = ok CAPA
        """,
    "a server from before CAPA, UIDL and response codes": r"""
        S: +ok hello
        = hello
        C: CAPA
        S: -err unknown command
        = err CAPA unknown command
        C: UIDL
        S: -ERR
        = err UIDL
        """,
    "odd lines in lists are skipped": r"""
        S: +OK
        = hello
        C: UIDL
        S: +OK
        S: 1 a
        S:
        S: 2
        S: x y
        S: 0 zero
        S: 3 c d
        S: 0004 e
        S: 5 café
        S: .
        = item 1 a
        = odd
        = odd 2
        = odd x y
        = odd 0 zero
        = item 3 c
        = item 4 e
        = odd 5 café
        = ok UIDL
        C: LIST
        S: +OK
        S: 1 ten
        S: 2 -3
        S: 3 30 extra
        S: .
        = odd 1 ten
        = odd 2 -3
        = item 3 30
        = ok LIST
        """,
    "one item of a list is one line": r"""
        S: +OK
        = hello
        C: UIDL 1
        S: +OK 1 aa
        = ok UIDL 1 aa
        C: LIST 9
        S: -ERR no such message
        = err LIST no such message
        """,
    "response codes": r"""
        S: -ERR [sys/temp] try later
        = no hello [SYS/TEMP] try later
        C: USER u
        S: +OK
        = ok USER
        C: PASS p
        S: -ERR [IN-USE] Do you have another POP session running?
        = err PASS [IN-USE] Do you have another POP session running?
        """,
    "an empty letter, and one of dots": r"""
        S: +OK
        = hello
        C: RETR 1
        S: +OK
        S: .
        = ok RETR
        C: TOP 2 0
        S: +OK
        S: ..
        S: ...
        S: .
        = piece .\n..\n
        = ok TOP
        """,
}


def told(event: Event) -> str:
    """An event in few words."""
    match event:
        case Greeting(ok, text, code, timestamp):
            words = ["hello" if ok else "no hello", f"[{code}]" * bool(code), timestamp if ok else text]
        case Reply(command, ok, text, code):
            shown = text if command.verb not in {"APOP", "RETR", "LIST", "CAPA"} or not ok else ""
            shown = "" if "octets" in shown or "deleted" in shown or "maildrop" in shown else shown
            words = ["ok" if ok else "err", command.verb, f"[{code}]" * bool(code), shown]
        case Challenge(_, answer):
            words = ["answer", answer.decode().strip()]
        case Piece(_, data):
            words = ["piece", data.decode().replace("\n", r"\n")]
        case Item(_, number, value):
            words = ["item", str(number), value]
        case Capability(_, name, arguments):
            words = ["can", name, *arguments]
        case Odd(_, line):
            words = ["odd", line.decode()]
    return " ".join(filter(None, words))


def joined(events: list[Event]) -> list[str]:
    """Events in few words; the pieces of one letter in one."""
    words: list[str] = []
    for event in events:
        if isinstance(event, Piece) and words and words[-1].startswith("piece "):
            words[-1] += told(event).removeprefix("piece ")
        else:
            words.append(told(event))
    return words


def rows(dialogue: str) -> Iterator[tuple[str, str]]:
    """Who, and what."""
    for row in dialogue.strip().splitlines():
        who, _, what = row.lstrip().partition(" ")
        yield who, what


def play(dialogue: str, size: int) -> tuple[list[str], list[str]]:
    """What the client told and what it should have told; bytes come in pieces of ``size``."""
    client, events, expected = Client(), list[Event](), []
    wire = b""
    for who, what in [*rows(dialogue), ("=", "")]:
        if who == "S:":
            wire += what.encode() + b"\r\n"
            continue
        for start in range(0, len(wire), size):
            events += client.receive(wire[start : start + size])
        wire = b""
        if who == "C:":
            verb, _, argument = what.partition(" ")
            assert client.send(Command(verb, argument)) == what.encode() + b"\r\n"
        else:
            expected.append(what)
    assert client.pending == 0
    return joined(events), expected[:-1]


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize("dialogue", DIALOGUES.values(), ids=DIALOGUES.keys())
def test_dialogue(dialogue: str, size: int) -> None:
    """The client tells the same, however the bytes arrive."""
    found, expected = play(dialogue, size)

    assert found == expected


@pytest.mark.parametrize("size", [1, 10_000])
def test_long_line(size: int) -> None:
    """A line of 100,000 characters in a letter is a line like any other."""
    client, letter = Client(), b"Subject: long\n\n" + b"x" * 100_000 + b"\n"
    client.send(Command("RETR", "1"))
    wire = b"+OK\r\n+OK\r\n" + stuff(letter)

    events = [event for start in range(0, len(wire), size) for event in client.receive(wire[start : start + size])]

    assert b"".join(event.data for event in events if isinstance(event, Piece)) == letter


def test_between() -> None:
    """One can tell a connection that ends between two replies from one that ends in the middle of one."""
    client, between = Client(), []
    client.send(Command("UIDL"))
    for data in (b"+O", b"K\r\n", b"+OK\r\n1 ", b"a\r\n.\r", b"\n"):
        client.receive(data)
        between.append(client.between)
    client.send(Command("AUTH", "PLAIN", ("x",)))
    client.receive(b"+ \r\n")

    assert (between, client.between) == ([False, True, False, False, True], False)


def test_letter_passes_through() -> None:
    """A letter of 16 MB leaves in pieces as it arrives; the client never holds it."""
    client, line = Client(), b"y" * 62 + b"\r\n"
    client.send(Command("RETR", "1"))
    client.receive(b"+OK\r\n+OK\r\n")
    tracemalloc.start()
    size = sum(len(event.data) for _ in range(256) for event in client.receive(line * 1024) if isinstance(event, Piece))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size == 256 * 1024 * 63 - 1  # the last line's end waits for what follows it
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("wire", "sentence"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the greeting is 'SSH-2.0-OpenSSH_9.2', which is no POP3"),
        (b"+OK\r\nwhat?\r\n", "answer to STAT is 'what?', which is no POP3"),
        (b"+OK\r\n+OK 0 0\r\n-ERR timeout \x1b[2J\r\n", r"'-ERR timeout \x1b[2J' without being asked"),
    ],
)
def test_nonsense(wire: bytes, sentence: str) -> None:
    """What is no POP3 ends the session with a sentence in which nothing can hurt a terminal."""
    client = Client()
    client.send(Command("STAT"))

    with pytest.raises(ProtocolError) as caught:
        client.receive(wire)

    assert sentence in str(caught.value)


def test_nothing_in_the_clear_after_stls() -> None:
    """What follows the answer to STLS in the clear is somebody else's (RFC 2595 section 4)."""
    client = Client()
    client.send(Command("STLS"))
    client.send(Command("CAPA"))

    with pytest.raises(ProtocolError, match="in the clear after STLS"):
        client.receive(b"+OK\r\n+OK begin\r\n+OK\r\nPIPELINING\r\n.\r\n")


def test_plain_in_one_step() -> None:
    """AUTH PLAIN carries its response where the line is short."""
    assert plain("test", "test").line == b"AUTH PLAIN AHRlc3QAdGVzdA==\r\n"


def test_long_token_in_two_steps() -> None:
    """A token above 255 octets waits for the server's question; a no may come with a question of its own."""
    client, command = Client(), xoauth2("anna@far.example", "t" * 300)
    client.receive(b"+OK\r\n")

    assert client.send(command) == b"AUTH XOAUTH2\r\n"
    [asked] = client.receive(b"+ \r\n")
    assert isinstance(asked, Challenge)
    assert asked.answer.startswith(b"dXNlcj1hbm5h")
    assert [told(event) for event in client.receive(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")] == ["answer"]
    assert [told(event) for event in client.receive(b"+ more?\r\n")] == ["answer *"]
    assert [told(event) for event in client.receive(b"-ERR [AUTH] no\r\n")] == ["err AUTH [AUTH] no"]
    assert client.pending == 0


def test_secrets_are_not_shown() -> None:
    """No command shows its argument, and no challenge its answer."""
    shown = repr([Command("PASS", "sesame"), apop("u", "sesame", "<1@x>"), plain("u", "sesame")])
    shown += repr(Challenge(Command("AUTH"), b"sesame")) + repr(popd.Login("u", "sesame"))

    assert "sesame" not in shown
    assert hashlib.md5(b"<1@x>sesame").hexdigest() not in shown
    assert "AHU" not in shown


def test_no_second_command_in_an_argument() -> None:
    """A line break in a password is refused, for it would be a command."""
    with pytest.raises(ConfigError, match="line break"):
        Command("PASS", "p\r\nDELE 1")


LETTERS = {1: b"Subject: one\n\nfirst\n.second\nthird\n", 2: b"Subject: two\n"}


class Desk:
    """A server core with two letters in its box, and whoever knows the password "p"."""

    def __init__(self, server: popd.Server) -> None:
        self.server = server
        self.gone: tuple[int, ...] | None = None

    def answer(self, data: bytes) -> bytes:
        """What the server says to these bytes."""
        self.server.feed(data)
        said = b""
        while self.gone is None and (action := self.server.step()) is not None:
            said += self.act(action)
        return said

    def act(self, action: popd.Action) -> bytes:
        """One action, carried out."""
        match action:
            case popd.Say(data):
                return data
            case popd.Secure(data):
                self.server.secured()
                return data
            case popd.Login() as login if login.user == "u" and login.proves("p"):
                return self.server.admit([Listing(n, len(text), f"id{n}") for n, text in LETTERS.items()])
            case popd.Login():
                return self.server.deny("no", "AUTH")
            case popd.Fetch(number, lines):
                text = LETTERS[number]
                return popd.ok() + stuff(text if lines is None else popd.head(text, lines))
            case popd.Quit(gone):
                self.gone = gone
                return popd.ok("goodbye")


SERVED = {
    "a whole session": """
        C: USER u
        S: +OK
        C: PASS p
        S: +OK 2 letters
        C: STAT
        S: +OK 2 47
        C: list
        S: +OK
        S: 1 34
        S: 2 13
        S: .
        C: UIDL 2
        S: +OK 2 id2
        C: TOP 1 1
        S: +OK
        S: Subject: one
        S:
        S: first
        S: .
        C: TOP 1 2
        S: +OK
        S: Subject: one
        S:
        S: first
        S: ..second
        S: .
        C: TOP 2 99
        S: +OK
        S: Subject: two
        S: .
        C: DELE 1
        S: +OK
        C: RETR 1
        S: -ERR no such letter
        C: DELE 1
        S: -ERR no such letter
        C: UIDL
        S: +OK
        S: 2 id2
        S: .
        C: RSET
        S: +OK
        C: STAT
        S: +OK 2 47
        C: DELE 2
        S: +OK
        C: NOOP
        S: +OK
        C: QUIT
        S: +OK goodbye
        """,
    "every command in its state": """
        C: RETR 1
        S: -ERR no such command here
        C: XYZZY
        S: -ERR no such command here
        C: PASS p
        S: -ERR USER first
        C: USER u
        S: +OK
        C: PASS wrong
        S: -ERR [AUTH] no
        C: STLS
        S: -ERR no TLS here
        C: APOP u 1234
        S: -ERR no APOP here
        C: QUIT
        S: +OK goodbye
        """,
    "AUTH PLAIN in one step": """
        C: AUTH
        S: +OK
        S: PLAIN
        S: .
        C: AUTH PLAIN AHUAcA==
        S: +OK 2 letters
        C: RETR 3
        S: -ERR no such letter
        C: TOP 1 -1
        S: -ERR no such letter
        C: LIST 0
        S: -ERR no such letter
        """,
    "AUTH PLAIN in two steps, given up once": """
        C: AUTH PLAIN
        S: +\x20
        C: *
        S: -ERR the authentication was given up or is no PLAIN
        C: AUTH PLAIN
        S: +\x20
        C: AHUAcA==
        S: +OK 2 letters
        C: CAPA
        S: +OK
        S: TOP
        S: UIDL
        S: RESP-CODES
        S: AUTH-RESP-CODE
        S: PIPELINING
        S: USER
        S: SASL PLAIN
        S: .
        """,
}


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize("dialogue", SERVED.values(), ids=SERVED.keys())
def test_server(dialogue: str, size: int) -> None:
    """The server says the same, whether commands come byte by byte or all in one packet."""
    desk = Desk(popd.Server())
    spoken = {"C:": b"", "S:": b""}
    for who, what in rows(dialogue):
        spoken[who] += what.encode() + b"\r\n"
    asked = spoken["C:"]

    said = b"".join(desk.answer(asked[start : start + size]) for start in range(0, len(asked), size))

    assert said == spoken["S:"]


def test_deleted_at_quit() -> None:
    """What was marked, and not taken back, is named at QUIT and no earlier."""
    desk = Desk(popd.Server())

    desk.answer(b"USER u\r\nPASS p\r\nDELE 1\r\nRSET\r\nDELE 2\r\n")
    assert desk.gone is None
    desk.answer(b"QUIT\r\n")
    assert desk.gone == (2,)


def test_apop() -> None:
    """The digest of RFC 1939 section 7 opens the box, and no other does."""
    client, stamp = Client(), "<1896.697170952@dbc.mtview.ca.us>"
    desk = Desk(popd.Server(timestamp=stamp))
    [greeting] = client.receive(desk.server.greeting())
    assert isinstance(greeting, Greeting)
    assert greeting.timestamp == stamp

    for password, word in [("wrong", "err"), ("p", "ok")]:
        [reply] = client.receive(desk.answer(client.send(apop("u", password, greeting.timestamp))))
        assert told(reply).startswith(word)


def test_stls_before_login() -> None:
    """A server that offers TLS takes no login before it, and forgets what was said in the clear."""
    desk = Desk(popd.Server(stls=True))

    assert desk.answer(b"USER u\r\n") == b"-ERR begin TLS first, by STLS\r\n"
    assert b"STLS" in desk.answer(b"CAPA\r\n")
    assert desk.answer(b"STLS\r\nCAPA\r\n") == b"+OK begin TLS\r\n"
    assert b"USER" in desk.answer(b"CAPA\r\n")


@pytest.mark.parametrize("verb", ["CAPA", "UIDL", "TOP"])
def test_lacking(verb: str) -> None:
    """A server can do without what some servers do without."""
    desk = Desk(popd.Server(lacks={verb, "PIPELINING"}))
    desk.answer(b"USER u\r\nPASS p\r\n")

    assert desk.answer(f"{verb} 1 1\r\n".encode()) == b"-ERR no such command here\r\n"
    assert verb.encode() not in desk.answer(b"CAPA\r\n")
    assert b"PIPELINING" not in desk.answer(b"CAPA\r\n")


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_command_without_end(end: bytes) -> None:
    """A command of 20,000 octets ends the session."""
    server = popd.Server()
    server.feed(b"x" * 20_000 + end)

    with pytest.raises(ProtocolError, match="without end"):
        server.step()


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_back_to_back(size: int) -> None:
    """The client understands the server, with everything on its way at once."""
    client, desk, events = Client(), Desk(popd.Server()), list[Event]()
    commands = [Command("CAPA"), Command("USER", "u"), Command("PASS", "p"), Command("UIDL"), Command("LIST")]
    commands += [
        Command("RETR", "1"),
        Command("TOP", "1 0"),
        Command("RETR", "2"),
        Command("DELE", "1"),
        Command("QUIT"),
    ]
    asked = b"".join(map(client.send, commands))
    said = desk.server.greeting() + b"".join(
        desk.answer(asked[start : start + size]) for start in range(0, len(asked), size)
    )
    for start in range(0, len(said), size):
        events += client.receive(said[start : start + size])

    assert [event.command for event in events if isinstance(event, Reply) and event.ok] == commands
    letter = [event.data for event in events if isinstance(event, Piece) and event.command == commands[5]]
    assert b"".join(letter) == LETTERS[1]
    assert [told(event) for event in events if isinstance(event, Item)] == [
        "item 1 id1",
        "item 2 id2",
        "item 1 34",
        "item 2 13",
    ]
    assert desk.gone == (1,)


def test_deaf() -> None:
    """A deaf server offers PIPELINING, but of what is sent ahead of its replies it hears nothing."""
    desk = Desk(popd.Server(deaf=True))

    assert b"PIPELINING" in desk.answer(b"CAPA\r\n")
    assert desk.answer(b"USER u\r\nPASS p\r\n") == b"+OK\r\n"
    assert desk.answer(b"PASS p\r\nSTAT\r\n").startswith(b"+OK")
    assert desk.answer(b"STAT\r\nQUIT\r\n").startswith(b"+OK")
