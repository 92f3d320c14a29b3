"""Notices that a letter was not delivered, as programs write them for people: qmail, Exim, Postfix, and many others.

They have no fields for programs (RFC 3464), but most are made alike: the address stands on a line of its own or begins
one, the reason follows, and then comes a copy of the letter.

Never: a letter that a person wrote (``mail.report`` looks who sends it); which letter of ours it is about.
"""

import re
from collections.abc import Collection, Sequence

from core.mail.addresses import normal
from core.mail.clean import safe
from core.mail.status import LONGEST, Action, Fate, code, fates

_MOST = 20_000  # characters that are looked at; a notice says at once what it has to say
_RECIPIENTS = 100  # as many as a server must take for one letter (RFC 5321 section 4.5.3.1.8)

_ADDRESS = r"""[^\s<>()\[\]:;,"'@]{1,64}@[\w.-]{0,254}\w"""
# "<grandma@far.example>: reason" as in qmail's QSBMF, and the address alone, perhaps after a word, as in Exim.
_NAMED = re.compile(
    rf"""^[ \t]{{0,40}}(?:
        <?(?P<before>{_ADDRESS})>?:[ \t]*(?P<reason>[^\n]*)
        | (?:>>>[ ]|[A-Z][A-Za-z -]{{1,60}}:[ ]?)?<?(?P<alone>{_ADDRESS})>?(?:[ ]<[^<>\s]{{1,320}}>)?[ \t]*
    )$""",
    re.VERBOSE | re.MULTILINE,
)
_ANY = re.compile(_ADDRESS)
_ORIGINAL = re.compile(rf"\((?:ultimately )?generated from <?({_ADDRESS})")
_SENDERS = re.compile(rf"(?:sent by|^ *(?:MAIL FROM|From|Sender):?)\s{{0,20}}<?{_ADDRESS}>?", re.MULTILINE)
_REPLY = re.compile(r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d\.\d")
_SAYS = re.compile(r"[45]\d\d[ :-]")
# The line between the notice and the copy of the letter.
_COPY = re.compile(
    r"""^[ \t]*-*[ \t]*(?:
        (?:this|below|included|below\ this\ line)\ is\ a\ copy\ of\ the
        | (?:message\ headers?|original\ message|undelivered\ message|unsent\ message)\ follows?
        | original\ message[ ]-----
    )""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_FAILED = re.compile(
    r"""undeliver | returned\ mail | returning\ message | failure | delivery\ (?:status|problem)
    | deliver\w*\ (?:has\ )?(?:failed|been\ delayed) | not\ (?:be\ |been\ )?delivered | did\ not\ reach
    | unable\ to\ deliver | error | could\ not\ be\ delivered | mail\ delivery""",
    re.VERBOSE | re.IGNORECASE,
)
_DELAYED = re.compile(
    r"""warning\ message\ only | (?:has|have)\ been\ delayed | \bdelayed\ \d | not\ yet\ been\ delivered
    | message\ will\ be\ retried | will\ (?:keep|continue)\ (?:to\ try|trying) | no\ action\ is\ required""",
    re.VERBOSE | re.IGNORECASE,
)


def parted(text: str) -> tuple[str, str]:
    """What the program says, and the copy of the letter (empty: there is none)."""
    mark = _COPY.search(text)
    return (text[: mark.start()], text[mark.end() :].partition("\n")[2]) if mark else (text, "")


def read(text: str, subject: str, named: Sequence[str], to: Collection[str]) -> list[Fate]:
    """The recipients that a notice tells about; none where it does not sound like one.

    Args:
        text: What the program says, without the copy of the letter.
        subject: The subject of the notice.
        named: Addresses that its head names as failed.
        to: Whom the notice is for: the sender of the letter, and so none of those who did not get it.
    """
    text = text[:_MOST]
    if not _FAILED.search(f"{subject}\n{text}"):
        return []
    if told := fates(text.encode("utf-8", "replace")):
        return told
    action: Action = "delayed" if _DELAYED.search(f"{subject}\n{text}") else "failed"
    text, own = _SENDERS.sub("", text), set(map(normal, to))
    written = (named or _ANY.findall(text))[:_RECIPIENTS]
    reasons = _listed(text, own) or {address: _telling(text, address) for address in written}
    return [_fate(address, reason, action) for address, reason in reasons.items() if normal(address) not in own]


def _listed(text: str, own: Collection[str]) -> dict[str, str]:
    """Addresses that have a line to themselves or begin one, each with the reason after it."""
    marks = [mark for mark in _NAMED.finditer(text) if normal(mark["before"] or mark["alone"]) not in own]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=False):
        after = (mark["reason"] or "") + "\n" + text[mark.end() : end].removeprefix("\n")
        found.setdefault(mark["before"] or mark["alone"], _reason(after))
    if len(found) == 1 and not any(map(_REPLY.search, found.values())):
        return {address: _telling(text, "") or reason for address, reason in found.items()}
    return found


def _reason(text: str) -> str:
    """The lines up to an empty one; where none follow at once, the paragraph with a server's reply, or the first."""
    at_once = text.removeprefix("\n").partition("\n\n")[0]
    if at_once.strip() and not at_once.rstrip().endswith(":"):
        return at_once
    return _telling(text, "") or next(iter(_paragraphs(text)), "")


def _telling(text: str, address: str) -> str:
    """The paragraph with a server's reply, else the one that names the address."""
    paragraphs = _paragraphs(text)
    with_reply = (one for one in paragraphs if _REPLY.search(one))
    return next(with_reply, next((one for one in paragraphs if address and address in one), ""))


def _paragraphs(text: str) -> list[str]:
    """What is more than an introduction ("because:")."""
    return [one for one in re.split(r"\n[ \t]*\n", text) if one.strip() and not one.rstrip().endswith(":")]


def _fate(address: str, reason: str, action: Action) -> Fate:
    """What a reason says, on one line."""
    before, reply = _ORIGINAL.search(reason), safe(" ".join(reason.split()))
    said = _SAYS.search(reply)
    status = code(reply[said.start() :] if said else reply)
    status = f"4{status[1:]}" if action == "delayed" else status
    return Fate(safe(address), safe(before[1]) if before else "", action, status, reply[:LONGEST])
