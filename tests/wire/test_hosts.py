from datetime import UTC, datetime, timedelta

import pytest

from core.wire import hosts
from core.wire.hosts import Found

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
FILE = """\
127.0.0.1   localhost here.example
::1 localhost ip6-localhost # loopback
192.0.2.7\tmail.isp.example  MAIL
# 192.0.2.8 pop.isp.example
fe80::1%eth0 near.example
nonsense pop.isp.example
192.0.2.9
"""


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("localhost", ["127.0.0.1", "::1"]),
        ("mail", ["192.0.2.7"]),
        ("Mail.ISP.example.", ["192.0.2.7"]),
        ("near.example", ["fe80::1%eth0"]),
        ("pop.isp.example", []),
        ("loopback", []),
        ("", []),
    ],
)
def test_listed(host: str, addresses: list[str]) -> None:
    """A name of the hosts file has the addresses of its lines, in their order."""
    assert hosts.listed(FILE, host) == addresses


@pytest.mark.parametrize(
    ("host", "known"),
    [("192.0.2.7", True), ("2001:db8::1", True), ("::ffff:192.0.2.7", True), ("fe80::1%eth0", True), ("a.b", False)],
)
def test_numeric(host: str, known: bool) -> None:
    """Addresses of both kinds are told from names."""
    assert hosts.numeric(host) == known


@pytest.mark.parametrize(
    ("host", "known"),
    [("pop.isp.example", True), ("nas.local", False), ("nas.local.", False), ("nas", False), ("a.localhost", False)],
)
def test_asked(host: str, known: bool) -> None:
    """The DNS is asked for whole names only, and not for those of this house."""
    assert hosts.asked(host) == known


@pytest.mark.parametrize(
    ("age", "fresh", "usable"),
    [
        (timedelta(seconds=-1), True, True),
        (timedelta(0), False, True),
        (timedelta(days=29), False, True),
        (timedelta(days=30), False, False),
    ],
)
def test_ages(age: timedelta, fresh: bool, usable: bool) -> None:
    """An answer counts for its time, and is worth a try for a month."""
    found = Found(("192.0.2.7",), NOON)

    assert (found.fresh(NOON + age), found.usable(NOON + age)) == (fresh, usable)


def test_leading() -> None:
    """The address that answered comes first, also one that is new."""
    assert hosts.leading(("a", "b", "c"), "b") == ("b", "a", "c")
    assert hosts.leading(("a",), "b") == ("b", "a")
