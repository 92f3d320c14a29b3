"""A sendmail.mc (sendmail's cf/README): the smart host, the masquerade, how long letters wait.

Never: the calls themselves (``legacy.m4``), a sendmail.cf but for the few lines of one that stand in such files.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from core.legacy.m4 import Call, calls
from core.legacy.remark import Remark, Verdict

_Said = tuple[Verdict, str]
_MAILERS = ("smtp", "esmtp", "smtp8", "dsmtp", "relay")
_UNITS = {"s": 1 / 86400, "m": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0}
_SHOWN_KEYS = {"confTO_QUEUERETURN": "give_up_after", "confTO_QUEUEWARN": "warn_after"}
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-fA-F.:]+\]")


@dataclass(frozen=True, slots=True)
class Sendmail:
    """The values of a sendmail.mc; empty or 0 where it says nothing. Times are in days."""

    smarthost: str = ""
    port: int = 0
    masquerade_as: str = ""
    host: str = ""
    domains: tuple[str, ...] = ()
    give_up_after: float = 0.0
    warn_after: float = 0.0
    remarks: tuple[Remark, ...] = field(default=(), compare=False)


def read(text: str) -> Sendmail:
    """The values of a sendmail.mc; what cannot be read is only remarked on."""
    found = [_plain(call) for call in calls(text)]
    smart = [spot for call in found if _key(call) == "SMART_HOST" and (spot := smarthost(_value(call)))]
    ports = [int(match[1]) for call in found if (match := _port(call))]
    return Sendmail(
        smarthost=smart[-1][0] if smart else "",
        port=next((port for _, port in reversed(smart) if port), 0) or (ports[-1] if ports else 0),
        masquerade_as=_last(found, "MASQUERADE_AS").lower(),
        host=_last(found, "confDOMAIN_NAME").removeprefix("$w.").lower(),
        domains=tuple(dict.fromkeys(domain for call in found for domain in _domains(call))),
        give_up_after=next((n for call in found if (n := _days(call, "confTO_QUEUERETURN"))), 0.0),
        warn_after=next((n for call in found if (n := _days(call, "confTO_QUEUEWARN"))), 0.0),
        remarks=tuple(_remark(call) for call in found),
    )


def smarthost(value: str) -> tuple[str, int] | None:
    """Host and port of ``[mailer:]host``; None where it is reached by something else than SMTP.

    The host may stand in brackets ("no MX"), and a port may follow it.
    """
    mailer, colon, rest = value.strip().partition(":")
    if colon and mailer.lower() not in _MAILERS and not rest.isdecimal():
        return None
    where = rest if colon and mailer.lower() in _MAILERS else value.strip()
    match = re.fullmatch(r"\[?([^\s\[\]]+?)\.?\]?(?:[:\s]+(\d+))?", where)
    return (match[1].lower(), int(match[2] or 0)) if match and _HOST.fullmatch(match[1]) else None


def days(text: str) -> float:
    """Days of sendmail's "5d", "4h", "1d12h"; 0 where it is none."""
    parts = re.findall(r"(\d+)([smhdw])", text)
    if not parts or "".join(map("".join, parts)) != text:
        return 0.0
    return round(sum(int(number) * _UNITS[unit] for number, unit in parts), 4)


def _plain(call: Call) -> Call:
    """A line of sendmail.cf, or an older name for a macro, as the macro that says the same."""
    if call.name == "FEATURE" and call.argument(0) == "nullclient":
        return Call(call.line, "define", ("SMART_HOST", call.argument(1)), call.text)
    if not call.name and (match := re.fullmatch(r"(D[jSM]|C[wG])\s*(.+)", call.text)):
        macro = {"Dj": "confDOMAIN_NAME", "DS": "SMART_HOST", "DM": "MASQUERADE_AS"}.get(match[1], "LOCAL_DOMAIN")
        if macro in ("confDOMAIN_NAME", "SMART_HOST"):
            return Call(call.line, "define", (macro, match[2]), call.text)
        return Call(call.line, macro, (match[2],), call.text)
    return call


def _key(call: Call) -> str:
    """The name that a define defines, or else the macro."""
    return call.argument(0) if call.name == "define" else call.name


def _value(call: Call) -> str:
    return call.argument(1) if call.name == "define" else call.argument(0)


def _last(found: Sequence[Call], key: str) -> str:
    values = [_value(call) for call in found if _key(call) == key]
    return values[-1].rstrip(".") if values and _HOST.fullmatch(values[-1].removeprefix("$w.")) else ""


def _port(call: Call) -> re.Match[str] | None:
    """The port of RELAY_MAILER_ARGS and its like: "TCP $h 587"."""
    return re.fullmatch(r"(?:TCP|IPC) \$h (\d+)", _value(call)) if _key(call).endswith("_MAILER_ARGS") else None


def _domains(call: Call) -> Iterator[str]:
    """The names of this house in a list of them."""
    if call.name in ("MASQUERADE_DOMAIN", "GENERICS_DOMAIN", "LOCAL_DOMAIN"):
        yield from (word.lower().strip(".") for word in re.split(r"[\s,]+", call.argument(0)) if _HOST.fullmatch(word))


def _days(call: Call, key: str) -> float:
    return days(_value(call)) if _key(call) in (key, f"{key}_NORMAL") else 0.0


# --- what becomes of each call

_OURS = "household.local_domains: {}"
_MASKED = "every address of this house is written as the public one, in headers and envelope"
_WAITS = "letters to the world always wait for the next run"
_SERVES = "mailrun takes letters from this house only"
_UNDERSTOOD = {
    "MASQUERADE_AS": "household.domain = {}",
    "MASQUERADE_DOMAIN": _OURS,
    "GENERICS_DOMAIN": _OURS,
    "LOCAL_DOMAIN": _OURS,
    "confDOMAIN_NAME": "household.host = {}, unless it is a name that the world knows",
    "confCON_EXPENSIVE": _WAITS,
    "confDELIVERY_MODE": _WAITS,
    "confMCI_CACHE_SIZE": "all letters go over one connection",
}
_OBSOLETE = {
    "divert": "only orders the text",
    "include": "reads sendmail's own macros",
    "VERSIONID": "a note",
    "OSTYPE": "mailrun is the same everywhere",
    "DOMAIN": "sendmail's own defaults",
    "MAILER": "everything goes to members or to the smart host",
    "EXPOSED_USER": "no local name leaves the house, whoever writes",
    "LOCAL_USER": "whom a name stands for is told by [members] and [aliases]",
    "DAEMON_OPTIONS": _SERVES,
    "CLIENT_OPTIONS": _SERVES,
    "TRUST_AUTH_MECH": _SERVES,
    "INPUT_MAIL_FILTER": _SERVES,
    "MAIL_FILTER": _SERVES,
    "RELAY_DOMAIN": _SERVES,
    "undefine": "what was defined before does not matter here",
    "confSMTP_LOGIN_MSG": "a server that says nothing of this machine needs no other greeting",
    "confRECEIVED_HEADER": "Received lines that tell of this house are taken out",
    "confPRIVACY_FLAGS": _SERVES,
    "confAUTH_MECHANISMS": "the best that the smart host offers is taken",
    "confAUTH_OPTIONS": "passwords go over TLS only, unless smarthost.security says none",
    "confDEF_AUTH_INFO": "put the login into smarthost.user and smarthost.password",
    "ALIAS_FILE": "give mailrun init that file too",
    "GENERICS_DOMAIN_FILE": "put its names into household.local_domains",
    "MASQUERADE_DOMAIN_FILE": "put its names into household.local_domains",
    "confCW_FILE": "put its names into household.local_domains",
    "PROCMAIL_MAILER_PATH": "letters are delivered into each member's mbox",
    "LOCAL_MAILER_PATH": "letters are delivered into each member's mbox",
    "LOCAL_MAILER_ARGS": "letters are delivered into each member's mbox",
    "LOCAL_MAILER_FLAGS": "letters are delivered into each member's mbox",
    "LOCAL_CONFIG": "begins a part in sendmail's own language",
    "MAILER_DEFINITIONS": "begins a part in sendmail's own language",
    "LOCAL_NET_CONFIG": "begins a part in sendmail's own language",
    "LOCAL_RULE_0": "begins a part in sendmail's own language",
    "LOCAL_RULESETS": "begins a part in sendmail's own language",
}
_FEATURES: dict[str, _Said] = {
    "masquerade_envelope": ("understood", _MASKED),
    "allmasquerade": ("understood", _MASKED),
    "masquerade_entire_domain": ("understood", _MASKED),
    "limited_masquerade": ("understood", _MASKED),
    "local_no_masquerade": ("understood", "letters that stay in the house keep their local names"),
    "always_add_domain": ("understood", "a bare name gets its public address"),
    "generics_entire_domain": ("understood", _MASKED),
    "genericstable": ("understood", "members.NAME.address; give mailrun init the text file of that table too"),
    "virtusertable": ("unknown", "put what it says into [aliases], or into a member's also"),
    "virtuser_entire_domain": ("unknown", "put what it says into [aliases], or into a member's also"),
    "mailertable": ("unknown", "everything goes to members or to the smart host"),
    "uucpdomain": ("unknown", "UUCP is not known here"),
    "authinfo": ("unknown", "put the login into smarthost.user and smarthost.password"),
    "use_cw_file": ("unknown", "put the names in that file into household.local_domains"),
    "domaintable": ("unknown", "domains are not rewritten into one another"),
    "relay_mail_from": ("obsolete", _SERVES),
}
_CONNECTION = "mailrun has its own time limits, fit for a thin line"


def _remark(call: Call) -> Remark:
    """What becomes of a call."""
    verdict, meaning = _said(call)
    return Remark(call.line, call.text, verdict, meaning)


def _said(call: Call) -> _Said:
    """The verdict and its reason."""
    key, value = _key(call), _value(call)
    if special := _SPECIAL.get(key):
        return special(call)
    if key in _UNDERSTOOD and value:
        return "understood", _UNDERSTOOD[key].format(value)
    if match := _port(call):
        return "understood", f"smarthost.port = {match[1]}"
    if key.startswith("confTO_"):
        return _said_timeout(call)
    return _said_else(call, key)


def _said_else(call: Call, key: str) -> _Said:
    if key in _OBSOLETE:
        return "obsolete", _OBSOLETE[key]
    if key.startswith("conf") or key.endswith(("_FLAGS", "_MAX", "_FILE", "_ARGS")):
        return "obsolete", "concerns sendmail itself"
    return "unknown", "sendmail's own language is not known here" if not call.name else f"{key} is not known here"


def _said_smarthost(call: Call) -> _Said:
    if (spot := smarthost(_value(call))) is None:
        return "unknown", f"{_value(call) or 'no host'}: only hosts that speak SMTP are known here"
    return "understood", f"smarthost.host = {spot[0]}"


def _said_feature(call: Call) -> _Said:
    return _FEATURES.get(call.argument(0), ("obsolete", "concerns sendmail itself; " + _SERVES))


def _said_timeout(call: Call) -> _Said:
    key = _key(call).removesuffix("_NORMAL")
    if key not in _SHOWN_KEYS:
        return "obsolete", _CONNECTION
    if not (count := days(_value(call))):
        return "unknown", "this is no time such as 5d or 4h"
    return "understood", f"household.{_SHOWN_KEYS[key]} = {count:g} (days of tried calls)"


def _said_flags(call: Call) -> _Said:
    """MODIFY_MAILER_FLAGS(`SMTP', `+e') and the like: an expensive mailer waits for the queue run."""
    return ("understood", _WAITS) if "e" in call.argument(1) else ("obsolete", "concerns sendmail itself")


def _said_exception(_call: Call) -> _Said:
    return "unknown", "there is no exception: take the name out of household.local_domains if the world knows it"


_SPECIAL: dict[str, Callable[[Call], _Said]] = {
    "SMART_HOST": _said_smarthost,
    "FEATURE": _said_feature,
    "MODIFY_MAILER_FLAGS": _said_flags,
    "SMTP_MAILER_FLAGS": _said_flags,
    "RELAY_MAILER_FLAGS": _said_flags,
    "ESMTP_MAILER_FLAGS": _said_flags,
    "MASQUERADE_EXCEPTION": _said_exception,
}
