"""Whole runs on the stage: what dials, travels and drops there is what a household's own run does with it."""

from pathlib import Path

import pytest

from core import stub
from core.errors import LineError
from core.events import Connected, Dialing, Event, Finished, HungUp, Refused
from core.open import open_household
from core.rehearsal.house import NUMBER
from core.rehearsal.modem import Behaviour
from core.rehearsal.relay import Direction
from core.rehearsal.stage import Scene, stage
from core.run import run
from core.store import mbox
from core.world import world

LETTERS = [f"X-Original-To: Mia.Dupont@home.example\nSubject: {n}\n\n{'sea ' * 500}\n".encode() for n in range(8)]


async def made(scene: Scene) -> list[Event]:
    """One run; what it told."""
    events: list[Event] = []
    house = open_household(scene.folder)
    try:
        await run(house, world(house.config, scene.folder), events.append)
    finally:
        house.ledger.close()
    return events


def subjects(scene: Scene) -> list[str]:
    """What Mia has got of the letters above."""
    path = scene.folder / "mail" / "mia" / "inbox"
    found = [mbox.head(path, entry).rpartition(b"Subject: ")[2].split(b"\n")[0] for entry in mbox.entries(path)]
    return sorted(subject.decode() for subject in found if subject.isdigit())


async def test_a_run(tmp_path: Path) -> None:
    """The whole of the made-up house: all goes out, all comes in, and of what is big the beginning."""
    async with stage(tmp_path, rate=0, delay=0.0, dial_seconds=0.0) as scene:
        events = await made(scene)
        house = open_household(scene.folder)
        there = [("isp", letter.uid) for letter in scene.provider.box.letters()]
        there += [("library", letter.uid) for letter in scene.provider.others["mia.reads"].letters()]
        assert sorted((one.maildrop, one.uid) for one in stub.waiting(house)) == there
        house.ledger.close()
        assert not scene.modem.offhook
        assert not scene.line.is_up
        assert len(scene.provider.desk.taken) == 4
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.outcome, finished.sent, finished.stubs) == ("complete", 5, 4)
    assert any(isinstance(event, Connected) and event.number == NUMBER for event in events)


async def test_nothing_passes_without_a_call(tmp_path: Path) -> None:
    """Before anybody dials, the provider cannot be reached."""
    async with stage(tmp_path, rate=0, delay=0.0, dial_seconds=0.0, letters=LETTERS) as scene:
        house = open_household(scene.folder)
        with pytest.raises(LineError):
            async with world(house.config, scene.folder).maildrops[0].session():
                pass
        house.ledger.close()
        assert scene.line.ways["down"].carried == 0


@pytest.mark.parametrize("behaviour", ["busy", "no carrier", "no dialtone", "no answer"])
async def test_refused(tmp_path: Path, behaviour: Behaviour) -> None:
    """A call that does not come about is told, and leaves everything where it was."""
    events: list[Event] = []
    numbers: dict[str, Behaviour] = {NUMBER: behaviour}
    async with stage(tmp_path, rate=0, delay=0.0, dial_seconds=0.0, numbers=numbers, letters=LETTERS) as scene:
        house = open_household(scene.folder)
        with pytest.raises(LineError):
            await run(house, world(house.config, scene.folder), events.append)
        house.ledger.close()
        assert len(scene.provider.box.letters()) == len(LETTERS)
        assert not scene.modem.offhook
    assert any(isinstance(event, Dialing) for event in events)
    assert any(isinstance(event, Refused) for event in events)


@pytest.mark.parametrize(("direction", "size"), [("up", 1), ("up", 300), ("up", 1_500), ("down", 500), ("down", 9_000)])
async def test_dropped(tmp_path: Path, direction: Direction, size: int) -> None:
    """The line drops in the middle: the phone is down, and the next call makes up for it, each letter once."""
    async with stage(tmp_path, rate=0, delay=0.0, dial_seconds=0.0, letters=LETTERS) as scene:
        scene.line.drop_after(direction, size)
        try:
            events = await made(scene)
        except LineError:
            events = []
        assert not scene.modem.offhook
        scene.line.drop_after(direction, None)
        events += await made(scene)
        assert any(isinstance(event, HungUp) for event in events)
        assert subjects(scene) == [str(n) for n in range(8)]
        assert not scene.provider.box.letters()
        sent = [recipient for taken in scene.provider.desk.taken for recipient in taken.envelope.recipients]
        assert len(sent) == len(set(sent))
