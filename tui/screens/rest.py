"""What is to become of the rest of a big letter: how it is told, and how a person is asked.

Never: the answer carried out; a run does that.
"""

from collections.abc import Callable
from typing import Any

from textual.app import App

from core.config import Tariff
from core.forecast import Forecast, carriage
from tui.screens.dialogs import Confirm, Pick
from tui.values import Answer, Big
from tui.widgets.words import money, size, span

WORDS: dict[Answer, str] = {
    "take": "Take: fetch it, now if a line is up",
    "next": "Next: fetch it with the next run",
    "leave": "Leave: let it wait at the provider",
    "delete": "Delete: let the provider delete it",
}
FATES: dict[Answer, str] = {
    "take": "comes as soon as a line is up",
    "next": "comes with the next run",
    "leave": "is at the provider",
    "delete": "will be deleted at the provider",
}


def price(big: Big) -> str:
    """What the rest takes."""
    return ", ".join(part for part in (size(big.left), span(big.seconds), big.cost) if part)


def takes(ahead: Forecast, tariff: Tariff, count: int) -> str:
    """What it takes to fetch so many bytes, for a line that has little room."""
    seconds, cost = carriage(ahead, tariff, count, down=True)
    time = span(seconds) if seconds < 60 else f"{round(seconds / 60)} min"
    return ", ".join((size(count), time, *([money(cost, ahead.currency)] if cost else [])))


def told(big: Big | None, key: str, *, gone: bool) -> str:
    """What is missing of a letter, in a line above it, and the key that does something about it."""
    if gone:
        return "The rest of this letter is not at the provider any more."
    return f"The rest {FATES[big.answer]}: {price(big)}. {key} {_does(big)}." if big else ""


def _does(big: Big) -> str:
    return "fetches it" if big.answer == "leave" else "changes that"


def choose(app: App[Any], big: Big, said: Callable[[Answer], None]) -> None:
    """Ask what is to become of it; a letter about which nobody has said anything is likely to be wanted."""
    names = [str(word) for word in WORDS]
    question = f"{big.subject}, from {big.sender}: {price(big)}. What is to become of the rest?"
    likely = "take" if big.answer == "leave" else big.answer

    def chosen(name: str | None) -> None:
        for answer in WORDS:
            if answer == name:
                settle(app, big, answer, said)

    app.push_screen(Pick(question, names, list(WORDS.values()), names.index(likely)), chosen)


def settle(app: App[Any], big: Big, answer: Answer, said: Callable[[Answer], None]) -> None:
    """An answer; what is deleted is gone for all to whom it is, so that is asked twice."""

    def sure(yes: bool | None) -> None:
        if yes:
            said(answer)

    if answer == "delete":
        question = f"Delete the rest of “{big.subject}” at the provider, for {big.to}? It cannot be fetched after that."
        app.push_screen(Confirm(question, "Delete", "Leave it"), sure)
    else:
        said(answer)
