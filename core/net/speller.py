"""A spell checker of this computer: hunspell, or else aspell, each with the dictionaries that are installed.

They are programs of their own, well kept, with dictionaries in a hundred languages; a fault in one costs no letter.

Never: which words are asked about (``core.mail.spelling``).
"""

import os
import subprocess
from collections.abc import Mapping, Sequence

from core.errors import InputError
from core.mail.clean import safe
from core.mail.spelling import answer, question

SECONDS = 10.0  # that a checker may take
MOST = {"en": "US", "cs": "CZ", "da": "DK", "sv": "SE", "nb": "NO", "uk": "UA", "el": "GR", "ca": "ES", "sl": "SI"}
CHECKERS = (("hunspell", "-a", "-i", "utf-8", "-d"), ("aspell", "-a", "--encoding=utf-8", "-l"))


def unknown(words: Sequence[str], language: str = "") -> Mapping[str, tuple[str, ...]]:
    """The words that stand in no dictionary, with suggestions; ``language`` such as en_GB, else that of the computer.

    Raises:
        InputError: no checker with a dictionary of this language is installed.
    """
    wanted = language or spoken(os.environ)
    for checker in CHECKERS:
        for dictionary in dictionaries(wanted):
            said = _asked([*checker, dictionary], question(words))
            if said.startswith("@(#)"):  # the greeting that every checker of this kind begins with
                return answer(said)
    code = safe(wanted)
    raise InputError(f"no dictionary for {code} is installed; install hunspell and hunspell-{code[:2]} (or aspell)")


def dictionaries(language: str) -> tuple[str, ...]:
    """What the dictionary of a language may be called: as asked, else that of the country where most speak it."""
    plain = language.partition("_")[0].lower()
    return tuple(dict.fromkeys((language, f"{plain}_{MOST.get(plain, plain.upper())}")))


def spoken(environment: Mapping[str, str]) -> str:
    """The language of an environment."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if (code := environment.get(name, "").partition(".")[0].partition("@")[0]) not in ("", "C", "POSIX"):
            return code
    return "en_US"


def _asked(command: Sequence[str], text: str) -> str:
    """What a checker answers; nothing where there is none, or it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - starting the checker is our job; the words are its input
            command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")
