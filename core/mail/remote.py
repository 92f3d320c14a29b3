"""What a page wants from outside: where its links truly lead, and the pictures that nobody loaded for it.

Never: asking anybody outside.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 2000  # characters of a link's words that may be an address
_HOST = re.compile(r"(?:https?:)?//(?:[^/?#]{0,500}@)?(\[[0-9a-f:.]{2,50}\]|[^/?#:@\s\\]{1,253})", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:https?://)?(?:[^\s/@]{1,60}@)?((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})(?:[/:?#]\S*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a numbered link leads; ``says``: the other host that its words name, if they do."""

    number: int
    url: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The text, the targets of its numbered links, and the pictures that it wanted loaded.

    ``pictures`` and ``counters`` are the hosts of each; a counter is a picture too small to be one: who loads it, has
    told that the letter was read.
    """

    text: str
    targets: tuple[Target, ...] = ()
    pictures: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()


def host(url: str) -> str:
    """The host that an address of the web truly leads to, in lower case; empty where it is none."""
    match = _HOST.match(url.strip())
    return match[1].rstrip(".").lower() if match else ""


def says(words: str, target: str) -> str:
    """The host that the words of a link name, where the link leads to another one."""
    named = _NAMED.fullmatch(words[:_LONGEST])
    said, true = (named[1].lower() if named else ""), host(target)
    if not said or not true or true.removeprefix("www.") == said.removeprefix("www."):
        return ""
    return "" if true.endswith("." + said.removeprefix("www.")) else said


def unloaded(page: Page) -> str:
    """What was not loaded, in a sentence; empty where nothing was."""
    count, counters = len(page.pictures) + len(page.counters), len(page.counters)
    if not count:
        return ""
    named = ", ".join(_few(dict.fromkeys(page.counters or page.pictures)))
    were = f"{count} remote pictures were" if count > 1 else "1 remote picture was"
    if not counters:
        return f"{were} not loaded, from {named}."
    if counters < count:
        return f"{were} not loaded; {counters} of them, from {named}, only count{'s' * (counters == 1)} readers."
    return f"{were} not loaded; {'all are' if count > 1 else 'it is'} from {named}, only to count readers."


def _few(names: dict[str, None]) -> Iterator[str]:
    """At most three of them, and how many more there are."""
    yield from list(names)[:3]
    if len(names) > 3:
        yield f"and {len(names) - 3} more"
