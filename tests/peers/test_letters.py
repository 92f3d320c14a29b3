"""Real letters on the screen: each opens, folds, is searched, shown as it came, and gives its files."""

import pytest
from textual.app import App, ComposeResult

from core.mail import text
from core.mail.blocks import Block
from core.mail.lines import lines
from tests.peers.test_corpus import named_corpus
from tui.theme import THEMES
from tui.widgets.reader import Reader

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]


class Desk(App[None]):
    """A reader, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        """The reader."""
        yield Reader()


def drawn(reader: Reader, blocks: tuple[Block, ...]) -> str:
    """All that is drawn of some blocks: as they come, unfolded, with something found in them."""
    reader.load(lines(blocks), links=1000)
    seen = []
    for act in (lambda: None, reader.fold_all, lambda: reader.find("e"), lambda: reader.again(-1)):
        act()
        reader.scroll_to(y=0, animate=False, immediate=True)
        seen += [reader.render_line(y).text for y in range(min(len(reader._rows), 100))]
    return "".join(seen)


async def test_every_letter_is_shown_safely() -> None:
    """No exception, no control character; its source and each of its files, too."""
    letters = named_corpus()
    async with Desk().run_test(size=(80, 24)) as pilot:
        reader = pilot.app.query_one(Reader)
        for name, message in letters.items():
            shown = drawn(reader, text.blocks(message)) + drawn(reader, text.source(message))
            for part in text.attachments(message):
                shown += drawn(reader, text.enclosed(message, part.path))
                assert len(text.content(message, part.path)) == part.size, name
            assert not text.BAD.search(shown), name
