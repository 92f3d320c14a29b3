"""The words of a letter, by which it is found: who, to whom, what about, through which list, and its text.

All of it is folded, and so must be whatever is looked for in it. The index's own tokenizer then makes words of it and
takes the accents away; it knows neither that one letter may fold to two, nor the scripts that write no spaces.

Never: what a person types (``query``); raising over what a letter holds.
"""

import re
import unicodedata
from typing import NamedTuple

from core.mail import headers
from core.mail.clean import safe
from core.mail.text import readable

# Scripts whose words have no space between them: Thai and Lao, Burmese, Khmer, kana, Han. Each of their letters is
# taken for a word, so that any part of a sentence is found as these letters side by side.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)
_WANTED = re.compile(
    rb"^(From|Sender|Reply-To|To|Cc|Bcc|Subject|List-Id)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)


class Wording(NamedTuple):
    """The words of one letter, folded; names and addresses both count."""

    sender: str
    to: str
    cc: str
    subject: str
    list_id: str
    text: str


def wording(message: bytes) -> Wording:
    """The words of a letter, its text as a person reads it."""
    head, _ = headers.split(message)
    return heading(head)._replace(text=folded(readable(message)))


def heading(head: bytes) -> Wording:
    """The words of a letter's head alone; a field that is there twice counts twice."""
    found: dict[bytes, list[str]] = {}
    for name, value in _WANTED.findall(head):
        found.setdefault(name.lower(), []).append(safe(headers.decode(headers.unfold(value))))

    def all_of(*names: bytes) -> str:
        return folded("\n".join(text for name in names for text in found.get(name, ())))

    return Wording(
        all_of(b"from", b"sender", b"reply-to"),
        all_of(b"to"),
        all_of(b"cc", b"bcc"),
        all_of(b"subject"),
        all_of(b"list-id"),
        "",
    )


def folded(text: str) -> str:
    """``text`` as words are compared: without case, compatible forms as one, spaceless scripts letter by letter."""
    if text.isascii():
        return text
    return _SPACELESS.sub(r"\g<0> ", unicodedata.normalize("NFKC", text).casefold())
