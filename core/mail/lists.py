"""Mailing lists: how a letter says that it came over one (RFC 2919, RFC 2369, and what was there before).

Never: who reads which list; that is in ``routing.lists``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from core.mail.addresses import normal
from core.mail.headers import Field, every

_MARKS = ("List-Id", "List-Post", "Mailing-List", "X-Mailing-List", "X-BeenThere")
_BRACKETS = re.compile(rb"<([^<>]*)>")
_WORD = re.compile(rb"[^\s<>()\[\]:;,\"?]+")


def known(readers: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Who reads which list, by a form of its name in which "dev@lists.example" and "dev.lists.example" are one."""
    return {key(name): who for name, who in readers.items()}


def key(name: str) -> str:
    """The form of a list's address or List-Id by which it is looked up."""
    return normal(name).replace("@", ".")


def marks(fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """Each header that names a list, with the name in it: best header first."""
    for header in _MARKS:
        for field in every(fields, header):
            for name in _names(header, field.value):
                yield header, normal(name.decode("utf-8", "replace"))


def _names(header: str, value: bytes) -> list[bytes]:
    """Names as a header has them: List-Id in brackets after a description, the others as addresses among words."""
    if header == "List-Id":
        return _BRACKETS.findall(value)[-1:] or [value]
    return [word for word in _WORD.findall(value) if b"@" in word]
