import pytest

from core.wire import hayes
from core.wire.hayes import (
    Blacklisted,
    Busy,
    Connect,
    Data,
    Delayed,
    Dialogue,
    Echo,
    Error,
    Event,
    NoAnswer,
    NoCarrier,
    NoDialtone,
    Ok,
    Ring,
    Text,
    Voice,
)

# What we send (empty: nothing), what the modem answers, what that means.
DIALOGUES: list[tuple[str, bytes, list[Event]]] = [
    ("AT", b"\r\nOK\r\n", [Ok("OK")]),
    ("AT", b"OK\r\n", [Ok("OK")]),
    ("AT", b"0\r", [Ok("0")]),
    ("ATZ", b"ATZ\r\r\nOK\r\n", [Echo("ATZ"), Ok("OK")]),
    ("ATZ", b"atz\r0\r", [Echo("atz"), Ok("0")]),
    ("ATZ", b"\x00\xffATZ\r\r\n\xf8OK\r\n", [Echo("\x00\xffATZ"), Ok("\xf8OK")]),
    ("ATZ", b"~x{!\r\n\xff\xfe\r\n\r\nOK\r\n", [Text("~x{!"), Text("\xff\xfe"), Ok("OK")]),
    ("AT+FOO", b"\r\nERROR\r\n", [Error("ERROR")]),
    ("AT+FOO", b"\r\nCOMMAND ERROR\r\n", [Error("COMMAND ERROR")]),
    ("AT+FOO", b"\r\n+CME ERROR: 10\r\n", [Error("+CME ERROR: 10")]),
    ("AT+FOO", b"4\r", [Error("4")]),
    ("ATI1", b"\r\n255\r\n\r\nOK\r\n", [Text("255"), Ok("OK")]),
    ("ATS0?", b"\r\n000\r\n\r\nOK\r\n", [Text("000"), Ok("OK")]),
    ("ATZ&D2", b"\r\n255\r\n\r\nOK\r\n", [Text("255"), Ok("OK")]),
    ("", b"\r\nRING\r\n", [Ring("RING")]),
    ("", b"2\r", [Ring("2")]),
    ("ATDT5550111", b"ATDT5550111\r\r\nBUSY\r\n", [Echo("ATDT5550111"), Busy("BUSY")]),
    ("ATDT5550111", b"7\r", [Busy("7")]),
    ("ATDT1", b"\r\nNO CARRIER\r\n", [NoCarrier("NO CARRIER")]),
    ("ATDT1", b"3\r", [NoCarrier("3")]),
    ("ATDT1", b"\r\nNO DIALTONE\r\n", [NoDialtone("NO DIALTONE")]),
    ("ATDT1", b"\r\nNO DIAL TONE\r\n", [NoDialtone("NO DIAL TONE")]),
    ("ATDT1", b"6\r", [NoDialtone("6")]),
    ("ATDT1", b"\r\nRINGING\r\n\r\nNO ANSWER\r\n", [Text("RINGING"), NoAnswer("NO ANSWER")]),
    ("ATDT1", b"8\r", [NoAnswer("8")]),
    ("ATDT1", b"\r\nVOICE\r\n", [Voice("VOICE")]),
    ("ATDT1", b"\r\nDELAYED\r\n", [Delayed("DELAYED")]),
    ("ATDT1", b"\r\nDELAYED 00:00:56\r\n", [Delayed("DELAYED 00:00:56")]),
    ("ATDT1", b"24\r", [Delayed("24")]),
    ("ATDT1", b"\r\nBLACKLISTED\r\n", [Blacklisted("BLACKLISTED")]),
    ("ATDT1", b"32\r", [Blacklisted("32")]),
    ("ATDT1", b"12\r", [Voice("12")]),
    ("ATDT1", b"11\r8\r", [Text("11"), NoAnswer("8")]),
    ("ATDT1", b"\r\nCONNECT\r\n", [Connect("CONNECT", 0)]),
    ("ATDT1", b"\r\nCONNECT 1200/75\r\n", [Connect("CONNECT 1200/75", 1200)]),
    ("ATDT1", b"1\r", [Connect("1", 0)]),
    ("ATDT1", b"10\r", [Connect("10", 2400)]),
    ("ATX3DT1", b"155\r", [Connect("155", 0)]),
    (
        "ATDT1",
        b"\r\nCONNECT 33600/ARQ/V34/LAPM/V42BIS\r\n",
        [Connect("CONNECT 33600/ARQ/V34/LAPM/V42BIS", 33600)],
    ),
    ("ATDT1", b"\r\nCONNECT LAPM 28800\r\n", [Connect("CONNECT LAPM 28800", 28800)]),
    (
        "ATDT1",
        b"\r\nCARRIER 31200\r\n\r\nCONNECT 115200\r\n",
        [Text("CARRIER 31200"), Connect("CONNECT 115200", 31200)],
    ),
    ("ATDT1", b"CONNECTION\r\n", [Text("CONNECTION")]),
    ("ATDT1", b"\r\nCONNECT 9600\r\nlogin: ", [Connect("CONNECT 9600", 9600), Data(b"login: ")]),
    ("ATDT1", b"1\r~\xff}#", [Connect("1", 0), Data(b"~\xff}#")]),
    (
        "ATDT1",
        b"\r\nCONNECT\r\nbye\r\nNO CARRIER\r\n",
        [Connect("CONNECT", 0), Data(b"bye\r\nNO CARRIER\r\n"), NoCarrier("NO CARRIER")],
    ),
    (
        "ATDT1",
        b"\r\nCONNECT\r\nthere is NO CARRIER here",
        [Connect("CONNECT", 0), Data(b"there is NO CARRIER here")],
    ),
    ("ATDT1", b"\r\nNO CAR", []),
]


def joined(events: list[Event]) -> list[Event]:
    """The events with neighbouring data put together, as it does not matter where the port cuts it."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, Data) and found and isinstance(found[-1], Data):
            found[-1] = Data(found[-1].data + event.data)
        else:
            found.append(event)
    return found


@pytest.mark.parametrize(("command", "answer", "expected"), DIALOGUES)
def test_whole_answer(command: str, answer: bytes, expected: list[Event]) -> None:
    """An answer in one piece means what V.250 and the makers say."""
    dialogue = Dialogue()
    if command:
        assert dialogue.send(command) == command.encode() + b"\r"

    assert dialogue.receive(answer) == expected


@pytest.mark.parametrize(("command", "answer", "expected"), DIALOGUES)
def test_byte_by_byte(command: str, answer: bytes, expected: list[Event]) -> None:
    """It means the same when each byte comes alone."""
    dialogue = Dialogue()
    if command:
        dialogue.send(command)

    events = [event for byte in answer for event in dialogue.receive(bytes([byte]))]

    assert joined(events) == expected


def test_half_line_waits() -> None:
    """Half a line is nothing until its rest is there."""
    dialogue = Dialogue()

    assert dialogue.receive(b"\r\nNO DIAL") == []
    assert dialogue.receive(b" TONE\r\n") == [NoDialtone("NO DIAL TONE")]


def test_command_state_after_escape() -> None:
    """After the escape sequence lines are answers again."""
    dialogue = Dialogue()
    dialogue.send("ATDT1")
    dialogue.receive(b"\r\nCONNECT 9600\r\nOK\r\n")

    assert dialogue.escape() == b"+++"
    assert dialogue.receive(b"\r\nOK\r\n") == [Ok("OK")]


def test_command_state_after_no_carrier() -> None:
    """After a lost carrier lines are answers again."""
    dialogue = Dialogue()
    dialogue.send("ATDT1")
    dialogue.receive(b"\r\nCONNECT 9600\r\n")
    dialogue.receive(b"\r\nNO CARRIER\r\n")

    assert dialogue.receive(b"\r\nRING\r\n") == [Ring("RING")]


def test_noise_without_end_is_bounded() -> None:
    """A port that sends noise for ever fills no memory, and the next answer is still understood."""
    dialogue = Dialogue()
    for _ in range(100):
        assert dialogue.receive(b"x" * 1000) == []

    [noise, ok] = dialogue.receive(b"\r\nOK\r\n")

    assert isinstance(noise, Text)
    assert len(noise.text) <= hayes.LONGEST + 2
    assert ok == Ok("OK")
