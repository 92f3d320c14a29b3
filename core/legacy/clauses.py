"""The words of a .fetchmailrc, put together to clauses: ``user "dfzt12" there`` is one, ``keep`` is one.

As fetchmail reads them (fetchmail(1), THE RUN CONTROL FILE): words may stand on any line; noise words and ``,`` ``:``
``;`` are skipped; the word after ``user``, ``password``, ``is`` and ``to`` is always a value; of a quoted and an
unquoted word the longer one is meant (``"ab"c`` is unquoted, quotes and all). Where fetchmail refuses the file, the
reading goes on at the next word that is known.

Never: what a clause means (``legacy.fetchmailrc``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from core.legacy.remark import HIDDEN

_NOISE = frozenset(("and", "with", "has", "wants", "options"))
_SECRET = frozenset(("password", "pass", "esmtppassword"))
_SIDES = ("here", "there")
_SIDED = frozenset(("user", "username", "is", "to"))
_RAW = frozenset(("user", "username", "is", "to", "auth", "authenticate", "preauth", *_SECRET))  # a value follows

_FLAGS = (
    *("defaults", "syslog", "bouncemail", "spambounce", "softbounce", "invisible", "showdots"),
    *("dns", "checkalias", "uidl", "tracepolls", "ssl", "sslcertck", "keep", "flush", "limitflush", "fetchall"),
    *("rewrite", "stripcr", "forcecr", "pass8bits", "dropstatus", "dropdelivered", "mimedecode", "idle", "lmtp"),
)
_VALUED = (
    *("daemon", "logfile", "pidfile", "idfile", "postmaster"),
    *("poll", "server", "skip", "via", "proto", "protocol", "port", "service", "auth", "authenticate", "preauth"),
    *("timeout", "interval", "envelope", "qvirtual", "interface", "monitor", "plugin", "plugout", "principal"),
    *("esmtpname", "esmtppassword", "bad-header", "retrieve-error"),
    *("user", "username", "password", "pass", "passwordeval", "passeval", "passwordfile", "passwordfd"),
    *("sslcert", "sslkey", "sslproto", "sslcertfile", "sslcertpath", "sslcommonname", "sslfingerprint"),
    *("smtpaddress", "smtpname", "mda", "bsmtp", "preconnect", "postconnect", "properties"),
    *("limit", "warnings", "batchlimit", "fetchlimit", "fetchsizelimit", "fastuidl", "expunge"),
)
_LISTS = ("is", "to", "aka", "localdomains", "local", "folder", "smtphost", "fetchdomains", "antispam")
_KNOWN = frozenset((*_FLAGS, *_VALUED, *_LISTS, *_SIDES, "set", "no"))

_SPACE = re.compile(r"(?:[\s,:;]|#[^\n]*)+")
_BARE = re.compile(r"[^\s,:;=]+")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|(0[0-7]{0,2})|([1-9][0-9]{0,2})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "\n": ""}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the file, without its quotes; ``=`` is one of its own."""

    line: int
    raw: str = field(repr=False)  # may be a password
    value: str = field(repr=False)
    quoted: bool


@dataclass(frozen=True, slots=True)
class Name:
    """An entry of an ``is`` list: the name at the provider, and the name at home; the same where there is no ``=``."""

    outside: str
    local: str
    mapped: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A keyword and its values.

    ``word`` is empty for words that no keyword asks for; ``off`` where a "no" stands before it; ``side`` is "here" or
    "there" where one follows; ``pieces`` are its lines, each with its text, passwords hidden.
    """

    word: str
    values: tuple[str, ...] = field(default=(), repr=False)  # a password among them
    off: bool = False
    side: str = ""
    pieces: tuple[tuple[int, str], ...] = ()
    names: tuple[Name, ...] = ()

    @property
    def value(self) -> str:
        """The first value; empty where there is none."""
        return self.values[0] if self.values else ""


def clauses(text: str) -> list[Clause]:
    """All clauses of the file, in their order."""
    rest = _Rest(_tokens(text))
    found: list[Clause] = []
    while rest.tokens:
        hide = bool(found) and (found[-1].word in _SECRET or found[-1].pieces[-1][1] == HIDDEN)
        found.append(_clause(rest, hide=hide))
    return found


class _Rest:
    """The tokens that are still to be read."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.tokens.reverse()
        self.taken: list[Token] = []
        self._skip()

    def known(self) -> bool:
        """Whether a keyword is next, or nothing."""
        return not self.tokens or (not self.tokens[-1].quoted and _keyword(self.tokens[-1].raw)[0] in _KNOWN)

    def next(self, *words: str) -> bool:
        """Whether one of these words is next."""
        return bool(self.tokens) and not self.tokens[-1].quoted and self.tokens[-1].raw in words

    def take(self, *, raw: bool = False) -> Token:
        """Take one; ``raw`` when the word after it is a value, even where it looks like noise."""
        token = self.tokens.pop()
        self.taken.append(token)
        if not raw:
            self._skip()
        return token

    def _skip(self) -> None:
        while self.next(*_NOISE):
            self.tokens.pop()


def _clause(rest: _Rest, *, hide: bool) -> Clause:
    """The next clause; ``hide`` where a word that belongs to none may be the rest of a password."""
    rest.taken = []
    if not rest.known():
        rest.take()
        return Clause("", pieces=((rest.taken[0].line, HIDDEN if hide else rest.taken[0].raw),))
    while rest.next("set"):
        rest.take()
    off = False
    while rest.next("no"):
        rest.take()
        off = True
    if not rest.known() or not rest.tokens:
        return Clause("", pieces=_pieces(rest.taken, hidden=False))
    word, joined = _keyword(rest.tokens[-1].raw)
    rest.take(raw=word in _RAW)
    names = tuple(_names(rest)) if word in ("is", "to") else ()
    values = tuple(name.local for name in names) or tuple(_values(rest, word, off=off or joined))
    side = rest.take().raw if word in _SIDED and rest.next(*_SIDES) else ""
    return Clause(word, values, off or joined, side, _pieces(rest.taken, hidden=word in _SECRET), names)


def _keyword(raw: str) -> tuple[str, bool]:
    """A keyword, and whether its "no" is written together with it."""
    bare = raw.removeprefix("no")
    return (bare, True) if raw not in _KNOWN and bare != raw and bare in _FLAGS else (raw, False)


def _values(rest: _Rest, word: str, *, off: bool) -> Iterator[str]:
    """The values that a keyword takes."""
    if off or word in _FLAGS or word in _SIDES:
        return
    if word in _LISTS:
        while not rest.known():
            yield rest.take().value
    elif rest.tokens and (word in _RAW or not rest.known()):
        first = rest.take()
        yield first.value
        if word == "envelope" and first.raw.isdecimal() and not rest.known():
            yield rest.take().value


def _names(rest: _Rest) -> Iterator[Name]:
    """The entries of an ``is`` list; its first word is a name in any case."""
    first = True
    while rest.tokens and (first or not rest.known()):
        outside = rest.take().value
        first = False
        if rest.next("="):
            rest.take(raw=True)
            yield Name(outside, rest.take().value if rest.tokens else outside, mapped=True)
        else:
            yield Name(outside, outside)


def _pieces(taken: list[Token], *, hidden: bool) -> tuple[tuple[int, str], ...]:
    """The lines of a clause, each with its words."""
    shown = [(token.line, HIDDEN if hidden and n else token.raw) for n, token in enumerate(taken)]
    return tuple((line, " ".join(raw for _, raw in words)) for line, words in groupby(shown, key=lambda word: word[0]))


def _tokens(text: str) -> list[Token]:
    """The words of the file."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
        elif text[at] == "=":
            found.append(Token(text.count("\n", 0, at) + 1, "=", "=", quoted=False))
            at += 1
        else:
            found.append(_token(text, at))
            at += len(found[-1].raw)
    return found


def _token(text: str, at: int) -> Token:
    bare, quoted = _BARE.match(text, at), _QUOTED.match(text, at)
    line = text.count("\n", 0, at) + 1
    if quoted and len(quoted[0]) >= len(bare[0] if bare else ""):
        return Token(line, quoted[0], _ESCAPE.sub(_escaped, quoted[0][1:-1]), quoted=True)
    assert bare is not None  # at this place is neither space nor "="
    return Token(line, bare[0], _ESCAPE.sub(_escaped, bare[0]), quoted=False)


def _escaped(match: re.Match[str]) -> str:
    """The character that a backslash and what follows mean; fetchmail's rules, which are not those of C."""
    hexadecimal, octal, decimal, other = match.groups()
    if hexadecimal or octal or decimal:
        number = int(hexadecimal, 16) if hexadecimal else int(octal, 8) if octal else int(decimal)
        return chr(number & 0xFF)
    return _CONTROLS.get(other, other)
