import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import config, events
from core.errors import LineError, NoLineError
from core.household import Line
from core.net import command as command_line
from core.net import modem as net_modem
from core.net import port
from core.net.line import line
from core.rehearsal import modem as rehearsal
from core.rehearsal.modem import Behaviour

NUMBERS: dict[str, Behaviour] = {"5550199": "answers", "5550111": "busy"}
LINK = (sys.executable, "-m", "core.rehearsal.link")


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Short waits, and a lock folder of our own."""
    monkeypatch.setattr(port, "LOCKS", tmp_path)
    monkeypatch.setattr(net_modem, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(net_modem, "DTR_SECONDS", 0.06)
    monkeypatch.setattr(net_modem, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(command_line, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(command_line, "TRY_SECONDS", 0.01)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[rehearsal.Modem]:
    """A modem at ``modem``."""
    async with rehearsal.Modem(tmp_path / "modem", NUMBERS, guard=0.05) as modem:
        yield modem


def dialup(there: rehearsal.Modem, *link: str, number: str = "5550199", **more: object) -> Line:
    """A modem line without pauses."""
    values: dict[str, object] = {"numbers": (number,), "redials": 0, "link": link, "link_seconds": 10.0}
    settings = config.Line(kind="modem", device=str(there.path), **(values | more))  # type: ignore[arg-type]
    return line(settings, Path("/"))


def command(folder: Path, **commands: str) -> Line:
    """A line of shell commands."""
    words = {key: ("sh", "-c", text) for key, text in commands.items()}
    settings = config.Line(kind="command", command_seconds=5.0, **words)  # type: ignore[arg-type]
    return line(settings, folder)


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def hung_up(told: list[events.Event]) -> list[events.HungUp]:
    """How often the end of the line was told."""
    return [event for event in told if isinstance(event, events.HungUp)]


# -- always


async def test_always() -> None:
    """A line that is always there is up at once, and is never lost."""
    told: list[events.Event] = []
    here = line(config.Line(), Path("/"))

    await here.up(told.append)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(here.lost(), 0.05)
    await here.down(told.append)
    await here.down(told.append)

    assert await here.probe() == "the line is always there"
    assert told[0] == events.Connected("", 0)
    assert [type(event) for event in told] == [events.Connected, events.HungUp]


# -- command


async def test_commands(tmp_path: Path) -> None:
    """The commands run in the household folder, in order, and what they say is told."""
    told: list[events.Event] = []
    here = command(tmp_path, up="echo dialling; touch up", check="test -e up", down="rm up")

    await here.up(told.append)
    assert names(tmp_path) == ["up"]
    await here.down(told.append)

    assert names(tmp_path) == []
    assert events.Modem("dialling") in told
    assert [type(event) for event in told if not isinstance(event, events.Modem)] == [
        events.Dialing,
        events.Connected,
        events.HungUp,
    ]


async def test_command_fails(tmp_path: Path) -> None:
    """A command that fails is told with its status and its last words."""
    here = command(tmp_path, up="echo one; echo no signal >&2; exit 3")

    with pytest.raises(LineError, match=r"line\.up: sh failed with status 3: no signal") as raised:
        await here.up(lambda _: None)
    await here.down(lambda _: None)

    assert not isinstance(raised.value, NoLineError)


async def test_no_such_command(tmp_path: Path) -> None:
    """A command that is not there is told by its name."""
    here = line(config.Line(kind="command", up=("no-such-command",)), tmp_path)

    with pytest.raises(NoLineError, match=r"line\.up: no-such-command: cannot be run"):
        await here.up(lambda _: None)
    await here.down(lambda _: None)


async def test_command_hangs(tmp_path: Path) -> None:
    """A command that does not end in time is ended, with all that it has started."""
    settings = config.Line(kind="command", command_seconds=0.2, up=("sh", "-c", "sleep 60; echo late"))

    with pytest.raises(LineError, match=r"line.up: sh did not end within 0\.2 s"):
        await line(settings, tmp_path).up(lambda _: None)


async def test_command_leaves_a_child(tmp_path: Path) -> None:
    """A command that leaves a program behind in the background is not waited for longer than it runs."""
    here = command(tmp_path, up="sleep 60 & echo $! >pid", down="kill $(cat pid)")

    async with asyncio.timeout(3):
        await here.up(lambda _: None)
    told: list[events.Event] = []
    await here.down(told.append)

    assert not [event for event in told if isinstance(event, events.Trouble)]


async def test_check_waits(tmp_path: Path) -> None:
    """The line is up only when its check succeeds, and lost when it fails."""
    told: list[events.Event] = []
    here = command(
        tmp_path,
        up="true",
        check="echo >>n; test $(wc -l <n) -gt 2 -a $(wc -l <n) -lt 6 || { echo no route; exit 1; }",
    )

    await here.up(told.append)
    why = await here.lost()
    await here.down(told.append)

    assert why == "line.check: sh failed with status 1: no route"
    assert hung_up(told)[0].why == why


async def test_check_never_succeeds(tmp_path: Path) -> None:
    """A line whose check never succeeds is not up."""
    settings = config.Line(kind="command", command_seconds=0.1, up=("true",), check=("false",))

    with pytest.raises(LineError, match=r"line.up succeeded, but the line is not up after 0\.1 s"):
        await line(settings, tmp_path).up(lambda _: None)


async def test_down_fails(tmp_path: Path) -> None:
    """A down command that fails, or is not there, is told and not raised."""
    told: list[events.Event] = []
    await command(tmp_path, up="true", down="exit 7").down(told.append)
    await line(config.Line(kind="command", up=("true",), down=("no-such",)), tmp_path).down(told.append)

    troubles = [event.why for event in told if isinstance(event, events.Trouble)]

    assert troubles[0] == "line.down: sh failed with status 7"
    assert troubles[1].startswith("line.down: no-such: cannot be run")


async def test_command_probe(tmp_path: Path) -> None:
    """Probing runs nothing, and names the command that is not there."""
    good = command(tmp_path, up="touch up")
    bad = line(config.Line(kind="command", up=("sh",), down=("./no-such",)), tmp_path)

    assert await good.probe() == "the line's commands are there (sh)"
    with pytest.raises(NoLineError, match=r"line\.down: \./no-such is not on this machine"):
        await bad.probe()
    assert names(tmp_path) == []


# -- modem


async def test_probe(there: rehearsal.Modem) -> None:
    """Probing wakes and prepares the modem, dials nothing, and gives the port back."""
    here = dialup(there, "sh")

    assert (await here.probe()).startswith(f"the modem at {there.path} answers, /")
    assert there.dialled == []


async def test_probe_fails(there: rehearsal.Modem) -> None:
    """Probing tells what is missing."""
    with pytest.raises(NoLineError, match="no-such-pppd"):
        await dialup(there, "no-such-pppd").probe()


async def test_dialup_without_link(there: rehearsal.Modem) -> None:
    """Without a link program a connected modem is a line that is up, until the carrier is lost."""
    told: list[events.Event] = []
    here = dialup(there)

    await here.up(told.append)
    lost = asyncio.create_task(here.lost())
    there.drop()

    assert await lost == "the carrier was lost"
    await here.down(told.append)
    connected = next(event for event in told if isinstance(event, events.Connected))
    assert (connected.number, connected.rate, connected.address) == ("5550199", 33600, "")
    assert [event.why for event in hung_up(told)] == ["the carrier was lost"]


async def test_dialup_with_link(there: rehearsal.Modem) -> None:
    """With a link program the line is up when IP is; at the end the program is ended, then the phone put down."""
    told: list[events.Event] = []
    here = dialup(there, *LINK)

    await here.up(told.append)
    assert there.offhook
    await here.down(told.append)
    await here.down(told.append)

    assert there.commands[-1] == "ATH"
    connected = next(event for event in told if isinstance(event, events.Connected))
    assert (connected.interface, connected.address) == ("ppp0", "10.64.0.2")
    assert events.Modem("Terminating on signal 15") in told
    assert len(hung_up(told)) == 1
    assert hung_up(told)[0].seconds > 0


async def test_dialup_loses_the_carrier(there: rehearsal.Modem) -> None:
    """A carrier that is lost under the link program ends the line."""
    told: list[events.Event] = []
    here = dialup(there, *LINK)
    await here.up(told.append)
    there.drop()

    why = await here.lost()
    await here.down(told.append)

    assert why.endswith("the carrier was lost")
    assert hung_up(told)[0].why == why
    assert not [event for event in told if isinstance(event, events.Trouble)]


async def test_dialup_refused(there: rehearsal.Modem) -> None:
    """A refused call has cost nothing."""
    told: list[events.Event] = []
    here = dialup(there, number="5550111")

    with pytest.raises(LineError, match="5550111 is busy"):
        await here.up(told.append)
    await here.down(told.append)

    assert told[-1] == events.HungUp(0.0, "")


async def test_no_link_program(there: rehearsal.Modem) -> None:
    """Without the link program no call is made."""
    here = dialup(there, "no-such-pppd")

    with pytest.raises(NoLineError, match="no-such-pppd"):
        await here.up(lambda _: None)
    await here.down(lambda _: None)

    assert there.commands == []


async def test_link_fails(there: rehearsal.Modem) -> None:
    """A link program that fails after the call was connected leaves no phone off the hook."""
    told: list[events.Event] = []
    here = dialup(there, "sh", "-c", "echo 'PAP authentication failed' >&2; exit 19")

    with pytest.raises(NoLineError, match="refuses our name or password"):
        await here.up(told.append)
    await here.down(told.append)

    assert not there.offhook
    assert hung_up(told)[0].seconds > 0


async def test_cancelled_hang_up_goes_on(there: rehearsal.Modem) -> None:
    """A hang-up that is cancelled, even twice, is done before the cancellation is felt."""
    told: list[events.Event] = []
    here = dialup(there, *LINK)
    await here.up(told.append)
    down = asyncio.create_task(here.down(told.append))
    for _ in range(2):
        await asyncio.sleep(0)
        down.cancel()

    with pytest.raises(asyncio.CancelledError):
        await down

    assert not there.offhook
    assert len(hung_up(told)) == 1


async def test_cancelled_while_the_link_comes_up(there: rehearsal.Modem) -> None:
    """Cancelled while the link program works, down() ends it and puts the phone down."""
    told: list[events.Event] = []
    linking = asyncio.Event()

    def emit(event: events.Event) -> None:
        told.append(event)
        if event == events.Modem("LCP"):
            linking.set()

    here = dialup(there, "sh", "-c", "echo LCP >&2; exec sleep 60")
    up = asyncio.create_task(here.up(emit))
    await linking.wait()
    up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await up

    await here.down(emit)

    assert not there.offhook
    assert len(hung_up(told)) == 1


async def test_silent_modem_is_told(there: rehearsal.Modem, monkeypatch: pytest.MonkeyPatch) -> None:
    """A modem that does not confirm that it hung up is told as trouble, and nothing is raised."""
    monkeypatch.setattr(net_modem, "GUARD_SECONDS", 0.05)
    told: list[events.Event] = []
    here = dialup(there)
    await here.up(told.append)
    monkeypatch.setattr(there, "_typed", lambda _: None)
    monkeypatch.setattr(there._port, "_hear", lambda _: None)

    await here.down(told.append)

    assert [event.why for event in told if isinstance(event, events.Trouble)] == [
        f"{there.path}: the modem does not confirm that it hung up"
    ]
