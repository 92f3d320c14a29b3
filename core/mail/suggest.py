"""What a half-typed query could go on with: keys, folders, people, days, states.

Never: a query's meaning (``query``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.mail import days, query
from core.mail.query import Token

MOST = 8  # suggestions at a time

_KEYS = {
    "from": "who wrote it",
    "to": "to whom it is, or a copy went; to:me",
    "cc": "to whom a copy went",
    "subject": "what it is about",
    "body": "in its text",
    "list": "the list that it came through",
    "in": "the folder that it is in",
    "before": "older than a day, month or year",
    "after": "from a day, month or year on",
    "on": "of a day, month or year",
    "larger": "than 100k, 2M",
    "smaller": "than 100k, 2M",
    "has": "has:attachment",
    "is": "unread, flagged, answered ...",
}
_STATES = {
    "unread": "not read yet",
    "read": "read already",
    "flagged": "marked as important",
    "answered": "you have replied",
    "forwarded": "you have passed it on",
    "deleted": "marked as deleted",
    "stub": "only its head was fetched",
}
_DAYS = ("today", "yesterday", "this week", "last week", "last month", "this year", "last year")
_SIZES = ("20k", "100k", "1M", "5M")
_PEOPLE = ("from", "to", "cc")


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from: folders, who wrote and to whom was written, the most likely first, and lists."""

    folders: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on: how it is shown, what it means, and the whole query then, with the cursor in it."""

    shown: str
    meaning: str
    text: str
    cursor: int


def complete(text: str, cursor: int, known: Known) -> list[Suggestion]:
    """How the piece of a query that the cursor is in, or stands behind, could go on; at most ``MOST`` ways."""
    here = next((one for one in query.tokens(text) if one.start < cursor <= one.end), None)
    if here is None or (here.quoted and here.whole):
        return []
    if here.key and cursor >= here.begin - here.quoted:
        typed = text[here.begin : cursor]
        found = [_put(text, here, f"{here.key}:{_quoted(value)} ", told) for value, told in _values(here, typed, known)]
    else:
        found = [_put(text, here, way, told) for way, told in _keys(here, text[here.start : cursor].lstrip("-"))]
    return [one for one in found if one.text.rstrip() != text.rstrip()][:MOST]


def _put(text: str, here: Token, way: str, meaning: str) -> Suggestion:
    """The query with this in the place of a piece of it."""
    front = text[: here.start] + "-" * here.minus + way
    back = text[here.end :]
    return Suggestion(way.strip(), meaning, front + (back.lstrip() if way.endswith(" ") else back), len(front))


def _keys(here: Token, typed: str) -> Iterator[tuple[str, str]]:
    """Keys that begin so, and states that do."""
    low = typed.casefold()
    if here.quoted or not low:
        return
    yield from ((f"{key}:", told) for key, told in _KEYS.items() if key.startswith(low))
    if len(low) > 2:
        yield from ((f"is:{state} ", told) for state, told in _STATES.items() if state.startswith(low))
        yield from (("has:attachment ", "something is attached") for _ in range("attachment".startswith(low)))


def _values(here: Token, typed: str, known: Known) -> Iterator[tuple[str, str]]:
    """Values of a key that begin so; people also by any later word of their names."""
    low = typed.casefold()
    if here.key in _PEOPLE:
        yield from (("me", "one of my addresses") for _ in range(here.key == "to" and "me".startswith(low)))
        people = known.senders if here.key == "from" else known.recipients
        yield from ((one, "") for one in people if low and _begins(one, low))
        return
    choices: dict[str, dict[str, str]] = {
        "is": _STATES,
        "has": {"attachment": "something is attached"},
        "in": dict.fromkeys(known.folders, ""),
        "list": dict.fromkeys(known.lists, ""),
        **dict.fromkeys(query.DATES, dict.fromkeys(days.NAMES if low else _DAYS, "")),
        **dict.fromkeys(query.SIZES, dict.fromkeys(_SIZES, "")),
    }
    yield from ((value, told) for value, told in choices.get(here.key, {}).items() if value.casefold().startswith(low))


def _begins(person: str, low: str) -> bool:
    """Whether one of the words of a name or address begins so."""
    whole = person.casefold()
    return whole.startswith(low) or any(word.startswith(low) for word in whole.replace("@", " ").split())


def _quoted(value: str) -> str:
    """A value as it can stand in a query."""
    plain = value.replace('"', "")
    return f'"{plain}"' if " " in plain else plain
