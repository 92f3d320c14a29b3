"""Which kind of file a text is, by its name and by what stands in it.

Never: what stands in a file of that kind.
"""

import re
from itertools import chain
from typing import Literal

Kind = Literal["fetchmailrc", "aliases", "genericstable", "sendmail.mc", "wvdial.conf", "kppp rules"]

_NAMES: tuple[tuple[Kind, str], ...] = (
    ("fetchmailrc", r"fetchmailrc"),
    ("wvdial.conf", r"wvdial"),
    ("kppp rules", r"\.rst$"),
    ("sendmail.mc", r"\.mc\b"),
    ("genericstable", r"generics"),
    ("aliases", r"aliases"),
)
# A line that only such files have; and the form that every line has.
_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("wvdial.conf", r"^\s*\[\s*dialer\s"),
    ("kppp rules", r"^\s*on\s*\(.*\)\s*between\s*\(|^\s*(default|flat_init_costs)\s*=\s*\("),
    ("sendmail.mc", r"\bdefine\(`|\bFEATURE\(|\bMASQUERADE_AS\(|\bVERSIONID\(|\bMAILER\("),
    ("fetchmailrc", r"^\s*(poll|skip|server|defaults|set\s+(daemon|postmaster|no|syslog|logfile|bouncemail))\b"),
)
_FORMS: tuple[tuple[Kind, str], ...] = (
    ("aliases", r'("[^"]+"|[^\s:#"]+)\s*:.*'),
    ("genericstable", r"[^\s:]+\s+[^\s@:]+(@[\w.-]+)?\s*"),
)


def kind(name: str, text: str) -> Kind | None:
    """The kind of a file; None where neither its name nor its text tells."""
    base = name.rpartition("/")[2].lower()
    named = (found for found, pattern in _NAMES if re.search(pattern, base))
    signed = (found for found, pattern in _SIGNS if re.search(pattern, text, re.MULTILINE | re.IGNORECASE))
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(("#", " ", "\t"))]
    formed = (found for found, pattern in _FORMS if lines and all(re.fullmatch(pattern, line) for line in lines))
    return next(chain(named, signed, formed), None)
