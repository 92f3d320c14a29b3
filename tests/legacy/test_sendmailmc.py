"""A sendmail.mc: the calls in it, and what they mean."""

import pytest

from core.legacy.m4 import calls
from core.legacy.sendmailmc import days, read, smarthost

SMARTHOSTS = [
    ("mail.isp.example", ("mail.isp.example", 0)),
    ("smtp:[mail.isp.example]", ("mail.isp.example", 0)),
    ("[mail.isp.example]", ("mail.isp.example", 0)),
    ("relay:mail.isp.example.", ("mail.isp.example", 0)),
    ("esmtp:[10.0.0.1]", ("10.0.0.1", 0)),
    ("mail.isp.example:587", ("mail.isp.example", 587)),
    ("smtp8:Mail.ISP.example", ("mail.isp.example", 0)),
    ("uucp-dom:gateway", None),
    ("", None),
]


@pytest.mark.parametrize(("value", "expected"), SMARTHOSTS)
def test_smart_host_is_read(value: str, expected: tuple[str, int] | None) -> None:
    """Mailer and brackets are taken off; a host reached by UUCP is none."""
    assert smarthost(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5d", 5.0), ("4h", 0.1667), ("1d12h", 1.5), ("1w", 7.0), ("30m", 0.0208), ("5", 0.0), ("soon", 0.0), ("", 0.0)],
)
def test_times_are_days(text: str, expected: float) -> None:
    """Sendmail's times have units; one without is not guessed."""
    assert days(text) == expected


CALLS = [
    ("define(`A', `b')dnl rest", [("define", ("A", "b"))]),
    ("define(A,b)", [("define", ("A", "b"))]),
    ("define(`A', ``8:12'')", [("define", ("A", "8:12"))]),
    ("define(`A', `x, y (z')", [("define", ("A", "x, y (z"))]),
    ("FEATURE(`f', `hash -o /a', `b')", [("FEATURE", ("f", "hash -o /a", "b"))]),
    ("dnl define(`A', `b')", []),
    ("# define(`A', `b')", []),
    ("divert(-1)\nwords of the macro(s), don't\ndivert(0)", [("divert", ("-1",)), ("divert", ("0",))]),
    ("LOCAL_CONFIG\nCwlinuxpc", [("LOCAL_CONFIG", ()), ("", ())]),
    ("define(`A', `never closed", [("define", ("A", "never closed"))]),
    ("define(`A',\n`b')", [("define", ("A", "b"))]),
]


@pytest.mark.parametrize(("text", "expected"), CALLS)
def test_calls_are_found(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    """Quotes, dnl, comments and diverted text are as m4 has them."""
    assert [(call.name, call.arguments) for call in calls(text)] == expected


def test_values_are_read() -> None:
    """The smart host, the masquerade and the waiting times come out, from macros and from lines of sendmail.cf."""
    file = read(
        "define(`SMART_HOST', `smtp:[old.example]')\ndefine(`SMART_HOST', `smtp:[mail.isp.example]')\n"
        "define(`RELAY_MAILER_ARGS', `TCP $h 587')\nMASQUERADE_AS(`Home.Example')\n"
        "MASQUERADE_DOMAIN(`linuxpc lan')\nGENERICS_DOMAIN(`box.lan')\nLOCAL_DOMAIN(`attic')\n"
        "define(`confTO_QUEUERETURN', `7d')\ndefine(`confTO_QUEUEWARN_NORMAL', `1d')\n"
        "define(`confDOMAIN_NAME', `linuxpc.lan')\nLOCAL_CONFIG\nCwcellar porch\n"
    )

    assert (file.smarthost, file.port) == ("mail.isp.example", 587)
    assert (file.masquerade_as, file.host) == ("home.example", "linuxpc.lan")
    assert file.domains == ("linuxpc", "lan", "box.lan", "attic", "cellar", "porch")
    assert (file.give_up_after, file.warn_after) == (7, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DSmail.isp.example", "mail.isp.example"),
        ("FEATURE(`nullclient', `mail.isp.example')", "mail.isp.example"),
        ("define(`SMART_HOST',mail.isp.example)", "mail.isp.example"),
    ],
)
def test_smart_host_has_many_spellings(text: str, expected: str) -> None:
    """A null client and a line of sendmail.cf name a smart host too."""
    assert read(text).smarthost == expected


VERDICTS = [
    ("FEATURE(`masquerade_envelope')", "understood"),
    ("FEATURE(allmasquerade)", "understood"),
    ("FEATURE(`genericstable', `hash -o /etc/mail/genericstable')", "understood"),
    ("FEATURE(`virtusertable')", "unknown"),
    ("FEATURE(`access_db')", "obsolete"),
    ("define(`confSMTP_LOGIN_MSG', `$j')", "obsolete"),
    ("define(`confTO_IDENT', `0s')", "obsolete"),
    ("define(`confTO_QUEUERETURN', `soon')", "unknown"),
    ("define(`SMART_HOST', `uucp-dom:gate')", "unknown"),
    ("MASQUERADE_EXCEPTION(`news.lan')", "unknown"),
    ("EXPOSED_USER(`root')", "obsolete"),
    ("FROBNICATE(`x')", "unknown"),
    ("R$* < @ a > $*\t$: $1", "unknown"),
]


@pytest.mark.parametrize(("text", "verdict"), VERDICTS)
def test_each_call_has_its_verdict(text: str, verdict: str) -> None:
    """A macro is understood, unknown or obsolete, with a reason."""
    (remark,) = read(text).remarks

    assert remark.verdict == verdict
    assert remark.meaning
