"""Addresses: found in a header's bytes, typed by a person, or made comparable.

Reading is tolerant: comments, groups, source routes, quoted and obsolete forms, folding, encoded words and rubbish are
all borne (RFC 5322 sections 3.4 and 4.4, RFC 6532). Only ``typed`` is strict, because a person is there to ask.

Never: the household's names (``mail.names``), DNS.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.errors import InputError
from core.mail.headers import decode

_TOKEN = re.compile(
    rb"""(?P<space>[ \t\r\n]+)
    | (?P<encoded>=\?[^?\s]{1,80}\?[BbQq]\?[^?]{0,998}\?=)
    | (?P<quoted>"[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<literal>\[[^\]\[<>,\n]*\])
    | (?P<atom>[^\s"(),:;<>@\[\]\\=]+|=)
    | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(rb"[^()\\]+|\\.|[()\\]", re.DOTALL)
_DOT_ATOM = re.compile(r"[^\s\x00-\x1f\"(),:;<>@\[\]\\.]+(?:\.[^\s\x00-\x1f\"(),:;<>@\[\]\\.]+)*")
_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")
_STAND_IN = "home.example"
_LONGEST_LABEL = 63  # RFC 1035 section 2.3.4


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address as written: the name beside it, the bare address, and where the address stands in the value."""

    name: str
    address: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    raw: bytes
    start: int
    end: int


def mailboxes(value: bytes) -> list[Mailbox]:
    """Every address in a header's value, folded or not; a word alone ("paul") is an address without a domain."""
    return [mailbox for entry in _entries(value) for mailbox in _found(entry)]


def typed(text: str) -> tuple[str, ...]:
    """The addresses that a person typed: between commas, with or without a name, bare local names too.

    Raises:
        InputError: one of them is no address; the sentence names it.
    """
    return tuple(_checked(entry, mailbox) for entry, mailbox in written(text))


def written(text: str) -> list[tuple[str, Mailbox | None]]:
    """What a person typed between commas, each with its address where it holds just one."""
    return [(entry, found[0] if len(found) == 1 else None) for entry, found in entries(text.encode("utf-8", "replace"))]


def entries(value: bytes) -> list[tuple[str, list[Mailbox]]]:
    """What stands between the commas of a value, each with the addresses in it; none where it is no address."""
    return [
        (_decoded(value[entry[0].start : entry[-1].end]).strip(), _found(entry))
        for entry in _entries(value)
        if any(token.kind not in ("space", "comment") for token in entry)
    ]


@lru_cache(maxsize=4096)  # the house's own addresses are compared with those of every letter
def normal(address: str) -> str:
    """An address as it is compared: no <> or needless quotes, case folded, the domain in its ASCII form."""
    local, at, host = address.strip(" \t\r\n<>").rpartition("@")
    if not at:
        return _plain(host).casefold()
    return f"{_plain(local).casefold()}@{_ascii(host)}"


def domain(address: str) -> str:
    """The domain of an address as it is compared; empty for a bare name."""
    _, at, host = normal(address).rpartition("@")
    return host if at else ""


def _plain(local: str) -> str:
    """A local part without quotes that it does not need."""
    if len(local) > 1 and local[0] == local[-1] == '"':
        bare = re.sub(r"\\(.)", r"\1", local[1:-1])
        return bare if _DOT_ATOM.fullmatch(bare) else local
    return local


def _ascii(host: str) -> str:
    """A domain in lower case, in its ASCII form (RFC 5890), without the root's dot."""
    return ".".join(_label(label) for label in host.strip().lower().rstrip(".").split("."))


def _label(label: str) -> str:
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return label
    return "xn--" + unicodedata.normalize("NFKC", label).encode("punycode").decode("ascii")


def _checked(entry: str, mailbox: Mailbox | None) -> str:
    if mailbox is None:
        raise InputError(f'"{entry}" is no address: write NAME@DOMAIN, and a comma between two')
    address = mailbox.address
    local, _, host = address.rpartition("@")
    if not local and _DOT_ATOM.fullmatch(host):
        return address
    _validate(entry, address, local, host)
    return address


def _validate(entry: str, address: str, local: str, host: str) -> None:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - only where a person types

    try:
        validate_email(
            # The validator knows no private names such as localhost; of a plain host it need only see the local part.
            f"{local}@{_STAND_IN}" if _HOST.fullmatch(host) else address,
            check_deliverability=False,
            allow_quoted_local=True,
            allow_domain_literal=True,
        )
    except EmailNotValidError as error:
        raise InputError(f'"{entry}" is no address: {error}') from None


def _tokens(value: bytes) -> Iterator[_Token]:
    """The words and signs of a value; a comment is one token. A quote or comment that never ends is none."""
    at = 0
    while at < len(value):
        match = _TOKEN.match(value, at)
        assert match is not None  # the last branch takes any byte
        kind, end = str(match.lastgroup), match.end()
        if match[0] == b"(":
            kind, end = "comment", _comment_end(value, at)
        if match[0] == b'"' or end > len(value):
            value = value[:at] + re.sub(rb'["()\\]' if match[0] == b'"' else rb"[()]", b" ", value[at:])
            kind, end = "space", at + 1
        yield _Token(kind, value[at:end], at, end)
        at = end


def _comment_end(value: bytes, start: int) -> int:
    """Where a comment ends, the comments inside it included; beyond the value where it is never closed."""
    depth = 0
    for match in _COMMENT.finditer(value, start):
        depth += (match[0] == b"(") - (match[0] == b")")
        if depth == 0:
            return match.end()
    return len(value) + 1


def _entries(value: bytes) -> Iterator[list[_Token]]:
    """The tokens between commas; the name of a group is left out. Inside <...> a comma is part of a source route."""
    entry: list[_Token] = []
    inside = False
    for token in _tokens(value):
        sign = token.raw if token.kind == "sign" else b""
        inside = sign == b"<" or (inside and sign not in (b">", b";"))
        if sign == b";" or (sign == b"," and not inside):
            yield entry
            entry = []
        elif sign == b":" and not inside:
            entry = []
        else:
            entry.append(token)
    yield entry


def _found(entry: list[_Token]) -> list[Mailbox]:
    """The addresses of one entry: those in <...>, else those with an @, else the only word."""
    before, angles = _angles(entry)
    runs = [run for angle in angles for run in _runs(angle)] if angles else _runs(entry)
    name = (_text(before) if angles else "") or _comment(entry)
    found = [Mailbox(name, _address(run), run[0].start, run[-1].end) for run in runs]
    return found or [mailbox for token in entry if token.kind == "encoded" for mailbox in _hidden(token)]


def _angles(entry: list[_Token]) -> tuple[list[_Token], list[list[_Token]]]:
    """What stands before the first <, and what stands in each <...>, source routes taken off."""
    parts: list[list[_Token]] = [[]]
    inside = False
    for token in entry:
        if token.raw == b"<":
            parts.append([])
        elif token.raw == b":":
            parts[-1] = []
        elif token.raw != b">" and (inside or len(parts) == 1):
            parts[-1].append(token)
        inside = token.raw == b"<" or (inside and token.raw != b">")
    return parts[0], parts[1:]


def _runs(tokens: list[_Token]) -> list[list[_Token]]:
    """The words that hang together around an @; where there is no @, the only word."""
    runs: list[list[_Token]] = [[]]
    joined = False
    for token in tokens:
        if token.kind in ("space", "comment"):
            joined = bool(runs[-1]) and runs[-1][-1].raw.endswith((b"@", b"."))
        elif token.kind == "sign" and token.raw != b"@":
            joined = False
        elif joined or token.raw.startswith((b"@", b".")):
            runs[-1].append(token)
            joined = True
        else:
            runs.append([token])
            joined = True
    runs = [run for run in runs if run and run[0].kind != "encoded"]
    addresses = [run for run in runs if any(token.raw == b"@" for token in run[1:-1])]
    return addresses or (runs if len(runs) == 1 and b"@" not in (runs[0][0].raw, runs[0][-1].raw) else [])


def _hidden(token: _Token) -> list[Mailbox]:
    """Addresses inside an encoded word, where none may be (RFC 2047 section 5) and broken programs put them."""
    inside = mailboxes(decode(token.raw).replace("=?", " ").encode("utf-8", "replace"))
    return [Mailbox(box.name, box.address, token.start, token.end) for box in inside if "@" in box.address]


def _address(run: list[_Token]) -> str:
    return _decoded(b"".join(token.raw for token in run))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _text(tokens: list[_Token]) -> str:
    """A display name, read."""
    words = (
        _unquoted(token.raw) if token.kind == "quoted" else token.raw for token in tokens if token.kind != "comment"
    )
    return " ".join(decode(b"".join(words)).split())


def _comment(entry: list[_Token]) -> str:
    """The comment beside an address: "paul@home.example (Paul Dupont)"."""
    comments = (_unquoted(token.raw) for token in entry if token.kind == "comment")
    return " ".join(decode(next(comments, b"")).split())


def _unquoted(raw: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", raw[1:-1], flags=re.DOTALL)
