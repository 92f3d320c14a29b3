"""The kind of a file is told by its name and by what stands in it."""

import pytest

from core.legacy.kind import kind


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("/home/paul/.fetchmailrc", "", "fetchmailrc"),
        ("fetchmailrc.old", "", "fetchmailrc"),
        ("/etc/aliases", "", "aliases"),
        ("/etc/mail/genericstable", "", "genericstable"),
        ("/etc/mail/sendmail.mc", "", "sendmail.mc"),
        ("linux.mc", "", "sendmail.mc"),
        ("/etc/wvdial.conf", "", "wvdial.conf"),
        ("x", "# mine\npoll pop.isp.example proto pop3\n", "fetchmailrc"),
        ("x", "set daemon 600\n", "fetchmailrc"),
        ("x", "divert(-1)\ndefine(`A', `b')\n", "sendmail.mc"),
        ("x", "# mine\n[Dialer Defaults]\n", "wvdial.conf"),
        ("Rules/Germany/T-Online.rst", "", "kppp rules"),
        ("x", "# mine\ndefault=(0.0317,1)\n", "kppp rules"),
        ("x", "on (sunday) between () use (0.02, 60)\n", "kppp rules"),
        ("x", "# mine\nroot: paul\n", "aliases"),
        ("x", "paul\tpaul@home.example\n", "genericstable"),
        ("x", "", None),
        ("x", "#!/bin/sh\necho 1 2 3\n", None),
    ],
)
def test_kind_is_told(name: str, text: str, expected: str | None) -> None:
    """The name decides, and where it says nothing, the text."""
    assert kind(name, text) == expected
