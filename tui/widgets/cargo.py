"""What a letter carries, and what that takes: its files, and the weight of the whole, in minutes and money.

Never: a file; the queue.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.config import Tariff
from core.forecast import Forecast, carriage
from core.mail.compose import Attachment, weight
from tui.widgets.files import File, Files
from tui.widgets.words import money, price, size

HEAD = 600  # bytes of a letter's head, about
LONG = 15.0  # seconds on the line from which on a picture may as well go smaller
LARGE = 200_000  # bytes of one, where nobody knows the line


class Cargo(Vertical):
    """The files, and below them the weight; ``ahead`` is how the line was lately, None while nobody knows."""

    def __init__(self, tariff: Tariff) -> None:
        super().__init__(id="cargo")
        self._tariff = tariff
        self.ahead: Forecast | None = None
        self._files: Sequence[Attachment] = ()
        self._text = 0
        self._leaves = ""

    def compose(self) -> ComposeResult:
        """The files and the line below."""
        yield Files(id="files")
        yield Static("", id="weight", markup=False)

    def on_resize(self) -> None:
        """Another width: other words."""
        self._weigh()

    def carry(self, files: Sequence[Attachment]) -> None:
        """These files go along."""
        self._files = files
        shown = [
            File(number, file.name, len(file.content), *self.carriage(file), file.kind)
            for number, file in enumerate(files)
        ]
        self.query_one(Files).show(shown)
        self._weigh()

    def weigh(self, text: int, leaves: str) -> None:
        """So many bytes of text; and when the letter leaves."""
        self._text, self._leaves = text, leaves
        self._weigh()

    def takes_long(self, file: Attachment) -> bool:
        """Whether a picture is worth a question."""
        return self.carriage(file)[0] >= LONG if self.ahead else len(file.content) >= LARGE

    def carriage(self, file: Attachment) -> tuple[float, str]:
        """Seconds and money on the line for a file."""
        if self.ahead is None:
            return 0.0, ""
        seconds, cost = carriage(self.ahead, self._tariff, weight(file))
        return seconds, money(cost, self._tariff.currency) if self._tariff.per_minute else ""

    def _weigh(self) -> None:
        """The longest way to say it that fits."""
        whole = HEAD + self._text + sum(map(weight, self._files))
        said = size(whole)
        if self.ahead is not None:
            seconds, cost = carriage(self.ahead, self._tariff, whole)
            said += f", {price(max(1, seconds), cost, self._tariff.currency)}"
        leaves = "it is held in the queue" if self._leaves == "held" else f"it leaves {self._leaves}"
        ways = [f"This letter: {said}; {leaves}", f"{said}; {leaves}", f"{said}; {self._leaves}", said]
        fitting = next((way for way in ways if cell_len(way) <= self.size.width), said)
        self.query_one("#weight", Static).update(Content(fitting))
