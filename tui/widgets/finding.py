"""The line below a letter where words are typed that are to be found in it, and which place is shown of how many.

Never: the letter; who shows it looks for the words.
"""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class Finding(Horizontal):
    """Posts ``Sought`` with every letter that is typed, and ``Ready`` when the words are."""

    class Sought(Message):
        """These words are to be found; nothing where the line was closed."""

        def __init__(self, words: str) -> None:
            self.words = words
            super().__init__()

    class Ready(Message):
        """The keys may go back to the letter."""

    def compose(self) -> ComposeResult:
        """The words, and how often they were found."""
        yield Input(id="words", placeholder="words to find in the letter", compact=True, select_on_focus=False)
        yield Static(id="matches", markup=False)

    def on_mount(self) -> None:
        """Nothing is looked for yet."""
        self.display = False

    @property
    def typing(self) -> bool:
        """Whether somebody types into it."""
        return self._field.has_focus

    @property
    def _field(self) -> Input:
        return self.query_one(Input)

    def open(self) -> None:
        """Take words."""
        self.display = True
        self._field.focus()

    def close(self) -> None:
        """Nothing is looked for any more."""
        if self.display:
            self.display = False
            self._field.value = ""

    def tell(self, at: int, count: int) -> None:
        """Which place is shown, and of how many."""
        said = f"{at} of {count}" if count else "not found" if self._field.value else ""
        self.query_one("#matches", Static).update(said)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Sought(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Ready())
