import asyncio
import os
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core import config, events
from core.errors import LineError, NoLineError
from core.net import modem as net_modem
from core.net import port
from core.net.modem import DOTS, Modem
from core.rehearsal import modem as rehearsal
from core.rehearsal.modem import Behaviour
from core.wire import hayes

NUMBERS: dict[str, Behaviour] = {
    "5550199": "answers",
    "5550111": "busy",
    "5550122": "no answer",
    "5550133": "no dialtone",
    "5550144": "voice",
}


@pytest.fixture(autouse=True)
def locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Short waits, and a lock folder of our own."""
    folder = tmp_path / "lock"
    folder.mkdir()
    monkeypatch.setattr(port, "LOCKS", folder)
    monkeypatch.setattr(net_modem, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(net_modem, "GUARD_SECONDS", 0.1)
    monkeypatch.setattr(net_modem, "DTR_SECONDS", 0.06)
    monkeypatch.setattr(net_modem, "WATCH_SECONDS", 0.05)
    return folder


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[rehearsal.Modem]:
    """A modem at ``modem``."""
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, guard=0.05) as modem:
        yield modem


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Path]:
    """A port with nobody at its other end."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield Path(os.ttyname(theirs))
    os.close(theirs)
    os.close(ours)


def settings(device: Path, *numbers: str, **more: object) -> config.Line:
    """Settings of a modem line without pauses."""
    values: dict[str, object] = {
        "kind": "modem",
        "device": str(device),
        "numbers": numbers or ("5550199",),
        "redials": 0,
        "redial_seconds": 0.0,
        "dial_seconds": 2.0,
    }
    return config.Line(**(values | more))  # type: ignore[arg-type]


def texts(told: list[events.Event], *, sent: bool) -> list[str]:
    """What one side of the dialogue said."""
    return [event.text for event in told if isinstance(event, events.Modem) and event.sent is sent]


async def test_connects(there: rehearsal.Modem) -> None:
    """A number that answers is connected, and the whole dialogue is told."""
    told: list[events.Event] = []
    modem = Modem(settings(there.path), told.append)

    await modem.start()
    number, answer = await modem.dial()

    assert (number, answer) == ("5550199", hayes.Connect("CONNECT 33600", 33600))
    assert there.offhook
    assert texts(told, sent=True) == ["AT", "ATZ", "ATE0V1Q0X4&C1&D2", "AT", "ATDT5550199"]
    assert texts(told, sent=False) == ["OK", "OK", "OK", "OK", "CONNECT 33600"]
    assert events.Dialing("5550199", 1) in told
    assert await modem.down()


async def test_numbers_and_echo(there: rehearsal.Modem) -> None:
    """A modem that answers in numbers and with echo is understood as well."""
    modem = Modem(settings(there.path, "5550111", init=("ATE1V0X4",)), lambda _: None)

    await modem.start()
    with pytest.raises(LineError, match="5550111 is busy"):
        await modem.dial()
    assert await modem.down()


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("5550111", "5550111 is busy"),
        ("5550122", "5550122 does not answer"),
        ("5550133", "5550133: no dial tone"),
        ("5550144", "5550144: a voice answers"),
        ("5550155", "5550155: no carrier"),
    ],
)
async def test_refusals(there: rehearsal.Modem, number: str, why: str) -> None:
    """Each way to be refused has its own sentence, which names the number."""
    told: list[events.Event] = []
    modem = Modem(settings(there.path, number), told.append)
    await modem.start()

    with pytest.raises(LineError, match=why) as raised:
        await modem.dial()

    assert not isinstance(raised.value, NoLineError)
    assert told[-1] == events.Refused(number, str(raised.value))
    assert not there.offhook
    await modem.down()


async def test_numbers_in_turn_and_again(there: rehearsal.Modem) -> None:
    """The numbers are tried in turn, then all again, until one answers."""
    told: list[events.Event] = []
    modem = Modem(settings(there.path, "5550111", "5550122", redials=5), told.append)
    await modem.start()

    def emit(event: events.Event) -> None:
        told.append(event)
        if isinstance(event, events.Refused) and event.number == "5550122":
            there.numbers["5550111"] = "answers"

    modem.emit = emit
    number, _ = await modem.dial()

    assert number == "5550111"
    assert [event for event in told if isinstance(event, events.Dialing)] == [
        events.Dialing("5550111", 1),
        events.Dialing("5550122", 2),
        events.Dialing("5550111", 3),
    ]
    await modem.down()


async def test_all_refused(there: rehearsal.Modem) -> None:
    """When all tries are refused, each reason is told once."""
    modem = Modem(settings(there.path, "5550111", "5550122", redials=1), lambda _: None)
    await modem.start()

    with pytest.raises(LineError) as raised:
        await modem.dial()

    assert str(raised.value) == "5550111 is busy; 5550122 does not answer (4 tries)"
    assert there.dialled == ["5550111", "5550122"] * 2
    await modem.down()


async def test_endless_ringing_ends(tmp_path: Path) -> None:
    """A call that neither connects nor fails is ended after line.dial_seconds."""
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, seconds=60) as there:
        modem = Modem(settings(there.path, dial_seconds=0.1), lambda _: None)
        await modem.start()

        with pytest.raises(LineError, match=r"5550199: no connection within 0\.1 s"):
            await modem.dial()

        assert not there.offhook
        await modem.down()


async def test_cancelled_while_dialling(tmp_path: Path) -> None:
    """Cancelled while it dials, the phone is put down."""
    dialling = asyncio.Event()

    def emit(event: events.Event) -> None:
        if event == events.Modem("ATDT5550199", sent=True):
            dialling.set()

    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, seconds=60) as there:
        modem = Modem(settings(there.path), emit)
        await modem.start()
        call = asyncio.create_task(modem.dial())
        await dialling.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        assert await modem.down()
        assert not there.offhook


@pytest.mark.parametrize("dtr", [True, False])
async def test_hangup(tmp_path: Path, dtr: bool) -> None:
    """DTR hangs up; where the port has none, +++ and ATH do."""
    told: list[events.Event] = []
    calls: list[bool] = []
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, guard=0.05, dtr=dtr, hook=calls.append) as there:
        modem = Modem(settings(there.path), told.append)
        await modem.start()
        await modem.dial()
        assert calls == [True]

        assert await modem.down()

        assert calls == [True, False]
        assert ("+++" in texts(told, sent=True)) is not dtr
        assert texts(told, sent=True)[-1] == "ATH"


async def test_a_call_left_by_a_crash(tmp_path: Path) -> None:
    """A modem that is still online when we begin is hung up, then used."""
    calls: list[bool] = []
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, guard=0.05, dtr=False, hook=calls.append) as there:
        crashed = Modem(settings(there.path), lambda _: None)
        await crashed.start()
        await crashed.dial()
        crashed.close()
        assert calls == [True]

        modem = Modem(settings(there.path), lambda _: None)
        await modem.start()

        assert calls == [True, False]
        assert await modem.down()


async def test_down_twice(there: rehearsal.Modem) -> None:
    """Hanging up once more does nothing."""
    modem = Modem(settings(there.path), lambda _: None)
    await modem.start()

    assert await modem.down()
    assert await modem.down()


async def test_silent_port(deaf: Path) -> None:
    """A port where no modem answers is told by its name."""
    modem = Modem(settings(deaf), lambda _: None)

    with pytest.raises(NoLineError, match=f"{deaf}: no modem answers"):
        await modem.start()
    assert await modem.down()


async def test_refused_init(there: rehearsal.Modem) -> None:
    """An init string that the modem does not know is named."""
    modem = Modem(settings(there.path, init=("ATZ", "AT$FOO")), lambda _: None)

    with pytest.raises(NoLineError, match=r"the modem answers ERROR to AT\$FOO; change line.init"):
        await modem.start()
    await modem.down()


async def test_no_port(tmp_path: Path) -> None:
    """A port that is not there is told by its name."""
    with pytest.raises(NoLineError, match=f"{tmp_path}/none: there is no such port"):
        await Modem(settings(tmp_path / "none"), lambda _: None).start()


async def test_no_serial_port(tmp_path: Path) -> None:
    """A file is no port."""
    (tmp_path / "file").touch()

    with pytest.raises(NoLineError, match=f"{tmp_path}/file: cannot be opened as a modem's port"):
        await Modem(settings(tmp_path / "file"), lambda _: None).start()


# -- the login dialogue


class Provider:
    """A terminal server that asks for a name and a password, and repeats the name."""

    def __init__(self) -> None:
        self.heard = b""
        self.asked = 0

    def __call__(self, data: bytes) -> bytes:
        """What the terminal server says to ``data``."""
        self.heard += data
        lines = self.heard.count(b"\r")
        if lines < self.asked:
            return data
        self.asked = lines + 1
        return [b"\r\nWelcome\r\nlogin: ", data + b"\nPassword: ", b"\r\nPPP\x1b[2J session\r\n"][lines]


CHAT = (("ogin:", config.Secret("dfzt12")), ("assword:", config.Secret("geheim")))


async def test_login(tmp_path: Path) -> None:
    """The login dialogue is answered, and no answer is told, not even when the other side repeats it."""
    provider, told = Provider(), list[events.Event]()
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, far=provider) as there:
        modem = Modem(settings(there.path, chat=(*CHAT, ("session", config.Secret("")))), told.append)
        await modem.start()
        number, _ = await modem.dial()
        await modem.login(number)
        await modem.down()

    assert provider.heard.startswith(b"dfzt12\rgeheim\r")
    assert "dfzt12" not in repr(told)
    assert "geheim" not in repr(told)
    words = [event.text for event in told if isinstance(event, events.Modem)]
    start = words.index("Welcome")
    assert words[start : start + 8] == [
        "Welcome",
        "login:",
        DOTS,
        DOTS,
        "Password:",
        DOTS,
        "PPP\N{REPLACEMENT CHARACTER}[2J session",
        DOTS,
    ]


async def test_login_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that asks for nothing is waited for only so long, and its last words are told."""
    monkeypatch.setattr(net_modem, "CHAT_SECONDS", 0.1)
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, far=lambda _: b"Go away\r\n") as there:
        modem = Modem(settings(there.path, chat=CHAT), lambda _: None)
        await modem.start()
        await modem.dial()

        with pytest.raises(LineError, match=r'5550199: no "ogin:" came in 0\.1 s; the last was "Go away"'):
            await modem.login("5550199")
        await modem.down()


async def test_login_refused(there: rehearsal.Modem) -> None:
    """A provider that hangs up instead of asking is told."""
    modem = Modem(settings(there.path, chat=CHAT), lambda _: None)
    await modem.start()
    await modem.dial()
    there.drop()

    with pytest.raises(LineError, match='5550199: hung up instead of asking "ogin:"'):
        await modem.login("5550199")
    assert await modem.down()


# -- a lost carrier


async def test_lost_by_words(there: rehearsal.Modem) -> None:
    """NO CARRIER ends the wait for a lost carrier."""
    modem = Modem(settings(there.path), lambda _: None)
    await modem.start()
    await modem.dial()
    lost = asyncio.create_task(modem.lost())
    there.drop()

    assert await lost == "the carrier was lost"
    assert await modem.down()


async def test_lost_by_bytes(tmp_path: Path) -> None:
    """A carrier that goes after so many bytes is lost in the middle of them."""
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, drop_after=1000) as there:
        modem = Modem(settings(there.path), lambda _: None)
        await modem.start()
        await modem.dial()
        there.carry(999)
        assert there.offhook
        await modem.port.write(b"x")

        assert await modem.lost() == "the carrier was lost"
        await modem.down()


async def test_lost_by_hangup_of_the_tty(there: rehearsal.Modem) -> None:
    """A tty that the kernel hangs up is dead for good; hanging up opens the port anew, by its path."""
    modem = Modem(settings(there.path), lambda _: None)
    await modem.start()
    await modem.dial()
    flags = termios.tcgetattr(modem.port.fileno())
    flags[2] &= ~termios.CLOCAL
    termios.tcsetattr(modem.port.fileno(), termios.TCSANOW, flags)
    before = there.path.readlink()
    there.drop()

    assert there.path.readlink() != before
    assert await modem.lost()
    assert await modem.down()
    assert there.commands[-1] == "ATH"


# -- the lock file


def lock_of(modem: rehearsal.Modem) -> Path:
    """The lock file of a modem's port, by the rule of the FHS."""
    return port.LOCKS / f"LCK..{os.path.realpath(modem.path).removeprefix('/dev/').replace('/', '_')}"


def held(locks: Path) -> list[Path]:
    """What is in the lock folder."""
    return sorted(locks.iterdir())


async def test_lock(there: rehearsal.Modem, locks: Path) -> None:
    """While we have the port its lock holds our pid in ten digits; afterwards it is gone."""
    lock = lock_of(there)
    modem = Modem(settings(there.path), lambda _: None)

    await modem.start()

    assert held(locks) == [lock]
    assert lock.read_text() == f"{os.getpid():10}\n"
    await modem.down()
    assert held(locks) == []


async def test_lock_of_a_living_process(there: rehearsal.Modem) -> None:
    """A port that a living process holds is left alone, and so is its lock."""
    lock = lock_of(there)
    lock.write_text(f"{os.getppid():10}\n")
    modem = Modem(settings(there.path), lambda _: None)

    with pytest.raises(LineError, match=f"{there.path}: process {os.getppid()} is using it"):
        await modem.start()
    await modem.down()

    assert lock.exists()
    assert there.commands == []


async def test_lock_of_our_own(there: rehearsal.Modem) -> None:
    """Two parts of this program cannot have the port at once, and the second does not disturb the first."""
    first, second = (Modem(settings(there.path), lambda _: None) for _ in range(2))
    await first.start()

    with pytest.raises(LineError, match="a call or a test is using it"):
        await second.start()
    await second.down()
    await first.dial()

    assert lock_of(there).exists()
    assert await first.down()


@pytest.mark.parametrize(
    "content",
    ["   4194999\n", "", "garbage", f"{os.getpid():10}\n"],
    ids=["gone", "empty", "garbage", "ours"],
)
async def test_stale_lock(there: rehearsal.Modem, content: str) -> None:
    """A lock whose process is gone, or that never was one, is broken."""
    lock = lock_of(there)
    lock.write_text(content)
    modem = Modem(settings(there.path), lambda _: None)

    await modem.start()

    assert lock.read_text() == f"{os.getpid():10}\n"
    await modem.down()


async def test_no_lock_folder(there: rehearsal.Modem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no lock can be written there is none, and no error."""
    monkeypatch.setattr(port, "LOCKS", tmp_path / "none")
    modem = Modem(settings(there.path), lambda _: None)

    await modem.start()

    assert await modem.down()
