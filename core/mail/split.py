"""One box, many people: whom a letter is for.

POP3 hands over no envelope, so its recipients have to be found again. Evidence is asked in the order of its worth, and
the first that names somebody decides alone:

1. the headers in which the provider writes the envelope recipient, as far as they stand above the trust line;
2. ``Received ... for``, above the trust line;
3. the mailing list, if ``routing.lists`` knows it;
4. a guess: Resent-To or else To and Cc; at last the evidence below the trust line, which a sender could have written;
5. the sender, if ``routing.senders`` knows him;
6. the postmaster's triage.

``received.trusted`` draws the trust line, by the hosts in ``maildrop.trusted``. Without any of these there is none to
draw: a box at the provider is taken at its word, and all evidence headers are believed, the newest first, but of the
Received lines only the first.

Never: DNS, part of a name taken for the whole, a letter for nobody, an exception over what a letter holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from core.config import Config, Maildrop
from core.errors import MailrunError
from core.mail import headers, lists, received
from core.mail.addresses import mailboxes, normal
from core.mail.aliases import expand
from core.mail.headers import Field
from core.mail.people import Register, register
from core.mail.routed import How, Routed, parse_routed, routed_header, words

__all__ = ["Routed", "parse_routed", "routed_header", "split", "words"]

_RECEIVED = ("received", "received-for")
_NAMED = ("To", "Cc", "Bcc", "Apparently-To")
_RESENT = ("Resent-To", "Resent-Cc", "Resent-Bcc")
_SENDERS = ("From", "Sender", "Return-Path")


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece of evidence: an address in a header, and the members or aliases that it stands for (perhaps none)."""

    how: How
    header: str
    address: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter's fields, how many of them are above the trust line, and the house that it came to."""

    fields: Sequence[Field]
    line: int
    box: Maildrop
    config: Config
    register: Register
    lists: Mapping[str, tuple[str, ...]]
    include: Callable[[str], str]


def split(message: bytes, box: Maildrop, config: Config, include: Callable[[str], str]) -> Routed:
    """Whom a letter is for, and by which evidence; the same for the same letter, whatever came before it.

    Args:
        message: the whole letter, or only its head.
        box: the maildrop that it was fetched from; where that is a single member's, nothing else is asked.
        config: the house.
        include: reads the file of an alias's ``:include:``.
    """
    if box.member:
        return Routed((box.member,), "envelope", "maildrop", box.user)
    letter = _letter(message, box, config, include)
    try:
        return next(routed for step in _STEPS if (routed := step(letter)))
    except (MailrunError, OSError):  # an alias that loops, or whose file cannot be read
        return Routed((config.household.postmaster,), "postmaster", "aliases", "")


def _letter(message: bytes, box: Maildrop, config: Config, include: Callable[[str], str]) -> _Letter:
    fields = headers.fields(headers.split(message)[0])
    line = received.trusted(fields, box.trusted) if box.trusted else len(fields)
    known = lists.known(config.routing.lists)
    return _Letter(fields, line, box, config, register(box, config), known, include)


def _by_evidence(letter: _Letter) -> Routed | None:
    """The provider's own headers, each in its turn, and its Received lines."""
    for name in _evidence(letter.box):
        how: How = "received" if name.lower() in _RECEIVED else "envelope"
        if routed := _newest(letter, how, name, letter.fields[: _line(letter, name)]):
            return routed
    return None


def _by_list(letter: _Letter) -> Routed | None:
    """What a mailing list wrote about itself."""
    marks = lists.marks(letter.fields) if letter.lists else ()
    return _first(letter, ([_listed(letter, header, mark)] for header, mark in marks))


def _by_guess(letter: _Letter) -> Routed | None:
    """Whom the letter itself names: one copy may stand for all of them, so all of them get it."""
    return _first(letter, (_named(letter, group) for group in (_resent(letter.fields), _addressed(letter.fields))))


def _by_doubt(letter: _Letter) -> Routed | None:
    """Evidence below the trust line: a forwarding host of ours may have written it, or else the sender."""
    for name in _evidence(letter.box):
        if routed := _newest(letter, "guess", name, letter.fields[_line(letter, name) :]):
            return routed
    return None


def _by_sender(letter: _Letter) -> Routed | None:
    """Rules for letters that name nobody: the school's are the mother's."""
    rules = {normal(key.removeprefix("@")): who for key, who in letter.config.routing.senders.items()}
    senders = _each(letter.fields, _SENDERS) if rules else ()
    return _first(letter, ([_ruled(rules, header, address)] for header, address in senders))


def _by_postmaster(letter: _Letter) -> Routed:
    """Nobody: with the address of ours that is nobody's, if there is one, so that triage can say so."""
    above = [letter.fields[: _line(letter, name)] for name in _evidence(letter.box)]
    written = [_addresses(fields, name) for name, fields in zip(_evidence(letter.box), above, strict=True)]
    ours = (
        (header, address)
        for header, address in chain(*written, _each(letter.fields, _NAMED))
        if letter.register.ours(address) and not letter.register.is_shared(address)
    )
    header, address = next(ours, ("", ""))
    return Routed((letter.config.household.postmaster,), "postmaster", header, address)


_STEPS: tuple[Callable[[_Letter], Routed | None], ...] = (
    *(_by_evidence, _by_list, _by_guess, _by_doubt, _by_sender, _by_postmaster),
)


def _first(letter: _Letter, groups: Iterable[Iterable[_Found]]) -> Routed | None:
    """To the members behind the first group of evidence that names any, with the first that does as the reason."""
    for group in groups:
        telling = [found for found in group if found.names and _members(letter, found.names)]
        if telling:
            names = [name for found in telling for name in found.names]
            return Routed(_members(letter, names), telling[0].how, telling[0].header, telling[0].address)
    return None


def _members(letter: _Letter, names: Iterable[str]) -> tuple[str, ...]:
    """The members behind names of members and aliases; outsiders in an alias get nothing from here."""
    return tuple(name for name in expand(names, letter.config, letter.include) if name in letter.config.members)


def _evidence(box: Maildrop) -> tuple[str, ...]:
    """The headers to ask, in their order; Received stands where it is named, else at the end."""
    named = any(name.lower() in _RECEIVED for name in box.evidence)
    return box.evidence if named else (*box.evidence, "Received")


def _line(letter: _Letter, name: str) -> int:
    """How many fields from the top are believed to hold this header."""
    if letter.box.trusted or name.lower() not in _RECEIVED:
        return letter.line
    at = (n for n, field in enumerate(letter.fields, 1) if field.name.lower() == "received")
    return next(at, len(letter.fields))


def _newest(letter: _Letter, how: How, name: str, fields: Sequence[Field]) -> Routed | None:
    """What the newest host wrote that named somebody with this header; the maildrop's own address names nobody."""
    return _first(
        letter,
        (
            [
                _owned(letter, how, header, address)
                for header, address in _addresses(layer, name)
                if not letter.register.is_shared(address)
            ]
            for layer in _layers(fields)
        ),
    )


def _layers(fields: Sequence[Field]) -> Iterator[Sequence[Field]]:
    """What each host wrote, newest first: its Received line is the lowest of its fields."""
    start = 0
    for n, field in enumerate(fields, 1):
        if field.name.lower() == "received":
            yield fields[start:n]
            start = n
    yield fields[start:]


def _addresses(fields: Sequence[Field], name: str) -> list[tuple[str, str]]:
    """The addresses in one kind of evidence, in the form in which they are compared."""
    if name.lower() not in _RECEIVED:
        return list(_each(fields, (name,)))
    values = (received.hop(field.value).recipient for field in headers.every(fields, "Received"))
    return [("Received", normal(mailbox.address)) for value in values for mailbox in mailboxes(value)]


def _each(fields: Sequence[Field], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The addresses in fields of these names, header by header."""
    for name in names:
        for field in headers.every(fields, name):
            yield from ((name, normal(mailbox.address)) for mailbox in mailboxes(field.value))


def _addressed(fields: Sequence[Field]) -> list[tuple[str, str]]:
    return list(_each(fields, _NAMED))


def _resent(fields: Sequence[Field]) -> list[tuple[str, str]]:
    """Whom the newest block of Resent fields names (RFC 5322 section 3.6.6: each resending is a block on top)."""
    block: dict[str, Field] = {}
    for field in fields:
        name = field.name.lower()
        if name in block or (block and not name.startswith("resent-")):
            break
        if name.startswith("resent-"):
            block[name] = field
    return list(_each(list(block.values()), _RESENT))


def _named(letter: _Letter, found: Iterable[tuple[str, str]]) -> list[_Found]:
    """Addresses in To and the like: of a list that somebody reads, or of the house."""
    return [
        each
        for header, address in found
        for each in (_listed(letter, header, address), _owned(letter, "guess", header, address))
    ]


def _owned(letter: _Letter, how: How, header: str, address: str) -> _Found:
    claim = letter.register.claim(address)
    return _Found(how, header, claim.address, (claim.name,)) if claim else _Found(how, header, address)


def _listed(letter: _Letter, header: str, mark: str) -> _Found:
    return _Found("list", header, mark, letter.lists.get(lists.key(mark), ()))


def _ruled(rules: Mapping[str, tuple[str, ...]], header: str, address: str) -> _Found:
    """A rule for this address, else for its domain, else for the nearest domain above."""
    labels = address.rpartition("@")[2].split(".")
    for key in (address, *(".".join(labels[n:]) for n in range(len(labels)))):
        if key in rules:
            return _Found("rule", header, key, rules[key])
    return _Found("rule", header, address)
