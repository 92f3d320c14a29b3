"""What is said about a line of an old set-up.

Never: the text of a password.
"""

from dataclasses import dataclass
from typing import Literal

from core.toml import Secret

NONE = Secret()  # where no password is given
HIDDEN = "..."  # stands where a password stood

Verdict = Literal["understood", "unknown", "obsolete"]


@dataclass(frozen=True, slots=True)
class Remark:
    """A line, or what of it belongs together, and what becomes of it.

    "understood": mailrun has it, as a key that ``meaning`` names or because it does so anyway. "obsolete": there is
    nothing left that it could be said to. "unknown": mailrun cannot do it or does not know it; somebody must look.
    """

    line: int
    text: str
    verdict: Verdict
    meaning: str
