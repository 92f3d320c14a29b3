"""The macro calls in an m4 file such as sendmail.mc, as far as such files use m4: quotes, ``dnl``, arguments.

Never: what a macro means (``legacy.sendmailmc``), an expansion.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_]\w*")
_PART = re.compile(r"(?:LOCAL|MAILER)_[A-Z_]+[0-9]?")  # such a word begins a part in another language
_PLAIN = ("divert", "define", "undefine", "include")  # macros in small letters that such files have
_DNL = re.compile(r"dnl\b[^\n]*")


@dataclass(frozen=True, slots=True)
class Call:
    """A macro and its arguments, without quotes; or, where ``name`` is empty, a line that calls none."""

    line: int
    name: str
    arguments: tuple[str, ...]
    text: str

    def argument(self, n: int) -> str:
        """An argument, from 0; empty where there are fewer."""
        return self.arguments[n] if n < len(self.arguments) else ""


def calls(text: str) -> Iterator[Call]:
    """The calls of a file and its other lines, in their order; comments are passed over."""
    at = 0
    diverted = False  # between divert(-1) and divert(0) all text is a comment
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at].isspace():
            at += 1
        elif dnl := _DNL.match(text, at):
            at = dnl.end()
        elif (word := _WORD.match(text, at)) and text[word.end() : word.end() + 1] == "(":
            arguments, end = _arguments(text, word.end() + 1)
            if word[0] == "divert":
                diverted = arguments[0].startswith("-")
            if not diverted or word[0] in _PLAIN or word[0].isupper():
                yield Call(line, word[0], arguments, " ".join(text[at:end].split()))
            at = end
        else:
            end = text.find("\n", at) % (len(text) + 1)
            bare = re.sub(r"\s*\bdnl\b.*", "", text[at:end]).strip()
            if bare and not diverted and not bare.startswith("#"):
                yield Call(line, bare if _PART.fullmatch(bare) else "", (), bare)
            at = end


def _arguments(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The arguments of a call, and where it ends; one that is never closed ends with the file."""
    found = [""]
    depth = quoted = 0
    while at < len(text):
        sign = text[at]
        at += 1
        if sign == "`":
            quoted += 1
        elif sign == "'" and quoted:
            quoted -= 1
        elif quoted:
            found[-1] += sign
        elif sign == ")" and not depth:
            break
        elif sign == "," and not depth:
            found.append("")
        else:
            depth += (sign == "(") - (sign == ")")
            found[-1] += sign
    return tuple(argument.strip() for argument in found), at
