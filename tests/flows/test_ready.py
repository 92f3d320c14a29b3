"""What is at hand before the line is up: passwords, and where the servers are."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.events import Connected, Trouble
from core.net.resolver import Resolver
from core.wire.hosts import Found
from tests.flows.town import TOML, Town, letter, town

BROKEN = 'password = ""\npassword_command = ["false"]'


def settle(here: Town, old: str, new: str) -> None:
    """The house as it is usually, but for the first place where ``old`` stands in its settings."""
    text = TOML.format(pop=here.provider.pop, smtp=here.provider.smtp, maildrop="")
    (here.folder / "household.toml").write_text(text.replace(old, new, 1))
    (here.folder / "household.toml").chmod(0o600)


def connected(here: Town) -> bool:
    """Whether the last run made a call."""
    return any(isinstance(event, Connected) for event in here.events)


async def test_no_password_no_call(tmp_path: Path) -> None:
    """A password that cannot be had is told before any money is spent."""
    async with town(tmp_path, [letter("luc@home.example", "one")]) as here:
        settle(here, 'password = "secret"', BROKEN)
        with pytest.raises(ConfigError, match=r"password_command for 127.0.0.1 \(false\) failed with status 1"):
            await here.run()

        assert not connected(here)
        assert [event.what for event in here.events if isinstance(event, Trouble)] == ["maildrop isp"]


async def test_the_other_direction_goes_on(tmp_path: Path) -> None:
    """Letters go out although the box has no password, and the fault is told."""
    async with town(tmp_path) as here:
        settle(here, 'password = "secret"', BROKEN)
        here.write("paul", "grandma@far.example")
        with pytest.raises(ConfigError, match="password_command"):
            await here.run()

        assert (here.taken()["hello"], connected(here)) == (1, True)


async def test_second_call_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server is asked once for each host of the settings, whatever the number of calls."""
    questions = []

    async def find(_: Resolver, host: str, now: datetime) -> Found:
        questions.append(host)
        return Found(("127.0.0.1",), now + timedelta(hours=1))

    monkeypatch.setattr(Resolver, "find", find)
    async with town(tmp_path, [letter("luc@home.example", "one")]) as here:
        settle(here, 'host = "127.0.0.1"', 'host = "pop.isp.example"')
        for _ in range(2):
            await here.run()

        assert (here.subjects("luc")["one"], questions) == (1, ["pop.isp.example"])
