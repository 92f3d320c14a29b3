"""Text that came over the network, made safe to show.

A terminal obeys control characters, and with bidirectional overrides a line reads as what it is not.
What came from outside passes through here before it reaches a screen, an event, a row or an error.

Never: markup. What comes out is still plain text, and must be shown as plain text.
"""

import re

# C0 and C1 controls and DEL; marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9);
# line and paragraph separators, which some terminals obey; lone surrogates, which cannot be printed.
BAD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_BREAK = re.compile(r"[\t\n\r][ \t\n\r]*")
_LINE_END = re.compile(r"\r\n?")
_SHOWN = "\N{REPLACEMENT CHARACTER}"


def safe(text: str) -> str:
    """``text`` on one line: tabs and line ends become a space, all else in ``BAD`` becomes U+FFFD."""
    return BAD.sub(_SHOWN, _BREAK.sub(" ", text).strip(" "))


def editable(text: str) -> str:
    """``text`` for somebody to change: with its lines and its tabs, all else in ``BAD`` is U+FFFD."""
    return BAD.sub(lambda found: found[0] if found[0] in "\n\t" else _SHOWN, _LINE_END.sub("\n", text))


def safe_lines(text: str, tab: int = 8) -> str:
    """``text`` with its lines: CRLF and CR become LF, tabs go to every ``tab``-th column, ``BAD`` is U+FFFD."""
    lines = _LINE_END.sub("\n", text).expandtabs(tab).split("\n")
    return "\n".join(BAD.sub(_SHOWN, line) for line in lines)
