"""A wvdial.conf (wvdial.conf(5)): the modem, the numbers, the login.

Never: what is made of it (``core.adopt``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.legacy.remark import HIDDEN, NONE, Remark, Verdict
from core.toml import Secret

_SECTION = re.compile(r"\[\s*dialer\s+(.+?)\s*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialer:
    """What to dial with, whom to dial, and how to log in; empty or 0 where the file says nothing."""

    device: str = ""
    speed: int = 0
    flow: str = ""
    init: tuple[str, ...] = ()
    dial: str = ""
    numbers: tuple[str, ...] = ()
    attempts: int = 0
    seconds: float = 0.0
    user: str = ""
    password: Secret = NONE
    login_prompt: str = ""
    password_prompt: str = ""
    program: str = ""
    options: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Setting:
    line: int
    section: str
    key: str  # in small letters
    value: str = field(repr=False)  # may be a password
    written: str


def read(text: str) -> Dialer:
    """The dialer that is dialled by default: ``[Dialer Defaults]``, or else the first with a number, upon it."""
    found, remarks = _settings(text)
    chosen = _chosen(found)
    given = {setting.key: setting.value for name in chosen for setting in found if setting.section == name}
    for setting in found:
        verdict, meaning = _said(setting) if setting.section in chosen else _OTHER
        remarks.append(Remark(setting.line, _shown(setting), verdict, meaning))
    return Dialer(
        device=given.get("modem", ""),
        speed=_number(given, "baud"),
        flow=_flow(given),
        init=tuple(given[key] for key in ("init", *(f"init{n}" for n in range(1, 10))) if given.get(key)),
        dial=given.get("dial command", ""),
        numbers=_numbers(given),
        attempts=_number(given, "dial attempts"),
        seconds=_number(given, "dial timeout"),
        user=given.get("username") or given.get("login", ""),
        password=Secret(given.get("password", "")),
        login_prompt=given.get("login prompt", ""),
        password_prompt=given.get("password prompt", ""),
        program=given.get("pppd path", ""),
        options=tuple(re.sub(r"\bpassword\s+\S+", "", given.get("pppd option", "")).split()),
        remarks=tuple(sorted(remarks, key=lambda remark: remark.line)),
    )


_OTHER: tuple[Verdict, str] = ("unknown", "a household has one line; this dialer is left out")
_UNDERSTOOD = {
    "modem": "line.device = {}",
    "baud": "line.speed = {}",
    "init": "line.init: {}",
    "dial command": "line.dial = {}",
    "phone": "line.numbers: {}",
    "dial prefix": "line.numbers: {} stands before each",
    "dial attempts": "line.redials: {} calls at most",
    "dial timeout": "line.dial_seconds = {}",
    "flowcontrol": "line.flow",
    "username": "line.link: pppd logs in as {}",
    "login": "line.link: pppd logs in as {}",
    "login prompt": "line.chat: waits for {}",
    "password prompt": "line.chat: waits for {}",
    "pppd path": "line.link = {}",
    "pppd option": "line.link",
    "inherits": "this dialer stands upon {}",
    "stupid mode": "pppd is started as soon as the modems are connected, unless line.chat has a dialogue",
}
_OBSOLETE = {
    "carrier check": "where the modem shows no carrier, pppd is told not to look for it",
    "new pppd": "any pppd of this century will do",
    "auto reconnect": "a line that drops is told, and the next run goes on where it stopped",
    "idle seconds": "the line is taken down as soon as the run is over",
    "disconnect message": "the modem's words are shown",
    "auto dns": "pppd takes the provider's name servers",
    "check dns": "no name but the provider's is looked up",
    "check def route": "pppd sets the route for the time of the call",
    "dns test1": "no name but the provider's is looked up",
    "dns test2": "no name but the provider's is looked up",
    "abort on busy": "the next number is tried",
    "abort on no dialtone": "the sentence says that there was no dial tone",
    "abort on no dial tone": "the sentence says that there was no dial tone",
    "modem type": "any modem with Hayes commands will do",
    "isdn": "an ISDN adapter is dialled as a modem; see line.init",
    "tonline": "see line.link for the login",
    "usb": "see line.device",
    "set carrier": "where the modem shows no carrier, pppd is told not to look for it",
}


def _settings(text: str) -> tuple[list[_Setting], list[Remark]]:
    """Keys with the section they stand in; and remarks on lines that are neither."""
    found: list[_Setting] = []
    remarks = []
    section = ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        key, equals, value = line.partition("=")
        if not line or line.startswith((";", "#")):
            continue
        if heading := _SECTION.fullmatch(line):
            section = heading[1].lower()
            remarks.append(Remark(number, line, "understood", "a dialer"))
        elif equals and section:
            found.append(
                _Setting(number, section, " ".join(key.lower().split()), value.strip().strip('"'), key.strip())
            )
        else:
            remarks.append(Remark(number, _hidden(line), "unknown", "this is no [Dialer NAME] and no KEY = VALUE"))
    return found, remarks


def _hidden(line: str) -> str:
    return HIDDEN if re.search("pass|secret", line, re.IGNORECASE) else line


def _chosen(found: Sequence[_Setting]) -> tuple[str, ...]:
    """The sections that make up the dialer, what stands upon others last."""
    phones = [setting.section for setting in found if setting.key == "phone"]
    name = "defaults" if "defaults" in phones or not phones else phones[0]
    chain = [name]
    while parent := next((s.value.lower() for s in found if s.section == chain[0] and s.key == "inherits"), ""):
        if parent in chain:
            break
        chain.insert(0, parent)
    return tuple(dict.fromkeys(("defaults", *chain)))


def _shown(setting: _Setting) -> str:
    """A setting as it may be told."""
    hide = "pass" in setting.key and setting.key != "password prompt"
    hide = hide or (setting.key == "pppd option" and "password" in setting.value)
    return f"{setting.written} = {HIDDEN if hide else setting.value}"


def _said(setting: _Setting) -> tuple[Verdict, str]:
    """The verdict and its reason."""
    key = re.sub(r"^(init|phone)\d$", r"\1", setting.key)
    if key == "password":
        return (
            "understood",
            "line.chat where prompts are given; else pppd reads it from /etc/ppp/pap-secrets, as before",
        )
    if key == "pppd option" and "password" in setting.value:
        return "unknown", "a password there would be seen in the list of processes; put it into /etc/ppp/pap-secrets"
    if key in _UNDERSTOOD and setting.value:
        return "understood", _UNDERSTOOD[key].format(setting.value)
    if key in _OBSOLETE:
        return "obsolete", _OBSOLETE[key]
    return "unknown", "this key is not known here" if setting.value else "its value is missing"


def _numbers(given: Mapping[str, str]) -> tuple[str, ...]:
    """The numbers to dial, in turn."""
    phones = (given.get(key, "") for key in ("phone", *(f"phone{n}" for n in range(1, 10))))
    return tuple(dict.fromkeys(given.get("dial prefix", "") + phone for phone in phones if phone))


def _number(given: Mapping[str, str], key: str) -> int:
    value = given.get(key, "")
    return int(value) if value.isdecimal() else 0


def _flow(given: Mapping[str, str]) -> str:
    """Flow control, in the words of household.toml."""
    value = given.get("flowcontrol", "").lower()
    return "" if not value else "hardware" if "crtscts" in value or "hardware" in value else "none"
