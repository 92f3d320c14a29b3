"""A wvdial.conf: which dialer counts, and what is said about each line."""

import pytest

from core.legacy.wvdial import read
from core.toml import Secret

DEFAULTS = "[Dialer Defaults]\nModem = /dev/ttyS1\nBaud = 57600\nInit1 = ATZ\nInit2 = ATX3\n"


def test_default_dialer_is_read() -> None:
    """Ports, commands, numbers and the login come out."""
    dialer = read(
        DEFAULTS + "Phone = 111\nPhone1=222\nphone 2 = no\nUsername = me\nPassword = pw\nDial Command = ATDP\n"
        "Dial Attempts = 4\nDial Timeout = 50\nFlowControl = CRTSCTS\n"
    )

    assert (dialer.device, dialer.speed, dialer.flow, dialer.dial) == ("/dev/ttyS1", 57600, "hardware", "ATDP")
    assert (dialer.init, dialer.numbers) == (("ATZ", "ATX3"), ("111", "222"))
    assert (dialer.user, dialer.password, dialer.attempts, dialer.seconds) == ("me", Secret("pw"), 4, 50)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (DEFAULTS + "Phone = 1\n[Dialer b]\nPhone = 2\n", ("1",)),
        (DEFAULTS + "[Dialer a]\nPhone = 1\n[Dialer b]\nPhone = 2\n", ("1",)),
        (DEFAULTS + "[Dialer b]\nInherits = c\nDial Prefix = 0,\nPhone = 2\n[Dialer c]\nPhone1 = 3\n", ("0,2", "0,3")),
        (DEFAULTS + "[Dialer b]\nInherits = b\nPhone = 2\n", ("2",)),
        (DEFAULTS, ()),
    ],
)
def test_one_dialer_counts(text: str, numbers: tuple[str, ...]) -> None:
    """The defaults, or else the first dialer with a number and what it stands upon."""
    assert read(text).numbers == numbers


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("Phone = 111", "understood"),
        ("Stupid Mode = 1", "understood"),
        ("New PPPD = yes", "obsolete"),
        ("Area Code = 0860", "unknown"),
        ("PPPD Option = password zq1", "unknown"),
        ("Password = zq1", "understood"),
        ("passwd zq1", "unknown"),
        ("Phone =", "unknown"),
    ],
)
def test_each_line_has_its_verdict(line: str, verdict: str) -> None:
    """Each key is understood, unknown or obsolete, and no password is told."""
    dialer = read(f"[Dialer Defaults]\n; a note\n{line}\n")

    assert [(remark.line, remark.verdict) for remark in dialer.remarks] == [(1, "understood"), (3, verdict)]
    assert "zq" not in repr(dialer)
