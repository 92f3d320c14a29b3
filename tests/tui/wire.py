"""What a program may write to a terminal: text, and the few sequences that the screens themselves use.

Anything else is named: a letter that was obeyed by the terminal shows here, whatever it wanted.
"""

import re

from core.mail.clean import BAD

OURS = re.compile(
    r"""
    \x1b\[ (?:
        [0-9;:]* m                 # colours and looks
      | [0-9]*;?[0-9]* H           # where to write
      | \?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2031|2048) [hl]  # cursor, mouse, screen, paste ...
      | \?(?:2026|2048|1016)\$ p   # what the terminal can do
      | [<>=] [0-9;]* u            # the keyboard protocol of newer terminals
      | [?] u | 0? c | [0-9]* [ABCDJK]
    )
    | \x1b\]22;[a-z-]*\x07        # the shape of the mouse's pointer
    | \x1b\]2;mailrun(?::\ \d+\ new)?\x07 | \x1b\[2[23];2t  # the title, and the one before
    """,
    re.VERBOSE,
)
ENDS = re.compile(r"[\r\n]")


def strange(written: bytes) -> list[str]:
    """Each control character, direction character or sequence that is none of ours, with what stands around it."""
    text = written.decode("utf-8", "replace")
    rest = OURS.sub(lambda found: " " * len(found[0]), text)
    return [
        repr(text[max(0, found.start() - 30) : found.start() + 30])
        for found in BAD.finditer(rest)
        if not ENDS.match(found[0])
    ]
