"""A visiting card (vCard, RFC 2426 and 6350) as a card for people.

Never: the address book.
"""

from collections.abc import Iterator

from core.mail.blocks import Card
from core.mail.clean import safe
from core.mail.properties import Component, components

_MOST = 10
_LABELS = {"ORG": "Of", "TITLE": "As", "EMAIL": "Mail", "TEL": "Telephone", "ADR": "Address", "URL": "Web"}


def cards(text: str) -> list[Card]:
    """A card for each person, at most a few."""
    return [_card(one) for one in components(text).every("VCARD")[:_MOST]]


def _card(person: Component) -> Card:
    name = safe(person.text("FN")) or _name(person) or "(no name)"
    return Card(f"Visiting card: {name}", f"Visiting card: {name}", tuple(_facts(person)))


def _name(person: Component) -> str:
    found = person.first("N")
    family, given = ([*found.fields, "", ""] if found else ["", ""])[:2]
    return safe(f"{given} {family}")


def _facts(person: Component) -> Iterator[tuple[str, str]]:
    for one in person.properties[:50]:
        label = _LABELS.get(one.name)
        value = safe(", ".join(field for field in one.fields if field.strip())).removeprefix("tel:")
        if label and value:
            yield label, value[:300]
    if born := safe(person.text("BDAY")):
        yield "Born", born
