"""Each member's own rules: which folder a letter goes into, with which marks, and who else in the house gets a copy.

The rules of a member are asked in their order, of letters that are that member's already; the first that fits decides
(with ``stop = false`` the next ones may add to it). A text in a condition is looked for in any case; without ``*`` a
part is enough, with ``*`` it has to be the whole. In ``from`` and ``to`` a text with an @ is a whole address, and
"@far.example" every address at or below that domain.

Never: whose letter it is (``split``), a file, an exception over what a letter holds.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar
from urllib.parse import quote, unquote

from core.config import Filing, folder_fault, keys
from core.mail import headers, lists
from core.mail.addresses import Mailbox, mailboxes, normal
from core.mail.clean import safe
from core.mail.headers import Field, decode
from core.toml import held

JUNK = "junk"
NOTE = "X-Mailrun-Filed"
T = TypeVar("T")
_FLAGS = {"read": "R", "flagged": "F"}
_FROM = ("From", "Sender")
_TO = (
    *("To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Apparently-To"),
    *("X-Original-To", "X-Envelope-To", "Envelope-To", "Delivered-To"),
)
_REPLY = re.compile(r"(?:(?:re|aw|sv|antw|fwd?|wg|tr|rv)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]]{2,40}\]")
_WORDS = 4  # of a subject's beginning
_MOST = 65536  # bytes of a field in which people are looked for; there may be thousands of them
_LONGEST = 300  # bytes of each value in a note
_PLAIN = "!\"#$&'()*+,-./:<=>?@[\\]^_`{|}~"


@dataclass(frozen=True)
class Seen:
    """What rules look at: a letter's fields, and its size in bytes; people and lists are looked for once."""

    fields: Sequence[Field]
    size: int

    @cached_property
    def authors(self) -> list[Mailbox]:
        """Who wrote it."""
        return _people(self.fields, _FROM)

    @cached_property
    def readers(self) -> list[Mailbox]:
        """To whom it is."""
        return _people(self.fields, _TO)

    @cached_property
    def lists(self) -> list[str]:
        """The names of lists over which it came."""
        return [mark for _, mark in lists.marks(self.fields)]


@dataclass(frozen=True, slots=True)
class Filed:
    """What rules make of a letter: its folder (empty: the inbox), its flags, the members who get a copy.

    ``by`` is the rule that decided, in words; empty where none fits.
    """

    folder: str = ""
    flags: str = ""
    copies: tuple[str, ...] = ()
    by: str = ""


def see(message: bytes, size: int = 0) -> Seen:
    """A letter, or only its head and its size, as rules look at it."""
    return Seen(headers.fields(headers.split(message)[0]), size or len(message))


def file(rules: Sequence[Filing], letter: Seen) -> Filed:
    """What a member's rules make of a letter."""
    filed = Filed()
    for rule in rules:
        if fits(rule, letter):
            filed = Filed(
                folder=filed.folder or (JUNK if rule.junk else rule.folder),
                flags="".join(dict.fromkeys(filed.flags + "".join(_FLAGS[mark] for mark in rule.mark))),
                copies=tuple(dict.fromkeys((*filed.copies, *rule.copy_to))),
                by="; ".join(part for part in (filed.by, condition(rule)) if part),
            )
            if rule.stop:
                break
    return filed


def reached(rules: Sequence[Filing], place: int, letter: Seen) -> bool:
    """Whether the rule in this place is asked of a letter, and fits."""
    return fits(rules[place], letter) and not any(rule.stop and fits(rule, letter) for rule in rules[:place])


def fits(rule: Filing, letter: Seen) -> bool:
    """Whether every condition of a rule holds."""
    fields = letter.fields
    return (
        (not rule.larger or letter.size > rule.larger)
        and (not rule.subject or _any(rule.subject, _values(fields, "Subject"), _like))
        and (not rule.from_ or _any(rule.from_, letter.authors, _is))
        and (not rule.to or _any(rule.to, letter.readers, _is))
        and (not rule.list or _any(rule.list, letter.lists, _named))
        and all(_any((text,), _values(fields, name), _like) for name, text in rule.header.items())
    )


def _any(texts: Sequence[str], values: Sequence[T], holds: Callable[[str, T], bool]) -> bool:
    return any(holds(_folded(text), value) for text in texts for value in values)


def _values(fields: Sequence[Field], name: str) -> list[str]:
    """What all fields of a name say, as a person reads it."""
    return [_folded(safe(decode(field.value))) for field in headers.every(fields, name)]


def _people(fields: Sequence[Field], names: Sequence[str]) -> list[Mailbox]:
    values = (field.value[:_MOST] for name in names for field in headers.every(fields, name))
    return [one for value in values for one in mailboxes(value)]


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """A text as it is compared."""
    return unicodedata.normalize("NFC", text.casefold())


def _is(text: str, one: Mailbox) -> bool:
    """Whether somebody is meant by this text."""
    address = normal(one.address)
    if text.startswith("@"):
        host = address.rpartition("@")[2]
        return _like(normal(text)[1:], host) if "*" in text else f".{host}".endswith("." + normal(text)[1:])
    if "@" in text:
        return _glob(normal(text), address)
    return _like(text, _folded(one.name)) or _like(text, address)


def _named(text: str, mark: str) -> bool:
    """Whether a list is meant: by its address, its List-Id, or a part of it."""
    return lists.key(text) == lists.key(mark) or _like(text, mark)


def _like(text: str, value: str) -> bool:
    """A part of it; with ``*`` all of it."""
    return _glob(text, value) if "*" in text else text in value


def _glob(text: str, value: str) -> bool:
    """Whether all of a value is like a text in which ``*`` stands for anything; takes no longer for many of these."""
    first, *between = text.split("*")
    if not between:
        return text == value
    last = between.pop()
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in between:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


# In words


def words(rule: Filing) -> str:
    """A rule on one line: "list nelug -> folder nelug"."""
    return f"{condition(rule)} -> {action(rule)}"


def condition(rule: Filing) -> str:
    """Which letters a rule is for."""
    texts = (("from", rule.from_), ("to", rule.to), ("subject", rule.subject), ("list", rule.list))
    parts = [f"{key} {' or '.join(_meant(key, text) for text in wanted)}" for key, wanted in texts if wanted]
    parts += [f"{safe(name)}: {safe(text)}" for name, text in rule.header.items()]
    parts += [f"larger than {_size(rule.larger)}"] if rule.larger else []
    return " and ".join(parts)


def _meant(key: str, text: str) -> str:
    domain = key in ("from", "to") and text.startswith("@")
    return f"anybody at {safe(text[1:])}" if domain else safe(text)


def action(rule: Filing) -> str:
    """What it does with them."""
    return _done("junk" if rule.junk else rule.folder, rule.mark, rule.copy_to) + (
        "" if rule.stop else ", then the next rule"
    )


def outcome(filed: Filed) -> str:
    """What is done with a letter, as ``action`` tells it."""
    return _done(filed.folder or "inbox", [mark for mark, flag in _FLAGS.items() if flag in filed.flags], filed.copies)


def _done(folder: str, marks: Sequence[str], copies: Sequence[str]) -> str:
    parts = [f"folder {safe(folder)}" if folder != JUNK else folder] if folder else []
    parts += [f"marked {' and '.join(marks)}"] if marks else []
    parts += [f"copy to {', '.join(copies)}"] if copies else []
    return ", ".join(parts)


def _size(count: int) -> str:
    for unit, name in ((1_000_000, "MB"), (1000, "kB")):
        if count >= unit:
            return f"{count / unit:g} {name}"
    return f"{count} bytes"


def entries(rule: Filing) -> dict[str, object]:
    """A rule as household.toml has it: only what is said, and of one text the text alone."""
    said = {key: (held(rule, key), default) for key, (_, _, default) in keys(Filing).items()}
    return {key: _one(value) for key, (value, default) in said.items() if value != default}


def _one(value: object) -> object:
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


# In the letter


def note(by: str, folder: str, *, unfiled: bool = False) -> bytes:
    """The field that tells which rule put a letter where; or that it could not."""
    said = {"rule": by, "unfiled" if unfiled else "folder": folder}
    pairs = (f"{key}={quote(text, safe=_PLAIN, errors='replace')[:_LONGEST]}" for key, text in said.items())
    return f"{NOTE}: {'; '.join(pairs)}\n".encode("ascii")


def told(fields: Sequence[Field]) -> str:
    """What that field says of a delivered letter, in a sentence; empty where no rule put it anywhere.

    It stands behind two other fields of ours; in another place a sender may have written it.
    """
    if [field.name for field in fields[:3]] != ["Delivered-To", "X-Mailrun-Routed", NOTE]:
        return ""
    pairs = [part.strip().partition("=") for part in fields[2].value.decode("ascii", "replace").split(";")]
    found = {key: safe(unquote(text, errors="replace")) for key, _, text in pairs}
    rule = found.get("rule", "")
    if "unfiled" in found:
        return f"Your rule ({rule}) could not put it into {found['unfiled']}: that folder cannot be written."
    return f"Your rule ({rule}) put it into {found.get('folder', '')}."


# Made of a letter


def propose(letter: Seen) -> list[Filing]:
    """The rules that would file letters like this one, the closest first, each with a folder's name to begin with."""
    return [rule for rule in (*_lists(letter), *_writers(letter), *_subjects(letter)) if fits(rule, letter)]


def _lists(letter: Seen) -> Iterator[Filing]:
    """The lists over which it came, each by the first of its names."""
    names: dict[str, str] = {}
    for mark in letter.lists:
        names.setdefault(lists.key(mark), mark)
    return (Filing(list=(name,), folder=_folder(re.split(r"[@.]", name)[0])) for name in names.values() if _plain(name))


def _writers(letter: Seen) -> Iterator[Filing]:
    """Who wrote it, and everybody at that domain."""
    for one in letter.authors[:1]:
        local, _, host = normal(one.address).rpartition("@")
        if local and host and _plain(one.address):
            yield Filing(from_=(f"{local}@{host}",), folder=_folder(safe(one.name) or local))
            yield Filing(from_=(f"@{host}",), folder=_folder(host.split(".")[-2] if "." in host else host))


def _subjects(letter: Seen) -> Iterator[Filing]:
    """What its subject begins with: the [tag] of a list, or its first words, as far as no number is in them."""
    for field in headers.every(letter.fields, "Subject")[:1]:
        subject = _REPLY.sub("", safe(decode(field.value)), count=1)
        tag = _TAG.match(subject)
        start = tag[0] if tag else _start(subject)
        if len(start) > 2:
            yield Filing(subject=(f"*{start}*" if "*" in start else start,), folder=_folder(start))


def _start(subject: str) -> str:
    beginning = re.match(r"[^\d]*(?=\s|$)", subject)
    return " ".join(beginning[0].split()[:_WORDS]) if beginning else ""


def _plain(name: str) -> bool:
    """Whether a name from a letter means itself, and nothing else, as a text in a rule."""
    return bool(name) and "*" not in name and safe(name) == name


def _folder(name: str) -> str:
    """A name for a folder, made of one from a letter."""
    plain = " ".join(re.sub(r"[^\w .-]+", " ", name).split())[:30].strip(" .")
    return plain if plain and not folder_fault(plain) else "letters"
