"""A picture that came with a letter, shown in the terminal; Escape closes it.

The library for it asks the terminal what it can do when it is imported, so that happens when the first picture is
wanted, while the screens do not listen.

Never: reading a file; what the picture is made of has been decoded already.
"""

from importlib.util import find_spec
from typing import ClassVar

from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.messages import Pictured


def possible() -> bool:
    """Whether the library is there: the extra ``pictures``."""
    return find_spec("textual_image") is not None


def show(app: App[int], picture: Pictured) -> None:
    """Over the letter, until somebody has seen it."""
    try:
        with app.suspend():
            import textual_image.widget  # noqa: F401, PLC0415 - it asks the terminal
    except SuspendNotSupported:  # nor can it be asked, then
        pass
    app.push_screen(Picture(picture))


class Picture(ModalScreen[None]):
    """One picture, as large as there is room for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,space", "dismiss(None)")]

    def __init__(self, picture: Pictured) -> None:
        super().__init__()
        self._picture = picture

    def compose(self) -> ComposeResult:
        """Its name, itself, and how to get away."""
        from textual_image.widget import Image  # noqa: PLC0415 - an extra

        yield Static(self._picture.title, markup=False, classes="title")
        with Container(id="picture"):
            yield Image(self._picture.image)
        yield Static("Esc: back to the letter", classes="quiet", markup=False)
