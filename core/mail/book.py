"""A member's own address book: nicknames and groups, in the words of ~/.mailrc, which mailx and s-nail read too.

    alias granny "Helene Dupont" <grandma@far.example>
    alias crew granny tom@sailing.example

Each word or quoted text is one address, or another nickname. Case does not matter; a name that stands twice adds to
itself, as in mailx.

Never: the house's aliases (``mail.aliases``), which are everybody's; a file.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from core.errors import InputError
from core.mail.addresses import written
from core.mail.clean import safe
from core.mail.compose import Draft

Book = Mapping[str, tuple[str, ...]]

_LINE = re.compile(r"[ \t]*(?:alias|a|group|g)[ \t]+(\S+)[ \t]+(\S.*)")
_WORD = re.compile(r'(?:"[^"]*"|\'[^\']*\')[ \t]*<[^>\s]+>|"([^"]*)"|\'([^\']*)\'|<[^>\s]+>|[^\s"\'<]+')
_DEEPEST = 20  # nicknames of nicknames


def parse(text: str) -> dict[str, tuple[str, ...]]:
    """The nicknames in a .mailrc; all its other lines are passed over."""
    book: dict[str, tuple[str, ...]] = {}
    for line in re.sub(r"\\\n[ \t]*", " ", text).splitlines():
        if found := _LINE.fullmatch(line.rstrip()):
            name = found[1].casefold()
            words = (next(filter(None, word.groups()), word[0]) for word in _WORD.finditer(found[2]))
            book[name] = (*book.get(name, ()), *words)
    return book


def text(book: Book) -> str:
    """The book as lines of a .mailrc."""
    return "".join(f"alias {name} {' '.join(map(_quoted, entries))}\n" for name, entries in sorted(book.items()))


def _quoted(entry: str) -> str:
    if " " not in entry or _WORD.fullmatch(entry):
        return entry
    return f"'{entry}'" if '"' in entry else f'"{entry}"'


def expanded(draft: Draft, book: Book) -> Draft:
    """The draft with every nickname among its recipients replaced by what it stands for.

    Raises:
        InputError: nicknames stand for one another in a circle.
    """
    return replace(draft, to=expand(draft.to, book), cc=expand(draft.cc, book), bcc=expand(draft.bcc, book))


def expand(typed: str, book: Book) -> str:
    """What a person typed between commas, with the nicknames replaced; the rest as it was typed.

    Raises:
        InputError: nicknames stand for one another in a circle.
    """
    return ", ".join(_entries(typed, book, ())) if book else typed


def _entries(typed: str, book: Book, chain: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for entry, mailbox in written(typed):
        name = mailbox.address.casefold() if mailbox else ""
        if name not in book or name in chain[-1:]:  # "alias paul paul paul@office.example" means the member, too
            found.append(entry)
            continue
        if name in chain or len(chain) == _DEEPEST:
            raise InputError(f"the address book goes round in a circle: {safe(' -> '.join((*chain, name)))}")
        found += [one for text_ in book[name] for one in _entries(text_, book, (*chain, name))]
    return list(dict.fromkeys(found))
