"""What becomes of each clause of a .fetchmailrc in mailrun.

Never: a value (``legacy.fetchmailrc``).
"""

import re
from collections.abc import Callable, Iterable, Iterator

from core.config import FORGED
from core.legacy.clauses import Clause
from core.legacy.remark import Remark, Verdict

HEADS = ("poll", "server", "skip", "defaults")  # these begin a part of the file
GLOBAL = frozenset(
    (
        *("daemon", "logfile", "pidfile", "idfile", "postmaster", "syslog"),
        *("bouncemail", "spambounce", "softbounce", "invisible", "showdots"),
    )
)
BOXES = ("", "auto", "pop3", "apop", "sdps", "rpop", "pop2", "kpop", "imap")  # protocols for boxes
_DIALS = re.compile(r"\b(pon|poff|wvdial|pppd|ppp-o\w+|ifup|ifdown|diald|dip|isdnctrl|kppp)\b")

_Said = tuple[Verdict, str]

_UNDERSTOOD = {
    "poll": "maildrop: a box at {}",
    "server": "maildrop: a box at {}",
    "defaults": "holds for the servers below",
    "via": "maildrop.host = {}",
    "aka": "maildrop.domains: {}",
    "localdomains": "maildrop.domains: {}",
    "local": "maildrop.domains: {}",
    "port": "maildrop.port = {}",
    "service": "maildrop.port = {}",
    "qvirtual": "routing.prefix = {}",
    "is": "whose letters these are: {}",
    "to": "whose letters these are: {}",
    "password": "maildrop.password",
    "pass": "maildrop.password",
    "passwordeval": "maildrop.password_command",
    "passeval": "maildrop.password_command",
    "fetchall": "every letter that has not been fetched is fetched, read or not",
    "limit": "maildrop.large = {}: bigger letters are fetched last",
    "ssl": 'maildrop.security = "tls"',
    "sslproto": "maildrop.security; the version of TLS is agreed on with the server",
    "sslcertck": "certificates are always checked",
    "uidl": "letters are always known by their UIDL",
    "postmaster": "household.postmaster: who gets the mail of {}",
}
_OBSOLETE = {
    "daemon": "a run is made when it is asked for; for fixed hours have cron call `mailrun run`",
    "logfile": "`mailrun statements` shows the account of past runs",
    "syslog": "`mailrun statements` shows the account of past runs",
    "bouncemail": "nothing that was fetched is bounced: what nobody claims goes to the postmaster",
    "spambounce": "nothing that was fetched is bounced",
    "softbounce": "nothing is deleted at the provider before it is in somebody's mail",
    "pidfile": "a run locks the household itself",
    "idfile": "what was fetched is in the ledger",
    "invisible": "nothing is handed on to a mail server",
    "showdots": "the screens show the progress",
    "dns": "names are never looked up to split letters",
    "checkalias": "names are never looked up to split letters",
    "interval": "a run asks every box",
    "timeout": "mailrun has its own time limits",
    "interface": "a run brings the line up itself",
    "monitor": "a run brings the line up itself",
    "tracepolls": "`mailrun why` tells how a letter was split",
    "bad-header": "no letter is refused for its headers",
    "retrieve-error": "one bad letter never stops the others",
    "esmtpname": "nothing is handed on to a mail server",
    "esmtppassword": "nothing is handed on to a mail server",
    "flush": "a letter is deleted only after it was safely delivered",
    "limitflush": "a letter is deleted only after it was safely delivered",
    "fetchlimit": "a run is shown while it goes on, and can be ended at any time",
    "fetchsizelimit": "sizes are asked for once, for all letters",
    "batchlimit": "nothing is handed on to a mail server",
    "warnings": "a big letter is shown as a stub",
    "fastuidl": "UIDLs are asked for once, for all letters",
    "expunge": "a line that drops costs no letter twice",
    "mda": "letters are delivered into each member's mbox; filter rules of this program are not taken over",
    "bsmtp": "letters are delivered into each member's mbox",
    "lmtp": "letters are delivered into each member's mbox",
    "smtphost": "letters are delivered into each member's mbox",
    "smtpaddress": "letters are delivered into each member's mbox",
    "smtpname": "letters are delivered into each member's mbox",
    "antispam": "no mail server is asked whether it takes a letter",
    "fetchdomains": "ETRN and ODMR are not used",
    "rewrite": "a letter stays as it came, byte for byte",
    "stripcr": "lines end as they should, on the wire and on the disk",
    "forcecr": "lines end as they should, on the wire and on the disk",
    "pass8bits": "a letter stays as it came, byte for byte",
    "dropstatus": "a letter stays as it came, byte for byte",
    "dropdelivered": "a letter stays as it came, byte for byte",
    "mimedecode": "a letter stays as it came, byte for byte",
    "idle": "a line that costs money does not wait",
    "properties": "says something to other programs only",
    "here": "nothing that it could belong to",
    "there": "nothing that it could belong to",
}
_UNKNOWN = {
    "": "this is no word that fetchmail knows at this place",
    "folder": "a POP3 box has no folders",
    "plugin": "mailrun makes its connections itself; see line.up for a program that must run before",
    "plugout": "mailrun makes its connections itself",
    "principal": "Kerberos is not known here",
    "sslcert": "certificates of clients are not known here",
    "sslkey": "certificates of clients are not known here",
    "sslcertfile": "the system's certificates are trusted, no others",
    "sslcertpath": "the system's certificates are trusted, no others",
    "sslcommonname": "the certificate must name maildrop.host",
    "sslfingerprint": "the certificate must be one that the system trusts; fingerprints are not known here",
    "passwordfile": 'put the password into maildrop.password, or password_command = ["cat", FILE]',
    "passwordfd": "put the password into maildrop.password, or see password_command",
}
_OFF: dict[str, _Said] = {
    "envelope": ("understood", "maildrop.evidence = []: only what the provider's Received says, then To and Cc"),
    "sslcertck": ("obsolete", "certificates are always checked"),
    "ssl": ("understood", "maildrop.security"),
    "keep": ("understood", "maildrop.keep_days = 0: deleted once safely delivered"),
    "fetchall": ("understood", "what has been fetched before is not fetched again"),
}
_AUTH: dict[str, _Said] = {
    "any": ("understood", 'maildrop.auth = "auto"'),
    "password": ("understood", 'maildrop.auth = "auto"'),
    "apop": ("understood", 'maildrop.auth = "apop"'),
    "oauthbearer": ("understood", 'maildrop.auth = "xoauth2": the password is the token'),
    "xoauth2": ("understood", 'maildrop.auth = "xoauth2": the password is the token'),
}


def remarks(found: Iterable[Clause]) -> Iterator[Remark]:
    """What becomes of each line of each clause; those of a server that is skipped are left out with it."""
    skipped = False
    for clause in found:
        if clause.word in HEADS:
            skipped = clause.word == "skip"
        verdict, meaning = _said(clause)
        if skipped and clause.word not in GLOBAL and clause.word:
            verdict, meaning = "obsolete", "a server that is skipped is left out; say poll to have it taken over"
        first = clause.pieces[0][0]
        for line, text in clause.pieces:
            yield Remark(line, text, verdict, meaning if line == first else f"goes on from line {first}")


def _said(clause: Clause) -> _Said:
    """The verdict and its reason."""
    word = clause.word
    if clause.off and word in _OFF:
        return _OFF[word]
    if special := _SPECIAL.get(word):
        return special(clause)
    if word in _UNDERSTOOD and (clause.values or "{}" not in _UNDERSTOOD[word]):
        return "understood", _UNDERSTOOD[word].format(", ".join(clause.values))
    if word in _OBSOLETE:
        return "obsolete", _OBSOLETE[word]
    return "unknown", _UNKNOWN.get(word, "its value is missing")


def _said_protocol(clause: Clause) -> _Said:
    name = clause.value.lower()
    if name in ("pop3", "auto", "sdps"):
        return "understood", "POP3 is spoken"
    if name == "apop":
        return "understood", 'maildrop.auth = "apop"'
    if name in BOXES:
        return "unknown", f"{clause.value} is not known here; the box is asked by POP3: look up its host and port"
    return "unknown", f"{clause.value or 'no protocol'} is not known here; this server is left out"


def _said_auth(clause: Clause) -> _Said:
    return _AUTH.get(clause.value, ("unknown", f"{clause.value} is not known here; any login that the server offers"))


def _said_envelope(clause: Clause) -> _Said:
    name = clause.values[-1].rstrip(":") if clause.values else ""
    if name.casefold() in map(str.casefold, FORGED):
        return "unknown", f"{name} is written by the sender; it is asked only where nothing better tells"
    if name.casefold() == "received":
        return "understood", "the provider's Received line is looked at where no better header tells"
    if len(clause.values) > 1:
        return "understood", f"maildrop.evidence = {name}; every one of them is looked at, newest first"
    return "understood", f"maildrop.evidence = {name}"


def _said_user(clause: Clause) -> _Said:
    if clause.side == "here":
        return "understood", f"whose letters these are: {clause.value}"
    return "understood", f"maildrop.user = {clause.value}"


def _said_keep(_clause: Clause) -> _Said:
    return "understood", "maildrop.keep_days: letters stay at the provider for ten years"


def _said_connect(clause: Clause) -> _Said:
    key = "up" if clause.word == "preconnect" else "down"
    if _DIALS.search(clause.value):
        return "understood", f"line.{key}, unless a wvdial.conf tells of a modem"
    return "unknown", f"runs no more; if the line needs it, put it into line.{key}"


_SPECIAL: dict[str, Callable[[Clause], _Said]] = {
    "proto": _said_protocol,
    "protocol": _said_protocol,
    "auth": _said_auth,
    "authenticate": _said_auth,
    "preauth": _said_auth,
    "envelope": _said_envelope,
    "user": _said_user,
    "username": _said_user,
    "keep": _said_keep,
    "preconnect": _said_connect,
    "postconnect": _said_connect,
}


def dials(command: str) -> bool:
    """Whether a command of ``preconnect`` brings a line up, as far as its name tells."""
    return bool(_DIALS.search(command))
