"""What ``check`` tries for itself, against the provider on loopback and name servers that are made up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from core import check
from core.config import SmartHost
from core.errors import ProtocolError
from core.household import World
from core.net import smarthost
from tests.flows.town import Town, town


@dataclass(frozen=True)
class Names:
    """Name servers: hosts by domain, addresses by host; ``deaf`` ones do not answer."""

    mail: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    deaf: bool = False

    async def mx(self, domain: str) -> Sequence[str]:
        """Where mail goes."""
        if self.deaf:
            raise ProtocolError(f"nothing could be learned about {domain}")
        return self.mail.get(domain, ())

    async def addresses(self, host: str) -> Sequence[str]:
        """Where a host is."""
        return self.hosts.get(host, ())


def world(here: Town, names: Names) -> World:
    """What this house reaches, with these name servers."""
    return replace(here.outside(here.open()), resolver=names)


@pytest.mark.parametrize(
    ("names", "level", "words"),
    [
        (Names(mail={"home.example": ["mx.example"]}), "ok", "goes to mx.example"),
        (Names(hosts={"home.example": ["192.0.2.1"]}), "ok", "goes to home.example"),
        (Names(), "fail", "neither MX nor address"),
        (Names(deaf=True), "fail", "nothing could be learned"),
    ],
)
async def test_the_public_domain(tmp_path: Path, names: Names, level: str, words: str) -> None:
    """A domain that takes no mail is told before a smart host refuses its senders."""
    async with town(tmp_path) as here:
        finding = await check.domain_of(here.open().config, world(here, names))

        assert (finding.level, words in finding.what) == (level, True)


@pytest.mark.parametrize(
    ("host", "level"),
    [("pop.example", "ok"), ("nowhere.example", "fail"), ("192.0.2.7", "ok"), ("2001:db8::7", "ok")],
)
async def test_a_servers_name(tmp_path: Path, host: str, level: str) -> None:
    """Names are asked for; addresses need no asking."""
    async with town(tmp_path) as here:
        finding = await check.name(host, world(here, Names(hosts={"pop.example": ["192.0.2.7"]})))

        assert finding.level == level
        assert host in finding.what


async def test_a_login_fetches_nothing(tmp_path: Path) -> None:
    """The box lets us in and keeps its letters."""
    async with town(tmp_path, [b"Subject: stays\n\nHi\n"]) as here:
        finding = await check.login(world(here, Names()).maildrops[0])

        assert finding.what == "maildrop isp lets us in; 1 letter there"
        assert len(here.provider.box.letters()) == 1


async def test_senders_are_tried_and_nothing_is_sent(tmp_path: Path) -> None:
    """An address that the smart host cannot take is told; the others are fine."""
    async with town(tmp_path) as here:
        host = world(here, Names()).smarthost
        assert host is not None
        found = [finding async for finding in check.relay(host, ["paul@home.example", "luc\n@home.example"])]

        assert [finding.level for finding in found] == ["ok", "ok", "fail"]
        assert here.provider.desk.taken == []


async def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    """With the server's words, and what to correct."""
    async with town(tmp_path) as here:
        settings = SmartHost(host="127.0.0.1", port=here.provider.smtp, security="none", user="house")
        (finding,) = [each async for each in check.relay(smarthost.SmartHost(settings, "home.example"))]

        assert finding.level == "fail"
        assert "[smarthost]" in finding.remedy


async def test_one_box_twice(tmp_path: Path) -> None:
    """Two maildrops that are one box are told: each call would log in to it twice."""
    async with town(tmp_path) as here:
        here.maildrop = '[[maildrop]]\nname = "again"\nhost = "127.0.0.1"\nuser = "house"\npassword = "secret"'
        found = await check.check(here.open(), world(here, Names(mail={"home.example": ["mx.example"]})))

        told = [finding.what for finding in found if "same box" in finding.what]
        assert told == ["maildrops isp and again are the same box of 127.0.0.1, which is logged in to twice a call"]
