"""Going through the unknown words of a letter, one after another.

Never: which words are unknown; another change to the letter than the one that was chosen.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.text_area import Selection

from core.mail.spelling import Word, plain, words
from tui.widgets.area import Area

SKIP, PASS = "\0skip", "\0pass"  # no words
AROUND = 24  # characters of the line that are shown on each side of a word


class Walk:
    """From one unknown word to the next; the text may change meanwhile, so each is looked for anew."""

    def __init__(self, area: Area, unknown: Mapping[str, Sequence[str]]) -> None:
        self._area, self._unknown = area, dict(unknown)
        self._at = (0, 0)
        self._count = 0

    def on(self) -> None:
        """Ask about the next one, or say that there is none."""
        found = (word for word in words(self._area.text) if (word.line, word.column) >= self._at)
        word = next((word for word in found if plain(word.text) in self._unknown), None)
        if word is None:
            said = "No more unknown words." if self._count else "No unknown words."
            self._area.notify(said, markup=False, timeout=3)
            self._area.focus()
            return
        self._count += 1
        start, end = _place(word)
        self._area.selection = Selection(start, end)
        self._area.scroll_cursor_visible(animate=False)
        question = Spelling(word, self._area.document.get_line(word.line), self._unknown[plain(word.text)])
        self._area.app.push_screen(question, lambda answer: self._answered(word, answer or ""))

    def _answered(self, word: Word, answer: str) -> None:
        start, end = _place(word)
        self._at = end
        if not answer:
            self._area.focus()
            return
        if answer == PASS:
            del self._unknown[plain(word.text)]
        elif answer != SKIP and self._area.get_text_range(start, end) == word.text:
            self._area.replace(answer, start, end)
            self._at = (word.line, word.column + len(answer))
        self.on()


def _place(word: Word) -> tuple[tuple[int, int], tuple[int, int]]:
    return (word.line, word.column), (word.line, word.column + len(word.text))


class Spelling(ModalScreen[str]):
    """One unknown word: what may be meant, or what somebody types; ``SKIP``, ``PASS``, or nothing: no more."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')")]

    def __init__(self, word: Word, line: str, suggestions: Sequence[str]) -> None:
        super().__init__()
        self._word = word.text
        around = line[max(0, word.column - AROUND) : word.column], line[word.column + len(word.text) :][:AROUND]
        self._line = Content.assemble((around[0].lstrip(), "dim"), (word.text, "bold"), (around[1].rstrip(), "dim"))
        self._answers = [*suggestions, SKIP, PASS]

    def compose(self) -> ComposeResult:
        """The word and the answers."""
        titles = [*self._answers[:-2], f"Leave “{self._word}” as it is", f"Leave every “{self._word}”"]
        with Vertical(classes="dialog"):
            yield Static("In no dictionary:", markup=False)
            yield Static(self._line)
            yield OptionList(*map(Content, titles), compact=True)
            yield Input(self._word, compact=True, select_on_focus=False)
            yield Static("Enter: choose     Tab: type it     Esc: no more", classes="quiet", markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._answers[event.option_index])

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or SKIP)
