"""Which kind of file a text is, by its name and by what stands in it.

Never: reading the file, more than its first few thousand characters.
"""

import re
from pathlib import PurePath
from typing import Literal

Kind = Literal["fetchmailrc", "aliases", "genericstable", "sendmail.mc", "wvdial.conf"]

_NAMES: tuple[tuple[Kind, str], ...] = (
    ("fetchmailrc", r"fetchmailrc"),
    ("wvdial.conf", r"wvdial"),
    ("sendmail.mc", r"\.mc\b"),
    ("genericstable", r"generics"),
    ("aliases", r"aliases"),
)
_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("wvdial.conf", r"^\s*\[\s*dialer\s"),
    ("sendmail.mc", r"\bdefine\(`|\bFEATURE\(|\bMASQUERADE_AS\(|\bVERSIONID\(|\bMAILER\("),
    ("fetchmailrc", r"^\s*(poll|skip|server|defaults|set\s+(daemon|postmaster|no|syslog|logfile|bouncemail))\b"),
    ("aliases", r'^("[^"\n]+"|[^\s:#"]+)\s*:'),
    ("genericstable", r"^[^\s:#]+[ \t]+[^\s@:]+(@[\w.-]+)?[ \t]*$"),
)
_MUCH = 20_000


def kind(name: str, text: str) -> Kind | None:
    """The kind of a file; None where neither its name nor its text tells."""
    base = PurePath(name).name.lower()
    head = text[:_MUCH]
    named = (found for found, pattern in _NAMES if re.search(pattern, base))
    signed = (found for found, pattern in _SIGNS if re.search(pattern, head, re.MULTILINE | re.IGNORECASE))
    return next(named, None) or next(signed, None)
